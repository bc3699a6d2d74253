/**
 * The live desk: joins socket, store and outbox, and offers the agent's actions.
 *
 * A page reads `view` and subscribes; it never talks to the socket itself.
 */

import type { DeskState } from "./fold";
import { newId } from "./id";
import { Outbox, type Shelf, type Unsent } from "./outbox";
import type { CommandMethod, Id, Methods, Notification, Presence, Receipt } from "./protocol";
import { type Connection, ConnectionLost, Socket, type Wire } from "./socket";
import { Store } from "./store";

export interface View {
  connection: Connection;
  state: DeskState | null;
  unsent: readonly Unsent[];
}

interface Options {
  connect: () => Wire;
  signedOut: () => Promise<boolean>;
  shelf: Shelf;
}

export class Desk {
  view: View;
  readonly #socket: Socket;
  readonly #store: Store;
  readonly #outbox: Outbox;
  #listeners = new Set<() => void>();
  #focus: Id | null = null;
  #whenOpen: (() => void)[] = [];

  constructor(options: Options) {
    this.#store = new Store(() => this.#emit());
    this.#socket = new Socket({
      connect: options.connect,
      signedOut: options.signedOut,
      handshake: () => this.#subscribeToServer(),
      onNotification: (notification) => this.#hear(notification),
      onConnection: (connection) => this.#connectionBecame(connection),
    });
    this.#outbox = new Outbox(
      ({ conversation, message, text, key }) =>
        this.#socket.request("conversation.reply", { conversation, message, text, key }),
      options.shelf,
      () => this.#emit(),
    );
    this.view = { connection: this.#socket.connection, state: null, unsent: this.#outbox.unsent };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connectNow(): void {
    this.#socket.connectNow();
  }

  /** The page is looked at again, or the network is back: a wait for the next attempt is cut short. */
  wake(): void {
    if (this.view.connection.is === "waiting") this.#socket.connectNow();
  }

  /** The browser says the network is gone: no need to wait for the silence. */
  networkLost(): void {
    this.#socket.drop();
  }

  stop(): void {
    this.#socket.stop();
  }

  setPresence(state: Presence): Promise<Receipt> {
    return this.#command("presence.set", { state });
  }

  accept(conversation: Id, offer: Id): Promise<Receipt> {
    return this.#command("offer.accept", { conversation, offer });
  }

  decline(conversation: Id, offer: Id): Promise<Receipt> {
    return this.#command("offer.decline", { conversation, offer });
  }

  end(conversation: Id, reason: Id): Promise<Receipt> {
    return this.#command("conversation.end", { conversation, reason });
  }

  reply(conversation: Id, text: string): void {
    this.#outbox.add(conversation, text);
  }

  retry(message: Id): void {
    this.#outbox.retry(message);
  }

  discard(message: Id): void {
    this.#outbox.discard(message);
  }

  /** Opens a conversation for reading: its timeline is fetched once and kept up to date from then on. */
  read(conversation: Id | null): void {
    this.#focus = conversation;
    this.#store.focus(conversation);
    void this.#fetchTimeline();
  }

  retryTimeline(): void {
    void this.#fetchTimeline();
  }

  /** Sends a command under one key for as long as it takes to be answered, over a reconnect too. */
  async #command<M extends CommandMethod>(method: M, params: Methods[M]["params"]): Promise<Receipt> {
    const keyed = { ...params, key: newId() };
    for (;;) {
      await this.#open();
      try {
        return await this.#socket.request(method, keyed);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
    }
  }

  #open(): Promise<void> {
    if (this.#socket.connection.is === "open") return Promise.resolve();
    return new Promise((resolve) => this.#whenOpen.push(resolve));
  }

  async #subscribeToServer(): Promise<void> {
    const place = this.#store.place;
    this.#store.begin(await this.#socket.request("desk.subscribe", place ? { resume: place } : {}));
  }

  #hear(notification: Notification): void {
    if (notification.method !== "desk.notice") return;
    const { position, change } = notification.params;
    this.#store.notice(position, change);
    if (change.kind === "conversation" && change.entry?.kind === "message") this.#outbox.arrived(change.entry.message);
  }

  #connectionBecame(connection: Connection): void {
    this.#emit();
    if (connection.is !== "open") {
      this.#outbox.disconnected();
      return;
    }
    for (const resolve of this.#whenOpen.splice(0)) resolve();
    this.#outbox.connected();
    void this.#fetchTimeline();
  }

  async #fetchTimeline(): Promise<void> {
    const conversation = this.#focus;
    if (!conversation || this.#socket.connection.is !== "open") return;
    if (!this.#store.state?.conversations.has(conversation)) return;
    if (this.#store.state.timelines.get(conversation)?.is === "ready") return;
    this.#store.expectTimeline(conversation);
    try {
      const answer = await this.#socket.request("conversation.timeline", { conversation });
      this.#store.receiveTimeline(conversation, answer);
      for (const entry of answer.entries) if (entry.kind === "message") this.#outbox.arrived(entry.message);
    } catch (error) {
      // After a lost connection the next one asks again.
      if (!(error instanceof ConnectionLost)) this.#store.failTimeline(conversation);
    }
  }

  #emit(): void {
    const { connection } = this.#socket;
    this.view = { connection, state: this.#store.state, unsent: this.#outbox.unsent };
    for (const listener of this.#listeners) listener();
  }
}
