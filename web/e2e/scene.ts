/** People and conversations for the desk's pictures. */

import type { Entry, Id, MomentEntry, Snapshot, Status, Summary } from "../app/live/protocol";

export const ANA = "0190a000-0000-7000-8000-00000000000a";
export const BEN = "0190a000-0000-7000-8000-00000000000b";

const NAMES = `Mia Weber,Jonas Lind,Aisha Rahman,Tomás Herrera,Li Na,Olga Petrova,Noah Fischer,Priya Nair,Emma Dubois,
Kwame Mensah,Sofia Rossi,Lukas Novák,Hana Suzuki,Mateo Silva,Zoe Papadopoulos,Ivan Horvat,Fatima Zahra,Oscar Berg,
Chloe Martin,Yusuf Demir,Elif Kaya,Anders Holm,Marta Kowalska,Daniel Okafor,Ines Costa,Viktor Szabo,Leila Haddad,
Paul Jansen,Rosa Marquez,Tariq Aziz,Greta Olsen,Samuel Adeyemi,Julia Novak,Hugo Laurent,Nadia Ali,Finn Murphy,
Camila Torres,Arjun Mehta,Eva Lindqvist,Rafael Gomes`
  .split(",")
  .map((name) => name.trim());

const TEXTS = [
  "Hi, my parcel was due yesterday. Can you see where it is?",
  "Thank you, that was quick!",
  "The code in the e-mail does not work for me.",
  "Could I change the delivery address to my office?",
  "I was charged twice for the same order, please check",
  "Perfect 👍",
  "Do you also deliver on Saturdays?",
  "The blue one came, but I had ordered the green one.",
];

export const minutes = (count: number) => count * 60_000;
export const hours = (count: number) => count * 3_600_000;
export const ago = (passed: number) => new Date(Date.now() - passed).toISOString();
export const ahead = (left: number) => ago(-left);

export function conversation(index: number, over: Partial<Summary> = {}): Summary {
  const inbound = index % 3 !== 1;
  return {
    conversation: `0190c000-0000-7000-8000-${String(index).padStart(12, "0")}`,
    interaction: 1 + (index % 3),
    version: 10,
    channel: "whatsapp",
    gateway: "g1",
    inbox: index % 4 === 3 ? "i2" : "i1",
    priority: 0,
    tags: [],
    sla: null,
    contact: {
      id: `0190d000-0000-7000-8000-${String(index * 7919).padStart(12, "0")}`,
      name: NAMES[index % NAMES.length] ?? null,
      address: `+49 151 5550${String(100 + index)}`,
    },
    owner: { is: "agent", agent: ANA, since: ago(minutes(30 + index)), transfer: null },
    last: {
      at: ago(minutes(index * 4 + 1)),
      direction: inbound ? "inbound" : "outbound",
      text: TEXTS[index % TEXTS.length] ?? "",
    },
    window_until: ahead(hours(24) - minutes(index * 4 + 1)),
    unanswered: inbound && index % 2 === 0,
    ...over,
  };
}

export function snapshot(conversations: Summary[], presence: "online" | "break" | "offline" = "online"): Snapshot {
  const mine = conversations.filter(({ owner }) => owner.is === "agent" && owner.agent === ANA).length;
  return {
    me: { id: ANA, name: "Ana Kos", login: "ana", role: "agent" },
    agents: [
      { id: ANA, name: "Ana Kos", presence, reason: null, connected: true, capacity: Math.max(4, mine), in_use: mine },
      { id: BEN, name: "Ben Ito", presence: "online", reason: null, connected: true, capacity: 4, in_use: 2 },
    ],
    inboxes: [
      { id: "i1", name: "Customer care" },
      { id: "i2", name: "Orders" },
    ],
    gateways: [{ id: "g1", name: "Main number", channel: "whatsapp" }],
    end_reasons: [
      { id: "r1", name: "solved" },
      { id: "r2", name: "no answer" },
      { id: "r3", name: "spam" },
    ],
    conversations,
  };
}

/** A timeline with an earlier interaction and every kind of line. */
export function timeline(): Entry[] {
  const script = new Script();
  const yesterday = hours(26);
  script.moment(yesterday, 1, "opened", null);
  script.inbound(yesterday, 1, "Hello, is my order 4711 on its way?");
  script.moment(yesterday - 10_000, 1, "queued", null);
  script.moment(yesterday - 14_000, 1, "offered", BEN);
  script.moment(yesterday - 40_000, 1, "lapsed", BEN);
  script.moment(yesterday - 41_000, 1, "offered", ANA);
  script.moment(yesterday - 50_000, 1, "accepted", ANA);
  script.moment(yesterday - 50_000, 1, "assigned", ANA);
  script.outbound(yesterday - minutes(2), 1, "Good morning! It left our warehouse last night.", ["sent", "read"]);
  script.inbound(yesterday - minutes(3), 1, "Perfect, thank you");
  script.moment(yesterday - minutes(9), 1, "ended", ANA, "solved");
  script.moment(minutes(42), 2, "opened", null);
  script.inbound(
    minutes(42),
    2,
    "Hi again. The parcel has not come, and the tracking page shows nothing since Monday.",
  );
  script.inbound(minutes(41), 2, "Can you see where it is?");
  script.moment(minutes(40), 2, "queued", null);
  script.moment(minutes(40), 2, "offered", ANA);
  script.moment(minutes(39), 2, "accepted", ANA);
  script.outbound(minutes(37), 2, "I am sorry about that. One moment, I am asking the carrier.", ["sent", "read"]);
  script.outbound(minutes(30), 2, "They have it in their hub and deliver it tomorrow before noon.", [
    "sent",
    "delivered",
  ]);
  script.sticker(minutes(20), 2);
  script.outbound(minutes(12), 2, "Shall I send you the new tracking number?", ["sent"]);
  script.outbound(minutes(11), 2, "Here is the invoice you asked for.", ["failed"], "the number is not on WhatsApp");
  script.outbound(minutes(3), 2, "Is there anything else I can do?", ["sending", "indeterminate"]);
  script.outbound(minutes(1), 2, "I am here until six.", []);
  script.inbound(2_000, 2, "Yes please, send me the number 🙏");
  return script.entries;
}

class Script {
  entries: Entry[] = [];

  moment(passed: number, interaction: number, what: string, agent: Id | null, reason: string | null = null): void {
    const moment: MomentEntry = { kind: "moment", ...this.#place(passed), interaction, what, agent, reason };
    this.entries.push(moment);
  }

  inbound(passed: number, interaction: number, text: string): void {
    this.entries.push({ ...this.#message(passed, interaction), content: { is: "text", text } });
  }

  sticker(passed: number, interaction: number): void {
    this.entries.push({ ...this.#message(passed, interaction), content: { is: "unsupported", type: "sticker" } });
  }

  outbound(passed: number, interaction: number, text: string, statuses: Status[], reason: string | null = null): void {
    const message = this.#message(passed, interaction);
    this.entries.push({
      ...message,
      direction: "outbound",
      author: { is: "agent", agent: ANA },
      content: { is: "text", text },
      status: "queued",
    });
    for (const status of statuses) {
      this.entries.push({ kind: "status", ...this.#place(passed), message: message.message, status, reason });
    }
  }

  #message(passed: number, interaction: number) {
    const placed = this.#place(passed);
    return {
      kind: "message" as const,
      ...placed,
      message: `0190e000-0000-7000-8000-${String(placed.sequence).padStart(12, "0")}`,
      interaction,
      direction: "inbound" as "inbound" | "outbound",
      author: { is: "contact" } as { is: "contact" } | { is: "agent"; agent: Id },
      status: null as Status | null,
    };
  }

  #place(passed: number) {
    return { sequence: this.entries.length + 1, at: ago(passed) };
  }
}
