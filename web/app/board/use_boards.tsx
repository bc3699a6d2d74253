/** The live board inside React. */

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { connect, signedOut } from "../connect";
import { Boards, type BoardsView } from "../live/boards";
import type { Id } from "../live/protocol";
import { useAwake } from "../use_awake";

const BoardsContext = createContext<Boards | null>(null);

export function BoardsProvider({ scope, children }: { scope: Id | null; children: ReactNode }) {
  const [boards] = useState(() => new Boards({ connect, signedOut, scope }));
  useAwake(boards);
  return <BoardsContext value={boards}>{children}</BoardsContext>;
}

export function useBoards(): Boards {
  const boards = useContext(BoardsContext);
  if (!boards) throw new Error("useBoards outside of BoardsProvider");
  return boards;
}

export function useBoardsView(): BoardsView {
  const boards = useBoards();
  return useSyncExternalStore(boards.subscribe, () => boards.view);
}
