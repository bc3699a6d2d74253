import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Boards } from "./boards";
import { FakeWire, settled } from "./fake_wire";
import type { BoardChange, BoardView } from "./protocol";

let wires: FakeWire[];
let boards: Boards;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  const connect = () => {
    const wire = new FakeWire();
    wires.push(wire);
    return wire;
  };
  boards = new Boards({ connect, signedOut: async () => false, scope: null });
});

afterEach(() => {
  boards.stop();
  vi.useRealTimers();
});

describe("a board", () => {
  it("begins as it stands and takes in what changes, group by group and row by row", async () => {
    const wire = await watching();
    await changed(wire, {
      kind: "patch",
      as_of: "2026-01-05T09:00:05Z",
      tiles: { windows: { closing_soon: 2 } },
      agents: [{ ...board().agents[0], state: "busy", since: "2026-01-05T09:00:04Z", interactions: 1 } as never],
    });
    const now = boards.view.board;
    expect(now?.tiles.windows.closing_soon).toBe(2);
    expect(now?.tiles.waiting).toEqual(board().tiles.waiting);
    expect(now?.agents.map(({ state, interactions }) => [state, interactions])).toEqual([["busy", 1]]);
    expect(now?.as_of).toBe("2026-01-05T09:00:05Z");
  });

  it("is told whole when much has changed", async () => {
    const wire = await watching();
    await changed(wire, { kind: "whole", ...board({ inboxes: [{ id: "i9", name: "New" }] }) });
    expect(boards.view.board).toEqual(board({ inboxes: [{ id: "i9", name: "New" }] }));
  });

  it("grows no older while nothing changes", async () => {
    const wire = await watching();
    const params = { inbox: null, position: 7, as_of: "2026-01-05T09:00:05Z" };
    await wire.say({ jsonrpc: "2.0", method: "board.fresh", params });
    expect(boards.view.board?.as_of).toBe("2026-01-05T09:00:05Z");
  });

  it("is asked for anew after the connection was lost, so that nothing is missing", async () => {
    const wire = await watching();
    await wire.cut();
    expect(boards.view.board).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    const next = wires[1] as FakeWire;
    next.onopen?.();
    await settled();
    await next.answer(next.sent("board.subscribe")[0], { position: 9, board: board({ gateways: [] }) });
    expect(boards.view.board?.gateways).toEqual([]);
    expect(boards.view.connection.is).toBe("open");
  });
});

describe("another board", () => {
  it("takes the place of the one before, whose last words are not heard", async () => {
    const wire = await watching();
    const watched = boards.watch("i1");
    await settled();
    expect(wire.sent("board.subscribe")[1]?.params).toEqual({ inbox: "i1" });
    await wire.answer(wire.sent("board.subscribe")[1], { position: 8, board: board({ inbox: "i1" }) });
    await watched;
    await changed(wire, { kind: "whole", ...board({ agents: [] }) });
    expect(boards.view.board?.inbox).toBe("i1");
    expect(boards.view.board?.agents).toHaveLength(1);
  });

  it("chosen in a hurry is the last one chosen", async () => {
    const wire = await watching();
    void boards.watch("i1");
    void boards.watch("i2");
    await settled();
    const [, first, second] = wire.sent("board.subscribe");
    await wire.answer(first, { position: 8, board: board({ inbox: "i1" }) });
    expect(boards.view.board?.inbox).toBeNull();
    await wire.answer(second, { position: 8, board: board({ inbox: "i2" }) });
    expect(boards.view.board?.inbox).toBe("i2");
  });

  it("that there is not leads back to everything", async () => {
    const wire = await watching();
    void boards.watch("gone");
    await settled();
    await wire.refuse(wire.sent("board.subscribe")[1], "not_found");
    expect(wire.sent("board.subscribe")[2]?.params).toEqual({ inbox: null });
    await wire.answer(wire.sent("board.subscribe")[2], { position: 8, board: board() });
    expect(boards.view).toMatchObject({ scope: null, board: { inbox: null } });
  });
});

it("says so when boards are not for them", async () => {
  boards.connectNow();
  const [wire] = wires as [FakeWire];
  wire.onopen?.();
  await settled();
  await wire.refuse(wire.sent("board.subscribe")[0], "forbidden");
  expect(boards.view).toMatchObject({ forbidden: true, board: null });
});

async function watching(): Promise<FakeWire> {
  boards.connectNow();
  const [wire] = wires as [FakeWire];
  wire.onopen?.();
  await settled();
  await wire.answer(wire.sent("board.subscribe")[0], { position: 7, board: board() });
  return wire;
}

async function changed(wire: FakeWire, change: BoardChange): Promise<void> {
  await wire.say({ jsonrpc: "2.0", method: "board.changed", params: { inbox: null, position: 8, change } });
}

function board(over: Partial<BoardView> = {}): BoardView {
  const none = { answered: 0, answered_within: 0, abandoned: 0, short_abandoned: 0, level: null, live: null };
  const people = { available: 1, offered: 0, busy: 0, wrapping_up: 0, disconnected: 0, on_break: 0 };
  return {
    inbox: null,
    as_of: "2026-01-05T09:00:00Z",
    definitions: { answer_within_s: 60, short_abandon_s: 10, time_zone: "UTC" },
    tiles: {
      waiting: {
        count: 1,
        offered: 0,
        past_target: 0,
        held_by_licence: 0,
        oldest_in_inbox: "2026-01-05T08:59:00Z",
        oldest_customer: "2026-01-05T08:50:00Z",
      },
      progress: { active: 0, in_transfer: 0, with_flow: 0 },
      people: { ...people, not_responding: 0, offline: 0, slots: 4, free_slots: 4 },
      service: { today: none, recent: none },
      promises: { unanswered: 1, overdue: 0, due_soon: 0 },
      windows: { closing_soon: 0 },
    },
    agents: [
      {
        id: "a1",
        name: "Ana Kos",
        state: "available",
        reason: null,
        since: "2026-01-05T08:00:00Z",
        interactions: 0,
        asked: 0,
        slots: 4,
        slots_in_use: 0,
      },
    ],
    gateways: [
      {
        id: "g1",
        name: "Main number",
        channel: "whatsapp",
        in: "connected",
        out: "idle",
        taken: 0,
        troubled: 0,
        received_at: null,
      },
    ],
    inboxes: [{ id: "i1", name: "Support" }],
    ...over,
  };
}
