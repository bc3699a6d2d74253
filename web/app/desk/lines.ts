/** A timeline as lines on the screen: statuses folded into their messages, moments gathered, days set apart. Pure. */

import { settle } from "../live/delivery";
import type { Unsent } from "../live/outbox";
import type { Author, Entry, Id, MessageEntry, MomentEntry, Status, Time } from "../live/protocol";
import type { Spot } from "./place";

const SAME_BREATH_MS = 5 * 60_000;

export type Line =
  | { is: "day"; key: string; at: Time }
  | { is: "interaction"; key: string; interaction: number; at: Time }
  | { is: "moments"; key: string; moments: MomentEntry[] }
  | { is: "note"; key: string; note: MomentEntry }
  | { is: "message"; key: string; message: MessageEntry; delivery: Delivery | null; first: boolean }
  | { is: "unsent"; key: string; unsent: Unsent; first: boolean };

export interface Delivery {
  status: Status;
  reason: string | null;
}

export function lines(entries: readonly Entry[], unsent: readonly Unsent[], me: Id): Line[] {
  const deliveries = deliveriesOf(entries);
  const result: Line[] = [];
  let spoke: { author: string; at: Time } | null = null;
  let day = "";
  const place = (at: Time) => {
    const thisDay = new Date(at).toDateString();
    if (thisDay === day) return;
    day = thisDay;
    spoke = null;
    result.push({ is: "day", key: `day-${at}`, at });
  };
  const isFirst = (author: string, at: Time) => {
    const first = spoke?.author !== author || Date.parse(at) - Date.parse(spoke.at) > SAME_BREATH_MS;
    spoke = { author, at };
    return first;
  };

  for (const entry of entries) {
    if (entry.kind === "status") continue;
    place(entry.at);
    if (entry.kind === "message") {
      const first = isFirst(speaker(entry.author), entry.at);
      const delivery = deliveries.get(entry.message) ?? null;
      result.push({ is: "message", key: entry.message, message: entry, delivery, first });
      continue;
    }
    spoke = null;
    if (entry.what === "opened" && entry.interaction !== null) {
      result.push({ is: "interaction", key: `i-${entry.sequence}`, interaction: entry.interaction, at: entry.at });
    } else if (entry.what === "note")
      result.push({ is: "note", key: entry.message ?? `n-${entry.sequence}`, note: entry });
    else addMoment(result, entry);
  }
  const arrived = new Set(entries.flatMap((entry) => (entry.kind === "message" ? [entry.message] : [])));
  for (const one of unsent) {
    if (arrived.has(one.message)) continue;
    place(one.at);
    result.push({ is: "unsent", key: one.message, unsent: one, first: isFirst(`agent ${me}`, one.at) });
  }
  return result;
}

/** The line where a spot is: the message or the note, or else the beginning of its interaction. */
export function spotIn(shown: readonly Line[], spot: Spot | null): string | null {
  if (!spot) return null;
  const message = spot.message && shown.find((line) => tells(line, spot.message));
  const opened = shown.find((line) => line.is === "interaction" && line.interaction === spot.interaction);
  return (message || opened)?.key ?? null;
}

function tells(line: Line, message: Id | null): boolean {
  if (line.is === "moments") return line.moments.some((moment) => moment.message === message);
  return line.key === message;
}

export function lineId(key: string): string {
  return `line-${key}`;
}

function deliveriesOf(entries: readonly Entry[]): Map<Id, Delivery> {
  const deliveries = new Map<Id, Delivery>();
  for (const entry of entries) {
    if (entry.kind === "moment" || entry.status === null) continue;
    const known = deliveries.get(entry.message);
    const status = settle(known?.status ?? null, entry.status);
    if (known?.status === status) continue;
    deliveries.set(entry.message, { status, reason: entry.kind === "status" ? entry.reason : null });
  }
  return deliveries;
}

/**
 * One line for what happened together. An acceptance says all that its offer and its assignment would, and that an
 * interaction opens in the queue goes without saying.
 */
function addMoment(result: Line[], moment: MomentEntry): void {
  const line = result.at(-1);
  if (moment.what === "queued" && line?.is === "interaction") return;
  if (line?.is !== "moments") {
    result.push({ is: "moments", key: `m-${moment.sequence}`, moments: [moment] });
    return;
  }
  const before = line.moments.at(-1);
  const sameAgent = before?.agent === moment.agent;
  if (moment.what === "assigned" && before?.what === "accepted" && sameAgent) return;
  const taken = moment.what === "accepted" || moment.what === "assigned";
  if (taken && before?.what === "offered" && sameAgent) {
    line.moments[line.moments.length - 1] = { ...moment, what: "accepted" };
  } else line.moments.push(moment);
}

function speaker(author: Author): string {
  return author.is === "agent" ? `agent ${author.agent}` : author.is;
}
