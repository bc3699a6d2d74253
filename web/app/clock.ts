/** The server's time as this browser knows it: a desk with a wrong clock must not show a wrong countdown. */

import { useEffect, useState } from "react";

let aheadMs = 0;

/** Learns from the `Date` header of an answer, which is exact to a second: smaller differences are no news. */
export function learnServerTime(header: string | null): void {
  const difference = header ? Date.parse(header) - Date.now() : 0;
  aheadMs = Math.abs(difference) > 2_000 ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + aheadMs;
}

/** The server's time, renewed as often as asked. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
