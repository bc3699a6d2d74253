/** The conversation being read, kept in the address: `/desk/<conversation>`. */

import { useCallback, useEffect, useState } from "react";
import type { Id } from "../live/protocol";

export function useSelection(): [Id | null, (conversation: Id | null) => void] {
  const [selected, setSelected] = useState(fromAddress);
  useEffect(() => {
    const onBack = () => setSelected(fromAddress());
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, []);
  const select = useCallback((conversation: Id | null) => {
    const path = conversation ? `/desk/${conversation}` : "/desk";
    if (path !== window.location.pathname) window.history.pushState(null, "", path);
    setSelected(conversation);
  }, []);
  return [selected, select];
}

function fromAddress(): Id | null {
  return window.location.pathname.match(/^\/desk\/([\w-]+)$/)?.[1] ?? null;
}
