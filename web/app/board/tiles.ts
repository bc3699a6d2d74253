/** What each tile says: its number, what is beside it, and which of it can be opened. Pure; `now` comes in. */

import { percent, timer } from "../format";
import type { BoardView, Lens } from "../live/protocol";
import { say } from "../strings";
import type { Counting } from "./words";

export type Tone = "plain" | "amber" | "red";

export interface Note {
  text: string;
  lens: Lens | null;
  tone: Tone;
}

export interface Tile {
  name: string;
  label: string;
  means: string;
  value: string;
  /** What it opens; none where there is nothing behind it. */
  lens: Lens | null;
  tone: Tone;
  notes: Note[];
}

/** Below this share of the service level a tile turns amber, and below the next one red. */
const GOOD_LEVEL = 0.8;
const POOR_LEVEL = 0.5;

export function tiles({ tiles: numbers, definitions }: BoardView, now: number): Tile[] {
  const { waiting, progress, people, service, promises, windows } = numbers;
  const words = say.board;
  const counting: Counting = {
    answerWithin: definitions.answer_within_s,
    shortAbandon: definitions.short_abandon_s,
    timeZone: definitions.time_zone,
  };
  const age = (at: string | null) => (at ? timer(now - Date.parse(at)) : null);
  const [oldest, customer] = [age(waiting.oldest_in_inbox), age(waiting.oldest_customer)];
  const level = (of: typeof service.today): Pick<Tile, "value" | "tone" | "notes"> => ({
    value: of.level === null ? "–" : percent(of.level),
    tone: of.live === null || of.live >= GOOD_LEVEL ? "plain" : of.live >= POOR_LEVEL ? "amber" : "red",
    notes: notes(
      of.live !== null && of.live !== of.level && plain(words.service.live(percent(of.live))),
      plain(of.level === null ? words.service.nothing : words.service.answered(of.answered_within, of.answered)),
    ),
  });
  return [
    {
      name: "waiting",
      ...words.waiting,
      value: String(waiting.count),
      lens: "waiting",
      tone: waiting.past_target > 0 ? "amber" : "plain",
      notes: notes(
        waiting.offered > 0 && { text: words.waiting.offered(waiting.offered), lens: "offered", tone: "plain" },
        waiting.past_target > 0 && {
          text: words.waiting.pastTarget(waiting.past_target, counting.answerWithin),
          lens: "past_target",
          tone: "amber",
        },
      ),
    },
    {
      name: "oldest",
      ...words.oldest,
      value: oldest ?? "–",
      lens: null,
      tone: waiting.past_target > 0 ? "amber" : "plain",
      notes: [plain(customer ? words.oldest.customer(customer) : words.oldest.nobody)],
    },
    {
      name: "progress",
      ...words.progress,
      value: String(progress.active + progress.in_transfer),
      lens: "of_agent",
      tone: "plain",
      notes: notes(
        progress.active > 0 && { text: words.progress.active(progress.active), lens: "active", tone: "plain" },
        progress.with_flow > 0 && {
          text: words.progress.withFlow(progress.with_flow),
          lens: "with_flow",
          tone: "plain",
        },
      ),
    },
    {
      name: "transfers",
      ...words.transfers,
      value: String(progress.in_transfer),
      lens: "in_transfer",
      tone: "plain",
      notes: [],
    },
    {
      name: "slots",
      ...words.slots,
      value: String(people.free_slots),
      lens: null,
      tone: people.free_slots === 0 && waiting.count > 0 ? "amber" : "plain",
      notes: [plain(words.slots.of(people.slots))],
    },
    {
      name: "today",
      ...words.serviceToday,
      means: words.serviceToday.means(counting),
      lens: null,
      ...level(service.today),
    },
    {
      name: "recent",
      ...words.serviceRecent,
      means: words.serviceRecent.means(counting),
      lens: null,
      ...level(service.recent),
    },
    {
      name: "abandoned",
      label: words.abandoned.label,
      means: words.abandoned.means(counting),
      value: String(service.today.abandoned),
      lens: "abandoned_today",
      tone: "plain",
      notes: notes(
        service.today.short_abandoned > 0 &&
          plain(words.abandoned.short(service.today.short_abandoned, counting.shortAbandon)),
      ),
    },
    {
      name: "unanswered",
      ...words.unanswered,
      value: String(promises.unanswered),
      lens: "unanswered",
      tone: promises.overdue > 0 ? "red" : "plain",
      notes: notes(
        promises.overdue > 0 && { text: words.unanswered.overdue(promises.overdue), lens: "overdue", tone: "red" },
      ),
    },
    {
      name: "due",
      ...words.dueSoon,
      value: String(promises.due_soon),
      lens: "due_soon",
      tone: promises.due_soon > 0 ? "amber" : "plain",
      notes: [],
    },
    {
      name: "windows",
      ...words.windows,
      value: String(windows.closing_soon),
      lens: "closing_soon",
      tone: windows.closing_soon > 0 ? "amber" : "plain",
      notes: [],
    },
    {
      name: "licence",
      ...words.licence,
      value: String(waiting.held_by_licence),
      lens: "held_by_licence",
      tone: waiting.held_by_licence > 0 ? "amber" : "plain",
      notes: [],
    },
  ];
}

function plain(text: string): Note {
  return { text, lens: null, tone: "plain" };
}

function notes(...some: (Note | false)[]): Note[] {
  return some.filter((note) => note !== false);
}
