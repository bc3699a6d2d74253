/**
 * The live desk: joins socket, store and outbox, and offers the agent's actions.
 *
 * A page reads `view` and subscribes; it never talks to the socket itself.
 */

import type { DeskState } from "./fold";
import { newId } from "./id";
import { Live, type Wiring } from "./live";
import { Outbox, type Shelf, type Unsent } from "./outbox";
import type { CommandMethod, Id, Methods, Notification, Presence, Receipt, Summary } from "./protocol";
import { type Connection, ConnectionLost } from "./socket";
import { Store } from "./store";

export interface View {
  connection: Connection;
  state: DeskState | null;
  unsent: readonly Unsent[];
  /** How it stands with the conversation that is to be read and is not on the desk, as ended ones are not. */
  visit: Visit | null;
}

export type Visit = "asked" | "missing" | "failed";

interface Options extends Wiring {
  shelf: Shelf;
  lookUp: (conversation: Id) => Promise<Summary | null>;
}

export class Desk extends Live<View> {
  readonly #lookUp: Options["lookUp"];
  readonly #store: Store;
  readonly #outbox: Outbox;
  #focus: Id | null = null;
  #whenOpen: (() => void)[] = [];

  constructor({ shelf, lookUp, ...wiring }: Options) {
    super(wiring, { connection: { is: "stopped" }, state: null, unsent: [], visit: null });
    this.#lookUp = lookUp;
    this.#store = new Store(() => this.become({ state: this.#store.state }));
    this.#outbox = new Outbox(
      ({ conversation, message, text, key }) =>
        this.socket.request("conversation.reply", { conversation, message, text, key }),
      shelf,
      () => this.become({ unsent: this.#outbox.unsent }),
    );
    this.become({ unsent: this.#outbox.unsent });
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

  /** Takes an ended interaction up again, as a new one. */
  retake(conversation: Id): Promise<Receipt> {
    return this.#command("conversation.retake", { conversation });
  }

  /** Leaves a note for colleagues; the customer never sees it. */
  addNote(conversation: Id, text: string): Promise<Receipt> {
    return this.#command("conversation.add_note", { conversation, text });
  }

  tag(conversation: Id, tag: string): Promise<Receipt> {
    return this.#command("conversation.tag", { conversation, tag });
  }

  untag(conversation: Id, tag: string): Promise<Receipt> {
    return this.#command("conversation.untag", { conversation, tag });
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

  /**
   * Opens a conversation for reading, on the desk or not: its timeline is fetched once and kept up to date from then on.
   */
  read(conversation: Id | null): void {
    this.#focus = conversation;
    this.#store.focus(conversation);
    this.become({ visit: null });
    void this.#fetch();
  }

  /** Fetches what was said before what is told of the conversation being read. */
  async earlier(): Promise<void> {
    const conversation = this.#focus;
    const { next: before = null, earlier } = (conversation && this.#store.state?.timelines.get(conversation)) || {};
    if (!conversation || before === null || earlier === "asked" || this.socket.connection.is !== "open") return;
    this.#store.earlierIs(conversation, before, "asked");
    try {
      const answer = await this.socket.request("conversation.timeline", { conversation, before });
      this.#store.earlierIs(conversation, before, answer);
    } catch (error) {
      // After a lost connection it can be asked for as before.
      this.#store.earlierIs(conversation, before, error instanceof ConnectionLost ? "idle" : "failed");
    }
  }

  /** Tries again to open what is to be read. */
  readAgain(): void {
    void this.#fetch();
  }

  /** Sends a command under one key for as long as it takes to be answered, over a reconnect too. */
  async #command<M extends CommandMethod>(method: M, params: Methods[M]["params"]): Promise<Receipt> {
    const keyed = { ...params, key: newId() };
    for (;;) {
      await this.#open();
      try {
        return await this.socket.request(method, keyed);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
    }
  }

  #open(): Promise<void> {
    if (this.socket.connection.is === "open") return Promise.resolve();
    return new Promise((resolve) => this.#whenOpen.push(resolve));
  }

  protected async begin(): Promise<void> {
    const place = this.#store.place;
    this.#store.begin(await this.socket.request("desk.subscribe", place ? { resume: place } : {}));
  }

  protected hear(notification: Notification): void {
    if (notification.method !== "desk.notice") return;
    const { position, change } = notification.params;
    this.#store.notice(position, change);
    if (change.kind === "hidden" && change.conversation === this.#focus) this.become({ visit: "missing" });
    const [focus, timelines] = [this.#focus, this.#store.state?.timelines];
    if (focus && change.kind === "conversation" && change.summary.conversation === focus && !timelines?.has(focus)) {
      void this.#fetch();
    }
    if (change.kind === "conversation" && change.entry?.kind === "message") this.#outbox.arrived(change.entry.message);
  }

  protected override connectionBecame(connection: Connection): void {
    super.connectionBecame(connection);
    if (connection.is !== "open") {
      this.#outbox.disconnected();
      return;
    }
    for (const resolve of this.#whenOpen.splice(0)) resolve();
    this.#outbox.connected();
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    const conversation = this.#focus;
    if (!conversation || this.socket.connection.is !== "open") return;
    if (!this.#store.state?.conversations.has(conversation) && !(await this.#visit(conversation))) return;
    await this.#fetchTimeline(conversation);
  }

  /** Whether it can be read now. */
  async #visit(conversation: Id): Promise<boolean> {
    this.become({ visit: "asked" });
    let found: Summary | null | "failed";
    try {
      found = await this.#lookUp(conversation);
    } catch {
      found = "failed";
    }
    if (this.#focus !== conversation) return false;
    if (found && found !== "failed") this.#store.visit(found);
    const known = this.#store.state?.conversations.has(conversation) ?? false;
    this.become({ visit: known ? null : found === "failed" ? "failed" : "missing" });
    return known;
  }

  async #fetchTimeline(conversation: Id): Promise<void> {
    if (this.#store.state?.timelines.get(conversation)?.is === "ready") return;
    this.#store.expectTimeline(conversation);
    try {
      const answer = await this.socket.request("conversation.timeline", { conversation });
      this.#store.receiveTimeline(conversation, answer);
      for (const entry of answer.entries) if (entry.kind === "message") this.#outbox.arrived(entry.message);
    } catch (error) {
      // After a lost connection the next one asks again.
      if (!(error instanceof ConnectionLost)) this.#store.failTimeline(conversation);
    }
  }
}
