/** Keeps rows where they are while somebody points at them: a list must not move under the hand. */

import { useCallback, useMemo, useState } from "react";
import type { Id, Summary } from "../live/protocol";

export function useHeldOrder(live: Summary[]) {
  const [kept, setKept] = useState<Id[] | null>(null);
  const rows = useMemo(() => (kept ? inOrder(live, kept) : live), [live, kept]);
  const changed = rows.some((row, index) => row !== live[index]);
  const refresh = useCallback(() => setKept(live.map(({ conversation }) => conversation)), [live]);
  const release = useCallback(() => setKept(null), []);
  return { rows, changed, refresh, hold: { onPointerEnter: refresh, onPointerLeave: release } };
}

/** The rows as they stood, gone ones left out, new ones at the end. */
export function inOrder(live: Summary[], kept: Id[]): Summary[] {
  const byId = new Map(live.map((summary) => [summary.conversation, summary]));
  const stayed = kept.flatMap((id) => byId.get(id) ?? []);
  const known = new Set(kept);
  return [...stayed, ...live.filter((summary) => !known.has(summary.conversation))];
}
