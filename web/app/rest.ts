/** Asking the server over REST: an answer, a refusal in its words, or nothing at all. */

import { learnServerTime } from "./clock";
import { newId } from "./live/id";
import type { Problem } from "./live/protocol";

export type Answer<T> = { is: "done"; value: T } | { is: "refused"; problem: Problem } | { is: "unreachable" };

/** Rejects only when `signal` gives up. */
export function ask<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return answered(path, { signal });
}

/** Changes something, once. */
export function change(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer<unknown>> {
  const headers = { "content-type": "application/json", "idempotency-key": newId() };
  return answered(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

async function answered<T>(path: string, request: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/v1${path}`, request);
    learnServerTime(response.headers.get("date"));
    const body = await response.json();
    return response.ok ? { is: "done", value: body } : { is: "refused", problem: body };
  } catch (error) {
    if (request.signal?.aborted) throw error;
    return { is: "unreachable" };
  }
}
