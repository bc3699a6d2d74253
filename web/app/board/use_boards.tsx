/** The live board inside React. */

import type { ReactNode } from "react";
import { connect, signedOut } from "../connect";
import { Boards, type BoardsView } from "../live/boards";
import type { Id } from "../live/protocol";
import { liveContext } from "../use_live";

const { Provider, useLive, useView } = liveContext<BoardsView, Boards>();

export function BoardsProvider({ scope, children }: { scope: Id | null; children: ReactNode }) {
  return <Provider make={() => new Boards({ connect, signedOut, scope })}>{children}</Provider>;
}

export { useLive as useBoards, useView as useBoardsView };
