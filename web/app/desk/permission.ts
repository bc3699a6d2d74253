/** Whether a reply can be written now, and if not, the sentence that says why. Pure. */

import { dayAndTime } from "../format";
import type { DeskState } from "../live/fold";
import type { Id, Me, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { offerTo } from "./sorted_lists";

/** Why this agent cannot reply, or null. */
export function blocked(summary: Summary, state: DeskState, now: number): string | null {
  const { owner, window_until } = summary;
  const because = say.composer.blocked;
  switch (owner.is) {
    case "queue":
      return because.queue(state.inboxes.get(summary.inbox)?.name ?? say.owner.queue);
    case "offered":
      if (offerTo(owner, state.me.id)) return because.offeredToMe;
      return because.offered(owner.offers.map((offer) => agentName(state, offer.agent)).join(", "));
    case "flow":
      return because.flow;
    case "nobody":
      return because.nobody(reasonName(state, owner.reason), summary.interaction + 1);
    case "agent":
      if (owner.agent !== state.me.id) return because.agent(agentName(state, owner.agent));
  }
  if (window_until && Date.parse(window_until) <= now) {
    return because.window(channelName(summary.channel), dayAndTime(window_until));
  }
  return null;
}

export function mayEnd(summary: Summary, state: DeskState): boolean {
  return summary.owner.is === "agent" && summary.owner.agent === state.me.id;
}

/** An ended interaction can be taken up again by an agent, unless nobody is left to answer. */
export function mayRetake({ owner }: Summary, { agents, me }: DeskState): boolean {
  return owner.is === "nobody" && owner.reason !== "erased" && agents.has(me.id);
}

export function agentName(state: DeskState, agent: Id | null): string {
  if (agent === state.me.id) return say.you;
  return (agent && state.agents.get(agent)?.name) || say.conversation.somebody;
}

/** A reason travels by name, by id or as "idle". */
export function reasonName(state: DeskState, reason: string | null): string {
  if (!reason) return say.end.none;
  return state.endReasons.find(({ id }) => id === reason)?.name ?? reason;
}

/** Whether they may watch boards. The server decides; this only spares them a way that leads nowhere. */
export function mayWatch({ role }: Me): boolean {
  return role === "supervisor" || role === "administrator";
}
