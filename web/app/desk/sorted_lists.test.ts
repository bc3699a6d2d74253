import { describe, expect, it } from "vitest";
import { ANA, snapshot, summary } from "../live/fake_wire";
import { fromSnapshot } from "../live/fold";
import type { Owner, Summary } from "../live/protocol";
import { blocked, mayRetake } from "./permission";
import { lists, matches } from "./sorted_lists";
import { inOrder } from "./use_held_order";

const BEN = "agent-ben";
const since = "2026-01-05T09:00:00Z";
const until = "2026-01-05T09:00:30Z";
const noon = Date.parse("2026-01-05T12:00:00Z");

describe("the lists", () => {
  it("sort conversations by who has them", () => {
    const state = fromSnapshot(
      snapshot([
        owned("mine", { is: "agent", agent: ANA, since, transfer: null }),
        owned("bens", { is: "agent", agent: BEN, since, transfer: null }),
        owned("flow", { is: "flow", since }),
        owned("queued", { is: "queue", since }),
        owned("offered-to-ben", { is: "offered", since, until, offers: [{ offer: "o2", agent: BEN }] }),
        owned("offered-to-me", { is: "offered", since, until, offers: [{ offer: "o1", agent: ANA }] }),
        owned("ended", { is: "nobody", reason: "solved", at: since }),
      ]),
    );
    const { offers, mine, waiting, team } = lists(state);
    expect(offers.map(({ offer, summary }) => [offer, summary.conversation])).toEqual([["o1", "offered-to-me"]]);
    expect([mine, waiting, team].map(names)).toEqual([["mine"], ["queued", "offered-to-ben"], ["bens", "flow"]]);
  });

  it("show the longest wait first, and the latest word first", () => {
    const said = (conversation: string, at: string) =>
      summary({ conversation, last: { at, direction: "inbound", text: null } });
    const state = fromSnapshot(
      snapshot([
        owned("new", { is: "queue", since: "2026-01-05T10:00:00Z" }),
        owned("old", { is: "queue", since: "2026-01-05T08:00:00Z" }),
        said("quiet", "2026-01-05T08:00:00Z"),
        said("busy", "2026-01-05T10:00:00Z"),
      ]),
    );
    expect(names(lists(state).waiting)).toEqual(["old", "new"]);
    expect(names(lists(state).mine)).toEqual(["busy", "quiet"]);
  });

  it("find by name, address and last words, every word counting", () => {
    expect(matches(summary(), "WEBER hello")).toBe(true);
    expect(matches(summary(), "0001")).toBe(true);
    expect(matches(summary(), "weber goodbye")).toBe(false);
  });

  it("keep rows in place while held, and put new ones last", () => {
    const live = ["c", "new", "a"].map((conversation) => summary({ conversation }));
    expect(names(inOrder(live, ["a", "b", "c"]))).toEqual(["a", "c", "new"]);
  });
});

describe("a reply", () => {
  const state = fromSnapshot(snapshot());

  it("can be written by the owner inside the window, and on channels without one", () => {
    expect(blocked(summary(), state, noon)).toBeNull();
    expect(blocked(summary({ window_until: null }), state, noon)).toBeNull();
  });

  it("is refused with the reason otherwise", () => {
    expect(blocked(summary({ window_until: "2026-01-05T11:00:00Z" }), state, noon)).toContain("reply window closed");
    expect(blocked(owned("c", { is: "queue", since }), state, noon)).toContain("waits in Support");
    expect(blocked(owned("c", { is: "flow", since }), state, noon)).toContain("flow");
    expect(blocked(owned("c", { is: "nobody", reason: "r1", at: since }), state, noon)).toContain(
      "ended (solved). When the contact writes again, interaction 2 opens",
    );
  });
});

describe("what has ended", () => {
  const ended = (reason: string) => owned("c", { is: "nobody", reason, at: since });

  it("can be taken up again by an agent, unless the contact was erased", () => {
    const state = fromSnapshot(snapshot());
    expect(mayRetake(ended("solved"), state)).toBe(true);
    expect(mayRetake(ended("erased"), state)).toBe(false);
    expect(mayRetake(summary(), state)).toBe(false);
    expect(mayRetake(ended("solved"), { ...state, agents: new Map() })).toBe(false);
  });
});

function owned(conversation: string, owner: Owner): Summary {
  return summary({ conversation, owner });
}

function names(rows: Summary[]): string[] {
  return rows.map(({ conversation }) => conversation);
}
