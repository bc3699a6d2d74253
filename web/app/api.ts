/** The session over REST. Everything else of the desk goes over the socket. */

import { learnServerTime } from "./clock";
import type { Me } from "./live/protocol";

const SESSION = "/api/v1/session";

export type SignIn = { is: "signed_in"; user: Me } | { is: "signed_out" } | { is: "unreachable" };

export async function currentSession(): Promise<SignIn> {
  return answered(fetch(SESSION));
}

export async function signIn(login: string, password: string): Promise<SignIn> {
  const headers = { "content-type": "application/json" };
  return answered(fetch(SESSION, { method: "POST", headers, body: JSON.stringify({ login, password }) }));
}

export async function signOut(): Promise<void> {
  await fetch(SESSION, { method: "DELETE" });
}

async function answered(request: Promise<Response>): Promise<SignIn> {
  try {
    const response = await request;
    learnServerTime(response.headers.get("date"));
    if (response.ok) return { is: "signed_in", user: ((await response.json()) as { user: Me }).user };
    return response.status === 401 ? { is: "signed_out" } : { is: "unreachable" };
  } catch {
    return { is: "unreachable" };
  }
}
