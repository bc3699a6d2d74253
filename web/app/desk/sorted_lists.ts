/** Which conversations stand in which list, and in which order. Pure. */

import type { DeskState } from "../live/fold";
import type { Id, Owner, Summary, Time } from "../live/protocol";
import { say } from "../strings";

export type ListName = "mine" | "waiting" | "team";

export interface OfferToMe {
  summary: Summary;
  offer: Id;
  since: Time;
  until: Time;
}

export interface Lists {
  offers: OfferToMe[];
  mine: Summary[];
  waiting: Summary[];
  team: Summary[];
}

export function lists(state: DeskState): Lists {
  const sorted: Lists = { offers: [], mine: [], waiting: [], team: [] };
  for (const summary of state.conversations.values()) {
    const { owner } = summary;
    const offer = offerTo(owner, state.me.id);
    if (offer && owner.is === "offered") {
      sorted.offers.push({ summary, offer, since: owner.since, until: owner.until });
    } else if (owner.is === "queue" || owner.is === "offered") sorted.waiting.push(summary);
    else if (owner.is === "agent" && owner.agent === state.me.id) sorted.mine.push(summary);
    else if (owner.is !== "nobody") sorted.team.push(summary);
  }
  sorted.offers.sort((a, b) => a.until.localeCompare(b.until));
  sorted.mine.sort(newestFirst);
  sorted.team.sort(newestFirst);
  sorted.waiting.sort((a, b) => since(a.owner).localeCompare(since(b.owner)));
  return sorted;
}

export function offerTo(owner: Owner, agent: Id): Id | null {
  if (owner.is !== "offered") return null;
  return owner.offers.find((offer) => offer.agent === agent)?.offer ?? null;
}

export function matches(summary: Summary, words: string): boolean {
  const text = [summary.contact.name, contactAddress(summary), summary.last?.text].join(" ").toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

type WithContact = Pick<Summary, "contact">;

export function contactName(of: WithContact): string {
  return of.contact.name ?? contactAddress(of) ?? say.conversation.unnamed;
}

export function contactAddress({ contact }: WithContact): string | null {
  return contact.address && readableAddress(contact.address);
}

/** Phone numbers travel as digits alone and are read with their plus. */
export function readableAddress(address: string): string {
  return address.replace(/^\d{8,15}$/, "+$&");
}

export function since(owner: Owner): Time {
  return owner.is === "nobody" ? owner.at : owner.since;
}

function newestFirst(a: Summary, b: Summary): number {
  return latest(b).localeCompare(latest(a));
}

function latest(summary: Summary): Time {
  return summary.last?.at ?? since(summary.owner);
}
