//! The rules of a conversation. They read the state and name the events; nothing is changed here.
//!
//! - `receiving`: what the customer does is always kept.
//! - `offering`: offers and assignments, every race with one winner.
//! - `transferring`: the owner keeps the interaction until the transfer is accepted.
//! - `replying`: who may write, and when; the reply window.
//! - `sending`: attempts and receipts.
//! - `tagging`: what an open interaction is about, in a word.
//! - `ending`: idle, ended with a reason, taken up again; erased.

mod ending;
mod offering;
mod receiving;
mod replying;
mod sending;
mod tagging;
mod transferring;

use chrono::{DateTime, Utc};

use super::{Command, Conversation, Event, Interaction, Note, Owner, Phase, Reaction, Refusal, Withdrawn};
use crate::Personal;

type Decision = Result<Vec<Event>, Refusal>;

/// Decides what `command` makes happen at `now`. No events means: it has happened already.
pub fn decide(this: &Conversation, command: Command, now: DateTime<Utc>) -> Decision {
    let mut events = asked(this, command, now)?;
    // Whoever answers late, before the deadline was told: the promise was broken all the same.
    if let Some(broken) = this.promise.broken_by(&events, now) {
        events.insert(0, broken);
    }
    Ok(events)
}

fn asked(this: &Conversation, command: Command, now: DateTime<Utc>) -> Decision {
    use Command as C;
    if let Phase::Erased = this.phase {
        return ending::after_erasure(this, command, now);
    }
    match command {
        C::Receive { message, route } => receiving::receive(this, message, route, now),
        C::ReceiveEdit { message, words } => {
            Ok(vec![Event::MessageEdited { message, at: now, personal: Personal::Known(words) }])
        }
        C::ReceiveRevoke { message } => Ok(vec![Event::MessageRevoked { message, at: now }]),
        C::ReceiveReaction { message, emoji } => {
            Ok(vec![Event::ReactionReceived { message, at: now, personal: Personal::Known(Reaction { emoji }) }])
        }
        C::ReceiveEcho { message } => receiving::receive_echo(this, message, now),
        C::RecordAddressChange { address } => Ok(receiving::change_address(this, address, now)),

        C::Offer { offers, until, why } => offering::offer(this, offers, until, why, now),
        C::AcceptOffer { offer, agent } => offering::accept(this, offer, agent, now),
        C::DeclineOffer { offer, agent, reason } => offering::decline(this, offer, agent, reason, now),
        C::LapseOffer { offer } => offering::lapse(this, offer, now),
        C::WithdrawOffer { offer } => offering::withdraw(this, offer, now),
        C::Assign { agent, hold, how, ownership, why } => {
            offering::assign(this, offering::Given { agent, hold, how, why }, ownership, now)
        }

        C::RequestTransfer { transfer, by, to, hold, note, until, why } => {
            let request = transferring::Request { transfer, by, to, hold, note, until, why };
            transferring::request(this, request, now)
        }
        C::AcceptTransfer { transfer, agent } => transferring::accept(this, transfer, agent, now),
        C::DeclineTransfer { transfer, agent, owner_available } => {
            transferring::decline(this, transfer, agent, owner_available, now)
        }
        C::LapseTransfer { transfer, owner_available } => transferring::lapse(this, transfer, owner_available, now),
        C::WithdrawTransfer { transfer, owner_available, why } => {
            transferring::withdraw(this, transfer, owner_available, why, now)
        }

        C::MoveToInbox { inbox, ownership } => offering::move_to_inbox(this, Some(inbox), ownership, now),
        C::ReturnToInbox { ownership } => offering::move_to_inbox(this, None, ownership, now),
        C::HandToFlow { flow, ownership } => offering::hand_to_flow(this, flow, ownership, now),
        C::EndFlow { flow, ownership } => offering::end_flow(this, flow, ownership, now),

        C::Reply { message, author, text, allowance } => replying::reply(this, message, author, text, allowance, now),
        C::SendTemplate { message, author, template, allowance } => {
            replying::send_template(this, message, author, template, allowance, now)
        }
        C::BeginSend { message, attempt } => sending::begin(this, message, attempt, now),
        C::DeferSend { message, attempt, until, reason } => sending::defer(this, message, attempt, until, reason, now),
        C::RecordDelivery { message, delivery } => Ok(sending::record(this, message, delivery, now)),
        C::DoubtSend { message } => sending::doubt(this, message, now),
        C::ResolveIndeterminate { message, resolution, by } => sending::resolve(this, message, resolution, by, now),

        C::ExpireWindow { until } => replying::expire_window(this, until, now),
        C::CloseIdle { silent_since } => ending::close_idle(this, silent_since, now),
        C::End { reason, configured, by } => ending::end(this, reason, &configured, by, now),
        C::Erase => Ok(ending::erase(this, now)),
        C::StartOutbound { agent, hold, route, address } => {
            ending::start_outbound(this, agent, hold, route, address, now)
        }
        C::Retake { agent, hold } => ending::retake(this, agent, hold, now),

        C::AddNote { by, text } => Ok(vec![Event::NoteAdded { by, at: now, personal: Personal::Known(Note { text }) }]),
        C::Tag { tag, by } => tagging::tag(this, tag, by, now),
        C::Untag { tag, by } => tagging::untag(this, &tag, by, now),
        C::SetPriority { priority } => {
            let same = this.open()?.priority == priority;
            Ok(if same { vec![] } else { vec![Event::PrioritySet { priority, at: now }] })
        }
        C::BreachSla { clock, due } => replying::breach_sla(this, clock, due, now),
        C::RecordAttachment { message, attachment, outcome } => {
            Ok(vec![Event::AttachmentRecorded { message, attachment, outcome, at: now }])
        }
    }
}

/// Takes back whatever waits for an answer, because the interaction goes elsewhere.
fn withdraw_open(open: &Interaction, why: Withdrawn, at: DateTime<Utc>) -> Vec<Event> {
    match &open.owner {
        Owner::Offered { offers, .. } => {
            offers.iter().map(|one| Event::OfferWithdrawn { offer: one.offer, agent: one.agent, why, at }).collect()
        }
        Owner::Agent { transfer: Some(transfer), .. } => {
            vec![Event::TransferWithdrawn { transfer: transfer.transfer, why, at }]
        }
        Owner::Agent { transfer: None, .. } | Owner::Queue | Owner::Flow { .. } => vec![],
    }
}

/// Back to where it waited, at its original age.
fn queued_again(open: &Interaction, at: DateTime<Utc>) -> Event {
    Event::Queued { inbox: open.inbox, since: open.since, at }
}
