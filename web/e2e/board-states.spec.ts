/** The supervisor's board in each of its states, against a server made of routes. */

import { expect, type Page, test } from "@playwright/test";
import { busyBoard, quietBoard } from "./board_scene";
import { FakeServer, refused } from "./fake_server";
import { picture } from "./picture";
import { ago, conversation, minutes, snapshot } from "./scene";

test.skip(Boolean(process.env.DESK_URL), "These states come from a server made of routes, not from a running one.");

const tile = (page: Page, name: string) => page.locator(`[data-tile="${name}"]`);

async function boardWith(page: Page, server: FakeServer, path = "/board"): Promise<void> {
  server.snapshot.me.role = "supervisor";
  await server.install(page);
  await page.goto(path);
}

function serverWith(board = busyBoard()): FakeServer {
  const waits = (index: number) =>
    conversation(index, { owner: { is: "queue", since: ago(minutes(index + 1)) }, unanswered: true });
  const server = new FakeServer(snapshot([waits(0), waits(3), waits(6)]));
  server.board = board;
  return server;
}

test("a busy morning", async ({ page }) => {
  const server = serverWith();
  await boardWith(page, server);
  await expect(tile(page, "waiting")).toContainText("7");
  await expect(tile(page, "today")).toContainText("85 %");
  await expect(tile(page, "today")).toContainText("live 83 %");
  await expect(page.getByRole("row", { name: /Freya Lund/ })).toContainText("Not responding");
  await expect(page).toHaveTitle("(7) Everything · Board · Gatehouse");
  await picture(page, "board");
});

test("numbers and timers move by themselves", async ({ page }) => {
  const server = serverWith();
  await boardWith(page, server);
  const wait = tile(page, "oldest").locator(".tile-value");
  await expect(wait).toHaveText(/^4:\d\d$/);
  const before = await wait.textContent();
  await expect(wait).not.toHaveText(before ?? "");
  server.boardChanged({
    kind: "patch",
    as_of: ago(0),
    tiles: { windows: { closing_soon: 4 } },
    agents: [
      {
        ...(busyBoard().agents[3] as ReturnType<typeof busyBoard>["agents"][number]),
        state: "break",
        reason: "Tea",
        since: ago(0),
      },
    ],
  });
  await expect(tile(page, "windows")).toContainText("4");
  await expect(page.getByRole("row", { name: /Dara Okoye/ })).toContainText("Break · Tea");
});

test("a number leads to who is behind it, and on to the conversation", async ({ page }) => {
  const server = serverWith();
  await boardWith(page, server);
  await page.getByRole("button", { name: "Waiting: 7. Show them." }).focus();
  await page.keyboard.press("Enter");
  const list = page.getByRole("dialog", { name: "Waiting" });
  await expect(list.getByRole("link")).toHaveCount(3);
  expect(server.requests.at(-1)).toMatchObject({
    method: "board.interactions",
    params: { inbox: null, lens: "waiting" },
  });
  await expect(list.getByRole("link", { name: /Mia Weber/ })).toHaveAttribute(
    "href",
    `/desk/${conversation(0).conversation}`,
  );
  await picture(page, "board-behind");
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(page.getByRole("button", { name: "Waiting: 7. Show them." })).toBeFocused();
  await page.getByRole("button", { name: /What Hana Suzuki has/ }).click();
  await expect(page.getByRole("dialog", { name: "What Hana Suzuki has" })).toBeVisible();
});

test("an inbox has a board of its own, at an address of its own", async ({ page }) => {
  const server = serverWith();
  await boardWith(page, server);
  await page.getByRole("tab", { name: "Everything" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Customer care" })).toHaveAttribute("aria-selected", "true");
  await expect(page).toHaveURL(/\/board\?inbox=i1$/);
  expect(server.requests.at(-1)).toMatchObject({ method: "board.subscribe", params: { inbox: "i1" } });
  await expect(page).toHaveTitle("(7) Customer care · Board · Gatehouse");
  await page.reload();
  await expect(page.getByRole("tab", { name: "Customer care" })).toHaveAttribute("aria-selected", "true");
});

test("what a number counts is told on demand", async ({ page }) => {
  await boardWith(page, serverWith());
  await page.getByRole("button", { name: "What “Service level today” counts" }).focus();
  await expect(page.getByRole("tooltip")).toContainText("answered within 60 s ÷ (answered + abandoned");
  await expect(page.getByRole("tooltip")).toContainText("Europe/Berlin");
  await picture(page, "board-definition");
});

test("a board that is cut off says so, and comes back as it is then", async ({ page }) => {
  const server = serverWith();
  await boardWith(page, server);
  await expect(page.getByText(/^As of \d\d:\d\d:\d\d$/)).toBeVisible();
  server.reachable = false;
  await server.cut();
  await expect(page.getByText(/^As of .*, reconnecting$/)).toBeVisible();
  await picture(page, "board-cut-off");
  const { tiles } = busyBoard();
  server.board = { ...busyBoard(), tiles: { ...tiles, windows: { closing_soon: 9 } } };
  server.reachable = true;
  await expect(tile(page, "windows")).toContainText("9");
  await expect(page.getByText(/reconnecting/)).toBeHidden();
});

test("nothing to do and nobody there", async ({ page }) => {
  await boardWith(page, serverWith(quietBoard()));
  await expect(tile(page, "oldest")).toContainText("nobody waits");
  await expect(page.getByText("Nobody serves this inbox yet.")).toBeVisible();
  await picture(page, "board-quiet");
});

test("not for agents", async ({ page }) => {
  const server = serverWith();
  server.answers["board.subscribe"] = () => refused("forbidden");
  await boardWith(page, server);
  await expect(page.getByRole("alert")).toContainText("Boards are for supervisors");
  await picture(page, "board-forbidden");
});

test("on a phone and on a wall", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await boardWith(page, serverWith());
  await expect(tile(page, "waiting")).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  await picture(page, "board-phone");
  await page.setViewportSize({ width: 1920, height: 1080 });
  await picture(page, "board-wall");
});
