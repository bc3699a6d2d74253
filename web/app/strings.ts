/** Every sentence on the screen. One typed place, so that a second language is a second object of this shape. */

import { board } from "./board/words";
import { contact } from "./contact/words";
import { history } from "./history/words";
import type { FieldProblem, MomentEntry, Presence, Status } from "./live/protocol";

export const say = {
  product: "Gatehouse",
  title: (waiting: number) => (waiting > 0 ? `(${waiting}) Desk · Gatehouse` : "Desk · Gatehouse"),
  close: "Close",
  cancel: "Cancel",
  retry: "Try again",
  /** The server's words about a field: "has no word to look for". */
  wrong: (what: string) => `This ${what}.`,
  you: "You",
  youWithin: "you",

  signIn: {
    heading: "Sign in",
    lead: "Your desk for every customer message.",
    login: "Login",
    password: "Password",
    reveal: "Show what is typed",
    submit: "Sign in",
    signOut: "Sign out",
    wrong: "Login or password is wrong.",
    unreachable: "The server cannot be reached. Check the connection and try again.",
    expired: "You were signed out",
    expiredLead: "Sign in to go on. What you have written is kept.",
  },

  connection: {
    opening: "Opening your desk",
    lost: "Reconnecting. What you send now is kept and goes out when the connection is back.",
    failed: "The server cannot be reached.",
    failedLead: "Gatehouse keeps trying by itself.",
    now: "Try now",
    back: "Connected again",
  },

  presence: {
    label: "Your presence",
    of: { online: "Online", break: "Break", offline: "Offline" } satisfies Record<Presence, string>,
    refused: (detail: string) => `Your presence was not changed: ${detail}`,
    leaveHeading: "Go offline?",
    leave: (count: number) =>
      count === 1
        ? "The conversation you hold goes back to its inbox for a colleague."
        : `The ${count} conversations you hold go back to their inboxes for your colleagues.`,
    leaveConfirm: "Go offline",
    goOnline: "Go online",
    slots: (used: number, capacity: number) => `${used} of ${capacity} slots in use`,
  },

  offers: {
    heading: "Offered to you",
    accept: "Accept",
    decline: "Decline",
    secondsLeft: (seconds: number) => `${seconds} s left`,
    over: "Time is up",
    taken: (name: string) => `${name} accepted it first.`,
    gone: "This offer is no longer open.",
    refused: (detail: string) => `That did not work: ${detail}`,
  },

  lists: {
    label: "Conversations",
    mine: "Mine",
    waiting: "Waiting",
    team: "Team",
    filter: "Filter conversations",
    noMatch: "No conversation matches.",
    clearFilter: "Clear the filter",
    empty: {
      mine: { heading: "Nothing to answer", lead: "New offers appear here while you are online." },
      waiting: { heading: "The queue is clear", lead: "Nobody waits for an answer." },
      team: { heading: "All quiet", lead: "None of your colleagues holds a conversation." },
    },
    reorder: "Order has changed: refresh",
    unanswered: "Unanswered",
    waits: (duration: string) => `waits ${duration}`,
    offeredTo: (name: string) => `offered to ${name}`,
    windowSoon: (left: string) => `window ${left}`,
    windowClosed: "window closed",
    nothingYet: "No message yet",
    notText: "Not a text message",
  },

  conversation: {
    none: "Choose a conversation",
    noneLead: "or wait for the next offer",
    unknown: "This conversation cannot be shown",
    unknownLead: "It does not exist, or it is not for you to see.",
    unreached: "The conversation could not be opened.",
    unnamed: "Unnamed contact",
    back: "Back to the list",
    end: "End",
    retake: "Take up again",
    retakeRefused: (detail: string) => `It could not be taken up again: ${detail}`,
    opening: "Opening the conversation",
    timeline: "Timeline",
    loading: "Loading the timeline",
    failed: "The timeline could not be loaded.",
    latest: "Latest",
    newBelow: (count: number) => (count === 1 ? "1 new message" : `${count} new messages`),
    interaction: (number: number) => `Interaction ${number}`,
    earlier: "Earlier",
    earlierFailed: "What was said earlier could not be loaded.",
    seeking: "Going back to what you look for",
    notHere: "What you look for is not in this conversation.",
    unsupported: (type: string) => `This page cannot show a message of the kind “${type}” yet.`,
    erased: "This message was erased.",
    noteBy: (name: string) => `Note by ${name}`,
    noteRefused: (detail: string) => `The note was not taken: ${detail}`,
    flow: "Flow",
    system: "Gatehouse",
    somebody: "A colleague",
  },

  details: {
    label: "Details",
    contact: "Contact",
    gateway: "Came in by",
    inbox: "Inbox",
    owner: "With",
    interaction: "Interaction",
    since: "Since",
    window: "Reply window",
    ended: "Ended interactions",
    show: "Show details",
    tags: "Tags",
    addTag: "Add a tag",
    removeTag: (tag: string) => `Take off the tag ${tag}`,
    noTags: "none",
    tagRefused: (detail: string) => `The tag was not changed: ${detail}`,
    noWindow: "No limit on this channel",
  },

  owner: {
    queue: "Waiting in the queue",
    offered: (names: string) => `Offered to ${names}`,
    agent: (name: string) => name,
    flow: "A flow",
    nobody: "Nobody: it has ended",
  },

  window: {
    label: "Reply window:",
    open: (left: string) => `${left} left`,
    closed: "Reply window closed",
    until: (time: string) => `Until ${time}`,
  },

  composer: {
    label: (name: string) => `Reply to ${name}`,
    placeholder: "Write a reply",
    send: "Send",
    queue: "Queue",
    hint: "Enter sends, Shift+Enter starts a new line",
    toNote: "Write a note",
    toReply: "Back to the reply",
    noteLabel: (name: string) => `Note about ${name}`,
    notePlaceholder: "Write a note for your colleagues",
    addNote: "Add note",
    noteHint: "Only colleagues see notes",
    tooLong: (over: number) => `${over} characters too long for this channel`,
    left: (count: number) => `${count} characters left`,
    blocked: {
      queue: (inbox: string) =>
        `This conversation waits in ${inbox}. It can be answered once it is offered to you and you accept.`,
      offeredToMe: "Accept the offer to answer.",
      offered: (name: string) => `This conversation is offered to ${name}.`,
      agent: (name: string) => `${name} answers this conversation.`,
      flow: "A flow answers this conversation.",
      nobody: (reason: string, next: number) =>
        `This interaction has ended (${reason}). When the contact writes again, interaction ${next} opens.`,
      window: (channel: string, time: string) =>
        `The reply window closed on ${time}. ${channel} allows a reply again once the contact has written.`,
    },
    optedOut: (channel: string) =>
      `The contact does not want to be written to on ${channel}. That can be changed beside the conversation.`,
    notOnline: "You are not online: you can finish what you hold, and nothing new is offered to you.",
  },

  delivery: {
    of: {
      queued: "Queued",
      sending: "Sending",
      deferred: "Delayed, will be tried again",
      indeterminate: "Not known whether it arrived",
      submitted: "Handed over",
      sent: "Sent",
      delivered: "Delivered",
      read: "Read",
      failed: "Failed",
      discarded: "Discarded",
    } satisfies Record<Status, string>,
    waiting: "Waits for the connection",
    failed: (reason: string | null) => (reason ? `Not delivered: ${reason}` : "Not delivered"),
    refused: (reason: string) => `Not sent: ${reason}`,
    discard: "Discard",
    open: "Open",
    refusedTo: (name: string, reason: string) => `Not sent to ${name}: ${reason}`,
    goneContact: "a contact who left your desk",
  },

  end: {
    heading: "End this interaction",
    lead: (name: string) => `Why is the interaction with ${name} over?`,
    unanswered: "The last message of the contact has no reply yet.",
    submit: "End interaction",
    reason: "Reason",
    noReasons: "No end reason is set up. Ask an administrator to add one.",
    refused: (detail: string) => `It could not be ended: ${detail}`,
    idle: "idle",
    none: "no reason",
  },

  moments: {
    opened: () => "Opened",
    queued: () => "Waiting in the queue",
    offered: (name) => `Offered to ${name}`,
    accepted: (name) => `${name} accepted`,
    declined: (name) => `${name} declined`,
    lapsed: (name) => `The offer to ${name} lapsed`,
    withdrawn: (name) => `The offer to ${name} was withdrawn`,
    assigned: (name) => `Assigned to ${name}`,
    ended: (name, reason) => (name ? `${name} ended it: ${reason}` : `Ended: ${reason}`),
    transfer_requested: (name) => `Transfer to ${name} requested`,
    transfer_declined: (name) => `${name} declined the transfer`,
    transfer_lapsed: () => "The transfer lapsed",
    transfer_withdrawn: () => "The transfer was withdrawn",
    handed_to_flow: () => "Handed to a flow",
    flow_ended: () => "The flow ended",
    window_expired: () => "The reply window closed",
    erased: () => "The contact was erased",
    tagged: (name, reason) => `${name} tagged it “${reason}”`,
    untagged: (name, reason) => `${name} took off the tag “${reason}”`,
  } as Record<MomentEntry["what"], (name: string, reason: string) => string>,

  board,
  contact,
  history,

  menu: {
    label: "Menu",
    appearance: "Appearance",
    auto: "As the system",
    light: "Light",
    dark: "Dark",
    shortcuts: "Keyboard shortcuts",
    board: "Board",
    desk: "Desk",
  },

  shortcuts: {
    heading: "Keyboard shortcuts",
    letters: "Single-letter shortcuts",
    lettersLead: "Turn them off if you use speech input.",
    rows: [
      [["J"], "Next conversation"],
      [["K"], "Previous conversation"],
      [["Alt", "K"], "Next conversation, also while writing"],
      [["Alt", "J"], "Previous conversation, also while writing"],
      [["A"], "Accept the next offer"],
      [["R"], "Reply"],
      [["N"], "Write a note"],
      [["E"], "End the interaction"],
      [["H"], "Search the history"],
      [["/"], "Filter conversations, or search"],
      [["Esc"], "Leave the field for the list"],
      [["Alt", "1"], "Go online"],
      [["Alt", "2"], "Take a break"],
      [["Alt", "3"], "Go offline"],
      [["Enter"], "Send the reply"],
      [["Shift", "Enter"], "New line in the reply"],
      [["?"], "Keyboard shortcuts"],
    ] as [string[], string][],
  },

  channels: {
    whatsapp: "WhatsApp",
    messenger: "Messenger",
    instagram: "Instagram",
    telegram: "Telegram",
    viber: "Viber",
    sms: "SMS",
    email: "E-mail",
    web_chat: "Web chat",
    custom_im: "Custom IM",
  } as Record<string, string>,
};

export function channelName(channel: string): string {
  return say.channels[channel] ?? channel;
}

/** What the server says is wrong with a field, as a sentence. */
export function wrongWith(wrong: readonly FieldProblem[], field: string): string | undefined {
  const problem = wrong.find((one) => one.field === field);
  return problem && say.wrong(problem.message);
}
