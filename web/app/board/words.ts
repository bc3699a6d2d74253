/** The sentences of the board. What a number counts is said as docs/METRICS.md defines it. */

import type { AgentState } from "../live/protocol";

export interface Counting {
  answerWithin: number;
  shortAbandon: number;
  timeZone: string;
}

export const board = {
  title: "Board",
  pageTitle: (scope: string, waiting: number) => `(${waiting}) ${scope} · Board · Gatehouse`,
  everything: "Everything",
  scopes: "Boards",
  tiles: "Numbers",
  fullScreen: "Full screen",
  leaveFullScreen: "Leave full screen",
  loading: "Opening the board",
  forbidden: "Boards are for supervisors",
  forbiddenLead: "Ask an administrator if you should see them.",
  toDesk: "Go to your desk",
  asOf: (time: string) => `As of ${time}`,
  stale: (time: string) => `As of ${time}, not current`,
  reconnecting: (time: string) => `As of ${time}, reconnecting`,
  means: (label: string) => `What “${label}” counts`,
  show: (label: string, count: string) => `${label}: ${count}. Show them.`,
  none: "none",

  waiting: {
    label: "Waiting",
    means: "Interactions in an inbox that nobody has accepted yet, also while they are being offered.",
    offered: (count: number) => `${count} being offered`,
    pastTarget: (count: number, seconds: number) => `${count} longer than ${seconds} s`,
  },
  oldest: {
    label: "Longest wait",
    means:
      "Time since the oldest one came to the inbox it waits in. The customer’s own wait began when the interaction first began to wait; returns and moves do not restart it.",
    customer: (time: string) => `customer ${time}`,
    nobody: "nobody waits",
  },
  progress: {
    label: "In progress",
    means: "Interactions an agent has, also while a colleague has been asked to take over.",
    active: (count: number) => `${count} active`,
    inTransfer: (count: number) => `${count} in transfer`,
    withFlow: (count: number) => `${count} with a flow`,
  },
  slots: {
    label: "Free slots",
    means: "Slots of agents who are online and at a desk that nothing takes: no offer, no interaction, no wrap-up.",
    of: (count: number) => `of ${count}`,
  },
  serviceToday: {
    label: "Service level today",
    means: ({ answerWithin, shortAbandon, timeZone }: Counting) =>
      `Stays answered within ${answerWithin} s ÷ (answered + abandoned − abandoned in under ${shortAbandon} s), of stays in an inbox that ended since midnight in ${timeZone}. Live: those who wait longer than that now count as not answered in time.`,
  },
  serviceRecent: {
    label: "Service level 30 min",
    means: ({ answerWithin, shortAbandon }: Counting) =>
      `Stays answered within ${answerWithin} s ÷ (answered + abandoned − abandoned in under ${shortAbandon} s), of stays in an inbox that ended in the last 30 minutes. Live: those who wait longer than that now count as not answered in time.`,
  },
  service: {
    live: (share: string) => `live ${share}`,
    answered: (within: number, all: number) => `${within} of ${all} in time`,
    nothing: "nothing ended yet",
  },
  abandoned: {
    label: "Abandoned today",
    means: ({ timeZone }: Counting) =>
      `Stays that ended since midnight in ${timeZone} by the customer’s silence while they waited and an answer was owed.`,
    short: (count: number, seconds: number) => `${count} in under ${seconds} s`,
  },
  unanswered: {
    label: "Unanswered",
    means:
      "Open interactions where it is our turn: the customer waits for a person’s answer. Overdue: the promised time has passed.",
    overdue: (count: number) => `${count} overdue`,
  },
  dueSoon: {
    label: "Due in 15 min",
    means: "Unanswered interactions whose promised time passes within 15 minutes.",
  },
  windows: {
    label: "Windows closing in 2 h",
    means:
      "Unanswered interactions whose reply window closes within 2 hours. After that the channel takes no free text until the customer writes again.",
  },
  transfers: {
    label: "Transfers pending",
    means: "Interactions whose agent has asked a colleague to take over, who has not answered yet.",
  },
  licence: {
    label: "Held by the licence",
    means: "Waiting interactions that are not offered because as many are under way as the licence allows.",
  },

  agents: {
    heading: "Agents",
    name: "Name",
    state: "State",
    since: "For",
    interactions: "Interactions",
    asked: "Asked",
    slots: "Slots",
    nobody: "Nobody serves this inbox yet.",
    means:
      "The first that holds: offline, on break, not responding, no desk connected, available (no slot taken), busy (has an interaction), being asked, wrapping up.",
    inUse: (used: number, slots: number) => `${used} of ${slots}`,
    of: {
      available: "Available",
      offered: "Being asked",
      busy: "Busy",
      wrapping_up: "Wrapping up",
      disconnected: "No desk connected",
      break: "Break",
      not_responding: "Not responding",
      offline: "Offline",
    } satisfies Record<AgentState, string>,
    shows: (name: string) => `What ${name} has`,
  },

  gateways: {
    heading: "Gateways",
    name: "Name",
    in: "In",
    out: "Out",
    last: "Last message",
    nothing: "No gateway feeds this inbox.",
    never: "none yet",
    ago: (time: string) => `${time} ago`,
    means:
      "In: whether the gateway takes messages. Out: what became of the attempts to send in the last 15 minutes. Receipts and templates are not watched yet.",
    lightIn: { connected: "Connected", parked: "Parked", retired: "Retired" },
    lightOut: { idle: "Nothing sent", good: "Good", trouble: "Some fail", failing: "All fail" },
    attempts: (taken: number, troubled: number) => `${taken} taken, ${troubled} failed or put off`,
  },

  behind: {
    count: (count: number) => (count === 1 ? "1 interaction" : `${count} interactions`),
    first: (shown: number) => `The ${shown} that wait longest are shown.`,
    nothing: "Nothing is behind this number now.",
    failed: "The list could not be loaded.",
    waits: (time: string) => `waits ${time}`,
    offered: (name: string) => `offered to ${name}`,
    with: (name: string) => `with ${name}`,
    ended: (time: string) => `ended at ${time}`,
    due: (time: string) => `due ${time}`,
    opens: "opens in a new tab",
  },
};
