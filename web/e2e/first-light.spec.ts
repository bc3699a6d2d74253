/**
 * The whole way, against a running server: a customer writes on the phone page, an agent answers at the desk.
 *
 * DESK_URL, PHONE_URL, AGENT_LOGIN and AGENT_PASSWORD say where and who. The customer's number is new on each run, so
 * that the conversation starts with its first interaction.
 */

import { expect, type Page, test } from "@playwright/test";
import { picture } from "./picture";

const { DESK_URL, PHONE_URL, AGENT_LOGIN = "", AGENT_PASSWORD = "" } = process.env;

test.skip(!DESK_URL || !PHONE_URL, "DESK_URL and PHONE_URL name a running server and the customer's phone.");
test.setTimeout(180_000);

const SENT_MS_MAX = 20_000;

test("a customer writes, an agent answers", async ({ browser }) => {
  const name = `Mia ${Date.now().toString(36)}`;
  const order = `order${Date.now().toString(36)}`;
  const context = await browser.newContext();
  const phone = await (await browser.newContext({ viewport: { width: 420, height: 800 } })).newPage();
  const desk = await context.newPage();
  const socket = await cuttable(desk);
  const details = desk.getByRole("complementary", { name: "Details" });
  await phone.goto(phoneAddress(name));

  await test.step("the agent signs in and goes online", async () => {
    await desk.goto(DESK_URL ?? "");
    await desk.getByLabel("Login").fill(AGENT_LOGIN);
    await desk.getByLabel("Password").fill(AGENT_PASSWORD);
    await desk.keyboard.press("Enter");
    await expect(desk.getByRole("radiogroup", { name: "Your presence" })).toBeVisible();
    await desk.keyboard.press("Alt+1");
    await expect(desk.getByRole("radio", { name: "Online" })).toBeChecked();
  });

  await test.step("the customer writes, the agent accepts and answers", async () => {
    await write(phone, `Hello, where is my parcel, ${order}?`);
    const offer = desk.getByRole("article", { name });
    await expect(offer).toContainText("Hello, where is my parcel,", { timeout: SENT_MS_MAX });
    await picture(desk, "live-offer");
    await desk.keyboard.press("a");
    const composer = desk.getByRole("textbox", { name: `Reply to ${name}` });
    await expect(composer).toBeFocused();
    await desk.keyboard.type("It is on its way.");
    await desk.keyboard.press("Enter");
    await expect(bubble(desk, "It is on its way.")).toHaveCount(1);
    await expect(phone.getByText("It is on its way.")).toBeVisible({ timeout: SENT_MS_MAX });
    await expect(bubble(desk, "It is on its way.").getByRole("img", { name: "Read" })).toBeVisible({
      timeout: SENT_MS_MAX,
    });
    await picture(desk, "live-answered");
  });

  await test.step("what is said while the connection is cut arrives once it is back", async () => {
    await socket.cut();
    await expect(desk.getByText(/^Reconnecting/)).toBeVisible();
    await write(phone, "Are you there?");
    await desk.getByRole("textbox", { name: `Reply to ${name}` }).fill("Written while away.");
    await desk.keyboard.press("Enter");
    await expect(desk.getByRole("img", { name: "Waits for the connection" })).toBeVisible();
    socket.mend();
    await desk.getByRole("button", { name: "Try now" }).click();
    await expect(bubble(desk, "Are you there?")).toHaveCount(1);
    await expect(phone.getByText("Written while away.")).toHaveCount(1, { timeout: SENT_MS_MAX });
    await expect(bubble(desk, "Written while away.").getByRole("img", { name: "Read" })).toBeVisible({
      timeout: SENT_MS_MAX,
    });
    await expect(bubble(desk, "Written while away.")).toHaveCount(1);
  });

  await test.step("the agent leaves a note and a tag, and says what is known of the contact", async () => {
    await desk.getByRole("log").focus();
    await desk.keyboard.press("n");
    await expect(desk.getByRole("textbox", { name: `Note about ${name}` })).toBeFocused();
    await desk.keyboard.type("Waits since Monday.");
    await desk.keyboard.press("Enter");
    await expect(desk.locator(".line-note")).toContainText("Waits since Monday.");
    await details.getByRole("textbox", { name: "Add a tag" }).fill("Late parcel");
    await desk.keyboard.press("Enter");
    await expect(details.getByRole("button", { name: "Take off the tag Late parcel" })).toBeVisible();
    await details.getByRole("button", { name: "Add a property" }).click();
    await details.getByLabel("Name").fill("Customer number");
    await details.getByLabel("Value").fill("K-10042");
    await desk.keyboard.press("Enter");
    await expect(details.getByRole("region", { name: "Properties" })).toContainText("K-10042");
    await picture(desk, "live-noted");
  });

  await test.step("a reload keeps everything", async () => {
    const before = await bubbles(desk);
    await desk.reload();
    await expect(desk.getByRole("log")).toBeVisible();
    await expect.poll(() => bubbles(desk)).toEqual(before);
    await expect(desk.locator(".line-note")).toHaveCount(1);
    await expect(details.getByRole("region", { name: "Tags" })).toContainText("Late parcel");
    await expect(details.getByRole("region", { name: "Properties" })).toContainText("K-10042");
    await expect(phone.getByText("Waits since Monday.")).toHaveCount(0);
  });

  await test.step("the agent ends the interaction as solved", async () => {
    await endAsSolved(desk);
    await picture(desk, "live-ended");
  });

  await test.step("the agent finds it in the history by a word of the customer's, also after a reload", async () => {
    await desk.goto(DESK_URL ?? "");
    await expect(desk.getByRole("tab", { name: /^Mine/ })).toBeVisible();
    await desk.keyboard.press("h");
    await desk.keyboard.type(order);
    const hits = desk.getByRole("listbox", { name: "What was found" }).getByRole("option");
    await expect(hits).toHaveCount(1);
    await expect(hits.locator("mark")).toHaveText(order);
    await expect(hits).toContainText(name);
    await desk.keyboard.press("Escape");
    await desk.keyboard.press("ArrowDown");
    await desk.keyboard.press("Enter");
    await expect(desk.locator(".bubble.found")).toContainText(order);
    await picture(desk, "live-history");
    await desk.reload();
    await expect(desk.locator(".bubble.found")).toBeInViewport();
    await expect(desk.getByText(/This interaction has ended \(solved\)/i)).toBeVisible();
    await expect(hits).toHaveCount(1);
  });

  await test.step("the agent takes it up again, and ends it", async () => {
    await desk.getByRole("button", { name: "Take up again" }).click();
    await expect(desk.getByRole("textbox", { name: `Reply to ${name}` })).toBeFocused();
    await expect(desk.getByText("Interaction 2", { exact: true })).toBeVisible();
    await endAsSolved(desk);
  });

  await test.step("the next message opens interaction 3", async () => {
    await write(phone, "One more question");
    await expect(desk.getByRole("article", { name })).toBeVisible({ timeout: SENT_MS_MAX });
    await expect(desk.getByText("Interaction 3", { exact: true })).toBeVisible();
    await desk.keyboard.press("a");
    await expect(desk.getByRole("textbox", { name: `Reply to ${name}` })).toBeFocused();
    await picture(desk, "live-second");
    await phone.screenshot({ path: "e2e/shots/live-phone.png" });
  });
});

async function endAsSolved(desk: Page): Promise<void> {
  await desk.getByRole("log").focus();
  await desk.keyboard.press("e");
  await desk.getByRole("radio", { name: "solved", exact: false }).focus();
  await desk.keyboard.press("Space");
  await desk.keyboard.press("Enter");
  await expect(desk.getByText(/This interaction has ended \(solved\)/i)).toBeVisible();
}

function phoneAddress(name: string): string {
  const address = new URL(PHONE_URL ?? "");
  address.searchParams.set("from", `4915${String(Date.now()).slice(-9)}`);
  address.searchParams.set("name", name);
  return address.href;
}

async function write(phone: Page, text: string): Promise<void> {
  await phone.getByRole("textbox", { name: "Message" }).fill(text);
  await phone.getByRole("button", { name: "Send" }).click();
}

function bubble(desk: Page, text: string) {
  return desk.getByRole("log").locator(".bubble", { hasText: text });
}

function bubbles(desk: Page): Promise<string[]> {
  return desk.getByRole("log").locator(".bubble").allInnerTexts();
}

/** The socket passes through here, so that it can be cut under a page that believes itself online. */
async function cuttable(page: Page) {
  let whole = true;
  let close: (() => Promise<void>) | null = null;
  await page.routeWebSocket(/\/ws$/, (route) => {
    if (!whole) {
      void route.close({ code: 1001 });
      return;
    }
    const server = route.connectToServer();
    close = async () => {
      await server.close();
      await route.close({ code: 1001 });
    };
  });
  return {
    cut: async () => {
      whole = false;
      await close?.();
    },
    mend: () => {
      whole = true;
    },
  };
}
