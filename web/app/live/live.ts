/** What a page reads and is told of, and what lives by a socket. */

import type { Notification } from "./protocol";
import { type Connection, Socket, type Wire } from "./socket";

/** A page reads `view` and subscribes. A view is never changed: another one takes its place. */
export abstract class Watched<View> {
  view: View;
  #listeners = new Set<() => void>();

  constructor(view: View) {
    this.view = view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected become(part: Partial<View>): void {
    this.view = { ...this.view, ...part };
    for (const listener of this.#listeners) listener();
  }
}

export interface Wiring {
  connect: () => Wire;
  signedOut: () => Promise<boolean>;
}

/** What keeps a connection of its own, and says how it is. */
export abstract class Live<View extends { connection: Connection }> extends Watched<View> {
  protected readonly socket: Socket;

  constructor({ connect, signedOut }: Wiring, view: View) {
    super(view);
    this.socket = new Socket({
      connect,
      signedOut,
      handshake: () => this.begin(),
      onNotification: (notification) => this.hear(notification),
      onConnection: (connection) => this.connectionBecame(connection),
    });
  }

  connectNow(): void {
    this.socket.connectNow();
  }

  /** The page is looked at again, or the network is back: a wait for the next attempt is cut short. */
  wake(): void {
    if (this.view.connection.is === "waiting") this.socket.connectNow();
  }

  /** The browser says the network is gone: no need to wait for the silence. */
  networkLost(): void {
    this.socket.drop();
  }

  stop(): void {
    this.socket.stop();
  }

  /** What is asked on every new connection before it counts as open. */
  protected abstract begin(): Promise<void>;

  protected abstract hear(notification: Notification): void;

  protected connectionBecame(connection: Connection): void {
    this.become({ connection } as Partial<View>);
  }
}
