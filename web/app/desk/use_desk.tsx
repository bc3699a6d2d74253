/** The live desk inside React: one per signed-in agent. */

import type { ReactNode } from "react";
import { connect, lookUp, signedOut } from "../connect";
import { shelf } from "../keep";
import { Desk, type View } from "../live/desk";
import type { Id } from "../live/protocol";
import { liveContext } from "../use_live";

const { Provider, useLive, useView } = liveContext<View, Desk>();

export function DeskProvider({ agent, children }: { agent: Id; children: ReactNode }) {
  return <Provider make={() => new Desk({ connect, signedOut, shelf: shelf(agent), lookUp })}>{children}</Provider>;
}

export { useLive as useDesk, useView };
