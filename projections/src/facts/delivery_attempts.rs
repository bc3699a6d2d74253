//! Delivery attempts: each time a message was handed to a provider.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Event};
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId, MessageId};

use super::messages;
use super::scene::{Place, Scene};
use super::time::ms;
use crate::table::{Cell, Change};

crate::row! {
    /// One attempt to hand a message to its provider.
    pub struct DeliveryAttempt in DELIVERY_ATTEMPTS "delivery_attempts" key 3
        indexes [["began_at"], ["gateway_id", "closed_at"]]
    {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message.
        message_id: MessageId,
        /// 1, 2, 3.
        attempt: u32,
        /// The account it was sent by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// When it began; none for one that only the lost end of a restored log knew of.
        began_at: Option<DateTime<Utc>>,
        /// When its outcome was known; none: it is under way.
        closed_at: Option<DateTime<Utc>>,
        /// submitted (the provider has it), deferred (not taken, tried again later), failed, indeterminate.
        outcome: Option<&'static str>,
        /// Why it was deferred or failed, in the provider's words.
        reason: Option<String>,
        /// From its beginning to its outcome, in milliseconds.
        took_ms: Option<i64>,
    }
}

/// What an erased contact's unsent messages fail with: no provider had a part in it.
const ERASED: &str = "erased";

/// The messages of one conversation that no provider has, as far as is known.
#[derive(Default)]
pub struct Sends {
    waiting: BTreeMap<MessageId, Send>,
}

struct Send {
    gateway: GatewayId,
    /// Where it was written; none where no interaction was open.
    inbox: Option<InboxId>,
    agent: Option<AgentId>,
    attempt: Option<DeliveryAttempt>,
    /// It failed, which is counted once. News may come in any order: the provider may still tell that it took it.
    failed: bool,
}

impl Sends {
    pub fn told(&mut self, event: &Event, place: &Place, scene: Option<&Scene>, changes: &mut Vec<Change>) {
        match event {
            Event::ReplyQueued { message, author, gateway, .. } => {
                let agent = if let Author::Agent { agent } = author { Some(*agent) } else { None };
                let inbox = scene.map(|scene| scene.inbox);
                let send = Send { gateway: *gateway, inbox, agent, attempt: None, failed: false };
                self.waiting.insert(*message, send);
            }
            Event::SendAttempted { message, attempt, .. } => {
                let Some(send) = self.waiting.get_mut(message) else { return };
                let began = send.attempt.insert(row(*message, *attempt, send.gateway, place));
                began.began_at = Some(place.at);
                changes.push(Change::put(began.clone()));
            }
            Event::SendDeferred { message, reason, .. } => {
                let Some(send) = self.waiting.get_mut(message) else { return };
                closed(send.attempt.take(), "deferred", Some(reason), place, changes);
            }
            Event::ReplyIndeterminate { message, attempt, .. } => {
                let Some(send) = self.waiting.get_mut(message) else { return };
                // After a restore it may be one that nobody remembers.
                let known = send.attempt.take().unwrap_or_else(|| row(*message, *attempt, send.gateway, place));
                closed(Some(known), "indeterminate", None, place, changes);
            }
            Event::ReplySubmitted { message, .. }
            | Event::ReplySent { message, .. }
            | Event::ReplyDelivered { message, .. }
            | Event::ReplyRead { message, .. } => {
                let Some(send) = self.waiting.remove(message) else { return };
                let taken = vec![("submitted_at", place.at.value())];
                changes.push(messages::set(place.conversation, *message, taken));
                send.counted("messages_submitted", place, changes);
                closed(send.attempt, "submitted", None, place, changes);
            }
            Event::ReplyFailed { message, reason, .. } => {
                let Some(send) = self.waiting.get_mut(message) else { return };
                closed(send.attempt.take(), "failed", Some(reason), place, changes);
                if !std::mem::replace(&mut send.failed, true) && reason != ERASED {
                    send.counted("messages_unsent", place, changes);
                }
            }
            _ => {}
        }
    }
}

impl Send {
    fn counted(&self, what: &'static str, place: &Place, changes: &mut Vec<Change>) {
        let place = Place { gateway: self.gateway, ..*place };
        changes.extend(self.inbox.map(|inbox| place.count(inbox, self.agent, &[(what, 1)])));
    }
}

fn row(message: MessageId, attempt: u32, gateway: GatewayId, place: &Place) -> DeliveryAttempt {
    DeliveryAttempt {
        conversation_id: place.conversation,
        message_id: message,
        attempt,
        gateway_id: gateway,
        channel: place.channel,
        began_at: None,
        closed_at: None,
        outcome: None,
        reason: None,
        took_ms: None,
    }
}

fn closed(
    attempt: Option<DeliveryAttempt>,
    outcome: &'static str,
    reason: Option<&String>,
    place: &Place,
    changes: &mut Vec<Change>,
) {
    let Some(attempt) = attempt else { return };
    changes.push(Change::put(DeliveryAttempt {
        closed_at: Some(place.at),
        outcome: Some(outcome),
        reason: reason.cloned(),
        took_ms: attempt.began_at.map(|began| ms(began, place.at)),
        ..attempt
    }));
}
