/** The contact beside the conversation, its tags and notes, against a server made of routes. */

import { expect, type Page, test } from "@playwright/test";
import { FakeServer, refused, someContact } from "./fake_server";
import { ended, hit } from "./history_scene";
import { picture } from "./picture";
import { ANA, ago, BEN, conversation, hours, snapshot, timeline } from "./scene";

test.skip(Boolean(process.env.DESK_URL), "These states come from a server made of routes, not from a running one.");

const LONG = "Maximiliane-Henriette von und zu Hohenlohe-Langenburg-Weikersheim";

const mia = () => conversation(0, { interaction: 2, tags: ["vip", "refund"] });

const details = (page: Page) => page.getByRole("complementary", { name: "Details" });

function serverWith(): FakeServer {
  const server = new FakeServer(snapshot([mia(), conversation(1)]));
  server.timelines.set(mia().conversation, timeline());
  const { id } = mia().contact;
  const twin = "0190d000-0000-7000-8000-00000000abcd";
  const through = "0190d000-0000-7000-8000-00000000abce";
  server.contacts.set(
    id,
    someContact(id, {
      name: "Mia Weber",
      addresses: [
        { channel: "whatsapp", kind: "phone", value: "491515550100" },
        { channel: "whatsapp", kind: "user", value: "US.35291530689062731783" },
      ],
      properties: [
        { name: "Customer number", value: "K-10042" },
        { name: "Language", value: "German" },
      ],
      opted_out: ["sms"],
      linked: [
        {
          id: twin,
          name: "Mia W.",
          addresses: [{ channel: "email", kind: "email", value: "mia.weber@example.org" }],
          linked_to: [id],
        },
        {
          id: through,
          name: null,
          addresses: [{ channel: "telegram", kind: "user", value: "miaw" }],
          linked_to: [twin],
        },
      ],
    }),
  );
  server.ended.set(ended(9).conversation, { ...ended(9), contact: mia().contact });
  server.timelines.set(ended(9).conversation, timeline());
  server.conversationsOf.set(id, [
    { ...about(0), conversation: mia().conversation, contact: id, state: "agent", reason: null },
    { ...about(9), contact: id },
    { ...about(12), contact: twin, channel: "email", inbox: { id: "i2", name: "Orders" }, agent: null },
  ]);
  server.contactChanged = (contact, part, which, body) => {
    if (part === "links") return { ...contact, linked: contact.linked.filter((other) => other.id !== which) };
    const { value } = body as { value: string };
    if (value === "?") return [{ field: "value", message: "has control characters" }];
    const others = contact.properties.filter(({ name }) => name !== which);
    return { ...contact, properties: value ? [...others, { name: which, value }] : others };
  };
  return server;
}

function about(index: number) {
  const { conversation, channel, gateway } = ended(index);
  return {
    conversation,
    channel,
    gateway,
    inbox: { id: "i1", name: "Customer care" },
    interactions: 1 + (index % 2),
    state: "ended",
    agent: { id: BEN, name: "Ben Ito" },
    last_at: ago(hours(20 + index * 30)),
    ended_at: ago(hours(19 + index * 30)),
    reason: { id: "r1", name: "solved" },
  };
}

async function deskWith(page: Page, server: FakeServer, path = `/desk/${mia().conversation}`): Promise<void> {
  await server.install(page);
  await page.goto(path);
  await expect(page.getByRole("log")).toBeVisible();
}

test("what is known of a contact, and what was said elsewhere", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await deskWith(page, serverWith());
  await expect(details(page).getByRole("region", { name: "Addresses" })).toContainText("+491515550100");
  await expect(details(page)).not.toContainText("US.3529");
  await expect(details(page).getByText("Does not want to be written to on SMS")).toBeVisible();
  await picture(page, "contact");
  await details(page).getByRole("region", { name: "Other conversations" }).getByRole("button").first().click();
  await expect(page).toHaveURL(`/desk/${ended(9).conversation}`);
  await expect(page.getByText(/This interaction has ended \(solved\)/)).toBeVisible();
  await page.goBack();
  await details(page)
    .getByRole("button", { name: /^1\. solved/ })
    .click();
  await expect(page).toHaveURL(`/desk/${mia().conversation}?interaction=1`);
  await expect(page.getByText("Interaction 1", { exact: true })).toBeInViewport();
});

test("properties are added, changed and taken away", async ({ page }) => {
  await deskWith(page, serverWith());
  const properties = details(page).getByRole("region", { name: "Properties" });
  await properties.getByRole("button", { name: "Add a property" }).click();
  await expect(properties.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("Plan");
  await properties.getByLabel("Value").fill("?");
  await page.keyboard.press("Enter");
  await expect(properties.getByLabel("Value")).toHaveAccessibleDescription("This has control characters.");
  await picture(page, "contact-property");
  await properties.getByLabel("Value").fill("Gold");
  await page.keyboard.press("Enter");
  await expect(properties).toContainText("Gold");
  await properties.getByRole("button", { name: "Change Language" }).click();
  await expect(properties.getByLabel("Language")).toBeFocused();
  await expect(properties.getByLabel("Language")).toHaveValue("German");
  await properties.getByLabel("Language").fill("English");
  await page.keyboard.press("Enter");
  await expect(properties).toContainText("English");
  await properties.getByRole("button", { name: "Change Language" }).click();
  await properties.getByRole("button", { name: "Remove" }).click();
  await expect(properties).not.toContainText("Language");
});

test("who is not the same person after all is unlinked", async ({ page }) => {
  await deskWith(page, serverWith());
  const linked = details(page).getByRole("region", { name: "The same person" });
  await expect(linked.getByRole("listitem")).toHaveCount(2);
  await expect(linked.getByRole("button", { name: /^Unlink/ })).toHaveCount(1);
  await linked.getByRole("button", { name: "Unlink Mia W." }).click();
  await expect(linked.getByRole("listitem")).toHaveCount(1);
});

test("who is the same person is looked for, picked and linked", async ({ page }) => {
  const server = serverWith();
  const { contactChanged } = server;
  const [self, noah] = [mia().contact, hit(1).contact];
  server.history = (asked) => {
    if (asked.get("contact") === "zebra") return { items: [], next: null };
    // Somebody has several interactions, and is there themselves.
    return { items: [hit(1), hit(0, { contact: self }), hit(1, { interaction: 1 }), hit(4)], next: null };
  };
  await deskWith(page, server);
  await details(page).getByRole("button", { name: "Link with another contact" }).click();
  const dialog = page.getByRole("dialog", { name: "Link with another contact" });
  const typed = dialog.getByRole("textbox", { name: "Name, number or address" });
  await expect(typed).toBeFocused();
  await expect(dialog.getByRole("listitem")).toHaveCount(2);
  await typed.fill("zebra");
  await expect(dialog.getByText("No other contact is found.")).toBeVisible();
  await typed.fill("noah");
  await expect.poll(() => server.searches.at(-1)?.get("contact")).toBe("noah");
  server.contactChanged = () => "too_many_linked";
  await dialog.getByRole("button", { name: `Link with ${noah.name}` }).click();
  await expect(dialog.getByRole("alert")).toContainText("so many contacts cannot be one person.");
  await picture(page, "contact-link");
  server.contactChanged = (contact, part, which, body) => {
    if (part !== "links" || which) return contactChanged(contact, part, which, body);
    const { to } = body as { to: string };
    const other = { id: to, name: noah.name, addresses: [], linked_to: [contact.id] };
    return { ...contact, linked: [...contact.linked, other] };
  };
  await dialog.getByRole("button", { name: `Link with ${noah.name}` }).click();
  await expect(dialog).toBeHidden();
  const linked = details(page).getByRole("region", { name: "The same person" });
  await expect(linked.getByRole("button", { name: `Unlink ${noah.name}` })).toBeVisible();
  server.contactChanged = () => "linked_through_others";
  await linked.getByRole("button", { name: "Unlink Mia W." }).click();
  await expect(page.getByText("they are linked through somebody else.")).toBeVisible();
});

test("whoever does not want to be written to is not", async ({ page }) => {
  const server = serverWith();
  server.contactChanged = (contact, part, channel) => {
    if (part !== "opt_outs") return contact;
    const others = contact.opted_out.filter((one) => one !== channel);
    return { ...contact, opted_out: contact.opted_out.includes(channel) ? others : [...others, channel] };
  };
  await deskWith(page, server);
  const whatsapp = details(page).getByRole("switch", { name: "WhatsApp" });
  const reply = page.getByRole("textbox", { name: "Reply to Mia Weber" });
  await expect(whatsapp).toBeChecked();
  await expect(details(page).getByRole("switch", { name: "SMS" })).not.toBeChecked();
  await expect(reply).toBeVisible();
  await whatsapp.click();
  await expect(page.getByText("The contact does not want to be written to on WhatsApp.")).toBeVisible();
  await expect(reply).toBeHidden();
  await expect(whatsapp).not.toBeChecked();
  await picture(page, "contact-opted-out");
  await whatsapp.click();
  await expect(reply).toBeVisible();

  // Somebody else noted it, and this desk has not heard of it.
  const { id } = mia().contact;
  server.contacts.set(id, someContact(id, { name: "Mia Weber", opted_out: ["whatsapp"] }));
  server.answers["conversation.reply"] = () => refused("opted_out");
  await reply.fill("One more thing");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Not sent: the contact does not want to be written to on this channel.")).toBeVisible();
  await expect(reply).toBeHidden();
});

test("other conversations page by page", async ({ page }) => {
  const server = serverWith();
  server.conversationsMax = 2;
  await deskWith(page, server);
  const others = details(page).getByRole("region", { name: "Other conversations" });
  await expect(others.getByRole("listitem")).toHaveCount(1);
  await others.getByRole("button", { name: "Show more" }).click();
  await expect(others.getByRole("listitem")).toHaveCount(2);
  await expect(others.getByRole("button", { name: "Show more" })).toBeHidden();
});

test("tags are put on and taken off", async ({ page }) => {
  const server = serverWith();
  await deskWith(page, server);
  const tags = details(page).getByRole("region", { name: "Tags" });
  await tags.getByRole("textbox", { name: "Add a tag" }).fill("Damaged");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({ method: "conversation.tag", params: { conversation: mia().conversation, tag: "Damaged" } });
  server.change({ ...mia(), tags: ["vip", "refund", "Damaged"] });
  await expect(tags).toContainText("Damaged");
  await expect(tags.getByRole("textbox")).toHaveValue("");
  await tags.getByRole("button", { name: "Take off the tag vip" }).click();
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({ method: "conversation.untag", params: { tag: "vip" } });
  server.answers["conversation.tag"] = () => refused("too_many_tags");
  await tags.getByRole("textbox").fill("one more");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The tag was not changed: an interaction cannot have more tags.")).toBeVisible();
  await expect(tags.getByRole("textbox")).toHaveValue("one more");
});

test("a note is written, and stands in the timeline", async ({ page }) => {
  const server = serverWith();
  await deskWith(page, server);
  await page.getByRole("log").focus();
  await page.keyboard.press("n");
  const field = page.getByRole("textbox", { name: "Note about Mia Weber" });
  await expect(field).toBeFocused();
  await page.keyboard.type("Promised her a call on Monday.");
  await picture(page, "note-writing");
  server.answers["conversation.add_note"] = () => refused("unavailable");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The note was not taken: it cannot be stored just now.")).toBeVisible();
  await expect(field).toHaveValue("Promised her a call on Monday.");
  await page.reload();
  await page.getByRole("log").focus();
  await page.keyboard.press("n");
  await expect(field).toHaveValue("Promised her a call on Monday.");
  delete server.answers["conversation.add_note"];
  await page.keyboard.press("Enter");
  await expect(field).toHaveValue("");
  const reason = "Promised her a call on Monday.";
  server.change(mia(), {
    kind: "moment",
    sequence: 900,
    at: ago(0),
    interaction: null,
    what: "note",
    agent: ANA,
    reason,
  });
  await expect(page.getByRole("log")).toContainText("Note by You");
  await expect(page.locator(".line-note")).toContainText(reason);
  await picture(page, "note");
  await page.getByRole("button", { name: "Back to the reply" }).click();
  await expect(page.getByRole("textbox", { name: "Reply to Mia Weber" })).toBeVisible();
});

test("a note can be left where no reply can", async ({ page }) => {
  const server = serverWith();
  await deskWith(page, server, `/desk/${ended(9).conversation}`);
  await page.getByRole("button", { name: "Write a note" }).click();
  await page.keyboard.type("Called back, all is well.");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => server.requests.at(-1))
    .toMatchObject({ method: "conversation.add_note", params: { conversation: ended(9).conversation } });
});

test("details in a narrow window, with long names", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  const server = serverWith();
  const { id } = mia().contact;
  server.contacts.set(
    id,
    someContact(id, {
      name: LONG,
      addresses: [{ channel: "email", kind: "email", value: `${LONG.toLowerCase().replaceAll(" ", ".")}@example.org` }],
      properties: [{ name: LONG, value: `${LONG} ${LONG}` }],
      linked: [{ id: BEN, name: LONG, addresses: [], linked_to: [id] }],
    }),
  );
  await deskWith(page, server);
  await page.getByRole("button", { name: "Show details" }).click();
  const drawer = page.getByRole("dialog", { name: "Details" });
  await expect(drawer.getByRole("region", { name: "Properties" })).toContainText(LONG);
  await picture(page, "contact-narrow");
  await drawer.getByRole("button", { name: /^1\. solved/ }).click();
  await expect(drawer).toBeHidden();
  await expect(page).toHaveURL(`/desk/${mia().conversation}?interaction=1`);
});

test("a contact that could not be loaded", async ({ page }) => {
  const server = serverWith();
  await deskWith(page, server);
  await page.route("**/api/v1/contacts/*", (route) => route.abort());
  await page.reload();
  await expect(details(page).getByRole("alert")).toContainText("could not be loaded");
  await picture(page, "contact-failed");
  await page.unroute("**/api/v1/contacts/*");
  await details(page).getByRole("button", { name: "Try again" }).click();
  await expect(details(page).getByRole("region", { name: "Properties" })).toContainText("K-10042");
});
