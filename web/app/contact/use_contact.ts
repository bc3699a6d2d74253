/** What is known of a contact: fetched when it is shown, and again when something of it was changed here. */

import { useCallback, useEffect, useState } from "react";
import type { Contact, ContactConversation, ContactConversations, Id, Problem } from "../live/protocol";
import { ask, change } from "../rest";

export type Known =
  | { is: "loading" }
  | { is: "failed" }
  | { is: "known"; contact: Contact; conversations: readonly ContactConversation[] };

/** Changes something of the contact. Answers null where it is done, and otherwise why not. */
export type Change = (method: "POST" | "PUT" | "DELETE", path: string, body?: unknown) => Promise<Refusal | null>;
export type Refusal = Problem | "unreachable";

/** `turn`: whenever it changes, what is known may have. */
export function useContact(id: Id, turn: unknown): { known: Known; again: () => void; act: Change } {
  const [known, setKnown] = useState<Known>({ is: "loading" });
  const [asked, setAsked] = useState(0);
  const again = useCallback(() => setAsked((before) => before + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each is a reason to ask again
  useEffect(() => {
    const stop = new AbortController();
    fetchAll(id, stop.signal).then(
      (now) => !stop.signal.aborted && setKnown((before) => now ?? (before.is === "known" ? before : { is: "failed" })),
      () => {},
    );
    return () => stop.abort();
  }, [id, turn, asked]);
  const act: Change = async (method, path, body) => {
    const answer = await change(method, `/contacts/${id}${path}`, body);
    if (answer.is === "done") again();
    return answer.is === "done" ? null : answer.is === "refused" ? answer.problem : "unreachable";
  };
  return { known, again, act };
}

async function fetchAll(id: Id, signal: AbortSignal): Promise<Known | null> {
  const [contact, conversations] = await Promise.all([
    ask<Contact>(`/contacts/${id}`, signal),
    ask<ContactConversations>(`/contacts/${id}/conversations`, signal),
  ]);
  if (contact.is !== "done" || conversations.is !== "done") return null;
  return { is: "known", contact: contact.value, conversations: conversations.value.items };
}
