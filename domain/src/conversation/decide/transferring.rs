//! Transfers: an offer by the owner, who keeps the interaction until it is accepted.

use chrono::{DateTime, Utc};

use super::{Decision, queued_again};
use crate::conversation::{
    Conversation, Event, HowAssigned, Interaction, Note, Owner, Refusal, Transfer, Why, Withdrawn,
};
use crate::{AgentId, HoldId, Personal, TransferId};

/// What the owner asks for. The hold takes a slot of the target's first.
pub struct Request {
    pub transfer: TransferId,
    pub by: AgentId,
    pub to: AgentId,
    pub hold: HoldId,
    pub note: String,
    pub until: DateTime<Utc>,
    pub why: Option<Why>,
}

pub fn request(this: &Conversation, ask: Request, at: DateTime<Utc>) -> Decision {
    let Owner::Agent { agent, transfer, .. } = &this.open()?.owner else {
        return Err(Refusal::NotOwner { owner: None });
    };
    if *agent != ask.by {
        return Err(Refusal::NotOwner { owner: Some(*agent) });
    }
    if ask.by == ask.to {
        return Err(Refusal::TransferToSelf);
    }
    match transfer {
        Some(pending) if pending.transfer == ask.transfer => Ok(vec![]),
        Some(_) => Err(Refusal::TransferPending),
        None => Ok(vec![Event::TransferRequested {
            transfer: ask.transfer,
            from: ask.by,
            to: ask.to,
            hold: ask.hold,
            until: ask.until,
            at,
            personal: Personal::Known(Note { text: ask.note }),
            why: ask.why,
        }]),
    }
}

pub fn accept(this: &Conversation, transfer: TransferId, agent: AgentId, at: DateTime<Utc>) -> Decision {
    let (_, pending) = find(this, transfer)?;
    if pending.to != agent {
        return Err(Refusal::NotYourOffer);
    }
    let assigned = Event::Assigned { agent, hold: pending.hold, how: HowAssigned::Transfer, at, why: None };
    Ok(vec![Event::TransferAccepted { transfer, at }, assigned])
}

pub fn decline(
    this: &Conversation,
    transfer: TransferId,
    agent: AgentId,
    owner_available: bool,
    at: DateTime<Utc>,
) -> Decision {
    let (open, pending) = find(this, transfer)?;
    if pending.to != agent {
        return Err(Refusal::NotYourOffer);
    }
    Ok(failed(open, Event::TransferDeclined { transfer, at }, owner_available, at))
}

pub fn lapse(this: &Conversation, transfer: TransferId, owner_available: bool, at: DateTime<Utc>) -> Decision {
    let (open, pending) = find(this, transfer)?;
    if at < pending.until {
        return Err(Refusal::TransferStillOpen);
    }
    Ok(failed(open, Event::TransferLapsed { transfer, at }, owner_available, at))
}

pub fn withdraw(
    this: &Conversation,
    transfer: TransferId,
    owner_available: bool,
    why: Withdrawn,
    at: DateTime<Utc>,
) -> Decision {
    let (open, _) = find(this, transfer)?;
    let event = Event::TransferWithdrawn { transfer, why, at };
    Ok(failed(open, event, owner_available, at))
}

fn find(this: &Conversation, transfer: TransferId) -> Result<(&Interaction, Transfer), Refusal> {
    let open = this.open().map_err(|_| Refusal::NoSuchTransfer)?;
    match &open.owner {
        Owner::Agent { transfer: Some(pending), .. } if pending.transfer == transfer => Ok((open, *pending)),
        _ => Err(Refusal::NoSuchTransfer),
    }
}

/// The owner still has it; an owner who is offline or on break cannot, so it waits again at its original age.
fn failed(open: &Interaction, event: Event, owner_available: bool, at: DateTime<Utc>) -> Vec<Event> {
    if owner_available { vec![event] } else { vec![event, queued_again(open, at)] }
}
