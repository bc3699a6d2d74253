//! Attempts and receipts. An attempt is committed before the provider is called, and none follows one without outcome:
//! never a silent second send.

use chrono::{DateTime, Utc};

use super::Decision;
use crate::conversation::{
    Conversation, Delivery, Event, Outbound, ProviderReference, Refusal, Report, Resolution, Sending,
};
use crate::{AgentId, MessageId, Personal};

pub fn begin(this: &Conversation, message: MessageId, attempt: u32, at: DateTime<Utc>) -> Decision {
    match find(this, message)?.sending {
        Sending::Queued { attempts } if attempt == attempts + 1 => {
            Ok(vec![Event::SendAttempted { message, attempt, at }])
        }
        Sending::Queued { attempts } => Err(Refusal::AttemptOutOfTurn { expected: attempts + 1 }),
        Sending::Attempted { .. } | Sending::Indeterminate { .. } => Err(Refusal::AttemptUnresolved),
        Sending::Discarded | Sending::Reported(_) => Err(Refusal::NothingToSend),
    }
}

/// The provider did not take it: the next attempt may begin at `until`.
pub fn defer(
    this: &Conversation,
    message: MessageId,
    attempt: u32,
    until: DateTime<Utc>,
    reason: String,
    at: DateTime<Utc>,
) -> Decision {
    match find(this, message)?.sending {
        Sending::Attempted { attempt: current } if current == attempt => {
            Ok(vec![Event::SendDeferred { message, attempt, until, reason, at }])
        }
        _ => Ok(vec![]),
    }
}

/// News of a message. Only what is news becomes an event, so repetition and disorder leave no trace.
pub fn record(this: &Conversation, message: MessageId, delivery: Delivery, at: DateTime<Utc>) -> Vec<Event> {
    let Some(party) = this.party else { return vec![] };
    let known = this.messages.outbound(message);
    let gateway = known.map_or(party.gateway, |outbound| outbound.gateway);
    // Settled messages are forgotten after a while; news of one is still a fact, and readers join it the same way.
    let news = |report| known.is_none_or(|outbound| outbound.sending.is_news(report));
    let event = match delivery {
        Delivery::Submitted { provider_id } => {
            let personal = Personal::Known(ProviderReference { provider_id });
            let news = known.is_some_and(|outbound| outbound.sending.is_news(Report::Submitted));
            news.then_some(Event::ReplySubmitted { message, gateway, at, personal })
        }
        Delivery::Sent => news(Report::Sent).then_some(Event::ReplySent { message, at }),
        Delivery::Delivered => news(Report::Delivered).then_some(Event::ReplyDelivered { message, at }),
        Delivery::Read => news(Report::Read).then_some(Event::ReplyRead { message, at }),
        Delivery::Failed { reason } => news(Report::Failed).then_some(Event::ReplyFailed { message, reason, at }),
        Delivery::Indeterminate { attempt } => {
            let waiting = known.is_some_and(|outbound| outbound.sending == Sending::Attempted { attempt });
            waiting.then_some(Event::ReplyIndeterminate { message, attempt, at })
        }
    };
    event.into_iter().collect()
}

/// The log was restored: whatever it says is unsent may have been sent since the backup was made, in an attempt that
/// nobody remembers. That attempt counts.
pub fn doubt(this: &Conversation, message: MessageId, at: DateTime<Utc>) -> Decision {
    let attempt = match find(this, message)?.sending {
        Sending::Queued { attempts } => attempts + 1,
        Sending::Attempted { attempt } => attempt,
        Sending::Indeterminate { .. } | Sending::Discarded | Sending::Reported(_) => return Ok(vec![]),
    };
    Ok(vec![Event::ReplyIndeterminate { message, attempt, at }])
}

pub fn resolve(
    this: &Conversation,
    message: MessageId,
    resolution: Resolution,
    by: AgentId,
    at: DateTime<Utc>,
) -> Decision {
    match find(this, message)?.sending {
        Sending::Indeterminate { .. } => Ok(vec![Event::SendResolved { message, resolution, by, at }]),
        _ => Err(Refusal::NotIndeterminate),
    }
}

fn find(this: &Conversation, message: MessageId) -> Result<&Outbound, Refusal> {
    this.messages.outbound(message).ok_or(Refusal::NoSuchMessage)
}
