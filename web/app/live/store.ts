/**
 * Holds the desk's state and its place in the log.
 *
 * The place moves only by notices that were taken in, never by a heartbeat or by the answer to a resume: what was
 * missed is still on its way then. Notices are folded in batches, so that a busy list redraws ten times a second and
 * not five hundred; what concerns the conversation being read is folded at once.
 */

import { afterChanges, type DeskState, fromSnapshot, joined, NO_TIMELINE, type Timeline, withTimeline } from "./fold";
import type { Change, Id, Subscription, Summary, TimelineAnswer } from "./protocol";

export const BATCH_MS = 100;

export class Store {
  state: DeskState | null = null;
  readonly #onState: () => void;
  #place: { log: Id; position: number } | null = null;
  #focus: Id | null = null;
  #changes: Change[] = [];
  #batchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(onState: () => void) {
    this.#onState = onState;
  }

  /** Where to go on after a reconnect; nothing before the first snapshot. */
  get place(): { log: Id; position: number } | null {
    return this.#place;
  }

  begin(subscription: Subscription): void {
    if (!subscription.snapshot) return;
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    this.#changes = [];
    this.#place = { log: subscription.log, position: subscription.position };
    this.#become(fromSnapshot(subscription.snapshot));
  }

  /** Takes a notice in; one that was seen before is ignored. */
  notice(position: number, change: Change): void {
    if (!this.#place || position <= this.#place.position) return;
    this.#place = { ...this.#place, position };
    this.#changes.push(change);
    if (touches(change, this.#focus)) this.flush();
    else this.#batchTimer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const changes = this.#changes;
    this.#changes = [];
    if (this.state && changes.length > 0) this.#become(afterChanges(this.state, changes, this.#focus));
  }

  /** Says which conversation is being read. The one left behind goes from the desk if it has ended. */
  focus(conversation: Id | null): void {
    const left = this.#focus;
    this.#focus = conversation;
    if (!left || left === conversation || !this.state) return;
    this.flush();
    if (this.state.conversations.get(left)?.owner.is === "nobody") {
      this.#become(afterChanges(this.state, [{ kind: "hidden", conversation: left }], conversation));
    }
  }

  /** Takes in a conversation that was looked up, unless it is known by now. It stays while it is being read. */
  visit(summary: Summary): void {
    this.flush();
    if (!this.state || this.state.conversations.has(summary.conversation)) return;
    this.#become(afterChanges(this.state, [{ kind: "conversation", summary, entry: null }], this.#focus));
  }

  expectTimeline(conversation: Id): void {
    if (!this.state) return;
    const entries = this.state.timelines.get(conversation)?.entries ?? NO_TIMELINE.entries;
    this.#become(withTimeline(this.state, conversation, { ...NO_TIMELINE, entries }));
  }

  receiveTimeline(conversation: Id, answer: TimelineAnswer): void {
    this.flush();
    if (!this.state) return;
    const live = this.state.timelines.get(conversation)?.entries ?? [];
    const missing = live.filter((entry) => entry.sequence > answer.version);
    const entries = joined(answer.entries, missing);
    this.#become(withTimeline(this.state, conversation, { is: "ready", entries, next: answer.next, earlier: "idle" }));
  }

  /** How it stands with the page that was asked for before `before`. */
  earlierIs(conversation: Id, before: number, earlier: Timeline["earlier"] | TimelineAnswer): void {
    this.flush();
    const timeline = this.state?.timelines.get(conversation);
    // Meanwhile it may have been left and opened anew.
    if (!this.state || timeline?.next !== before) return;
    const now =
      typeof earlier === "string"
        ? { earlier }
        : { earlier: "idle" as const, next: earlier.next, entries: joined(earlier.entries, timeline.entries) };
    this.#become(withTimeline(this.state, conversation, { ...timeline, ...now }));
  }

  failTimeline(conversation: Id): void {
    const timeline = this.state?.timelines.get(conversation);
    if (this.state && timeline) this.#become(withTimeline(this.state, conversation, { ...timeline, is: "failed" }));
  }

  #become(state: DeskState): void {
    this.state = state;
    this.#onState();
  }
}

function touches(change: Change, focus: Id | null): boolean {
  if (change.kind === "conversation") return change.summary.conversation === focus;
  return change.kind === "hidden" && change.conversation === focus;
}
