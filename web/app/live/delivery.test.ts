import { describe, expect, it } from "vitest";
import { settle } from "./delivery";
import type { Status } from "./protocol";

const hearing = (...heard: Status[]) => heard.reduce<Status | null>(settle, null);

describe("the status of a message", () => {
  it("goes through our own states as they come", () => {
    expect(hearing("queued", "sending", "deferred", "sending", "indeterminate")).toBe("indeterminate");
  });

  it("is raised by the provider's reports and never lowered", () => {
    expect(hearing("queued", "sending", "submitted", "sent", "delivered", "read")).toBe("read");
    expect(hearing("read", "delivered", "sent", "submitted")).toBe("read");
  });

  it("does not fall back to our own states once the provider has spoken", () => {
    expect(hearing("sent", "sending")).toBe("sent");
    expect(hearing("submitted", "indeterminate")).toBe("submitted");
  });

  it("is the same whatever the order and number of the reports", () => {
    const reports: Status[] = ["submitted", "sent", "failed", "delivered"];
    for (const order of permutations(reports)) expect(hearing("sending", ...order, ...order)).toBe("delivered");
  });

  it("believes a delivery over a failure, and a failure over a send", () => {
    expect(hearing("failed", "delivered")).toBe("delivered");
    expect(hearing("failed", "sent")).toBe("failed");
  });

  it("stays discarded", () => {
    expect(hearing("indeterminate", "discarded", "delivered")).toBe("discarded");
  });
});

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
