import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "./desk";
import { ANA, FakeWire, settled, snapshot, summary } from "./fake_wire";
import type { Shelf, Unsent } from "./outbox";
import type { Entry, Summary } from "./protocol";
import { SILENCE_MS_MAX } from "./socket";

let wires: FakeWire[];
let shelf: ReturnType<typeof memoryShelf>;
let signedOut: boolean;
let lookUp: (conversation: string) => Promise<Summary | null>;
let desk: Desk;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  signedOut = false;
  lookUp = async () => null;
  shelf = memoryShelf();
  desk = newDesk();
});

afterEach(() => {
  desk.stop();
  vi.useRealTimers();
});

describe("subscribing", () => {
  it("begins with a snapshot", async () => {
    const wire = await subscribed();
    expect(wire.requests.map(({ method, params }) => ({ method, params }))).toEqual([
      { method: "desk.subscribe", params: {} },
    ]);
    expect([...(desk.view.state?.conversations.keys() ?? [])]).toEqual(["c1"]);
    expect(desk.view.connection).toEqual({ is: "open" });
  });

  it("resumes from the last notice, and takes what was missed without gap or repetition", async () => {
    const wire = await subscribed();
    await wire.notice(11, { kind: "conversation", summary: summary({ version: 2 }), entry: null });
    await wire.cut();
    const next = await reconnected();
    expect(next.sent("desk.subscribe")[0]?.params).toEqual({ resume: { log: "log-1", position: 11 } });
    // The answer names the server's newest position: what lies between is still to come.
    await next.answer(next.sent("desk.subscribe")[0], { log: "log-1", position: 13, reset: false, snapshot: null });
    await next.notice(11, { kind: "hidden", conversation: "c1" });
    await next.notice(12, { kind: "conversation", summary: summary({ conversation: "c2" }), entry: null });
    await next.notice(13, { kind: "conversation", summary: summary({ version: 3 }), entry: null });
    await vi.advanceTimersByTimeAsync(100);
    expect(desk.view.state?.conversations.get("c1")?.version).toBe(3);
    expect(desk.view.state?.conversations.has("c2")).toBe(true);
  });

  it("does not let a heartbeat move its place in the log", async () => {
    const wire = await subscribed();
    await wire.heartbeat(99);
    await wire.notice(11, { kind: "hidden", conversation: "c1" });
    await vi.advanceTimersByTimeAsync(100);
    expect(desk.view.state?.conversations.size).toBe(0);
  });

  it("starts over when the log is another one", async () => {
    const wire = await subscribed();
    await wire.cut();
    const next = await reconnected();
    await next.answer(next.sent("desk.subscribe")[0], {
      log: "log-2",
      position: 3,
      reset: true,
      snapshot: snapshot([summary({ conversation: "c9" })]),
    });
    await next.notice(4, { kind: "conversation", summary: summary({ conversation: "c9", version: 7 }), entry: null });
    await vi.advanceTimersByTimeAsync(100);
    expect(desk.view.state?.conversations.get("c9")?.version).toBe(7);
    expect(desk.view.state?.conversations.has("c1")).toBe(false);
  });
});

describe("the connection", () => {
  it("is given up after too long a silence, and comes back", async () => {
    const wire = await subscribed();
    await vi.advanceTimersByTimeAsync(SILENCE_MS_MAX - 1_000);
    await wire.heartbeat(10);
    await vi.advanceTimersByTimeAsync(SILENCE_MS_MAX - 1_000);
    expect(wire.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wire.closed).toBe(true);
    expect(desk.view.connection.is).toBe("waiting");
    await reconnected();
    expect(wires).toHaveLength(2);
  });

  it("waits longer after each failure, ten seconds at most", async () => {
    await subscribed();
    const delays: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      await wires.at(-1)?.cut();
      const { connection } = desk.view;
      if (connection.is === "waiting") delays.push(connection.retryAt - Date.now());
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(delays[0]).toBeLessThanOrEqual(500);
    expect(delays.at(-1)).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
  });

  it("stops when the session is closed, and goes on after signing in again", async () => {
    const wire = await subscribed();
    await wire.cut(4401);
    expect(desk.view.connection).toEqual({ is: "signed_out" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    desk.connectNow();
    expect(wires).toHaveLength(2);
  });

  it("learns from the session why an upgrade was refused", async () => {
    signedOut = true;
    desk.connectNow();
    await wires[0]?.cut();
    expect(desk.view.connection).toEqual({ is: "signed_out" });
  });
});

describe("replies", () => {
  it("go out again after a reconnect under the same key and id, and become the server's", async () => {
    const wire = await subscribed();
    desk.reply("c1", "On it");
    const first = wire.sent("conversation.reply")[0];
    await wire.cut();
    expect(desk.view.unsent[0]?.state).toEqual({ is: "waiting" });
    const next = await resumed();
    const again = next.sent("conversation.reply")[0];
    expect(again?.params).toEqual(first?.params);
    await next.answer(again, { position: 12, sequence: 5 });
    expect(desk.view.unsent[0]?.state).toEqual({ is: "accepted" });
    expect(shelf.load()).toEqual([]);
    const entry = message(String(again?.params.message), 5);
    await next.notice(12, { kind: "conversation", summary: summary(), entry });
    expect(desk.view.unsent).toEqual([]);
  });

  it("written while disconnected wait, in order, one after another", async () => {
    const wire = await subscribed();
    await wire.cut();
    desk.reply("c1", "one");
    desk.reply("c1", "two");
    const next = await resumed();
    expect(next.sent("conversation.reply").map(({ params }) => params.text)).toEqual(["one"]);
    await next.answer(next.sent("conversation.reply")[0], { position: 12, sequence: 5 });
    expect(next.sent("conversation.reply").map(({ params }) => params.text)).toEqual(["one", "two"]);
  });

  it("survive a reload", async () => {
    await subscribed();
    desk.reply("c1", "On it");
    const [kept] = desk.view.unsent;
    expect(kept?.message).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    desk.stop();
    desk = newDesk();
    const next = await subscribed();
    expect(next.sent("conversation.reply")[0]?.params).toMatchObject({ message: kept?.message, key: kept?.key });
  });

  it("that were refused stay with the reason, and are tried again as a new command", async () => {
    const wire = await subscribed();
    desk.reply("c1", "Too late");
    const first = wire.sent("conversation.reply")[0];
    await wire.refuse(first, "window_closed");
    expect(desk.view.unsent[0]?.state).toMatchObject({ is: "refused", code: "window_closed" });
    desk.retry(String(first?.params.message));
    const again = wire.sent("conversation.reply")[1];
    expect(again?.params.message).toBe(first?.params.message);
    expect(again?.params.key).not.toBe(first?.params.key);
  });

  it("without an answer are the same command when tried again", async () => {
    const wire = await subscribed();
    desk.reply("c1", "Anyone?");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(desk.view.unsent[0]?.state).toMatchObject({ is: "refused", code: "no_answer" });
    desk.retry(desk.view.unsent[0]?.message ?? "");
    const [first, again] = wire.sent("conversation.reply");
    expect(again?.params).toEqual(first?.params);
  });
});

describe("commands", () => {
  it("are repeated under the same key when the connection goes before the answer", async () => {
    const wire = await subscribed();
    const accepted = desk.accept("c1", "o1");
    await settled();
    const first = wire.sent("offer.accept")[0];
    await wire.cut();
    const next = await resumed();
    const again = next.sent("offer.accept")[0];
    expect(again?.params).toEqual(first?.params);
    await next.answer(again, { position: 12, sequence: 5 });
    expect(await accepted).toEqual({ position: 12, sequence: 5 });
  });
});

describe("a timeline", () => {
  it("misses nothing that arrives while it is being fetched, and repeats nothing", async () => {
    const wire = await subscribed();
    desk.read("c1");
    await wire.notice(11, { kind: "conversation", summary: summary(), entry: message("m2", 2) });
    await wire.notice(12, { kind: "conversation", summary: summary(), entry: message("m3", 3) });
    await wire.answer(wire.sent("conversation.timeline")[0], {
      entries: [message("m1", 1), message("m2", 2)],
      version: 2,
    });
    expect(desk.view.state?.timelines.get("c1")?.entries.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
  });

  it("asked for on a lost connection is asked for again on the next", async () => {
    const wire = await subscribed();
    desk.read("c1");
    await wire.cut();
    const next = await resumed();
    await next.answer(next.sent("conversation.timeline")[0], { entries: [message("m1", 1)], version: 1 });
    expect(desk.view.state?.timelines.get("c1")?.is).toBe("ready");
  });

  it("of an erased contact keeps no words, also on a page that is open", async () => {
    const wire = await subscribed();
    desk.read("c1");
    await wire.answer(wire.sent("conversation.timeline")[0], { entries: [message("m1", 1)], version: 1 });
    await wire.notice(11, { kind: "conversation", summary: summary(), entry: erased(2) });
    const entries = desk.view.state?.timelines.get("c1")?.entries ?? [];
    expect(entries).toMatchObject([{ content: { is: "erased" } }, { what: "erased" }]);
  });

  it("is read back page by page, each once, whatever comes meanwhile", async () => {
    const wire = await subscribed();
    const sequences = () => desk.view.state?.timelines.get("c1")?.entries.map((entry) => entry.sequence);
    desk.read("c1");
    await wire.answer(wire.sent("conversation.timeline")[0], { entries: [message("m5", 5)], version: 5, next: 5 });
    void desk.earlier();
    void desk.earlier();
    expect(wire.sent("conversation.timeline").slice(1)).toMatchObject([{ params: { conversation: "c1", before: 5 } }]);
    await wire.notice(11, { kind: "conversation", summary: summary(), entry: message("m6", 6) });
    const before = [message("m3", 3), message("m4", 4)];
    await wire.answer(wire.sent("conversation.timeline")[1], { entries: before, version: 6, next: 3 });
    expect(sequences()).toEqual([3, 4, 5, 6]);
    void desk.earlier();
    await wire.refuse(wire.sent("conversation.timeline")[2], "unavailable");
    expect(desk.view.state?.timelines.get("c1")).toMatchObject({ earlier: "failed", next: 3 });
    void desk.earlier();
    await wire.cut();
    const again = await resumed();
    expect(desk.view.state?.timelines.get("c1")).toMatchObject({ earlier: "idle", next: 3 });
    void desk.earlier();
    await again.answer(again.sent("conversation.timeline")[0], { entries: [message("m1", 1)], version: 6, next: null });
    expect(sequences()).toEqual([1, 3, 4, 5, 6]);
    void desk.earlier();
    expect(again.sent("conversation.timeline")).toHaveLength(1);
  });

  it("keeps no words that were told before the contact was erased and arrive after it", async () => {
    const wire = await subscribed();
    desk.read("c1");
    await wire.answer(wire.sent("conversation.timeline")[0], { entries: [message("m5", 5)], version: 5, next: 5 });
    void desk.earlier();
    await wire.notice(11, { kind: "conversation", summary: summary(), entry: erased(6) });
    await wire.answer(wire.sent("conversation.timeline")[1], { entries: [message("m1", 1)], version: 5, next: null });
    const erasedOnes = [{ content: { is: "erased" } }, { content: { is: "erased" } }, { what: "erased" }];
    expect(desk.view.state?.timelines.get("c1")?.entries).toMatchObject(erasedOnes);
  });

  it("of an ended conversation stays while it is being read, and then leaves the desk", async () => {
    const wire = await subscribed();
    desk.read("c1");
    const ended = summary({ owner: { is: "nobody", reason: "solved", at: "2026-01-05T10:00:00Z" } });
    await wire.notice(11, { kind: "conversation", summary: ended, entry: null });
    expect(desk.view.state?.conversations.has("c1")).toBe(true);
    desk.read(null);
    expect(desk.view.state?.conversations.has("c1")).toBe(false);
  });
});

describe("an ended conversation that is not on the desk", () => {
  const ended = summary({ conversation: "c7", owner: { is: "nobody", reason: "solved", at: "2026-01-05T10:00:00Z" } });

  it("is looked up, told, and kept up to date, until another is read", async () => {
    lookUp = async () => ended;
    const wire = await subscribed();
    desk.read("c7");
    expect(desk.view.visit).toBe("asked");
    await settled();
    await wire.answer(wire.sent("conversation.timeline")[0], { entries: [message("m1", 1)], version: 1 });
    expect(desk.view.state?.timelines.get("c7")?.is).toBe("ready");
    expect(desk.view.visit).toBeNull();
    const again = { ...ended, interaction: 2, owner: { is: "queue" as const, since: "2026-01-05T11:00:00Z" } };
    await wire.notice(11, { kind: "conversation", summary: again, entry: message("m2", 2) });
    expect(desk.view.state?.conversations.get("c7")?.owner.is).toBe("queue");
    expect(desk.view.state?.timelines.get("c7")?.entries).toHaveLength(2);
    await wire.notice(12, { kind: "conversation", summary: ended, entry: null });
    desk.read("c1");
    expect(desk.view.state?.conversations.has("c7")).toBe(false);
  });

  it("is missing where they may not see it, until it comes to their desk", async () => {
    const wire = await subscribed();
    desk.read("c7");
    await settled();
    expect(desk.view.visit).toBe("missing");
    await wire.notice(11, { kind: "conversation", summary: summary({ conversation: "c7" }), entry: null });
    expect(wire.sent("conversation.timeline")[0]?.params).toEqual({ conversation: "c7" });
  });

  it("can be asked for again after a failure, and is by itself on the next connection", async () => {
    lookUp = () => Promise.reject(new Error("network"));
    const wire = await subscribed();
    desk.read("c7");
    await settled();
    expect(desk.view.visit).toBe("failed");
    lookUp = async () => ended;
    await wire.cut();
    await resumed();
    await settled();
    expect(desk.view.state?.conversations.has("c7")).toBe(true);
  });

  it("that is no longer wanted when the answer comes stays away", async () => {
    let answer: (summary: Summary) => void = () => {};
    lookUp = () => new Promise((resolve) => (answer = resolve));
    await subscribed();
    desk.read("c7");
    desk.read("c1");
    answer(ended);
    await settled();
    expect(desk.view.state?.conversations.has("c7")).toBe(false);
    expect(desk.view.visit).toBeNull();
  });

  it("is said to be missing when it is hidden while it is being read", async () => {
    const wire = await subscribed();
    desk.read("c1");
    await wire.notice(11, { kind: "hidden", conversation: "c1" });
    expect(desk.view.visit).toBe("missing");
  });
});

function newDesk(): Desk {
  const connect = () => {
    const wire = new FakeWire();
    wires.push(wire);
    return wire;
  };
  return new Desk({ connect, signedOut: async () => signedOut, shelf, lookUp: (conversation) => lookUp(conversation) });
}

async function subscribed(): Promise<FakeWire> {
  desk.connectNow();
  const wire = wires.at(-1) as FakeWire;
  wire.onopen?.();
  await wire.answer(wire.sent("desk.subscribe")[0], {
    log: "log-1",
    position: 10,
    reset: false,
    snapshot: snapshot(),
  });
  return wire;
}

async function reconnected(): Promise<FakeWire> {
  await vi.advanceTimersByTimeAsync(10_000);
  const wire = wires.at(-1) as FakeWire;
  wire.onopen?.();
  return wire;
}

async function resumed(): Promise<FakeWire> {
  const wire = await reconnected();
  await wire.answer(wire.sent("desk.subscribe")[0], { log: "log-1", position: 10, reset: false, snapshot: null });
  return wire;
}

function message(id: string, sequence: number): Entry {
  return {
    kind: "message",
    message: id,
    sequence,
    at: "2026-01-05T09:00:00Z",
    direction: "outbound",
    author: { is: "agent", agent: ANA },
    content: { is: "text", text: "On it" },
    status: "queued",
  };
}

function erased(sequence: number): Entry {
  const [at, nobody] = ["2026-01-05T10:00:00Z", { interaction: null, agent: null, reason: null }];
  return { kind: "moment", sequence, at, what: "erased", ...nobody };
}

function memoryShelf(): Shelf {
  const kept = new Map<string, Unsent>();
  return {
    load: () => [...kept.values()],
    put: (unsent) => void kept.set(unsent.message, unsent),
    remove: (id) => void kept.delete(id),
  };
}
