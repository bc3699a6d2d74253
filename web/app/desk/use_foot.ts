/**
 * A scrolling region that follows its own foot while the reader is there, and counts what comes while they are not. It
 * may begin at a line instead.
 */

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { lineId } from "./lines";

const NEAR_PX = 40;

export function useFoot(length: number, start: string | null) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [away, setAway] = useState(false);
  const [seen, setSeen] = useState(length);

  const go = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    setAway(!following.current);
  }, []);

  useLayoutEffect(() => {
    const line = start && document.getElementById(lineId(start));
    if (!line) return;
    line.scrollIntoView({ block: "center" });
    onScroll();
  }, [start, onScroll]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer timeline is the reason to follow
  useLayoutEffect(() => {
    if (following.current) go();
  }, [length, go]);

  useEffect(() => {
    if (!away) setSeen(length);
  }, [away, length]);

  // The composer grows, a reason appears below a bubble: the foot moves without a new line.
  const ready = length > 0;
  useEffect(() => {
    if (!ready || !scroller.current || !content.current) return;
    const observer = new ResizeObserver(() => following.current && go());
    observer.observe(scroller.current);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [ready, go]);

  return { scroller: { ref: scroller, onScroll }, content, away, below: Math.max(0, length - seen), go };
}
