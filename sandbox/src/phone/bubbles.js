// Draws messages. Text is only ever set as text, so that nothing anybody writes becomes markup.

export const kindNames = {
  image: "📷 Photo",
  video: "🎬 Video",
  audio: "🎤 Voice message",
  document: "📄 Document",
  sticker: "🌟 Sticker",
  location: "📍 Location",
  contacts: "👤 Contact",
  reaction: "👍 Reaction",
};

const timeOf = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayOf = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const onlyEmoji = /^(\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f]*){1,3}$/u;

/** Draws the messages in order, with the days between them. Those not `known` arrive. */
export function bubbles(messages, known) {
  if (messages.length === 0) {
    return [element("p", "hint", "Write something. It reaches the business as a WhatsApp message.")];
  }
  const drawn = [];
  let before;
  for (const message of messages) {
    const newDay = !before || dayName(before.at) !== dayName(message.at);
    if (newDay) drawn.push(element("p", "day", dayName(message.at)));
    const bubble = draw(message);
    bubble.classList.toggle("first", newDay || before.direction !== message.direction);
    bubble.classList.toggle("arriving", known.size > 0 && !known.has(message.id));
    drawn.push(bubble);
    before = message;
  }
  return drawn;
}

function draw(message) {
  // Inbound is seen from the business: it is what the person at this phone wrote.
  const mine = message.direction === "inbound";
  const bubble = element("div", `bubble ${mine ? "mine" : "theirs"}`);
  bubble.dataset.id = message.id;
  bubble.role = "article";
  bubble.ariaLabel = mine ? "You" : "Business";
  if (message.type !== "text" && message.type !== "template") {
    bubble.append(element("span", "kind", kindNames[message.type] ?? message.type), message.text ? "\n" : "");
  }
  bubble.append(element("span", "words", message.text ?? ""));
  bubble.classList.toggle("only-emoji", message.type === "text" && onlyEmoji.test(message.text ?? ""));

  const foot = element("span", "foot");
  const time = element("time", "", timeOf.format(message.at));
  time.dateTime = new Date(message.at).toISOString();
  foot.append(time, ticks(message));
  bubble.append(foot);
  return bubble;
}

const stateNames = { pending: "Sent", sent: "Sent", delivered: "Delivered", read: "Read", failed: "Failed" };

function ticks({ state, ticks: count }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `ticks ${state}`);
  svg.setAttribute("viewBox", "0 0 18 12");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", stateNames[state]);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const drawings = ["M5 2l8 8M13 2l-8 8", "M4.5 6.5L8 10L15 2", "M1.5 6.5L5 10L12 2M8.2 9.7L8.5 10L16 2"];
  path.setAttribute("d", drawings[count]);
  svg.append(path);
  return svg;
}

function dayName(at) {
  return dayOf.format(at);
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
