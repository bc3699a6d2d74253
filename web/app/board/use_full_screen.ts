/** Fills the screen, for a board on a wall. */

import { useCallback, useEffect, useState } from "react";

export function useFullScreen(): [boolean, () => void] {
  const [isFull, setIsFull] = useState(false);
  useEffect(() => {
    const changed = () => setIsFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = useCallback(() => {
    // A browser may refuse; then the page stays as it is.
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen();
    change.catch(() => {});
  }, []);
  return [isFull, toggle];
}
