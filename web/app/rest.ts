/** Asking the server over REST: an answer, a refusal in its words, or nothing at all. */

import { learnServerTime } from "./clock";
import type { Problem } from "./live/protocol";

export type Answer<T> = { is: "done"; value: T } | { is: "refused"; problem: Problem } | { is: "unreachable" };

/** Rejects only when `signal` gives up. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/v1${path}`, { signal });
    learnServerTime(response.headers.get("date"));
    const body = await response.json();
    return response.ok ? { is: "done", value: body } : { is: "refused", problem: body };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { is: "unreachable" };
  }
}
