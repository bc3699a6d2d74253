/** Why the server refused, in words for agents: by its code, and else in its own words. */

const REFUSALS: Record<string, string> = {
  address_unknown: "there is no address to write to.",
  agent_lacks_skill: "this inbox asks for a skill you do not have.",
  agent_not_connected: "your desk was not connected. Try again.",
  agent_not_responding: "you did not respond to an offer. Go online again first.",
  agent_offline: "you are offline. Go online first.",
  agent_on_break: "you are on a break. Go online first.",
  agent_unsettled: "your slots are just changing. Try again.",
  already_open: "there is an open interaction already.",
  erased: "the contact was erased.",
  forbidden: "your role does not allow this.",
  held_by_licence: "as many interactions are open as the licence allows. End one first.",
  link_to_self: "a contact cannot be linked with itself.",
  linked_through_others: "they are linked through somebody else. Undo that link instead.",
  no_agent: "you answer no customers.",
  no_answer: "the server did not answer.",
  no_free_slot: "you have no free slot. End an interaction first.",
  no_free_slot_on_channel: "you have no free slot on this channel. End an interaction first.",
  not_found: "it is not there any more, or not for you to see.",
  not_member: "this inbox is served by others.",
  not_open: "the interaction has ended.",
  not_owner: "the conversation is not yours any more.",
  nothing_to_retake: "there is no ended interaction to take up again.",
  opted_out: "the contact does not want to be written to on this channel.",
  overloaded: "the server is too busy just now.",
  standby: "the server is just being changed over. Try again.",
  taken: "a colleague has it already.",
  text_blank: "there is no text in it.",
  text_too_long: "the text is too long for this channel.",
  too_many_linked: "so many contacts cannot be one person.",
  too_many_properties: "a contact cannot have more properties.",
  too_many_tags: "an interaction cannot have more tags.",
  unavailable: "it cannot be stored just now. Try again.",
  unknown_contact: "this contact is not there any more, or not for you to see.",
  unknown_end_reason: "this reason is no longer in use.",
  unreadable: "this server cannot read the conversation; an administrator can see why.",
  window_closed: "the reply window is closed.",
};

export const NO_ANSWER = REFUSALS.no_answer ?? "";

export function refusalReason({ code, detail }: { code: string; detail: string }): string {
  return REFUSALS[code] ?? detail;
}
