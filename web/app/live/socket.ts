/**
 * One WebSocket that keeps coming back: JSON-RPC requests, notifications, heartbeat, back-off.
 *
 * It knows nothing of conversations. A connection counts as open only once the handshake it was given has been
 * answered; a request in flight when the connection goes is refused with `ConnectionLost`, and its owner decides
 * whether to repeat it.
 */

import { type Method, type Methods, type Notification, type Refusal, SIGNED_OUT } from "./protocol";

export const SILENCE_MS_MAX = 40_000;
export const ANSWER_MS_MAX = 15_000;
const RETRY_MS_FIRST = 500;
const RETRY_MS_MAX = 10_000;

export type Connection =
  | { is: "connecting"; attempt: number }
  | { is: "open" }
  | { is: "waiting"; attempt: number; retryAt: number }
  | { is: "signed_out" }
  | { is: "stopped" };

export class ConnectionLost extends Error {}
export class NoAnswer extends Error {}

/** The server's "no", with its stable code. */
export class Refused extends Error {
  readonly code: string;
  readonly detail: string;
  readonly winner: string | undefined;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.data?.code ?? String(refusal.code);
    this.detail = refusal.data?.detail ?? refusal.message;
    this.winner = refusal.data?.winner ?? undefined;
  }
}

/** The part of the browser's WebSocket that is used, so that a test can bring its own. */
export interface Wire {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

interface Options {
  connect: () => Wire;
  /** Runs on every new connection, before it counts as open. */
  handshake: () => Promise<void>;
  /** Asks whether the session is gone: a refused upgrade does not tell the browser why. */
  signedOut: () => Promise<boolean>;
  onNotification: (notification: Notification) => void;
  onConnection: (connection: Connection) => void;
}

interface Waiting {
  resolve: (result: never) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Socket {
  connection: Connection = { is: "stopped" };
  readonly #options: Options;
  #wire: Wire | null = null;
  #waiting = new Map<number, Waiting>();
  #nextRequest = 1;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Connects now, if there is no connection: at the start, after signing in, when the network is back. */
  connectNow(): void {
    if (this.#wire) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#retryTimer);
    this.#detach();
    this.#become({ is: "stopped" });
  }

  /** Gives up this connection and comes back by itself. */
  drop(): void {
    if (!this.#wire) return;
    this.#detach();
    this.#retryLater();
  }

  request<M extends Method>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    const wire = this.#wire;
    if (!wire) return Promise.reject(new ConnectionLost());
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new NoAnswer());
      }, ANSWER_MS_MAX);
      this.#waiting.set(id, { resolve, reject, timer });
      wire.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  #open(): void {
    this.#become({ is: "connecting", attempt: this.#attempt });
    const wire = this.#options.connect();
    this.#wire = wire;
    wire.onopen = () => void this.#shakeHands(wire);
    wire.onmessage = (event) => this.#receive(event.data);
    wire.onclose = (event) => void this.#closed(wire, event.code);
    this.#listenForSilence();
  }

  async #shakeHands(wire: Wire): Promise<void> {
    try {
      await this.#options.handshake();
    } catch {
      if (this.#wire === wire) this.drop();
      return;
    }
    if (this.#wire !== wire) return;
    this.#attempt = 0;
    this.#become({ is: "open" });
  }

  #receive(text: string): void {
    this.#listenForSilence();
    const frame = JSON.parse(text) as { id?: number; result?: never; error?: Refusal } | Notification;
    if ("method" in frame) {
      this.#options.onNotification(frame);
      return;
    }
    const waiting = this.#waiting.get(frame.id ?? 0);
    if (!waiting) return;
    this.#waiting.delete(frame.id ?? 0);
    clearTimeout(waiting.timer);
    if (frame.error) waiting.reject(new Refused(frame.error));
    else waiting.resolve(frame.result as never);
  }

  async #closed(wire: Wire, code: number): Promise<void> {
    if (this.#wire !== wire) return;
    const wasOpen = this.connection.is === "open";
    this.#detach();
    if (code === SIGNED_OUT) return this.#become({ is: "signed_out" });
    this.#retryLater();
    if (wasOpen || !(await this.#options.signedOut())) return;
    if (this.connection.is === "waiting") {
      clearTimeout(this.#retryTimer);
      this.#become({ is: "signed_out" });
    }
  }

  #retryLater(): void {
    const longest = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** this.#attempt);
    // Jitter keeps a thousand desks from coming back in the same moment.
    const delay = longest * (0.5 + Math.random() / 2);
    this.#attempt += 1;
    this.#retryTimer = setTimeout(() => this.connectNow(), delay);
    this.#become({ is: "waiting", attempt: this.#attempt, retryAt: Date.now() + delay });
  }

  /** Lets go of the socket at once: on a dead network its own close event may take minutes. */
  #detach(): void {
    clearTimeout(this.#silenceTimer);
    const wire = this.#wire;
    this.#wire = null;
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close();
    }
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) {
      clearTimeout(waiting.timer);
      waiting.reject(new ConnectionLost());
    }
  }

  #listenForSilence(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.drop(), SILENCE_MS_MAX);
  }

  #become(connection: Connection): void {
    this.connection = connection;
    this.#options.onConnection(connection);
  }
}
