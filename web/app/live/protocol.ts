/**
 * The desk protocol under the names this page uses. The shapes are the server's own: `generated.d.ts` is made from
 * `docs/openapi.json` (`npm run types`), which a test of the server keeps up to date.
 */

import type { components } from "./generated";

type Schemas = components["schemas"];

export type Id = string;
/** RFC 3339, UTC. */
export type Time = string;

export type Me = Schemas["Me"];
/** What an agent can choose; the server may show another (`not_responding`). */
export type Presence = Schemas["Presence"];
export type AgentRow = Schemas["AgentRow"];
export type Named = Schemas["Named"];
export type GatewayRow = Schemas["NamedGateway"];
export type Owner = Schemas["OwnerView"];
export type Summary = Schemas["Summary"];
export type Snapshot = Schemas["Snapshot"];

export type Direction = Schemas["Direction"];
export type Author = Schemas["Writer"];
export type Content = Schemas["Shown"];
export type Status = Schemas["Status"];

/** One line of a conversation's timeline. */
export type Entry = Schemas["Entry"];
type Line<Kind> = Extract<Schemas["Line"], { kind: Kind }> & Pick<Entry, "sequence" | "at">;
export type MessageEntry = Line<"message">;
export type MomentEntry = Line<"moment">;

export type Change = Schemas["Change"];
export type Subscription = Schemas["Subscribed"];
export type Receipt = Schemas["Receipt"];
export type TimelineAnswer = Schemas["Timeline"];

export type BoardView = Schemas["BoardView"];
export type BoardChange = Schemas["BoardChange"];
export type BoardAgent = Schemas["BoardAgent"];
export type BoardGateway = Schemas["BoardGateway"];
export type AgentState = Schemas["AgentState"];
export type Lens = Schemas["Lens"];
export type Behind = Schemas["Behind"];

/** An interaction found in the history. */
export type Hit = Schemas["Hit"];
export type HistoryPage = Schemas["Page"];

export type Contact = Schemas["Contact"];
export type ContactConversation = Schemas["ContactConversation"];
export type ContactConversations = Schemas["ContactConversations"];

export type Problem = Schemas["Problem"];
export type FieldProblem = Schemas["FieldProblem"];

type Call = Schemas["Call"];
export type Method = Call["method"];

interface Results {
  "desk.subscribe": Subscription;
  "conversation.timeline": TimelineAnswer;
  "conversation.why": Schemas["Reasons"];
  "inbox.pull": Schemas["Got"];
  "transfer.request": Schemas["Handed"];
  "board.subscribe": Schemas["BoardSubscribed"];
  "board.unsubscribe": Record<string, never>;
  "board.interactions": Behind;
}

/** Every request, with what goes in and what comes back. A command is answered with its receipt. */
export type Methods = {
  [M in Method]: {
    params: Extract<Call, { method: M }>["params"];
    result: M extends keyof Results ? Results[M] : Receipt;
  };
};

/** The requests that change something: a key makes them safe to repeat. */
export type CommandMethod = Exclude<Method, keyof Results>;

export type Notification = Schemas["Push"];

export interface Refusal {
  code: number;
  message: string;
  data?: Problem;
}

/** Socket close codes with a meaning of their own. */
export const SIGNED_OUT = 4401;
