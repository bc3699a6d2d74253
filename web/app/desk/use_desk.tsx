/** The live desk inside React: one per signed-in agent, read through `useSyncExternalStore`. */

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { connect, signedOut } from "../connect";
import { shelf } from "../keep";
import { Desk, type View } from "../live/desk";
import type { Id } from "../live/protocol";
import { useAwake } from "../use_awake";

const DeskContext = createContext<Desk | null>(null);

export function DeskProvider({ agent, children }: { agent: Id; children: ReactNode }) {
  const [desk] = useState(() => new Desk({ connect, signedOut, shelf: shelf(agent) }));
  useAwake(desk);
  return <DeskContext value={desk}>{children}</DeskContext>;
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk outside of DeskProvider");
  return desk;
}

export function useView(): View {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, () => desk.view);
}
