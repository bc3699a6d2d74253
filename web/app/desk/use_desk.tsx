/** The live desk inside React: one per signed-in agent, read through `useSyncExternalStore`. */

import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { currentSession } from "../api";
import { shelf } from "../keep";
import { Desk, type View } from "../live/desk";
import type { Id } from "../live/protocol";
import type { Wire } from "../live/socket";

const DeskContext = createContext<Desk | null>(null);

export function DeskProvider({ agent, children }: { agent: Id; children: ReactNode }) {
  const [desk] = useState(() => new Desk({ connect, signedOut, shelf: shelf(agent) }));
  useEffect(() => {
    const back = () => desk.wake();
    const lost = () => desk.networkLost();
    const seen = () => document.visibilityState === "visible" && desk.wake();
    window.addEventListener("online", back);
    window.addEventListener("offline", lost);
    document.addEventListener("visibilitychange", seen);
    desk.connectNow();
    return () => {
      window.removeEventListener("online", back);
      window.removeEventListener("offline", lost);
      document.removeEventListener("visibilitychange", seen);
      desk.stop();
    };
  }, [desk]);
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

function connect(): Wire {
  const url = new URL("/ws", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url) as unknown as Wire;
}

async function signedOut(): Promise<boolean> {
  return (await currentSession()).is === "signed_out";
}
