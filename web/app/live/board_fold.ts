/** What a board becomes by a change. Pure. */

import type { BoardChange, BoardView } from "./protocol";

export function afterBoardChange(board: BoardView, change: BoardChange): BoardView {
  if (change.kind === "whole") {
    const { kind: _, ...whole } = change;
    return whole;
  }
  return {
    ...board,
    as_of: change.as_of,
    // A group that did not change is not told.
    tiles: { ...board.tiles, ...(change.tiles as Partial<BoardView["tiles"]>) },
    agents: withRows(board.agents, change.agents),
    gateways: withRows(board.gateways, change.gateways),
  };
}

function withRows<T extends { id: string }>(known: T[], changed: T[] | undefined): T[] {
  if (!changed?.length) return known;
  const rows = new Map(known.map((row) => [row.id, row]));
  for (const row of changed) rows.set(row.id, row);
  return [...rows.values()];
}
