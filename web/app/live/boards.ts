/**
 * The live board: one socket, one board at a time. Every connection begins with the board as it stands, so that nothing
 * is missed while there was none.
 */

import { afterBoardChange } from "./board_fold";
import type { Behind, BoardView, Id, Lens, Notification } from "./protocol";
import { type Connection, ConnectionLost, Refused, Socket, type Wire } from "./socket";

export interface BoardsView {
  connection: Connection;
  /** Whose board is wanted; none is everything. */
  scope: Id | null;
  /** The board as told last: still the former one for the moment after another was chosen. */
  board: BoardView | null;
  /** They may not watch boards. */
  forbidden: boolean;
}

interface Options {
  connect: () => Wire;
  signedOut: () => Promise<boolean>;
  scope: Id | null;
}

export class Boards {
  view: BoardsView;
  readonly #socket: Socket;
  #listeners = new Set<() => void>();

  constructor(options: Options) {
    this.#socket = new Socket({
      connect: options.connect,
      signedOut: options.signedOut,
      handshake: () => this.#subscribeToServer(),
      onNotification: (notification) => this.#hear(notification),
      onConnection: (connection) => this.#become({ connection }),
    });
    this.view = { connection: this.#socket.connection, scope: options.scope, board: null, forbidden: false };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connectNow(): void {
    this.#socket.connectNow();
  }

  /** The page is looked at again, or the network is back. */
  wake(): void {
    if (this.view.connection.is === "waiting") this.#socket.connectNow();
  }

  networkLost(): void {
    this.#socket.drop();
  }

  stop(): void {
    this.#socket.stop();
  }

  /** Watches another board instead. */
  async watch(scope: Id | null): Promise<void> {
    if (scope === this.view.scope) return;
    this.#become({ scope });
    if (this.#socket.connection.is !== "open") return;
    try {
      await this.#subscribeToServer();
    } catch (error) {
      // A new connection asks for the board that is wanted then.
      if (!(error instanceof ConnectionLost)) this.#socket.drop();
    }
  }

  /** The interactions behind a number. */
  behind(lens: Lens, agent: Id | null): Promise<Behind> {
    return this.#socket.request("board.interactions", { inbox: this.view.scope, lens, agent });
  }

  async #subscribeToServer(): Promise<void> {
    const { scope } = this.view;
    try {
      const { board } = await this.#socket.request("board.subscribe", { inbox: scope });
      // Another was chosen meanwhile, and asked for.
      if (this.view.scope === scope) this.#become({ board, forbidden: false });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "not_found" && scope !== null) {
        this.#become({ scope: null });
        return this.#subscribeToServer();
      }
      if (error.code !== "forbidden") throw error;
      this.#become({ board: null, forbidden: true });
    }
  }

  #hear(notification: Notification): void {
    const { board } = this.view;
    if (notification.method !== "board.changed" && notification.method !== "board.fresh") return;
    // What was still on its way from the board before.
    if (!board || notification.params.inbox !== board.inbox) return;
    if (notification.method === "board.changed") {
      this.#become({ board: afterBoardChange(board, notification.params.change) });
    } else {
      this.#become({ board: { ...board, as_of: notification.params.as_of } });
    }
  }

  #become(part: Partial<BoardsView>): void {
    this.view = { ...this.view, ...part };
    for (const listener of this.#listeners) listener();
  }
}
