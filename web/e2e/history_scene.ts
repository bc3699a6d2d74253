/** What the history of a busy month finds. */

import type { Hit, Summary } from "../app/live/protocol";
import { ANA, ago, BEN, conversation, hours, minutes } from "./scene";

/** An ended conversation, as it stands. */
export function ended(index: number, over: Partial<Summary> = {}): Summary {
  const owner = { is: "nobody" as const, reason: "solved", at: ago(hours(3 + index * 30)) };
  return conversation(index, { owner, interaction: 2, unanswered: false, window_until: null, ...over });
}

export function hit(index: number, over: Partial<Hit> = {}): Hit {
  const { conversation, contact, channel, gateway } = ended(index);
  const opened = hours(5 + index * 31);
  return {
    conversation,
    contact,
    channel,
    gateway,
    interaction: 2 - (index % 2),
    inbox: index % 3 === 2 ? { id: "i2", name: "Orders" } : { id: "i1", name: "Customer care" },
    agent: index % 2 ? { id: BEN, name: "Ben Ito" } : { id: ANA, name: "Ana Kos" },
    state: "ended",
    opened_at: ago(opened),
    ended_at: ago(opened - minutes(20)),
    reason: index % 4 === 3 ? { id: "r2", name: "no answer" } : { id: "r1", name: "solved" },
    ...over,
  };
}

const SAID: [string, string, string][] = [
  ["Hi again. The ", "parcel", " has not come, and the tracking page shows nothing since Monday."],
  ["Good morning! Your ", "parcel", " left our warehouse last night."],
  ["", "Parcel", " arrived, thank you!"],
  ["…and when I opened the box the second ", "parcel", " was not in it, only the invoice and a lot of paper…"],
];

/** The same with what was said around the word. */
export function said(index: number, over: Partial<Hit> = {}): Hit {
  const found = hit(index);
  const [before, word, after] = SAID[index % SAID.length] ?? ["", "", ""];
  const sent = index % SAID.length === 1;
  const parts = [
    { text: before, marked: false },
    { text: word, marked: true },
    { text: after, marked: false },
  ];
  return {
    ...found,
    said: {
      message: `0190e000-0000-7000-8000-${String(15 + index).padStart(12, "0")}`,
      kind: sent ? "sent" : "received",
      agent: sent ? found.agent : null,
      at: found.opened_at,
      parts: parts.filter(({ text }) => text !== ""),
    },
    ...over,
  };
}
