/** What is known of a sent message: news may come late, twice or out of order, and the answer is the same. */

import type { Status } from "./protocol";

/** Reports of the provider, weakest first. They never go down and never fall back to our own states. */
const REPORTED: Status[] = ["submitted", "sent", "failed", "delivered", "read"];

/** The status after hearing `heard`, having known `known`. */
export function settle(known: Status | null, heard: Status): Status {
  if (known === null || heard === "discarded") return heard;
  if (known === "discarded") return known;
  const before = REPORTED.indexOf(known);
  if (before === -1) return heard;
  return REPORTED.indexOf(heard) > before ? heard : known;
}
