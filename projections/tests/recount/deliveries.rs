//! What is counted of the messages of a conversation: what became of them, and what was tried.

use std::collections::BTreeSet;

use gatehouse_domain::MessageId;
use gatehouse_domain::conversation::{Author, Event};
use uuid::Uuid;

use super::story::Story;
use super::{Figures, Whose};

pub fn count(story: &Story<'_>, figures: &mut Figures) {
    for place in story.places() {
        match story.event(place) {
            Event::MessageReceived { message: _, sent_at, .. } => {
                let Some(one) = story.interaction(place) else { continue };
                let whose = story.whose(story.inbox_before(one, place), story.agent_before(one, place));
                let lag = story.at(place) - sent_at.timestamp_millis();
                figures.sample("ingress_lag", story.at(place), whose, lag.max(0));
            }
            Event::ReplyQueued { message, author, .. } => {
                let author = match author {
                    Author::Agent { agent } => agent.0,
                    Author::Flow { .. } | Author::Api => Uuid::nil(),
                };
                sent(story, place, *message, author, figures);
            }
            _ => {}
        }
    }
    attempts(story, figures);
}

/// What became of a message of ours, written at `place`.
fn sent(story: &Story<'_>, place: usize, message: MessageId, author: Uuid, figures: &mut Figures) {
    let mut later = place + 1..story.told.len();
    let taken = later.clone().find(|news| is_taken(story.event(*news), message));
    let failed =
        later.find(|news| matches!(story.event(*news), Event::ReplyFailed { message: of, .. } if *of == message));
    let one = story.interaction(place);
    // Where its interaction was when it was written, whatever has become of that since.
    let inbox = one.map(|one| story.inbox_before(one, place));
    if let (Some(taken), Some(inbox)) = (taken, inbox) {
        figures.add("messages_submitted", story.at(taken), story.whose(inbox, author), 1);
    }
    if let Some(failed) = failed
        && taken.is_none_or(|taken| failed < taken)
        && !matches!(story.event(failed), Event::ReplyFailed { reason, .. } if reason == "erased")
        && let Some(inbox) = inbox
    {
        figures.add("messages_unsent", story.at(failed), story.whose(inbox, author), 1);
    }
    let Some(taken) = taken else { return };
    let whose = story.whose(inbox.unwrap_or_default(), author);
    let delivered: Vec<usize> = [is_delivered, is_read]
        .into_iter()
        .filter_map(|receipt: fn(&Event, MessageId) -> bool| {
            (taken..story.told.len()).rev().find(|news| receipt(story.event(*news), message))
        })
        .collect();
    figures.sample("delivery_success", story.at(taken), whose, i64::from(!delivered.is_empty()));
    if let Some(first) = delivered.into_iter().min() {
        figures.sample("delivery_latency", story.at(taken), whose, story.between(taken, first));
    }
}

fn is_delivered(event: &Event, of: MessageId) -> bool {
    matches!(event, Event::ReplyDelivered { message, .. } if *message == of)
}

fn is_read(event: &Event, of: MessageId) -> bool {
    matches!(event, Event::ReplyRead { message, .. } if *message == of)
}

/// Whether an event says that the provider has a message: its answer, or a receipt.
fn is_taken(event: &Event, of: MessageId) -> bool {
    match event {
        Event::ReplySubmitted { message, .. } | Event::ReplySent { message, .. } => *message == of,
        _ => is_delivered(event, of) || is_read(event, of),
    }
}

/// Every attempt, by its message and number, is closed by the first thing told of it.
fn attempts(story: &Story<'_>, figures: &mut Figures) {
    let named = |place: usize| match story.event(place) {
        Event::SendAttempted { message, attempt, .. } | Event::ReplyIndeterminate { message, attempt, .. } => {
            Some((*message, *attempt))
        }
        _ => None,
    };
    let all: BTreeSet<(MessageId, u32)> = story.places().filter_map(named).collect();
    for (message, attempt) in all {
        let began = |place: &usize| {
            matches!(story.event(*place), Event::SendAttempted { message: of, attempt: nth, .. }
                if (*of, *nth) == (message, attempt))
        };
        let from = story.places().find(began).map_or(0, |began| began + 1);
        let tells_of_it = |place: &usize| match story.event(*place) {
            Event::SendDeferred { message: of, attempt: nth, .. }
            | Event::ReplyIndeterminate { message: of, attempt: nth, .. } => (*of, *nth) == (message, attempt),
            Event::ReplyFailed { message: of, .. } => from > 0 && *of == message,
            event => from > 0 && is_taken(event, message),
        };
        let Some(closed) = (from..story.told.len()).find(tells_of_it) else { continue };
        let doubtful = matches!(story.event(closed), Event::ReplyIndeterminate { .. });
        let whose = Whose { inbox: Uuid::nil(), ..story.whose(Uuid::nil(), Uuid::nil()) };
        figures.sample("indeterminate_rate", story.at(closed), whose, i64::from(doubtful));
    }
}
