import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { settled } from "./fake_wire";
import type { Hit } from "./protocol";
import { Search, TYPING_MS } from "./search";

interface Asked {
  question: string;
  cursor: string | null;
  signal: AbortSignal;
  answer: (answer: unknown) => Promise<void>;
  fail: () => Promise<void>;
}

let asked: Asked[];
let search: Search;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  search = new Search(
    (question, cursor, signal) =>
      new Promise((resolve, reject) => {
        const answer = async (answer: unknown) => {
          resolve(answer as never);
          await settled();
        };
        const fail = async () => {
          reject(new Error("network"));
          await settled();
        };
        asked.push({ question, cursor, signal, answer, fail });
      }),
  );
});

afterEach(() => {
  search.stop();
  vi.useRealTimers();
});

const names = () => search.view.hits.map(({ conversation }) => conversation);
const page = (items: string[], next: string | null = null) => ({
  is: "found",
  page: { items: items.map((conversation) => ({ conversation }) as Hit), next },
});

async function typed(question: string): Promise<Asked | undefined> {
  search.ask(question);
  await vi.advanceTimersByTimeAsync(TYPING_MS);
  return asked.at(-1);
}

it("asks at once when it is opened, and then when typing has paused", async () => {
  search.ask("");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(1);
  search.ask("p");
  await vi.advanceTimersByTimeAsync(TYPING_MS - 1);
  search.ask("pa");
  await vi.advanceTimersByTimeAsync(TYPING_MS - 1);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map(({ question }) => question)).toEqual(["", "pa"]);
});

it("calls off a question that is overtaken, and does not listen to its answer", async () => {
  const first = await typed("parcel");
  const second = await typed("invoice");
  expect(first?.signal.aborted).toBe(true);
  await second?.answer(page(["invoice"]));
  await first?.answer(page(["parcel"]));
  expect(names()).toEqual(["invoice"]);
  expect(search.view.is).toBe("found");
});

it("keeps what was found until the next answer", async () => {
  await (await typed("parcel"))?.answer(page(["c1"]));
  const next = await typed("parcels");
  expect(search.view).toMatchObject({ is: "searching", hits: [{ conversation: "c1" }] });
  await next?.answer(page([]));
  expect(names()).toEqual([]);
});

it("goes on page by page, and can go on after a page did not come", async () => {
  await (await typed("parcel"))?.answer(page(["c1"], "after-c1"));
  const lost = search.more();
  await asked.at(-1)?.fail();
  await lost;
  expect(search.view).toMatchObject({ more: "failed", is: "found" });
  const more = search.more();
  expect(asked.at(-1)).toMatchObject({ question: "parcel", cursor: "after-c1" });
  await asked.at(-1)?.answer(page(["c2"]));
  await more;
  expect(names()).toEqual(["c1", "c2"]);
  expect(search.view).toMatchObject({ more: "idle", next: null });
});

it("does not add a page to what was found for another question", async () => {
  await (await typed("parcel"))?.answer(page(["c1"], "after-c1"));
  void search.more();
  const late = asked.at(-1);
  await (await typed("invoice"))?.answer(page(["c9"]));
  await late?.answer(page(["c2"]));
  expect(names()).toEqual(["c9"]);
});

it("tells what is wrong with the question, until it is mended", async () => {
  const fields = [{ field: "text", message: "has no word to look for" }];
  await (await typed("!"))?.answer({ is: "wrong", fields });
  expect(search.view).toMatchObject({ is: "found", hits: [], wrong: fields });
  await (await typed("parcel"))?.answer(page(["c1"]));
  expect(search.view.wrong).toEqual([]);
});

it("asks the same again after a failure", async () => {
  await (await typed("parcel"))?.fail();
  expect(search.view.is).toBe("failed");
  search.again();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.at(-1)?.question).toBe("parcel");
  await asked.at(-1)?.answer(page(["c1"]));
  expect(names()).toEqual(["c1"]);
});
