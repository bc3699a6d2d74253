/** What is known of a contact: fetched when it is shown, and again when something of it was changed here. */

import { useCallback, useEffect, useState } from "react";
import type { Contact, ContactConversation, ContactConversations, Id, Problem } from "../live/protocol";
import { ask, change } from "../rest";

export type Known =
  | { is: "loading" }
  | { is: "failed" }
  | { is: "known"; contact: Contact; conversations: readonly ContactConversation[]; next: string | null };

/** Changes something of the contact. Answers null where it is done, and otherwise why not. */
export type Change = (method: "POST" | "PUT" | "DELETE", path: string, body?: unknown) => Promise<Refusal | null>;
export type Refusal = Problem | "unreachable";

export interface OneContact {
  known: Known;
  again: () => void;
  act: Change;
  /** Fetches further conversations. Answers whether it could. */
  more: () => Promise<boolean>;
}

/** `turn`: whenever it changes, what is known may have. */
export function useContact(id: Id, turn: unknown): OneContact {
  const [{ of, known: fetched }, setFetched] = useState<{ of: Id; known: Known }>({ of: id, known: { is: "loading" } });
  const [asked, setAsked] = useState(0);
  const known: Known = of === id ? fetched : { is: "loading" };
  const again = useCallback(() => setAsked((before) => before + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each is a reason to ask again
  useEffect(() => {
    const stop = new AbortController();
    const take = (now: Known | null) =>
      setFetched((before) => {
        if (now) return { of: id, known: now };
        return before.of === id && before.known.is === "known" ? before : { of: id, known: { is: "failed" } };
      });
    fetchAll(id, stop.signal).then(
      (now) => !stop.signal.aborted && take(now),
      () => {},
    );
    return () => stop.abort();
  }, [id, turn, asked]);
  const act: Change = async (method, path, body) => {
    const answer = await change(method, `/contacts/${id}${path}`, body);
    if (answer.is === "done") again();
    return answer.is === "done" ? null : answer.is === "refused" ? answer.problem : "unreachable";
  };
  const more = async () => {
    if (known.is !== "known" || known.next === null) return true;
    const { next } = known;
    const cursor = new URLSearchParams({ cursor: next });
    const answer = await ask<ContactConversations>(`/contacts/${id}/conversations?${cursor}`);
    if (answer.is !== "done") return false;
    const page = answer.value;
    setFetched((before) => {
      // What is known may have been fetched anew meanwhile.
      if (before.of !== id || before.known.is !== "known" || before.known.next !== next) return before;
      const conversations = [...before.known.conversations, ...page.items];
      return { of: id, known: { ...before.known, conversations, next: page.next } };
    });
    return true;
  };
  return { known, again, act, more };
}

async function fetchAll(id: Id, signal: AbortSignal): Promise<Known | null> {
  const [contact, conversations] = await Promise.all([
    ask<Contact>(`/contacts/${id}`, signal),
    ask<ContactConversations>(`/contacts/${id}/conversations`, signal),
  ]);
  // Whoever may not see them any more does not keep what they saw.
  if (contact.is === "refused" && [403, 404].includes(contact.problem.status)) return { is: "failed" };
  if (contact.is !== "done" || conversations.is !== "done") return null;
  const { items, next } = conversations.value;
  return { is: "known", contact: contact.value, conversations: items, next };
}
