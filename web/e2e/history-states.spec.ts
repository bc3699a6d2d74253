/** The history at the desk in each of its states, against a server made of routes. */

import { expect, type Page, test } from "@playwright/test";
import { FakeServer, refused } from "./fake_server";
import { ended, hit, said } from "./history_scene";
import { picture } from "./picture";
import { ANA, ago, conversation, snapshot, timeline } from "./scene";

test.skip(Boolean(process.env.DESK_URL), "These states come from a server made of routes, not from a running one.");

const LONG = "Maximiliane-Henriette von und zu Hohenlohe-Langenburg-Weikersheim (Reklamationen, Werk Süd)";

const field = (page: Page) => page.getByRole("textbox", { name: "Search what was said" });
const results = (page: Page) => page.getByRole("option");

/** Mia's, with the words of one of her messages in the first hit. */
const mia = () => ended(0);

function serverWith(many = 3): FakeServer {
  const server = new FakeServer(snapshot([conversation(1)]));
  server.ended.set(mia().conversation, mia());
  server.timelines.set(mia().conversation, timeline());
  server.history = (asked) => {
    const one = asked.has("text") ? said : hit;
    return { items: Array.from({ length: many }, (_, index) => one(index)), next: null };
  };
  return server;
}

async function historyWith(page: Page, server: FakeServer, path = "/desk/history"): Promise<void> {
  await server.install(page);
  await page.goto(path);
  await expect(page.getByRole("tab", { name: "History" })).toHaveAttribute("aria-selected", "true");
}

test("words are found, marked, and read where they were said", async ({ page }) => {
  const server = serverWith(4);
  await server.install(page);
  await page.goto("/desk");
  await expect(page.getByRole("tab", { name: "Mine 1" })).toBeVisible();
  await page.keyboard.press("h");
  await expect(field(page)).toBeFocused();
  await expect(results(page)).toHaveCount(4);
  await picture(page, "history-newest");
  await page.keyboard.type("parc");
  await expect(page).toHaveURL(/\/desk\/history\?text=parc$/);
  await expect(page.locator("mark")).toHaveText(["parcel", "parcel", "Parcel", "parcel"]);
  await expect(page.getByText("4 found, newest first")).toBeVisible();
  expect(server.searches.map((asked) => asked.get("text"))).toEqual([null, "parc*"]);
  await picture(page, "history-words");

  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox", { name: "What was found" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Mia Weber", level: 1 })).toBeVisible();
  const found = page.locator(".bubble.found");
  await expect(found).toContainText("Hi again. The parcel has not come");
  await expect(found).toBeInViewport();
  await expect(page.getByText(/This interaction has ended \(solved\)/)).toBeVisible();
  await picture(page, "history-open");

  await page.reload();
  await expect(found).toBeInViewport();
  await expect(field(page)).toHaveValue("parc");
  await expect(results(page).first()).toHaveAttribute("aria-selected", "true");
  await page.goBack();
  await expect(page.getByText("Choose a conversation")).toBeVisible();
  await expect(results(page)).toHaveCount(4);
});

test("an interaction is read from where it began", async ({ page }) => {
  await historyWith(page, serverWith(), `/desk/history/${mia().conversation}?interaction=1`);
  await expect(page.getByText("Interaction 1", { exact: true })).toBeInViewport();
  await page.getByRole("button", { name: "Latest" }).click();
  await expect(page.getByText("Yes please, send me the number 🙏")).toBeInViewport();
  await page.goto(`/desk/history/${mia().conversation}?interaction=9`);
  await expect(page.getByText("What you look for is not in this conversation.")).toBeAttached();
});

test("filters narrow it, by day as days are here", async ({ page }) => {
  const server = serverWith();
  await historyWith(page, server);
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Contact" }).fill("Weber");
  await page.getByRole("combobox", { name: "Agent" }).click();
  await page.getByRole("option", { name: "Ben Ito", exact: true }).click();
  await page.getByRole("combobox", { name: "End reason" }).click();
  await page.keyboard.type("sol");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByLabel("From").fill("2026-11-01");
  await page.getByLabel("To", { exact: true }).fill("2026-11-30");
  await page.getByRole("textbox", { name: "Tag" }).fill("refund");
  const midnight = (day: number) => page.evaluate((day) => new Date(2026, 10, day).toISOString(), day);
  const expected = {
    contact: "Weber",
    agent: "0190a000-0000-7000-8000-00000000000b",
    reason: "r1",
    tag: "refund",
    from: await midnight(1),
    to: await midnight(31),
  };
  await expect.poll(() => Object.fromEntries(server.searches.at(-1) ?? [])).toEqual(expected);
  await expect(page.getByRole("button", { name: "Filters, 6 set" })).toBeVisible();
  await picture(page, "history-filters");
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Agent" })).toHaveValue("Ben Ito");
  await expect.poll(() => Object.fromEntries(server.searches.at(-1) ?? [])).toEqual(expected);
});

test("nothing found, and the way back", async ({ page }) => {
  const server = serverWith();
  const usual = server.history;
  server.history = (asked) => (asked.has("text") ? { items: [], next: null } : usual(asked));
  await historyWith(page, server, "/desk/history?text=zebra");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await picture(page, "history-nothing");
  await page.getByRole("button", { name: "Clear the search" }).click();
  await expect(results(page)).toHaveCount(3);
  await expect(field(page)).toBeFocused();
});

test("no history yet", async ({ page }) => {
  await historyWith(page, serverWith(0));
  await expect(page.getByText("No history yet")).toBeVisible();
  await picture(page, "history-empty");
});

test("while it is searched", async ({ page }) => {
  const server = serverWith();
  server.history = () => null;
  await historyWith(page, server);
  await expect(page.getByText("Searching")).toBeAttached();
  await picture(page, "history-searching");
});

test("what is wrong is said beside the field", async ({ page }) => {
  const server = serverWith();
  const wrong = [
    { field: "text", message: "has no word to look for" },
    { field: "to", message: "is not after from" },
  ];
  server.history = (asked) => (asked.get("text") === "!!!" ? wrong : { items: [said(0)], next: null });
  await historyWith(page, server, "/desk/history?text=!!!&from=2026-11-09&to=2026-11-01");
  await expect(field(page)).toHaveAccessibleDescription("This has no word to look for.");
  await expect(page.getByLabel("To", { exact: true })).toHaveAccessibleDescription("This is not after from.");
  await expect(page.getByText("This cannot be searched")).toBeVisible();
  await picture(page, "history-wrong");
  await field(page).fill("parcel");
  await expect(results(page)).toHaveCount(1);
  await expect(field(page)).toHaveAccessibleDescription("");
});

test("a search that failed can be tried again", async ({ page }) => {
  const server = serverWith();
  const usual = server.history;
  server.history = () => 503;
  await historyWith(page, server);
  await expect(page.getByRole("alert")).toContainText("The history could not be searched.");
  await picture(page, "history-failed");
  server.history = usual;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(results(page)).toHaveCount(3);
});

test("page by page", async ({ page }) => {
  const server = serverWith();
  const page_of = (from: number) => Array.from({ length: 50 }, (_, index) => said(from + index));
  server.history = (asked) =>
    asked.get("cursor") === "50" ? { items: page_of(50), next: null } : { items: page_of(0), next: "50" };
  await historyWith(page, server, "/desk/history?text=parcel");
  await expect(page.getByText("The newest 50 are shown")).toBeVisible();
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(page.getByText("100 found, newest first")).toBeVisible();
  await expect(page.getByRole("button", { name: "Show more" })).toBeHidden();
});

test("a late answer does not replace a newer one", async ({ page }) => {
  const server = serverWith();
  server.history = (asked) => (asked.get("text") === "slow*" ? null : { items: [said(2)], next: null });
  await historyWith(page, server);
  await field(page).fill("slow");
  await expect.poll(() => server.searches.at(-1)?.get("text")).toBe("slow*");
  await field(page).fill("parcel");
  await expect(page.getByText("1 found")).toBeVisible();
});

test("what has ended is taken up again", async ({ page }) => {
  const server = serverWith();
  await historyWith(page, server, `/desk/history/${mia().conversation}?interaction=2`);
  server.answers["conversation.retake"] = () => refused("agent_unable");
  await page.getByRole("button", { name: "Take up again" }).click();
  await expect(page.getByText("It could not be taken up again: agent_unable")).toBeVisible();
  delete server.answers["conversation.retake"];
  await page.getByRole("button", { name: "Take up again" }).click();
  await expect(page).toHaveURL(`/desk/${mia().conversation}`);
  server.change({ ...mia(), interaction: 3, owner: { is: "agent", agent: ANA, since: ago(0), transfer: null } });
  await expect(page.getByRole("textbox", { name: "Reply to Mia Weber" })).toBeFocused();
  await expect(page.getByRole("tab", { name: "Mine 2" })).toHaveAttribute("aria-selected", "true");
});

test("a conversation that is not for them", async ({ page }) => {
  const server = serverWith();
  await historyWith(page, server, `/desk/history/${ended(9).conversation}?interaction=1`);
  await expect(page.getByText("This conversation cannot be shown")).toBeVisible();
  await picture(page, "history-missing");
});

test("long names, notes and what is still open", async ({ page }) => {
  const server = serverWith();
  const named = { id: mia().contact.id, name: LONG, address: null };
  const note = said(3).said;
  server.history = () => ({
    items: [
      said(0, { contact: named, inbox: { id: "i1", name: LONG }, reason: { id: "r1", name: LONG } }),
      said(3, { said: note && { ...note, kind: "note", agent: { id: ANA, name: "Ana Kos" } } }),
      said(5, { state: "queue", agent: null, ended_at: null, reason: null }),
      said(6, { contact: { ...named, name: null, address: "4915155501234" } }),
    ],
    next: null,
  });
  await historyWith(page, server, "/desk/history?text=parcel");
  await expect(results(page)).toHaveCount(4);
  await expect(results(page).nth(2)).toContainText("waiting · Orders");
  await expect(results(page).nth(3)).toContainText("+4915155501234");
  await picture(page, "history-long");
});

test("in a narrow window", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await historyWith(page, serverWith(8), "/desk/history?text=parcel&agent=0190a000-0000-7000-8000-00000000000b");
  await expect(results(page)).toHaveCount(8);
  await picture(page, "history-narrow");
  await results(page).first().click();
  await expect(page.locator(".bubble.found")).toBeInViewport();
  await picture(page, "history-narrow-open");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.getByRole("button", { name: "Back to the list" }).click();
  await expect(results(page)).toHaveCount(8);
});
