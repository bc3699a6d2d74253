/**
 * A scrolling region that follows its own foot while the reader is there, and counts what comes while they are not. It
 * may begin at a line instead, and grow at its top without moving what is read.
 */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { lineId } from "./lines";

const NEAR_PX = 40;
/** So far from the top it is time to ask for what comes before it. */
const NEAR_TOP_PX = 240;

/** `keys` are the lines', in order. */
export function useFoot(keys: readonly string[], start: string | null, onTop: () => void) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const fromFoot = useRef(0);
  const [away, setAway] = useState(false);
  const [first, last] = [keys[0], keys.at(-1)];
  const [seen, setSeen] = useState(last);

  const go = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    fromFoot.current = element.scrollHeight - element.scrollTop;
    following.current = fromFoot.current - element.clientHeight < NEAR_PX;
    setAway(!following.current);
  }, []);

  const onScroll = () => {
    look();
    const element = scroller.current;
    if (element && element.scrollTop < NEAR_TOP_PX && !following.current) onTop();
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another first line is the reason
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && !following.current) element.scrollTop = element.scrollHeight - fromFoot.current;
  }, [first]);

  useLayoutEffect(() => {
    const line = start && document.getElementById(lineId(start));
    if (!line) return;
    line.scrollIntoView({ block: "center" });
    look();
  }, [start, look]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer timeline is the reason to follow
  useLayoutEffect(() => {
    if (following.current) go();
    else look();
  }, [keys.length, go, look]);

  useEffect(() => {
    if (!away) setSeen(last);
  }, [away, last]);

  // The composer grows, a reason appears below a bubble: the foot moves without a new line.
  const ready = keys.length > 0;
  useEffect(() => {
    if (!ready || !scroller.current || !content.current) return;
    const observer = new ResizeObserver(() => (following.current ? go() : look()));
    observer.observe(scroller.current);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [ready, go, look]);

  const below = seen === undefined ? -1 : keys.lastIndexOf(seen);
  return { scroller: { ref: scroller, onScroll }, content, away, below: below < 0 ? 0 : keys.length - 1 - below, go };
}
