/** What the desk knows, as a fold: snapshot and changes in, a new immutable state out. Pure. */

import type { AgentRow, Change, Entry, GatewayRow, Id, Me, Named, Snapshot, Summary } from "./protocol";

export interface DeskState {
  me: Me;
  agents: ReadonlyMap<Id, AgentRow>;
  inboxes: ReadonlyMap<Id, Named>;
  gateways: ReadonlyMap<Id, GatewayRow>;
  endReasons: readonly Named[];
  conversations: ReadonlyMap<Id, Summary>;
  timelines: ReadonlyMap<Id, Timeline>;
}

/** A timeline collects live entries from the moment it is asked for, so nothing falls between question and answer. */
export interface Timeline {
  is: "loading" | "ready" | "failed";
  entries: readonly Entry[];
  /** Before which entry the page before these is asked for; null where the conversation begins. */
  next: number | null;
  earlier: "idle" | "asked" | "failed";
}

export const NO_TIMELINE: Timeline = { is: "loading", entries: [], next: null, earlier: "idle" };

export function fromSnapshot(snapshot: Snapshot): DeskState {
  return {
    me: snapshot.me,
    agents: byId(snapshot.agents),
    inboxes: byId(snapshot.inboxes),
    gateways: byId(snapshot.gateways),
    endReasons: snapshot.end_reasons,
    conversations: new Map(snapshot.conversations.map((summary) => [summary.conversation, summary])),
    timelines: new Map(),
  };
}

/**
 * The state after a batch of changes, in order. Maps are copied once per batch, rows only when they change.
 * An ended conversation leaves the desk, unless it is the one being read (`focus`).
 */
export function afterChanges(state: DeskState, changes: readonly Change[], focus: Id | null): DeskState {
  const agents = new Map(state.agents);
  const conversations = new Map(state.conversations);
  const timelines = new Map(state.timelines);
  const next = { ...state, agents, conversations, timelines };
  for (const change of changes) {
    switch (change.kind) {
      case "conversation": {
        const { summary, entry } = change;
        const id = summary.conversation;
        if (summary.owner.is === "nobody" && id !== focus) {
          conversations.delete(id);
          timelines.delete(id);
          break;
        }
        conversations.set(id, summary);
        const timeline = timelines.get(id);
        if (timeline && entry) {
          const entries = merged(timeline.entries, [entry]);
          timelines.set(id, { ...timeline, entries: isErasure(entry) ? entries.map(withoutWords) : entries });
        }
        break;
      }
      case "agent":
        agents.set(change.agent.id, change.agent);
        break;
      case "hidden":
        conversations.delete(change.conversation);
        timelines.delete(change.conversation);
        break;
      case "setup":
        next.inboxes = byId(change.inboxes);
        next.gateways = byId(change.gateways);
        next.endReasons = change.end_reasons;
        break;
    }
  }
  return next;
}

/** What was told in two answers, as it may be shown now. */
export function joined(known: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
  const entries = merged(known, more);
  return entries.some(isErasure) ? entries.map(withoutWords) : entries;
}

/** The contact was erased: what was said goes from the page as it went from the log. */
function isErasure(entry: Entry): boolean {
  return entry.kind === "moment" && entry.what === "erased";
}

function withoutWords(entry: Entry): Entry {
  if (entry.kind === "message" && entry.content.is === "text") return { ...entry, content: { is: "erased" } };
  const told = ["note", "reaction", "transfer_requested"];
  return entry.kind === "moment" && told.includes(entry.what) ? { ...entry, reason: null } : entry;
}

export function withTimeline(state: DeskState, conversation: Id, timeline: Timeline | null): DeskState {
  const timelines = new Map(state.timelines);
  if (timeline) timelines.set(conversation, timeline);
  else timelines.delete(conversation);
  return { ...state, timelines };
}

/** Two runs of entries as one, by sequence, each entry once. */
function merged(known: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
  const last = known.at(-1)?.sequence ?? -1;
  if (more.every((entry, index) => entry.sequence > (index === 0 ? last : (more[index - 1]?.sequence ?? last)))) {
    return [...known, ...more];
  }
  const bySequence = new Map<number, Entry>();
  for (const entry of [...known, ...more]) bySequence.set(entry.sequence, entry);
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

function byId<T extends { id: Id }>(rows: readonly T[]): Map<Id, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
