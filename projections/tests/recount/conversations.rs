//! What is counted of a conversation.

use gatehouse_domain::conversation::{Author, Ending, Event, Opening, SlaClock};
use uuid::Uuid;

use super::agents::Slots;
use super::story::{Holder, Interaction, Part, Story};
use super::{Figures, Whose, interactions as rows};

const NOBODY: Uuid = Uuid::nil();
const DAY: i64 = 24 * 60 * 60 * 1_000;

pub fn count(story: &Story<'_>, slots: &Slots, figures: &mut Figures) {
    let interactions = story.interactions();
    for (nth, one) in interactions.iter().enumerate() {
        opened(story, *one, figures);
        rows::count(story, *one, figures);
        ended(story, *one, interactions.get(nth + 1), figures);
        story.stays(*one).into_iter().for_each(|stay| waited(story, *one, stay, figures));
        story.assignments(*one).into_iter().for_each(|given| handled(story, *one, given, slots, figures));
        story.turns(*one).into_iter().for_each(|turn| responded(story, *one, turn, figures));
        story.within(*one).for_each(|place| happened(story, *one, place, figures));
    }
}

fn opened(story: &Story<'_>, one: Interaction, figures: &mut Figures) {
    let Event::InteractionOpened { inbox, opening, .. } = story.event(one.opened) else { return };
    let by = match opening {
        Opening::Received => NOBODY,
        Opening::Outbound { agent } | Opening::Retaken { agent, .. } => agent.0,
    };
    figures.add("opened", story.at(one.opened), story.whose(inbox.0, by), 1);
}

fn ended(story: &Story<'_>, one: Interaction, next: Option<&Interaction>, figures: &mut Figures) {
    let Some(end) = one.ended else { return };
    let Event::InteractionEnded { ending, .. } = story.event(end) else { return };
    if *ending == Ending::Erased {
        return;
    }
    let at = story.at(end);
    let whose = story.whose(story.inbox_before(one, end), story.agent_before(one, end));
    let human = story.within(one).filter(|place| story.is_human(*place)).count();
    let agents = story.agents(one);
    let flow = story.within(one).any(|place| matches!(story.event(place), Event::HandedToFlow { .. }));
    let missed = story.within(one).any(|place| misses_window(story, one, place));

    figures.add("ended", at, whose, 1);
    figures.add("ended_ms", at, whose, story.between(one.opened, end));
    figures.add("ended_spoken", at, whose, i64::from(human > 0));
    figures.add("ended_one_touch", at, whose, i64::from(human == 1 && agents.len() <= 1));
    figures.add("ended_window_missed", at, whose, i64::from(missed));
    figures.add("ended_with_flow", at, whose, i64::from(flow));
    figures.add("ended_contained", at, whose, i64::from(story.is_contained(one, end)));

    let reopened = next.is_some_and(|next| story.between(end, next.opened) <= DAY);
    figures.sample("reopen_rate", at, whose, i64::from(reopened));
}

fn waited(story: &Story<'_>, one: Interaction, stay: Part, figures: &mut Figures) {
    let Event::Queued { inbox, .. } = story.event(stay.from) else { return };
    let nobody = story.whose(inbox.0, NOBODY);
    figures.add("offered", story.at(stay.from), nobody, 1);
    let Some(left) = stay.to else { return };
    let (at, ms) = (story.at(left), story.between(stay.from, left));
    match story.event(left) {
        Event::Assigned { agent, .. } => {
            let whose = story.whose(inbox.0, agent.0);
            figures.add("answered", at, whose, 1);
            figures.add("answered_ms", at, whose, ms);
            figures.add("answered_in_time", at, whose, i64::from(ms <= 60_000));
            figures.sample("speed_of_answer", at, whose, ms);
        }
        Event::InteractionEnded { ending: Ending::Idle, .. } if story.turn_before(one, left) => {
            figures.add("abandoned", at, nobody, 1);
            figures.add("abandoned_ms", at, nobody, ms);
            figures.add("abandoned_short", at, nobody, i64::from(ms < 10_000));
            figures.sample("abandonment", at, nobody, ms);
        }
        _ => figures.add("flowed_out", at, nobody, 1),
    }
}

fn handled(story: &Story<'_>, one: Interaction, given: Part, slots: &Slots, figures: &mut Figures) {
    let Event::Assigned { agent, hold, .. } = story.event(given.from) else { return };
    let Some(released) = given.to else { return };
    let whose = story.whose(story.inbox_before(one, released), agent.0);
    let (at, ms) = (story.at(released), story.between(given.from, released));
    figures.add("handled", at, whose, 1);
    figures.add("handled_ms", at, whose, ms);
    figures.sample("handle_time", at, whose, ms);

    let Event::InteractionEnded { ending, .. } = story.event(released) else { return };
    if let (false, Some(slot_released)) = (*ending == Ending::Erased, slots.get(hold).copied().flatten()) {
        figures.sample("wrap_up", slot_released, whose, slot_released - at);
    }
}

fn responded(story: &Story<'_>, one: Interaction, turn: Part, figures: &mut Figures) {
    let first = story.is_first(one, turn);
    let asked = story.at(turn.from);
    let Some(closed) = turn.to else {
        let inbox = story.inbox_before(one, turn.from + 1);
        figures.turns.push((story.whose(inbox, NOBODY), asked, None));
        promised(story, one, turn, first, figures);
        return;
    };
    let (at, ms) = (story.at(closed), story.between(turn.from, closed));
    let inbox = story.inbox_before(one, closed);
    figures.turns.push((story.whose(inbox, NOBODY), asked, Some(at)));
    promised(story, one, turn, first, figures);
    if !story.is_human(closed) {
        return;
    }
    let whose = story.whose(inbox, who_wrote(story, closed));
    let [count, sum, sample] = match first {
        true => ["first_responses", "first_response_ms", "first_response"],
        false => ["next_responses", "next_response_ms", "next_response"],
    };
    figures.add(count, at, whose, 1);
    figures.add(sum, at, whose, ms);
    figures.sample(sample, at, whose, ms);
    // The part since whoever answered was given it for the last time: a transfer begins an agent's own part anew.
    if matches!(story.event(closed), Event::ReplyQueued { .. }) {
        let given = story.assignments(one).into_iter().rfind(|given| given.from < closed);
        let since = given.map_or(turn.from, |given| given.from.max(turn.from));
        figures.sample("agent_response_ms", at, whose, story.between(since, closed));
    }
}

/// The promise about a turn: broken once it was told so, kept by an answer before that.
fn promised(story: &Story<'_>, one: Interaction, turn: Part, first: bool, figures: &mut Figures) {
    let Event::InteractionOpened { sla, .. } = story.event(one.opened) else { return };
    let promised = if first { sla.first_response_ms } else { sla.next_response_ms };
    if promised.is_none() {
        return;
    }
    let [met, breached] =
        if first { ["sla_first_met", "sla_first_breached"] } else { ["sla_next_met", "sla_next_breached"] };
    let last = turn.to.unwrap_or(*story.within(one).end());
    let told = (turn.from..=last).find(|place| matches!(story.event(*place), Event::SlaBreached { .. }));
    if let Some(told) = told {
        let Event::SlaBreached { clock, .. } = story.event(told) else { return };
        assert_eq!(*clock == SlaClock::FirstResponse, first, "the breach of another clock");
        let whose = story.whose(story.inbox_before(one, told), story.agent_before(one, told));
        figures.add(breached, story.at(told), whose, 1);
        return;
    }
    // Had it been due by then, its breach would have been told before the answer.
    let Some(answered) = turn.to.filter(|closed| story.is_human(*closed)) else { return };
    let whose = story.whose(story.inbox_before(one, answered), who_wrote(story, answered));
    figures.add(met, story.at(answered), whose, 1);
}

fn who_wrote(story: &Story<'_>, place: usize) -> Uuid {
    match story.event(place) {
        Event::ReplyQueued { author: Author::Agent { agent }, .. } => agent.0,
        _ => NOBODY,
    }
}

/// The reply window closed while a turn of the customer was open, and not in the hands of a flow.
pub fn misses_window(story: &Story<'_>, one: Interaction, place: usize) -> bool {
    matches!(story.event(place), Event::WindowExpired { .. })
        && story.turn_before(one, place)
        && story.holder_before(one, place) != Holder::Flow
}

/// What is counted where it happens.
fn happened(story: &Story<'_>, one: Interaction, place: usize, figures: &mut Figures) {
    let inbox = || story.inbox_before(one, place);
    let here = |agent: Uuid| story.whose(inbox(), agent);
    let who_has_it = || here(story.agent_before(one, place));
    let mut count = |column: &'static str, whose: Whose| figures.add(column, story.at(place), whose, 1);
    match story.event(place) {
        Event::Queued { inbox: to, .. } if to.0 != inbox() => {
            count("moves_out", who_has_it());
            count("moves_in", story.whose(to.0, story.agent_before(one, place)));
        }
        Event::OfferAccepted { agent, offer, .. } => {
            count("offers_accepted", here(agent.0));
            let made = (one.opened..place).rev().find(|earlier| match story.event(*earlier) {
                Event::Offered { offers, .. } => offers.iter().any(|one| one.offer == *offer),
                _ => false,
            });
            let ms = story.between(made.expect("what is accepted was offered"), place);
            let whose = here(agent.0);
            figures.add("offers_accepted_ms", story.at(place), whose, ms);
            figures.sample("acceptance", story.at(place), whose, ms);
        }
        Event::OfferDeclined { agent, .. } => count("offers_declined", here(agent.0)),
        Event::OfferLapsed { agent, .. } => count("offers_lapsed", here(agent.0)),
        Event::OfferWithdrawn { agent, .. } => count("offers_withdrawn", here(agent.0)),
        Event::TransferRequested { from, .. } => count("transfers_out", here(from.0)),
        Event::TransferAccepted { transfer, .. } => {
            let (_, to) = asked(story, one, place, *transfer);
            count("transfers_in", here(to));
        }
        Event::TransferDeclined { transfer, .. } | Event::TransferLapsed { transfer, .. } => {
            let (from, _) = asked(story, one, place, *transfer);
            count("transfers_returned", here(from));
        }
        Event::TransferWithdrawn { transfer, .. } => {
            let (from, _) = asked(story, one, place, *transfer);
            count("transfers_withdrawn", here(from));
        }
        Event::WindowExpired { .. } if misses_window(story, one, place) => count("windows_missed", who_has_it()),
        Event::MessageReceived { .. } => count("messages_received", who_has_it()),
        Event::MessageEchoed { .. } => count("messages_echoed", here(NOBODY)),
        Event::ReplyQueued { author: Author::Agent { agent }, .. } => count("messages_written", here(agent.0)),
        Event::ReplyQueued { .. } => count("messages_automatic", here(NOBODY)),
        _ => {}
    }
}

/// Who asked whom.
fn asked(story: &Story<'_>, one: Interaction, place: usize, wanted: gatehouse_domain::TransferId) -> (Uuid, Uuid) {
    let asked = (one.opened..place).rev().find_map(|earlier| match story.event(earlier) {
        Event::TransferRequested { transfer, from, to, .. } if *transfer == wanted => Some((from.0, to.0)),
        _ => None,
    });
    asked.expect("what is answered was asked for")
}
