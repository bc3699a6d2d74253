/** A server for the tests of the live core: a wire per connection, every request kept, answers by hand. */

import type { Change, Method, Snapshot, Summary } from "./protocol";
import type { Wire } from "./socket";

interface Request {
  id: number;
  method: Method;
  params: Record<string, unknown>;
}

export class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  requests: Request[] = [];
  closed = false;

  send(text: string): void {
    this.requests.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  sent(method: Method): Request[] {
    return this.requests.filter((request) => request.method === method);
  }

  async answer(request: Request | undefined, result: unknown): Promise<void> {
    await this.say({ jsonrpc: "2.0", id: request?.id, result });
  }

  async refuse(request: Request | undefined, code: string): Promise<void> {
    await this.say({ jsonrpc: "2.0", id: request?.id, error: { code: -32000, message: code, data: { code } } });
  }

  async notice(position: number, change: Change): Promise<void> {
    await this.say({ jsonrpc: "2.0", method: "desk.notice", params: { position, change } });
  }

  async heartbeat(position: number): Promise<void> {
    await this.say({ jsonrpc: "2.0", method: "desk.heartbeat", params: { position } });
  }

  async cut(code = 1006): Promise<void> {
    this.onclose?.({ code });
    await settled();
  }

  async say(frame: unknown): Promise<void> {
    this.onmessage?.({ data: JSON.stringify(frame) });
    await settled();
  }
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export const ANA = "agent-ana";

export function summary(over: Partial<Summary> = {}): Summary {
  return {
    conversation: "c1",
    interaction: 1,
    version: 1,
    channel: "whatsapp",
    gateway: "g1",
    inbox: "i1",
    priority: 0,
    tags: [],
    sla: null,
    contact: { id: "p1", name: "Mia Weber", address: "+4915550001" },
    owner: { is: "agent", agent: ANA, since: "2026-01-05T09:00:00Z", transfer: null },
    last: { at: "2026-01-05T09:00:00Z", direction: "inbound", text: "Hello" },
    window_until: "2026-01-06T09:00:00Z",
    unanswered: true,
    ...over,
  };
}

export function snapshot(conversations: Summary[] = [summary()]): Snapshot {
  return {
    me: { id: ANA, name: "Ana Kos", login: "ana", role: "agent" },
    agents: [{ id: ANA, name: "Ana Kos", presence: "online", reason: null, connected: true, capacity: 4, in_use: 1 }],
    inboxes: [{ id: "i1", name: "Support" }],
    gateways: [{ id: "g1", name: "Main number", channel: "whatsapp" }],
    end_reasons: [{ id: "r1", name: "solved" }],
    conversations,
  };
}
