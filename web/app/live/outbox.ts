/**
 * Keeps every reply until the server has it: over a lost connection, a reload, a crash of the browser.
 *
 * A reply goes out under the same message id and key each time, so the server counts it once. Replies of one
 * conversation go one after another, in the order they were written.
 */

import { newId } from "./id";
import type { Id, Receipt, Time } from "./protocol";
import { ConnectionLost, NoAnswer, Refused } from "./socket";

const OVERLOADED_RETRY_MS = 2_000;
const OVERLOADED_TRIES_MAX = 5;

export interface Unsent {
  message: Id;
  key: Id;
  conversation: Id;
  text: string;
  at: Time;
  state: UnsentState;
}

export type UnsentState =
  | { is: "waiting" }
  | { is: "sending" }
  /** The server has it; it stays visible until its own entry arrives. */
  | { is: "accepted" }
  | { is: "refused"; code: string; detail: string };

/** Where unsent replies survive a reload: one record per reply, so that two tabs cannot overwrite each other. */
export interface Shelf {
  load(): Unsent[];
  put(unsent: Unsent): void;
  remove(message: Id): void;
}

export class Outbox {
  unsent: readonly Unsent[];
  readonly #send: (unsent: Unsent) => Promise<Receipt>;
  readonly #shelf: Shelf;
  readonly #onUnsent: () => void;
  #connected = false;

  constructor(send: (unsent: Unsent) => Promise<Receipt>, shelf: Shelf, onUnsent: () => void) {
    this.#send = send;
    this.#shelf = shelf;
    this.#onUnsent = onUnsent;
    this.unsent = shelf.load();
  }

  add(conversation: Id, text: string): Unsent {
    const unsent: Unsent = {
      message: newId(),
      key: newId(),
      conversation,
      text,
      at: new Date().toISOString(),
      state: { is: "waiting" },
    };
    this.#shelf.put(unsent);
    this.#become([...this.unsent, unsent]);
    this.#pump();
    return unsent;
  }

  /** The connection is open: everything unsent goes out. */
  connected(): void {
    this.#connected = true;
    this.#pump();
  }

  disconnected(): void {
    this.#connected = false;
  }

  /** The message was seen in the timeline: the server's bubble takes over. */
  arrived(message: Id): void {
    if (this.unsent.some((one) => one.message === message)) this.discard(message);
  }

  /** Tries again. After a refusal it is a new command; without an answer it is still the same one. */
  retry(message: Id): void {
    const unsent = this.unsent.find((one) => one.message === message);
    if (unsent?.state.is !== "refused") return;
    const key = unsent.state.code === "no_answer" ? unsent.key : newId();
    const again: Unsent = { ...unsent, key, state: { is: "waiting" } };
    this.#shelf.put(again);
    this.#become(this.unsent.map((one) => (one.message === message ? again : one)));
    this.#pump();
  }

  discard(message: Id): void {
    this.#shelf.remove(message);
    this.#become(this.unsent.filter((one) => one.message !== message));
    this.#pump();
  }

  #pump(): void {
    if (!this.#connected) return;
    const busy = new Set<Id>();
    for (const unsent of this.unsent) {
      const { is } = unsent.state;
      if (is === "accepted" || (is === "refused" && unsent.state.code !== "no_answer")) continue;
      if (is === "waiting" && !busy.has(unsent.conversation)) void this.#deliver(unsent);
      busy.add(unsent.conversation);
    }
  }

  async #deliver(unsent: Unsent, tries = 1): Promise<void> {
    this.#mark(unsent.message, { is: "sending" });
    try {
      await this.#send(unsent);
      this.#shelf.remove(unsent.message);
      this.#mark(unsent.message, { is: "accepted" });
    } catch (error) {
      if (error instanceof ConnectionLost) return this.#mark(unsent.message, { is: "waiting" });
      if (error instanceof Refused && error.code === "overloaded" && tries < OVERLOADED_TRIES_MAX) {
        setTimeout(() => void this.#deliver(unsent, tries + 1), OVERLOADED_RETRY_MS);
        return;
      }
      this.#mark(unsent.message, refusal(error));
    }
    this.#pump();
  }

  #mark(message: Id, state: UnsentState): void {
    this.#become(this.unsent.map((one) => (one.message === message ? { ...one, state } : one)));
  }

  #become(unsent: readonly Unsent[]): void {
    this.unsent = unsent;
    this.#onUnsent();
  }
}

function refusal(error: unknown): UnsentState {
  if (error instanceof Refused) return { is: "refused", code: error.code, detail: error.detail };
  if (error instanceof NoAnswer) return { is: "refused", code: "no_answer", detail: "" };
  throw error;
}
