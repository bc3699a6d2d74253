/** The desk in each of its states, against a server made of routes. */

import { expect, type Page, test } from "@playwright/test";
import { FakeServer, refused } from "./fake_server";
import { picture } from "./picture";
import { ANA, ago, ahead, BEN, conversation, hours, minutes, snapshot, timeline } from "./scene";

test.skip(Boolean(process.env.DESK_URL), "These states come from a server made of routes, not from a running one.");

const mia = () =>
  conversation(0, {
    interaction: 2,
    unanswered: true,
    last: { at: ago(2_000), direction: "inbound", text: "Yes please, send me the number 🙏" },
  });

async function deskWith(page: Page, server: FakeServer, path = "/desk"): Promise<void> {
  await server.install(page);
  await page.goto(path);
  await expect(page.getByRole("radiogroup", { name: "Your presence" })).toBeVisible();
}

test("signing in", async ({ page }) => {
  const server = new FakeServer(snapshot([]));
  server.signedIn = false;
  await server.install(page);
  await page.goto("/desk");
  await page.getByLabel("Login").fill("ana");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toHaveText("Login or password is wrong.");
  await picture(page, "sign-in");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing to answer")).toBeVisible();
});

test("loading", async ({ page }) => {
  const server = new FakeServer(snapshot([]));
  server.answers["desk.subscribe"] = () => "silence";
  await server.install(page);
  await page.goto("/desk");
  await expect(page.getByText("Opening your desk")).toBeAttached();
  await picture(page, "loading");
});

test("no server", async ({ page }) => {
  const server = new FakeServer(snapshot([]));
  server.reachable = false;
  await server.install(page);
  await page.goto("/desk");
  await expect(page.getByRole("alert")).toContainText("The server cannot be reached.");
  await picture(page, "unreachable");
  server.reachable = true;
  await page.getByRole("button", { name: "Try now" }).click();
  await expect(page.getByText("Nothing to answer")).toBeVisible();
});

test("nothing to do", async ({ page }) => {
  const server = new FakeServer(snapshot([], "offline"));
  await deskWith(page, server);
  await picture(page, "empty");
  await page.getByRole("button", { name: "Go online" }).click();
  expect(server.requests.at(-1)).toMatchObject({ method: "presence.set", params: { state: "online" } });
  await page.getByRole("tab", { name: "Waiting 0" }).click();
  await expect(page.getByText("The queue is clear")).toBeVisible();
});

test("a conversation with everything in it", async ({ page }) => {
  const server = new FakeServer(snapshot([mia(), conversation(1), conversation(2), conversation(5)]));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server);
  await page.getByRole("option", { name: "Mia Weber" }).click();
  await expect(page.getByText("Yes please, send me the number").last()).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Reply to Mia Weber" })).toBeFocused();
  await picture(page, "conversation");
  await page.getByRole("log").focus();
  await page.keyboard.press("Home");
  await expect(page.getByRole("button", { name: "Latest" })).toBeVisible();
  await picture(page, "conversation-earlier");
});

test("a reply becomes the server's", async ({ page }) => {
  const server = new FakeServer(snapshot([mia()]));
  server.timelines.set(mia().conversation, timeline());
  server.answers["conversation.reply"] = () => "silence";
  await deskWith(page, server, `/desk/${mia().conversation}`);
  const composer = page.getByRole("textbox", { name: "Reply to Mia Weber" });
  await composer.fill("It is DX 1234.");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("Have a nice day!");
  await page.keyboard.press("Enter");
  await expect(composer).toHaveValue("");
  await expect(page.getByRole("log").getByRole("img", { name: "Sending" })).toBeVisible();
  const { params } = server.requests.at(-1) as (typeof server.requests)[number];
  const placed = { sequence: 900, at: ago(0) };
  server.change(mia(), {
    kind: "message",
    ...placed,
    message: String(params.message),
    direction: "outbound",
    author: { is: "agent", agent: ANA },
    content: { is: "text", text: String(params.text) },
    status: "queued",
  });
  server.change(mia(), {
    kind: "status",
    ...placed,
    sequence: 901,
    message: String(params.message),
    status: "read",
    reason: null,
  });
  await expect(page.getByText("It is DX 1234.")).toHaveCount(1);
  await expect(page.getByText("It is DX 1234.").getByRole("img", { name: "Read" })).toBeVisible();
});

test("a refused reply stays, with the reason", async ({ page }) => {
  const server = new FakeServer(snapshot([mia(), conversation(1)]));
  server.timelines.set(mia().conversation, timeline());
  server.answers["conversation.reply"] = () => refused("not_owner");
  await deskWith(page, server, `/desk/${mia().conversation}`);
  await page.getByRole("textbox", { name: "Reply to Mia Weber" }).fill("It is DX 1234.");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("Not sent: the conversation is not yours any more.");
  await picture(page, "refused-reply");
  await page.keyboard.press("Alt+K");
  await expect(page.getByRole("alert")).toContainText("Not sent to Mia Weber");
  await picture(page, "refused-elsewhere");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("It is DX 1234.")).toHaveCount(0);
});

test("the reply window", async ({ page }) => {
  const closing = conversation(1, { window_until: ahead(minutes(95)) });
  const closed = conversation(0, { window_until: ago(hours(1)), unanswered: true });
  const server = new FakeServer(snapshot([closed, closing]));
  server.timelines.set(closed.conversation, timeline());
  await deskWith(page, server, `/desk/${closed.conversation}`);
  await expect(page.getByText(/The reply window closed on .* WhatsApp allows a reply again/)).toBeVisible();
  await picture(page, "window-closed");
  await page.keyboard.press("j");
  await expect(page.getByText(/Reply window: 1 h 3\d min left/)).toBeVisible();
});

test("an offer, accepted by keyboard", async ({ page }) => {
  const offered = conversation(3, {
    owner: { is: "offered", since: ago(4_000), until: ahead(26_000), offers: [{ offer: "o1", agent: ANA }] },
    unanswered: true,
  });
  const waiting = conversation(6, { owner: { is: "queue", since: ago(minutes(3)) } });
  const elsewhere = conversation(7, {
    owner: { is: "offered", since: ago(9_000), until: ahead(21_000), offers: [{ offer: "o2", agent: BEN }] },
  });
  const server = new FakeServer(snapshot([offered, waiting, elsewhere, conversation(1)]));
  await deskWith(page, server);
  await expect(page).toHaveTitle("(1) Desk · Gatehouse");
  await page.getByRole("tab", { name: "Waiting 2" }).click();
  await picture(page, "offer");
  await page.keyboard.press("a");
  await expect.poll(() => server.requests.at(-2)?.method).toBe("offer.accept");
  server.change({ ...offered, owner: { is: "agent", agent: ANA, since: ago(0), transfer: null } });
  await expect(page.getByRole("textbox", { name: `Reply to ${offered.contact.name}` })).toBeFocused();
  await expect(page.getByRole("tab", { name: "Mine 2" })).toHaveAttribute("aria-selected", "true");
});

test("an offer somebody else took", async ({ page }) => {
  const offered = conversation(3, {
    owner: { is: "offered", since: ago(4_000), until: ahead(26_000), offers: [{ offer: "o1", agent: ANA }] },
  });
  const server = new FakeServer(snapshot([offered]));
  server.answers["offer.accept"] = () => refused("offer_gone", { winner: BEN });
  await deskWith(page, server);
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText("Ben Ito accepted it first.")).toBeVisible();
});

test("reconnecting", async ({ page }) => {
  const server = new FakeServer(snapshot([mia()]));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server, `/desk/${mia().conversation}`);
  await expect(page.getByRole("log")).toBeVisible();
  server.reachable = false;
  await server.cut();
  await expect(page.getByText(/^Reconnecting/)).toBeVisible();
  await page.getByRole("textbox", { name: "Reply to Mia Weber" }).fill("Written on the train");
  await page.getByRole("button", { name: "Queue" }).click();
  await expect(page.getByRole("img", { name: "Waits for the connection" })).toBeVisible();
  await picture(page, "reconnecting");
  // Whichever comes first: the person's click, or the page's own next try, which takes the button away.
  const connected = expect(page.getByText("Connected again")).toBeVisible();
  server.reachable = true;
  await Promise.race([page.getByRole("button", { name: "Try now" }).click(), connected]);
  await connected;
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({
      method: "conversation.reply",
      params: { text: "Written on the train" },
    });
  const subscriptions = server.requests.filter(({ method }) => method === "desk.subscribe");
  expect(subscriptions.at(-1)?.params).toEqual({ resume: { log: "log-1", position: 100 } });
});

test("the session expires over a draft", async ({ page }) => {
  const server = new FakeServer(snapshot([mia()]));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server, `/desk/${mia().conversation}`);
  const composer = page.getByRole("textbox", { name: "Reply to Mia Weber" });
  await composer.fill("Half a sentence");
  server.signedIn = false;
  await server.cut(4401);
  await expect(page.getByRole("dialog", { name: "You were signed out" })).toBeVisible();
  await expect(page.getByLabel("Password")).toBeFocused();
  await picture(page, "session-expired");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(composer).toHaveValue("Half a sentence");
});

test("ending by keyboard", async ({ page }) => {
  const server = new FakeServer(snapshot([mia()]));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server, `/desk/${mia().conversation}`);
  await expect(page.getByRole("log")).toBeVisible();
  await page.keyboard.press("e");
  await expect(page.getByRole("radio", { name: "solved" })).toBeFocused();
  await page.keyboard.press("Space");
  await picture(page, "end");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({ method: "conversation.end", params: { reason: "r1" } });
  server.change(
    { ...mia(), unanswered: false, owner: { is: "nobody", reason: "solved", at: ago(0) } },
    { kind: "moment", sequence: 900, at: ago(0), interaction: 2, what: "ended", agent: ANA, reason: "solved" },
  );
  await expect(page.getByText(/This interaction has ended \(solved\)/)).toBeVisible();
  await picture(page, "ended");
});

test("forty conversations", async ({ page }) => {
  const forty = Array.from({ length: 40 }, (_, index) => conversation(index));
  forty[4] = conversation(4, { window_until: ahead(minutes(50)) });
  const server = new FakeServer(snapshot(forty));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server);
  await expect(page.getByRole("tab", { name: "Mine 40" })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { name: "Mia Weber", level: 1 })).toBeVisible();
  await picture(page, "forty");
  await page.keyboard.press("/");
  await page.keyboard.type("office");
  await expect(page.getByRole("option")).toHaveCount(5);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("log")).toBeVisible();
});

test("rows stay where they are under the pointer", async ({ page }) => {
  const rows = [conversation(0), conversation(1), conversation(2)];
  const server = new FakeServer(snapshot(rows));
  await deskWith(page, server);
  await page.getByRole("option").first().hover();
  const last = { at: ago(0), direction: "inbound" as const, text: "Anybody there?" };
  server.change({ ...conversation(2), last });
  await expect(page.getByRole("option").nth(2)).toContainText("Anybody there?");
  await page.mouse.move(900, 400);
  await expect(page.getByRole("option").first()).toContainText("Anybody there?");
});

test("shortcuts, menu and going offline", async ({ page }) => {
  const server = new FakeServer(snapshot([mia(), conversation(1)]));
  await deskWith(page, server);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await picture(page, "shortcuts");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "Ana Kos" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await picture(page, "menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+3");
  await expect(page.getByRole("dialog", { name: "Go offline?" })).toContainText("The 2 conversations you hold");
  await picture(page, "leaving");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({ method: "presence.set", params: { state: "offline" } });
});

test("a narrow window", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const server = new FakeServer(snapshot([mia(), conversation(1)]));
  server.timelines.set(mia().conversation, timeline());
  await deskWith(page, server);
  await picture(page, "narrow-list");
  await page.getByRole("option").first().click();
  await expect(page.getByRole("log")).toBeVisible();
  await picture(page, "narrow-conversation");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.getByRole("button", { name: "Back to the list" }).click();
  await expect(page.getByRole("option").first()).toBeVisible();
});
