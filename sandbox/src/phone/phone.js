// A customer's phone: who one is, the chat, and what the sandbox tells of it.

import { bubbles, kindNames } from "/bubbles.js";

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const digits = (text) => (text ?? "").replace(/\D/g, "");

const RETRY_MS = 2000;

const me = { number: query.get("number") ?? "", from: digits(query.get("from")), name: query.get("name") ?? "" };
const messages = new Map();

if (me.number && me.from) {
  openChat();
} else {
  openSetup();
}

// Who one is.

async function openSetup() {
  byId("setup-name").value = me.name;
  byId("setup-from").value = me.from && `+${me.from}`;
  byId("setup-number").addEventListener("change", listPeople);
  byId("setup").addEventListener("submit", (event) => {
    event.preventDefault();
    const from = digits(byId("setup-from").value);
    if (from.length < 5 || from.length > 15) {
      byId("setup-problem").textContent = "A phone number has 5 to 15 digits, with the country code first.";
      byId("setup-from").focus();
      return;
    }
    const chosen = { number: byId("setup-number").value, from, name: byId("setup-name").value.trim() };
    location.assign(`/?${new URLSearchParams(chosen)}`);
  });
  byId("setup-name").addEventListener("input", fillInKnown);
  await listNumbers();
}

async function listNumbers() {
  const numbers = await numbersKnown();
  const select = byId("setup-number");
  select.replaceChildren(
    ...numbers.map(({ id, display_phone_number: shown }) => new Option(shown, id, false, id === me.number)),
  );
  document.querySelector(".primary").disabled = numbers.length === 0;
  const waiting = "No business has registered a number yet. This page goes on by itself once one has.";
  byId("setup-problem").textContent = numbers.length ? "" : waiting;
  if (numbers.length) {
    await listPeople();
    byId("setup-name").focus();
  } else {
    setTimeout(listNumbers, RETRY_MS);
  }
}

let people = [];

async function listPeople() {
  const answer = await fetch(`/sandbox/numbers/${encodeURIComponent(byId("setup-number").value)}/customers`);
  people = answer.ok ? (await answer.json()).items : [];
  byId("setup-people").replaceChildren(...people.map(({ name, wa_id }) => new Option(`+${wa_id}`, name)));
}

function fillInKnown() {
  const known = people.find(({ name }) => name === byId("setup-name").value);
  if (known) byId("setup-from").value = `+${known.wa_id}`;
}

async function numbersKnown() {
  try {
    return (await (await fetch("/sandbox/numbers")).json()).items;
  } catch {
    return [];
  }
}

// The chat.

function path(what) {
  return `/sandbox/numbers/${encodeURIComponent(me.number)}/customers/${me.from}/${what}`;
}

function openChat() {
  byId("setup").hidden = true;
  byId("chat").hidden = false;
  const name = me.name || `+${me.from}`;
  byId("me").textContent = name;
  byId("me").title = `You are ${name}, +${me.from}`;
  document.title = `${name} · Phone`;
  byId("leave").addEventListener("click", () => location.assign(`/?${new URLSearchParams({ number: me.number })}`));
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    sendText();
  });
  byId("text").addEventListener("keydown", (event) => {
    // While a letter is being composed, Enter ends the letter and not the message.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendText();
    }
  });
  byId("text").addEventListener("input", fitText);
  document.addEventListener("visibilitychange", readIfSeen);
  buildMenu();
  fitText();
  render();
  byId("text").focus();
  listen();
}

async function listen() {
  setPresence("connecting …");
  const number = (await numbersKnown()).find(({ id }) => id === me.number);
  byId("business").textContent = number ? number.display_phone_number : `Number ${me.number}`;
  if (!number) {
    setPresence("not registered yet");
    setTimeout(listen, RETRY_MS);
    return;
  }
  const events = new EventSource(path("events"));
  events.addEventListener("reset", loadAll);
  events.addEventListener("message", ({ data }) => take([JSON.parse(data)]));
  events.addEventListener("error", () => {
    // A sandbox that was started anew knows the number only after it is registered again.
    events.close();
    setPresence("connecting …");
    setTimeout(listen, RETRY_MS);
  });
}

async function loadAll() {
  const answer = await fetch(path("messages"));
  if (!answer.ok) return;
  messages.clear();
  take((await answer.json()).items);
  setPresence("online");
}

function take(list) {
  for (const message of list) messages.set(message.id, message);
  render();
  readIfSeen();
}

function render() {
  const log = byId("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const known = new Set([...log.querySelectorAll("[data-id]")].map((bubble) => bubble.dataset.id));
  // What failed never reached this phone.
  const here = [...messages.values()].filter(({ state }) => state !== "failed");
  log.replaceChildren(...bubbles(here, known));
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function setPresence(text) {
  byId("presence").textContent = text;
}

function readIfSeen() {
  const unread = [...messages.values()].some(({ direction, state }) => direction === "outbound" && state === "delivered");
  if (unread && document.visibilityState === "visible") fetch(path("read"), { method: "POST" });
}

// Writing.

function fitText() {
  const text = byId("text");
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
  byId("send").disabled = text.value.trim() === "";
}

async function sendText() {
  const text = byId("text");
  const written = text.value.trim();
  if (!written) return;
  text.value = "";
  fitText();
  if (!(await send({ text: written }))) {
    text.value = written;
    fitText();
  }
  text.focus();
}

async function send(message) {
  const log = byId("messages");
  log.scrollTop = log.scrollHeight;
  const trouble = byId("trouble");
  try {
    const answer = await fetch(path("messages"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...message, name: me.name || undefined }),
    });
    trouble.textContent = answer.ok ? "" : `Not sent: ${(await answer.json()).reason}.`;
    return answer.ok;
  } catch {
    trouble.textContent = "Not sent: the sandbox is not there.";
    return false;
  }
}

// Everything that is not text.

function buildMenu() {
  const menu = byId("kinds");
  for (const [type, name] of Object.entries(kindNames)) {
    const item = document.createElement("button");
    item.type = "button";
    item.role = "menuitem";
    item.tabIndex = -1;
    item.textContent = name;
    item.addEventListener("click", () => {
      showMenu(false);
      send({ type });
    });
    menu.append(item);
  }
  byId("more").addEventListener("click", () => showMenu(menu.hidden));
  menu.addEventListener("keydown", moveInMenu);
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && !byId("more").contains(event.target)) showMenu(false);
  });
}

function showMenu(open) {
  byId("kinds").hidden = !open;
  byId("more").ariaExpanded = String(open);
  (open ? byId("kinds").firstElementChild : byId("text")).focus();
}

function moveInMenu(event) {
  const items = [...byId("kinds").children];
  const at = items.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 2, ArrowUp: -2 }[event.key];
  if (step) {
    event.preventDefault();
    items[(at + step + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    showMenu(false);
  }
}
