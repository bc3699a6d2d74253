/**
 * Where at the desk one is, as its address: `/desk`, `/desk/<conversation>`, `/desk/history?text=…`,
 * `/desk/history/<conversation>?text=…`. `interaction` and `message` say where in the conversation. Pure.
 */

import { FIELDS, type Query, queryFrom } from "../history/query";
import type { Id } from "../live/protocol";

export interface Place {
  conversation: Id | null;
  /** Where in the conversation; none: its newest end. */
  spot: Spot | null;
  /** What is looked for in the history beside it; none: the lists are there instead. */
  history: Query | null;
}

export interface Spot {
  interaction: number;
  message: Id | null;
}

export function placeAt(address: URL): Place {
  const [, history, conversation] = address.pathname.match(/^\/desk(\/history)?(?:\/([\w-]+))?$/) ?? [];
  const interaction = Number(address.searchParams.get("interaction"));
  const spot = interaction > 0 ? { interaction, message: address.searchParams.get("message") } : null;
  return {
    conversation: conversation ?? null,
    spot: conversation ? spot : null,
    history: history ? queryFrom(address.searchParams) : null,
  };
}

export function addressOf({ conversation, spot, history }: Place): string {
  const path = ["/desk", history && "history", conversation].filter(Boolean).join("/");
  const params = new URLSearchParams();
  for (const field of FIELDS) if (history?.[field]) params.set(field, history[field]);
  if (spot) params.set("interaction", String(spot.interaction));
  if (spot?.message) params.set("message", spot.message);
  return params.size > 0 ? `${path}?${params}` : path;
}
