/**
 * The live board: one socket, one board at a time. Every connection begins with the board as it stands, so that nothing
 * is missed while there was none.
 */

import { afterBoardChange } from "./board_fold";
import { Live, type Wiring } from "./live";
import type { Behind, BoardView, Id, Lens, Notification } from "./protocol";
import { type Connection, ConnectionLost, Refused } from "./socket";

export interface BoardsView {
  connection: Connection;
  /** Whose board is wanted; none is everything. */
  scope: Id | null;
  /** The board as told last: still the former one for the moment after another was chosen. */
  board: BoardView | null;
  /** They may not watch boards. */
  forbidden: boolean;
}

export class Boards extends Live<BoardsView> {
  constructor({ scope, ...wiring }: Wiring & { scope: Id | null }) {
    super(wiring, { connection: { is: "stopped" }, scope, board: null, forbidden: false });
  }

  /** Watches another board instead. */
  async watch(scope: Id | null): Promise<void> {
    if (scope === this.view.scope) return;
    this.become({ scope });
    if (this.socket.connection.is !== "open") return;
    try {
      await this.begin();
    } catch (error) {
      // A new connection asks for the board that is wanted then.
      if (!(error instanceof ConnectionLost)) this.socket.drop();
    }
  }

  /** The interactions behind a number. */
  behind(lens: Lens, agent: Id | null): Promise<Behind> {
    return this.socket.request("board.interactions", { inbox: this.view.scope, lens, agent });
  }

  protected async begin(): Promise<void> {
    const { scope } = this.view;
    try {
      const { board } = await this.socket.request("board.subscribe", { inbox: scope });
      // Another was chosen meanwhile, and asked for.
      if (this.view.scope === scope) this.become({ board, forbidden: false });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "not_found" && scope !== null) {
        this.become({ scope: null });
        return this.begin();
      }
      if (error.code !== "forbidden") throw error;
      this.become({ board: null, forbidden: true });
    }
  }

  protected hear(notification: Notification): void {
    const { board } = this.view;
    if (notification.method !== "board.changed" && notification.method !== "board.fresh") return;
    // What was still on its way from the board before.
    if (!board || notification.params.inbox !== board.inbox) return;
    if (notification.method === "board.changed") {
      this.become({ board: afterBoardChange(board, notification.params.change) });
    } else {
      this.become({ board: { ...board, as_of: notification.params.as_of } });
    }
  }
}
