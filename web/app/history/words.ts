/** The sentences of the history. */

import type { Field } from "./query";

export const history = {
  tab: "History",
  label: "What was found",
  fields: {
    text: "Words",
    contact: "Contact",
    agent: "Agent",
    inbox: "Inbox",
    channel: "Channel",
    reason: "End reason",
    tag: "Tag",
    from: "From",
    to: "To",
  } satisfies Record<Field, string>,
  placeholder: "Search what was said",
  contactPlaceholder: "Name, number or address",
  anything: "Any",
  noChoice: "None of that name",
  clearWords: "Clear the words",
  clearField: (name: string) => `Clear: ${name}`,
  filters: "Filters",
  filtersSet: (count: number) => (count === 1 ? "Filters, 1 set" : `Filters, ${count} set`),
  clear: "Clear the search",
  /** The server's words about a field: "has no word to look for". */
  wrong: (what: string) => `This ${what}.`,
  searching: "Searching",
  found: (count: number, more: boolean) =>
    count === 1 && !more ? "1 found" : more ? `The newest ${count} are shown` : `${count} found, newest first`,
  more: "Show more",
  moreFailed: "More could not be loaded.",
  nothing: "Nothing found",
  nothingLead: "Try fewer words or filters, or the beginning of a word.",
  wrongQuestion: "This cannot be searched",
  wrongLead: "Mend what is marked above.",
  empty: "No history yet",
  emptyLead: "What customers write appears here.",
  failed: "The history could not be searched.",
  failedLead: "The server cannot be reached, or is too busy just now.",
  interaction: (number: number) => `interaction ${number}`,
  states: {
    queue: "waiting",
    offer: "being offered",
    agent: "open",
    flow: "with a flow",
    ended: "ended",
  } as Record<string, string>,
  note: "Note",
};
