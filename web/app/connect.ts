/** How a page reaches the server. */

import { currentSession } from "./api";
import type { Wire } from "./live/socket";

export function connect(): Wire {
  const url = new URL("/ws", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url) as unknown as Wire;
}

export async function signedOut(): Promise<boolean> {
  return (await currentSession()).is === "signed_out";
}
