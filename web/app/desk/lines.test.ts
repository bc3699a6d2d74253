import { describe, expect, it } from "vitest";
import type { Entry } from "../live/protocol";
import { lines, spotIn } from "./lines";

const at = (minute: number) => `2026-01-05T12:${String(minute).padStart(2, "0")}:00Z`;

describe("a timeline on the screen", () => {
  it("gathers moments and leaves out what an acceptance says already", () => {
    const shown = lines(
      [
        moment(1, "opened", null),
        message(2, "m1", null),
        moment(3, "queued", null),
        moment(4, "offered", "ana"),
        moment(5, "accepted", "ana"),
        moment(6, "assigned", "ana"),
      ],
      [],
      "ana",
    );
    expect(shown.map((line) => line.is)).toEqual(["day", "interaction", "message", "moments"]);
    expect(shown[3]).toMatchObject({ moments: [{ what: "queued" }, { what: "accepted" }] });
  });

  it("reads an offer followed by its assignment as an acceptance", () => {
    const shown = lines([moment(1, "offered", "ana"), moment(2, "assigned", "ana")], [], "ana");
    expect(shown[1]).toMatchObject({ moments: [{ what: "accepted", sequence: 2 }] });
  });

  it("does not say of every interaction that it opens in the queue", () => {
    const shown = lines([moment(1, "opened", null), moment(2, "queued", null), message(3, "m1", null)], [], "ana");
    expect(shown.map((line) => line.is)).toEqual(["day", "interaction", "message"]);
  });

  it("folds statuses into their message, with the reason of the one that counts", () => {
    const shown = lines(
      [message(1, "m1", "queued"), status(2, "m1", "sent", null), status(3, "m1", "failed", "blocked")],
      [],
      "ana",
    );
    expect(shown.at(-1)).toMatchObject({ delivery: { status: "failed", reason: "blocked" } });
  });

  it("names the speaker once for what is said in one breath", () => {
    const shown = lines(
      [message(1, "m1", "queued"), message(3, "m2", "queued"), message(20, "m3", "queued")],
      [],
      "ana",
    );
    expect(shown.flatMap((line) => (line.is === "message" ? [line.first] : []))).toEqual([true, false, true]);
  });

  it("has the message that was found, or else the interaction it belongs to", () => {
    const shown = lines([moment(1, "opened", null), message(2, "m1", null)], [], "ana");
    expect(spotIn(shown, { interaction: 1, message: "m1" })).toBe("m1");
    expect(spotIn(shown, { interaction: 1, message: "gone" })).toBe(shown[1]?.key);
    expect(spotIn(shown, { interaction: 9, message: null })).toBeNull();
  });

  it("has the note that was found, also what was written with a transfer", () => {
    const note = { ...moment(3, "note", "ana"), message: "n1" } as Entry;
    const transfer = { ...moment(5, "transfer_requested", "ana"), message: "n2" } as Entry;
    const shown = lines([moment(1, "opened", null), note, moment(4, "queued", null), transfer], [], "ana");
    expect(spotIn(shown, { interaction: 1, message: "n1" })).toBe("n1");
    expect(spotIn(shown, { interaction: 1, message: "n2" })).toBe("m-4");
  });

  it("shows an unsent reply last, until its own message has arrived", () => {
    const unsent = [
      { message: "m1", key: "k1", conversation: "c1", text: "a", at: at(2), state: { is: "sending" as const } },
      { message: "m2", key: "k2", conversation: "c1", text: "b", at: at(3), state: { is: "waiting" as const } },
    ];
    const shown = lines([message(1, "m1", "queued")], unsent, "ana");
    expect(shown.map((line) => line.key).slice(1)).toEqual(["m1", "m2"]);
    expect(shown.at(-1)).toMatchObject({ is: "unsent", first: false });
  });
});

function message(sequence: number, id: string, known: "queued" | null): Entry {
  return {
    kind: "message",
    sequence,
    at: at(sequence),
    message: id,
    direction: known ? "outbound" : "inbound",
    author: known ? { is: "agent", agent: "ana" } : { is: "contact" },
    content: { is: "text", text: "Hello" },
    status: known,
  };
}

function status(sequence: number, id: string, heard: "sent" | "failed", reason: string | null): Entry {
  return { kind: "status", sequence, at: at(sequence), message: id, status: heard, reason };
}

function moment(sequence: number, what: string, agent: string | null): Entry {
  return { kind: "moment", sequence, at: at(sequence), interaction: 1, what, agent, reason: null };
}
