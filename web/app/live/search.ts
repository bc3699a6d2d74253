/**
 * Looks in the history for what is being typed: a moment after the last key, one question at a time.
 *
 * A question that is overtaken is called off, and should its answer come all the same it is not listened to. What was
 * found before stays until there is an answer.
 */

import { Watched } from "./live";
import type { FieldProblem, HistoryPage, Hit } from "./protocol";

export const TYPING_MS = 250;

export interface Found {
  is: "searching" | "found" | "failed";
  hits: readonly Hit[];
  /** Where the next page begins; none after the last. */
  next: string | null;
  /** What is wrong with the question. */
  wrong: readonly FieldProblem[];
  more: "idle" | "asked" | "failed";
}

type Answer = { is: "found"; page: HistoryPage } | { is: "wrong"; fields: FieldProblem[] } | { is: "failed" };
export type Find = (question: string, cursor: string | null, signal: AbortSignal) => Promise<Answer>;

export class Search extends Watched<Found> {
  readonly #find: Find;
  #question: string | null = null;
  #asking = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(find: Find) {
    super({ is: "searching", hits: [], next: null, wrong: [], more: "idle" });
    this.#find = find;
  }

  /** The first question is asked at once, later ones when typing has paused. */
  ask(question: string): void {
    if (question === this.#question) return;
    const first = this.#question === null;
    this.#question = question;
    this.become({ is: "searching", more: "idle" });
    this.#later(first ? 0 : TYPING_MS);
  }

  again(): void {
    this.become({ is: "searching", more: "idle" });
    this.#later(0);
  }

  async more(): Promise<void> {
    const { is, next, more, hits } = this.view;
    if (is !== "found" || next === null || more === "asked") return;
    this.become({ more: "asked" });
    const answer = await this.#answer(next);
    if (!answer) return;
    if (answer.is !== "found") return this.become({ more: "failed" });
    this.become({ more: "idle", hits: [...hits, ...answer.page.items], next: answer.page.next });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#question = null;
  }

  #later(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#timer = setTimeout(() => void this.#first(), waitMs);
  }

  async #first(): Promise<void> {
    const answer = await this.#answer(null);
    if (!answer) return;
    if (answer.is === "failed") return this.become({ is: "failed", wrong: [] });
    const { items, next } = answer.is === "found" ? answer.page : { items: [], next: null };
    this.become({ is: "found", hits: items, next, wrong: answer.is === "wrong" ? answer.fields : [] });
  }

  /** The answer, or null where another question has been asked since. */
  async #answer(cursor: string | null): Promise<Answer | null> {
    const { signal } = this.#asking;
    try {
      const answer = await this.#find(this.#question ?? "", cursor, signal);
      return signal.aborted ? null : answer;
    } catch {
      return signal.aborted ? null : { is: "failed" };
    }
  }
}
