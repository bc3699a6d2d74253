/** A busy morning on the supervisor's board. */

import type { AgentState, BoardAgent, BoardView } from "../app/live/protocol";
import { ago, hours, minutes } from "./scene";

const seconds = (count: number) => count * 1_000;

function agent(
  index: number,
  name: string,
  state: AgentState,
  passed: number,
  over: Partial<BoardAgent> = {},
): BoardAgent {
  const id = `0190a000-0000-7000-8000-0000000001${String(index).padStart(2, "0")}`;
  const row = {
    id,
    name,
    state,
    reason: null,
    since: ago(passed),
    interactions: 0,
    asked: 0,
    slots: 4,
    slots_in_use: 0,
  };
  return { ...row, ...over };
}

export function busyBoard(): BoardView {
  return {
    inbox: null,
    as_of: ago(0),
    definitions: { answer_within_s: 60, short_abandon_s: 10, time_zone: "Europe/Berlin" },
    tiles: {
      waiting: {
        count: 7,
        offered: 2,
        past_target: 3,
        held_by_licence: 0,
        oldest_in_inbox: ago(seconds(252)),
        oldest_customer: ago(minutes(74)),
      },
      progress: { active: 11, in_transfer: 1, with_flow: 2 },
      people: {
        available: 1,
        offered: 1,
        busy: 3,
        wrapping_up: 1,
        disconnected: 0,
        on_break: 1,
        not_responding: 1,
        offline: 1,
        slots: 24,
        free_slots: 9,
      },
      service: {
        today: {
          answered: 148,
          answered_within: 131,
          abandoned: 6,
          short_abandoned: 1,
          level: 131 / 153,
          live: 131 / 156,
        },
        recent: { answered: 12, answered_within: 8, abandoned: 1, short_abandoned: 0, level: 8 / 13, live: 8 / 16 },
      },
      promises: { unanswered: 14, overdue: 2, due_soon: 5 },
      windows: { closing_soon: 1 },
    },
    agents: [
      agent(1, "Ana Kos", "busy", minutes(38), { interactions: 4, slots_in_use: 4 }),
      agent(2, "Ben Ito", "busy", minutes(12), { interactions: 3, slots_in_use: 4, asked: 1 }),
      agent(3, "Chiara Neri", "offered", seconds(14), { asked: 1, slots_in_use: 1 }),
      agent(4, "Dara Okoye", "available", minutes(3)),
      agent(5, "Emil Brandt", "break", minutes(21), { reason: "Lunch" }),
      agent(6, "Freya Lund", "not_responding", minutes(6)),
      agent(7, "Goran Ilić", "wrapping_up", seconds(47), { slots_in_use: 1 }),
      agent(8, "Hana Suzuki", "busy", hours(1.2), { interactions: 5, slots: 6, slots_in_use: 5 }),
      agent(9, "Ivo Marek", "offline", hours(15)),
    ],
    gateways: [
      gateway(1, "Main number", { taken: 96, out: "good", received_at: ago(seconds(70)) }),
      gateway(2, "Orders", { taken: 11, troubled: 4, out: "trouble", received_at: ago(minutes(4)) }),
      gateway(3, "Old shop", { in: "parked", received_at: ago(hours(9)) }),
      gateway(4, "Returns", { troubled: 6, out: "failing", received_at: null }),
    ],
    inboxes: [
      { id: "i1", name: "Customer care" },
      { id: "i2", name: "Orders" },
    ],
  };
}

/** Nobody waits, nobody is there. */
export function quietBoard(): BoardView {
  const none = { answered: 0, answered_within: 0, abandoned: 0, short_abandoned: 0, level: null, live: null };
  const board = busyBoard();
  const waiting = { count: 0, offered: 0, past_target: 0, held_by_licence: 0, oldest_in_inbox: null };
  const states = { available: 0, offered: 0, busy: 0, wrapping_up: 0, disconnected: 0, on_break: 0 };
  return {
    ...board,
    tiles: {
      waiting: { ...waiting, oldest_customer: null },
      progress: { active: 0, in_transfer: 0, with_flow: 0 },
      people: { ...states, not_responding: 0, offline: 0, slots: 0, free_slots: 0 },
      service: { today: none, recent: none },
      promises: { unanswered: 0, overdue: 0, due_soon: 0 },
      windows: { closing_soon: 0 },
    },
    agents: [],
    gateways: [],
  };
}

function gateway(
  index: number,
  name: string,
  over: Partial<BoardView["gateways"][number]>,
): BoardView["gateways"][number] {
  const lights = { in: "connected" as const, out: "idle" as const };
  return { id: `g${index}`, name, channel: "whatsapp", ...lights, taken: 0, troubled: 0, received_at: null, ...over };
}
