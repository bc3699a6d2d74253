/** A server made of routes: enough of REST and the socket to bring the desk into any state. */

import type { Page, WebSocketRoute } from "@playwright/test";
import type {
  BoardChange,
  BoardView,
  Change,
  Contact,
  ContactConversation,
  Entry,
  FieldProblem,
  HistoryPage,
  Id,
  Method,
  Snapshot,
  Summary,
} from "../app/live/protocol";

type Answer = { result: unknown } | { error: { code: number; message: string; data: unknown } } | "silence";

export class FakeServer {
  snapshot: Snapshot;
  timelines = new Map<Id, Entry[]>();
  /** Entries of a timeline told at a time. */
  entriesMax = 500;
  /** Answers that a test wants to be different. */
  answers: Partial<Record<Method, (params: Record<string, unknown>) => Answer>> = {};
  /** The supervisor's board, as it would be told now. */
  board: BoardView | null = null;
  /** What the history answers; a number is a failure's status, fields are what is wrong, null is silence. */
  history: (asked: URLSearchParams) => HistoryPage | FieldProblem[] | number | null = () => ({ items: [], next: null });
  searches: URLSearchParams[] = [];
  /** Ended conversations, which no desk has. */
  ended = new Map<Id, Summary>();
  contacts = new Map<Id, Contact>();
  conversationsOf = new Map<Id, ContactConversation[]>();
  conversationsMax = 50;
  /** What becomes of a contact when the desk changes something; what is wrong with that, or a refusal's code. */
  contactChanged: (contact: Contact, part: string, which: string, body: unknown) => Contact | FieldProblem[] | string =
    (one) => one;
  signedIn = true;
  reachable = true;
  requests: { method: Method; params: Record<string, unknown> }[] = [];
  #socket: WebSocketRoute | null = null;
  #position = 100;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  async install(page: Page): Promise<void> {
    await page.route("**/api/v1/session", async (route) => {
      if (!this.reachable) return route.abort();
      const { me } = this.snapshot;
      if (route.request().method() === "DELETE") this.signedIn = false;
      if (route.request().method() === "POST") {
        this.signedIn = route.request().postDataJSON().password === "correct horse battery";
      }
      if (this.signedIn) return route.fulfill({ json: { token: "t", user: me } });
      return route.fulfill({ status: 401, json: { code: "signed_out" } });
    });
    await page.route("**/api/v1/history?*", async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      this.searches.push(asked);
      const answer = this.history(asked);
      if (answer === null) return;
      if (typeof answer === "number") return route.fulfill({ status: answer, json: problem(answer, "unavailable") });
      if (Array.isArray(answer)) {
        return route.fulfill({ status: 422, json: { ...problem(422, "invalid"), fields: answer } });
      }
      return route.fulfill({ json: answer });
    });
    await page.route("**/api/v1/conversations/*", async (route) => {
      if (!this.reachable) return route.abort();
      const known = this.ended.get(route.request().url().split("/").at(-1) ?? "");
      return route.fulfill(known ? { json: known } : { status: 404, json: problem(404, "not_found") });
    });
    await page.route("**/api/v1/contacts/**", async (route) => {
      const [, id = "", part = "", which = ""] =
        new URL(route.request().url()).pathname.split("/contacts/")[1]?.match(/^([^/]+)\/?([^/]*)\/?(.*)$/) ?? [];
      const method = route.request().method();
      const contact = this.contacts.get(id) ?? someContact(id);
      if (method === "GET" && part === "conversations") {
        const all = this.conversationsOf.get(id) ?? [];
        const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
        const to = from + this.conversationsMax;
        return route.fulfill({ json: { items: all.slice(from, to), next: to < all.length ? String(to) : null } });
      }
      if (method !== "GET") {
        const answer = this.contactChanged(contact, part, decodeURIComponent(which), route.request().postDataJSON());
        if (Array.isArray(answer)) {
          return route.fulfill({ status: 422, json: { ...problem(422, "invalid"), fields: answer } });
        }
        if (typeof answer === "string") return route.fulfill({ status: 409, json: problem(409, answer) });
        this.contacts.set(id, answer);
        return route.fulfill({ json: { position: this.#position, sequence: 1 } });
      }
      return route.fulfill({ json: contact });
    });
    await page.routeWebSocket("**/ws", (socket) => {
      if (!this.reachable) {
        socket.close({ code: 1001 });
        return;
      }
      this.#socket = socket;
      socket.onMessage((text) => this.#answer(socket, JSON.parse(String(text))));
    });
  }

  notice(change: Change): void {
    this.#position += 1;
    this.#say({ jsonrpc: "2.0", method: "desk.notice", params: { position: this.#position, change } });
  }

  /** Changes a conversation here and at the desk, with what it adds to the timeline. */
  change(summary: Summary, entry: Entry | null = null): void {
    const others = this.snapshot.conversations.filter((one) => one.conversation !== summary.conversation);
    this.snapshot.conversations = [...others, summary];
    if (entry) this.timelines.set(summary.conversation, [...(this.timelines.get(summary.conversation) ?? []), entry]);
    this.notice({ kind: "conversation", summary, entry });
  }

  /** Changes what the board says, here and on the screen. */
  boardChanged(change: BoardChange): void {
    const inbox = this.board?.inbox ?? null;
    this.#position += 1;
    this.#say({ jsonrpc: "2.0", method: "board.changed", params: { inbox, position: this.#position, change } });
  }

  async cut(code = 1012): Promise<void> {
    await this.#socket?.close({ code });
    this.#socket = null;
  }

  #answer(socket: WebSocketRoute, request: { id: number; method: Method; params: Record<string, unknown> }): void {
    this.requests.push(request);
    const answer = (this.answers[request.method] ?? ((params) => this.#usual(request.method, params)))(request.params);
    if (answer !== "silence") socket.send(JSON.stringify({ jsonrpc: "2.0", id: request.id, ...answer }));
  }

  #usual(method: Method, params: Record<string, unknown>): Answer {
    if (method === "desk.subscribe") {
      const snapshot = params.resume ? null : this.snapshot;
      return { result: { log: "log-1", position: this.#position, reset: false, snapshot } };
    }
    if (method === "board.subscribe" && this.board) {
      this.board = { ...this.board, inbox: (params.inbox as Id | null) ?? null, as_of: new Date().toISOString() };
      return { result: { position: this.#position, board: this.board } };
    }
    if (method === "board.interactions") {
      const items = this.snapshot.conversations;
      return { result: { count: items.length, items } };
    }
    if (method === "conversation.timeline") {
      const all = this.timelines.get(String(params.conversation)) ?? [];
      const before = Number(params.before ?? Number.POSITIVE_INFINITY);
      const older = all.filter((entry) => entry.sequence < before);
      const entries = older.slice(-this.entriesMax);
      const next = older.length > entries.length ? (entries[0]?.sequence ?? null) : null;
      return { result: { entries, version: all.at(-1)?.sequence ?? 0, next } };
    }
    return { result: { position: this.#position, sequence: 1 } };
  }

  #say(frame: unknown): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}

export function someContact(id: Id, over: Partial<Contact> = {}): Contact {
  const known = { state: "known" as const, name: null, addresses: [], properties: [], opted_out: [], linked: [] };
  return { id, ...known, ...over };
}

function problem(status: number, code: string) {
  return { type: `/problems/${code}`, title: code, status, code, detail: code };
}

export function refused(code: string, more: Record<string, unknown> = {}): Answer {
  return { error: { code: -32000, message: code, data: { code, detail: code, ...more } } };
}
