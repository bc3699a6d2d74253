//! How an interaction ends, and how the next begins without a customer's message.

use chrono::{DateTime, Utc};

use super::{Decision, receiving, withdraw_open};
use crate::conversation::{Conversation, Ending, Event, HowAssigned, Opening, Owner, Phase, Refusal, Route, Withdrawn};
use crate::{Address, AgentId, EndReasonId, HoldId};

/// No reason, no end; and not while a colleague has it.
pub fn end(
    this: &Conversation,
    reason: Option<EndReasonId>,
    configured: &[EndReasonId],
    by: AgentId,
    at: DateTime<Utc>,
) -> Decision {
    let open = this.open()?;
    let reason = reason.ok_or(Refusal::ReasonMissing)?;
    if !configured.contains(&reason) {
        return Err(Refusal::UnknownEndReason);
    }
    if let Owner::Agent { agent, .. } = open.owner
        && agent != by
    {
        return Err(Refusal::NotOwner { owner: Some(agent) });
    }
    Ok(ended(this, Ending::Reason { reason, by }, at))
}

/// Idle is counted from our own time, so traffic delayed on the way does not close on arrival.
pub fn close_idle(this: &Conversation, silent_since: DateTime<Utc>, at: DateTime<Utc>) -> Decision {
    if matches!(this.phase, Phase::Idle) {
        return Ok(vec![]);
    }
    if this.silent_since != Some(silent_since) {
        return Err(Refusal::NotIdle);
    }
    Ok(ended(this, Ending::Idle, at))
}

pub fn erase(this: &Conversation, at: DateTime<Utc>) -> Vec<Event> {
    let failed = |message| Event::ReplyFailed { message, reason: "erased".to_owned(), at };
    let mut events: Vec<Event> = this.messages.unsettled().map(|(message, _)| failed(message)).collect();
    events.extend(ended(this, Ending::Erased, at));
    events
}

/// An agent writes first.
pub fn start_outbound(
    this: &Conversation,
    agent: AgentId,
    hold: HoldId,
    route: Route,
    address: Address,
    at: DateTime<Utc>,
) -> Decision {
    if let Phase::Open(_) = this.phase {
        return Err(Refusal::AlreadyOpen);
    }
    let mut events = vec![receiving::opened(this, &route, Opening::Outbound { agent }, at)];
    events.extend(receiving::new_addresses(this, route.contact, vec![address], at));
    events.push(Event::Assigned { agent, hold, how: HowAssigned::Outbound, at, why: None });
    Ok(events)
}

/// An agent takes the last interaction up again, as a new one that names it.
pub fn retake(this: &Conversation, agent: AgentId, hold: HoldId, at: DateTime<Utc>) -> Decision {
    if let Phase::Open(open) = &this.phase {
        let mine =
            matches!(open.owner, Owner::Agent { agent: owner, hold: held, .. } if (owner, held) == (agent, hold));
        return if mine { Ok(vec![]) } else { Err(Refusal::AlreadyOpen) };
    }
    let party = this.party.ok_or(Refusal::NothingToRetake)?;
    let opened = Event::InteractionOpened {
        interaction: this.last_interaction + 1,
        gateway: party.gateway,
        channel: party.channel,
        contact: party.contact,
        inbox: party.inbox,
        opening: Opening::Retaken { from: this.last_interaction, agent },
        at,
    };
    Ok(vec![opened, Event::Assigned { agent, hold, how: HowAssigned::Retake, at, why: None }])
}

fn ended(this: &Conversation, ending: Ending, at: DateTime<Utc>) -> Vec<Event> {
    let Phase::Open(open) = &this.phase else { return vec![] };
    let mut events = withdraw_open(open, Withdrawn::Ended, at);
    events.push(Event::InteractionEnded { interaction: open.number, ending, at });
    events
}
