/** What the agent does beyond writing: each waits for the server's yes, and a no is said in words. */

import { useState } from "react";
import type { DeskState } from "../live/fold";
import type { Id, Presence } from "../live/protocol";
import { Refused } from "../live/socket";
import { NO_ANSWER, refusalReason } from "../refusals";
import { say } from "../strings";
import { agentName } from "./permission";
import type { OfferToMe } from "./sorted_lists";
import { useDesk } from "./use_desk";

export type Actions = ReturnType<typeof useActions>;

export function useActions(state: DeskState, toast: (text: string) => void) {
  const desk = useDesk();
  const [busyOffer, setBusyOffer] = useState<Id | null>(null);
  const [ending, setEnding] = useState(false);
  const [retaking, setRetaking] = useState(false);
  const [presence, setPresence] = useState<Presence | null>(null);

  async function answerOffer(offer: OfferToMe, act: () => Promise<unknown>): Promise<boolean> {
    setBusyOffer(offer.offer);
    try {
      await act();
      return true;
    } catch (error) {
      toast(offerProblem(error, state));
      return false;
    } finally {
      setBusyOffer(null);
    }
  }

  /** Does it, and says why not in words. */
  async function tried(act: Promise<unknown>, refused: (detail: string) => string): Promise<boolean> {
    try {
      await act;
      return true;
    } catch (error) {
      toast(refused(detail(error)));
      return false;
    }
  }

  return {
    busyOffer,
    ending,
    retaking,
    /** Shown at once; the server's word replaces it. */
    presence,
    accept: (offer: OfferToMe) => answerOffer(offer, () => desk.accept(offer.summary.conversation, offer.offer)),
    decline: (offer: OfferToMe) => answerOffer(offer, () => desk.decline(offer.summary.conversation, offer.offer)),
    async become(wanted: Presence): Promise<void> {
      setPresence(wanted);
      await tried(desk.setPresence(wanted), say.presence.refused);
      setPresence(null);
    },
    async retake(conversation: Id): Promise<boolean> {
      setRetaking(true);
      const done = await tried(desk.retake(conversation), say.conversation.retakeRefused);
      setRetaking(false);
      return done;
    },
    async end(conversation: Id, reason: Id): Promise<boolean> {
      setEnding(true);
      const done = await tried(desk.end(conversation, reason), say.end.refused);
      setEnding(false);
      return done;
    },
    note: (conversation: Id, text: string) => tried(desk.addNote(conversation, text), say.conversation.noteRefused),
    tag: (conversation: Id, tag: string) => tried(desk.tag(conversation, tag), say.details.tagRefused),
    untag: (conversation: Id, tag: string) => tried(desk.untag(conversation, tag), say.details.tagRefused),
  };
}

function offerProblem(error: unknown, state: DeskState): string {
  if (error instanceof Refused && error.winner) return say.offers.taken(agentName(state, error.winner));
  if (error instanceof Refused && error.code === "offer_gone") return say.offers.gone;
  return say.offers.refused(detail(error));
}

function detail(error: unknown): string {
  return error instanceof Refused ? refusalReason(error) : NO_ANSWER;
}
