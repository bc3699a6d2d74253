/** Keeps a live connection while the page is there: it comes back at once with the network, or when it is looked at. */

import { useEffect } from "react";
import type { Live } from "./live/live";

export function useAwake(live: Pick<Live<never>, "connectNow" | "wake" | "networkLost" | "stop">): void {
  useEffect(() => {
    const back = () => live.wake();
    const lost = () => live.networkLost();
    const seen = () => document.visibilityState === "visible" && live.wake();
    window.addEventListener("online", back);
    window.addEventListener("offline", lost);
    document.addEventListener("visibilitychange", seen);
    live.connectNow();
    return () => {
      window.removeEventListener("online", back);
      window.removeEventListener("offline", lost);
      document.removeEventListener("visibilitychange", seen);
      live.stop();
    };
  }, [live]);
}
