/**
 * The desk protocol as it travels: the shapes of the WebSocket, field for field.
 * JSON-RPC 2.0 in text frames; ids are UUIDs, times are RFC 3339 in UTC.
 */

export type Id = string;
export type Time = string;

export type Presence = "online" | "break" | "offline";
export type Role = "agent" | "supervisor" | "analyst" | "administrator";

export interface Me {
  id: Id;
  name: string;
  login: string;
  role: Role;
}

export interface AgentRow {
  id: Id;
  name: string;
  presence: Presence;
  connected: boolean;
  capacity: number;
  in_use: number;
}

export interface Named {
  id: Id;
  name: string;
}

export interface GatewayRow extends Named {
  channel: string;
}

export type Owner =
  | { is: "queue"; since: Time }
  | { is: "offered"; since: Time; until: Time; offers: { offer: Id; agent: Id }[] }
  | { is: "agent"; agent: Id; since: Time }
  | { is: "flow"; since: Time }
  | { is: "nobody"; reason: string | null; at: Time };

/** A conversation as a list shows it. */
export interface Summary {
  conversation: Id;
  interaction: number;
  version: number;
  channel: string;
  gateway: Id;
  inbox: Id;
  contact: { id: Id; name: string | null; address: string | null };
  owner: Owner;
  last: { at: Time; direction: Direction; text: string | null } | null;
  window_until: Time | null;
  unanswered: boolean;
}

export type Direction = "inbound" | "outbound";
export type Author = { is: "contact" } | { is: "agent"; agent: Id } | { is: "flow" } | { is: "system" };
export type Content = { is: "text"; text: string } | { is: "unsupported"; type: string } | { is: "erased" };

export type Status =
  | "queued"
  | "sending"
  | "deferred"
  | "indeterminate"
  | "submitted"
  | "sent"
  | "delivered"
  | "read"
  | "failed"
  | "discarded";

interface Placed {
  sequence: number;
  at: Time;
}

export interface MessageEntry extends Placed {
  kind: "message";
  message: Id;
  interaction: number;
  direction: Direction;
  author: Author;
  content: Content;
  status: Status | null;
}

export interface StatusEntry extends Placed {
  kind: "status";
  message: Id;
  status: Status;
  reason: string | null;
}

export interface MomentEntry extends Placed {
  kind: "moment";
  interaction: number;
  /** An open list: a kind unknown to this page is shown by its name. */
  what: string;
  agent: Id | null;
  reason: string | null;
}

/** One line of a conversation's timeline. */
export type Entry = MessageEntry | StatusEntry | MomentEntry;

export interface Setup {
  inboxes: Named[];
  gateways: GatewayRow[];
  end_reasons: Named[];
}

export interface Snapshot extends Setup {
  me: Me;
  agents: AgentRow[];
  conversations: Summary[];
}

export type Change =
  | { kind: "conversation"; summary: Summary; entry: Entry | null }
  | { kind: "agent"; agent: AgentRow }
  | { kind: "hidden"; conversation: Id }
  | ({ kind: "setup" } & Setup);

/** The answer to `desk.subscribe`. */
export interface Subscription {
  log: Id;
  position: number;
  reset: boolean;
  snapshot: Snapshot | null;
}

/** The answer to every command: where in the log it became durable. */
export interface Receipt {
  position: number;
  sequence: number;
}

export interface TimelineAnswer {
  entries: Entry[];
  version: number;
}

/** Every request this page makes, with what goes in and what comes back. */
export interface Methods {
  "desk.subscribe": { params: { resume?: { log: Id; position: number } }; result: Subscription };
  "presence.set": { params: Keyed & { state: Presence; reason?: string }; result: Receipt };
  "offer.accept": { params: Keyed & { conversation: Id; offer: Id }; result: Receipt };
  "offer.decline": { params: Keyed & { conversation: Id; offer: Id; reason?: string }; result: Receipt };
  "conversation.timeline": { params: { conversation: Id }; result: TimelineAnswer };
  "conversation.reply": { params: Keyed & { conversation: Id; message: Id; text: string }; result: Receipt };
  "conversation.end": { params: Keyed & { conversation: Id; reason: Id }; result: Receipt };
}

/** The key makes a command safe to repeat: the same key is answered with the first result. */
interface Keyed {
  key?: Id;
}

export type Method = keyof Methods;
export type CommandMethod =
  | "presence.set"
  | "offer.accept"
  | "offer.decline"
  | "conversation.reply"
  | "conversation.end";

export type Notification =
  | { method: "desk.notice"; params: { position: number; change: Change } }
  | { method: "desk.heartbeat"; params: { position: number } };

export interface Refusal {
  code: number;
  message: string;
  data?: { code: string; detail?: string; winner?: Id; fields?: { field: string; message: string }[] };
}

/** Socket close codes with a meaning of their own. */
export const SIGNED_OUT = 4401;
