/**
 * The board against a running server: a customer writes, and the supervisor sees it, watches it, and goes on after a cut.
 *
 * DESK_URL and PHONE_URL say where; the administrator signs in with GATEHOUSE_ADMIN_PASSWORD.
 */

import { expect, type Page, test } from "@playwright/test";
import { picture } from "./picture";

const { DESK_URL, PHONE_URL, GATEHOUSE_ADMIN_PASSWORD = "" } = process.env;

test.skip(!DESK_URL || !PHONE_URL, "DESK_URL and PHONE_URL name a running server and the customer's phone.");

const number = (page: Page, tile: string) => page.locator(`[data-tile="${tile}"] .tile-value`);

test("a supervisor sees a customer wait", async ({ browser }) => {
  const name = `Noa ${Date.now().toString(36)}`;
  const context = await browser.newContext();
  const board = await context.newPage();
  await board.goto(new URL("/board", DESK_URL).href);
  await board.getByLabel("Login").fill("admin");
  await board.getByLabel("Password").fill(GATEHOUSE_ADMIN_PASSWORD);
  await board.keyboard.press("Enter");
  await expect(board.getByRole("row", { name: /^Anna/ })).toBeVisible();
  const before = Number(await number(board, "waiting").textContent());

  const phone = await (await browser.newContext({ viewport: { width: 420, height: 800 } })).newPage();
  const address = new URL(PHONE_URL ?? "");
  address.searchParams.set("from", `4916${String(Date.now()).slice(-9)}`);
  address.searchParams.set("name", name);
  await phone.goto(address.href);
  await phone.getByRole("textbox", { name: "Message" }).fill("Is anybody there?");
  await phone.getByRole("button", { name: "Send" }).click();
  await expect(number(board, "waiting")).toHaveText(String(before + 1));
  await picture(board, "live-board");

  await board.getByRole("button", { name: /^Waiting: / }).click();
  const [conversation] = await Promise.all([
    context.waitForEvent("page"),
    board.getByRole("dialog").getByRole("link", { name }).click(),
  ]);
  await expect(conversation.getByRole("log")).toContainText("Is anybody there?");

  await context.setOffline(true);
  await expect(board.getByText(/reconnecting$/)).toBeVisible();
  await context.setOffline(false);
  await expect(board.getByText(/reconnecting$/)).toBeHidden();
  await expect(number(board, "waiting")).toHaveText(String(before + 1));
});
