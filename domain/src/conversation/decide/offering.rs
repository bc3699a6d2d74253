//! Offers and assignments. Every race has one winner, and the loser is told who.

use chrono::{DateTime, Utc};

use super::{Decision, queued_again, withdraw_open};
use crate::conversation::{Conversation, Event, HowAssigned, Interaction, OfferTo, Owner, Refusal, Why, Withdrawn};
use crate::{AgentId, FlowId, HoldId, InboxId, OfferId};

/// Who is given an interaction, and how.
pub struct Given {
    pub agent: AgentId,
    pub hold: HoldId,
    pub how: HowAssigned,
    pub why: Option<Why>,
}

/// Only what waits in a queue can be offered.
pub fn offer(
    this: &Conversation,
    offers: Vec<OfferTo>,
    until: DateTime<Utc>,
    why: Option<Why>,
    at: DateTime<Utc>,
) -> Decision {
    match &this.open()?.owner {
        Owner::Offered { offers: open, .. } if *open == offers => Ok(vec![]),
        Owner::Queue if offers.is_empty() => Err(Refusal::NobodyToOffer),
        Owner::Queue => Ok(vec![Event::Offered { offers, until, at, why }]),
        Owner::Offered { .. } | Owner::Agent { .. } | Owner::Flow { .. } => Err(Refusal::NotQueued),
    }
}

/// The first to accept has it; the others' offers are withdrawn with it.
pub fn accept(this: &Conversation, offer: OfferId, agent: AgentId, at: DateTime<Utc>) -> Decision {
    if let Ok(Interaction { owner: Owner::Agent { agent: owner, how: HowAssigned::Offer { offer: won }, .. }, .. }) =
        this.open()
        && (*owner, *won) == (agent, offer)
    {
        return Ok(vec![]);
    }
    let (open, accepted) = find(this, offer)?;
    if accepted.agent != agent {
        return Err(Refusal::NotYourOffer);
    }
    let mut events = vec![Event::OfferAccepted { offer, agent, at }];
    events.extend(withdraw_open(open, Withdrawn::Superseded, at).into_iter().filter(|event| !is_of(event, offer)));
    events.push(Event::Assigned { agent, hold: accepted.hold, how: HowAssigned::Offer { offer }, at, why: None });
    Ok(events)
}

pub fn decline(
    this: &Conversation,
    offer: OfferId,
    agent: AgentId,
    reason: Option<String>,
    at: DateTime<Utc>,
) -> Decision {
    let (open, declined) = find(this, offer)?;
    if declined.agent != agent {
        return Err(Refusal::NotYourOffer);
    }
    Ok(closed(open, offer, Event::OfferDeclined { offer, agent, reason, at }, at))
}

pub fn lapse(this: &Conversation, offer: OfferId, at: DateTime<Utc>) -> Decision {
    let (open, lapsed) = find(this, offer)?;
    if matches!(open.owner, Owner::Offered { until, .. } if at < until) {
        return Err(Refusal::OfferStillOpen);
    }
    Ok(closed(open, offer, Event::OfferLapsed { offer, agent: lapsed.agent, at }, at))
}

pub fn withdraw(this: &Conversation, offer: OfferId, at: DateTime<Utc>) -> Decision {
    let (open, withdrawn) = find(this, offer)?;
    let event = Event::OfferWithdrawn { offer, agent: withdrawn.agent, why: Withdrawn::AgentGone, at };
    Ok(closed(open, offer, event, at))
}

/// Gives the interaction to an agent, whoever had it, if nothing has changed since the caller looked.
pub fn assign(this: &Conversation, given: Given, ownership: u64, at: DateTime<Utc>) -> Decision {
    let Given { agent, hold, how, why } = given;
    let open = this.open()?;
    if matches!(open.owner, Owner::Agent { agent: owner, hold: held, .. } if (owner, held) == (agent, hold)) {
        return Ok(vec![]);
    }
    fresh(this, ownership)?;
    let mut events = withdraw_open(open, Withdrawn::Superseded, at);
    events.push(Event::Assigned { agent, hold, how, at, why });
    Ok(events)
}

/// To another inbox, or back to its own (`None`); the age is kept.
pub fn move_to_inbox(this: &Conversation, to: Option<InboxId>, ownership: u64, at: DateTime<Utc>) -> Decision {
    let open = this.open()?;
    let inbox = to.unwrap_or(open.inbox);
    if matches!(open.owner, Owner::Queue) && open.inbox == inbox {
        return Ok(vec![]);
    }
    fresh(this, ownership)?;
    let mut events = withdraw_open(open, Withdrawn::Superseded, at);
    events.push(Event::Queued { inbox, since: open.since, at });
    Ok(events)
}

pub fn hand_to_flow(this: &Conversation, flow: FlowId, ownership: u64, at: DateTime<Utc>) -> Decision {
    let open = this.open()?;
    if matches!(open.owner, Owner::Flow { flow: has } if has == flow) {
        return Ok(vec![]);
    }
    fresh(this, ownership)?;
    let mut events = withdraw_open(open, Withdrawn::Superseded, at);
    events.push(Event::HandedToFlow { flow, inbox: open.inbox, at });
    Ok(events)
}

/// A bot's late reply after hand-back meets a newer ownership and is refused.
pub fn end_flow(this: &Conversation, flow: FlowId, ownership: u64, at: DateTime<Utc>) -> Decision {
    let open = this.open()?;
    fresh(this, ownership)?;
    match open.owner {
        Owner::Flow { flow: has } if has == flow => Ok(vec![Event::FlowEnded { flow, at }, queued_again(open, at)]),
        _ => Err(Refusal::StaleOwnership),
    }
}

fn fresh(this: &Conversation, ownership: u64) -> Result<(), Refusal> {
    if this.ownership == ownership { Ok(()) } else { Err(Refusal::StaleOwnership) }
}

/// The open offer of that id, or who has the interaction instead.
fn find(this: &Conversation, offer: OfferId) -> Result<(&Interaction, OfferTo), Refusal> {
    let gone = || Refusal::OfferGone { winner: this.owning_agent() };
    let open = this.open().map_err(|_| gone())?;
    match &open.owner {
        Owner::Offered { offers, .. } => {
            let one = offers.iter().find(|one| one.offer == offer).ok_or_else(gone)?;
            Ok((open, *one))
        }
        Owner::Queue | Owner::Agent { .. } | Owner::Flow { .. } => Err(gone()),
    }
}

/// One offer less; with the last one gone it waits again, at its original age.
fn closed(open: &Interaction, gone: OfferId, event: Event, at: DateTime<Utc>) -> Vec<Event> {
    match &open.owner {
        Owner::Offered { offers, .. } if offers.iter().any(|one| one.offer != gone) => vec![event],
        Owner::Offered { .. } | Owner::Queue | Owner::Agent { .. } | Owner::Flow { .. } => {
            vec![event, queued_again(open, at)]
        }
    }
}

fn is_of(event: &Event, accepted: OfferId) -> bool {
    matches!(event, Event::OfferWithdrawn { offer, .. } if *offer == accepted)
}
