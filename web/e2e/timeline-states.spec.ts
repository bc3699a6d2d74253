/** A timeline longer than what is told at a time, against a server made of routes. */

import { expect, type Page, test } from "@playwright/test";
import type { Entry } from "../app/live/protocol";
import { FakeServer, refused } from "./fake_server";
import { ended } from "./history_scene";
import { picture } from "./picture";
import { ANA, ago, BEN, hours, minutes, snapshot } from "./scene";

test.skip(Boolean(process.env.DESK_URL), "These states come from a server made of routes, not from a running one.");

const { conversation } = ended(0);
const NOTE = "0190e000-0000-5000-8000-00000000aaaa";

const id = (sequence: number) => `0190e000-0000-7000-8000-${String(sequence).padStart(12, "0")}`;

/** Two interactions of 60 and 61 lines, with a note in the first. */
function long(): Entry[] {
  return Array.from({ length: 121 }, (_, index): Entry => {
    const [sequence, at] = [index + 1, ago(hours(40) - minutes(index * 15))];
    const moment = { kind: "moment" as const, sequence, at, interaction: null, agent: BEN, reason: null };
    if (sequence === 1) return { ...moment, what: "opened", interaction: 1, agent: null };
    if (sequence === 61) return { ...moment, what: "opened", interaction: 2, agent: null };
    if (sequence === 20) return { ...moment, what: "note", reason: "She is moving in May.", message: NOTE };
    const own = sequence % 3 === 0;
    return {
      kind: "message",
      sequence,
      at,
      message: id(sequence),
      direction: own ? "outbound" : "inbound",
      author: own ? { is: "agent", agent: ANA } : { is: "contact" },
      content: { is: "text", text: `Line ${sequence}: ${"about the parcel ".repeat(1 + (sequence % 4))}` },
      status: own ? "read" : null,
    };
  });
}

async function opened(page: Page, params = ""): Promise<FakeServer> {
  const server = new FakeServer(snapshot([]));
  server.entriesMax = 41;
  server.ended.set(conversation, ended(0));
  server.timelines.set(conversation, long());
  await server.install(page);
  await page.goto(`/desk/history/${conversation}${params}`);
  await expect(page.getByRole("log")).toBeVisible();
  return server;
}

const line = (page: Page, sequence: number) => page.getByText(`Line ${sequence}:`);
const earlier = (page: Page) => page.getByRole("button", { name: "Earlier" });
const timelinesAsked = ({ requests }: FakeServer) =>
  requests.filter(({ method }) => method === "conversation.timeline").map(({ params }) => params.before ?? null);

test("what was said earlier comes as one scrolls up, and what is read stays where it is", async ({ page }) => {
  const server = await opened(page);
  await expect(line(page, 121)).toBeInViewport();
  await expect(line(page, 80)).not.toBeAttached();
  const log = page.getByRole("log");
  server.answers["conversation.timeline"] = () => refused("unavailable");
  await log.evaluate((element) => element.scrollTo(0, 0));
  await expect(page.getByRole("alert")).toContainText("What was said earlier could not be loaded.");
  await expect(page.getByRole("alert")).toBeVisible();
  await picture(page, "timeline-earlier-failed");
  delete server.answers["conversation.timeline"];
  const place = () => line(page, 82).evaluate((element) => Math.round(element.getBoundingClientRect().top));
  const before = await place();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(line(page, 50)).toBeAttached();
  expect(Math.abs((await place()) - before)).toBeLessThan(40);
  await expect(line(page, 82)).toBeInViewport();
  await expect(page.getByRole("button", { name: /new message/ })).toBeHidden();
  await expect(earlier(page)).toBeAttached();
  await log.evaluate((element) => element.scrollTo(0, 0));
  await expect(page.getByText("Interaction 1", { exact: true })).toBeAttached();
  await expect(line(page, 42)).toBeInViewport();
  await expect(earlier(page)).toBeHidden();
  await page.getByRole("button", { name: "Latest" }).click();
  await expect(line(page, 121)).toBeInViewport();
  expect(timelinesAsked(server)).toEqual([null, 81, 81, 40]);
});

test("what was found further back is gone back to", async ({ page }) => {
  const server = await opened(page, `?interaction=1&message=${id(8)}`);
  const found = page.locator(".bubble.found");
  await expect(found).toContainText("Line 8:");
  await expect(found).toBeInViewport();
  expect(timelinesAsked(server).slice(0, 3)).toEqual([null, 81, 40]);
  await picture(page, "timeline-found-back");
});

test("a note that was found is gone back to", async ({ page }) => {
  await opened(page, `?interaction=1&message=${NOTE}`);
  await expect(page.locator(".line-note.found")).toContainText("She is moving in May.");
  await expect(page.locator(".line-note.found")).toBeInViewport();
  await picture(page, "timeline-found-note");
});

test("while it is gone back", async ({ page }) => {
  const server = new FakeServer(snapshot([]));
  server.ended.set(conversation, ended(0));
  server.answers["conversation.timeline"] = ({ before }) =>
    before ? "silence" : { result: { entries: long().slice(-41), version: 121, next: 81 } };
  await server.install(page);
  await page.goto(`/desk/history/${conversation}?interaction=1`);
  await expect(page.getByText("Going back to what you look for")).toBeVisible();
  await picture(page, "timeline-seeking");
});
