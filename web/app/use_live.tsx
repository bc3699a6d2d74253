/** A live connection inside React: made once, kept awake while its page is there, read by whatever stands in it. */

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import type { Live } from "./live/live";
import type { Connection } from "./live/socket";
import { useAwake } from "./use_awake";

export function liveContext<View extends { connection: Connection }, One extends Live<View>>() {
  const Context = createContext<One | null>(null);

  function Provider({ make, children }: { make: () => One; children: ReactNode }) {
    const [live] = useState(make);
    useAwake(live);
    return <Context value={live}>{children}</Context>;
  }

  function useLive(): One {
    const live = useContext(Context);
    if (!live) throw new Error("outside of its provider");
    return live;
  }

  function useView(): View {
    const live = useLive();
    return useSyncExternalStore(live.subscribe, () => live.view);
  }

  return { Provider, useLive, useView };
}
