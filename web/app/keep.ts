/** What this browser keeps: unsent replies, drafts, preferences. A full or forbidden storage is no reason to stop. */

import type { Shelf, Unsent } from "./live/outbox";
import type { Id } from "./live/protocol";

/** Unsent replies of one agent: the next person at this browser must not send them. */
export function shelf(agent: Id): Shelf {
  const prefix = `gatehouse.unsent.${agent}.`;
  return {
    load: () =>
      keys(prefix)
        .map((key) => JSON.parse(read(key) ?? "null") as Unsent)
        .filter(Boolean)
        .map((unsent) => ({ ...unsent, state: { is: "waiting" as const } }))
        .sort((a, b) => a.at.localeCompare(b.at)),
    put: (unsent) => write(prefix + unsent.message, JSON.stringify(unsent)),
    remove: (message) => write(prefix + message, null),
  };
}

export function draft(agent: Id, conversation: Id): string {
  return read(`gatehouse.draft.${agent}.${conversation}`) ?? "";
}

export function keepDraft(agent: Id, conversation: Id, text: string): void {
  write(`gatehouse.draft.${agent}.${conversation}`, text || null);
}

export function lettersAreShortcuts(): boolean {
  return read("gatehouse.letters") !== "off";
}

export function setLettersAreShortcuts(on: boolean): void {
  write("gatehouse.letters", on ? null : "off");
}

function keys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The value lives on in memory for as long as the page does.
  }
}
