/** How a page reaches the server. */

import { currentSession } from "./api";
import type { Id, Summary } from "./live/protocol";
import type { Wire } from "./live/socket";
import { ask } from "./rest";

export function connect(): Wire {
  const url = new URL("/ws", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url) as unknown as Wire;
}

export async function signedOut(): Promise<boolean> {
  return (await currentSession()).is === "signed_out";
}

/** How a conversation stands that the socket has not told of; null for one they may not see. */
export async function lookUp(conversation: Id): Promise<Summary | null> {
  const answer = await ask<Summary>(`/conversations/${conversation}`);
  if (answer.is === "done") return answer.value;
  if (answer.is === "refused" && answer.problem.status === 404) return null;
  throw new Error("no answer");
}
