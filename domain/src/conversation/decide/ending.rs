//! How an interaction ends, how the next begins without a customer's message, and how none begins any more.

use chrono::{DateTime, Utc};

use super::{Decision, receiving, sending, withdraw_open};
use crate::conversation::{
    Command, Conversation, Ending, Event, HowAssigned, Opening, Owner, Phase, Refusal, Route, Sending, Withdrawn,
};
use crate::{Address, AgentId, EndReasonId, HoldId, MessageId};

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
    if !matches!(this.phase, Phase::Open(_)) {
        return Ok(vec![]);
    }
    if this.silent_since != Some(silent_since) {
        return Err(Refusal::NotIdle);
    }
    Ok(ended(this, Ending::Idle, at))
}

/// The contact was erased. An attempt under way, or one in doubt, may have been sent: what becomes of it is still told.
pub fn erase(this: &Conversation, at: DateTime<Utc>) -> Vec<Event> {
    if this.party.is_none() {
        return vec![];
    }
    let unsent = this.messages.unsettled().filter(|(_, one)| matches!(one.sending, Sending::Queued { .. }));
    let mut events: Vec<Event> = unsent.map(|(message, _)| unsent_for_ever(message, at)).collect();
    events.extend(ended(this, Ending::Erased, at));
    events.push(Event::Erased { at });
    events
}

/// Nothing begins here any more and no words are taken in; what is on its way is followed to its end.
pub fn after_erasure(this: &Conversation, command: Command, at: DateTime<Utc>) -> Decision {
    match command {
        Command::Erase | Command::CloseIdle { .. } | Command::ExpireWindow { .. } | Command::BreachSla { .. } => {
            Ok(vec![])
        }
        Command::RecordDelivery { message, delivery } => Ok(sending::record(this, message, delivery, at)),
        // It was not taken, and there are no words to try again with.
        Command::DeferSend { message, attempt, .. } => {
            let waits =
                this.messages.outbound(message).map(|one| &one.sending) == Some(&Sending::Attempted { attempt });
            Ok(if waits { vec![unsent_for_ever(message, at)] } else { vec![] })
        }
        _ => Err(Refusal::Erased),
    }
}

fn unsent_for_ever(message: MessageId, at: DateTime<Utc>) -> Event {
    Event::ReplyFailed { message, reason: "erased".to_owned(), at }
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
    receiving::of_this_contact(this, &route)?;
    let mut events = vec![receiving::opened(this, &route, Opening::Outbound { agent }, at)];
    events.extend(receiving::new_addresses(this, vec![address], at));
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
        sla: this.promise.sla,
    };
    Ok(vec![opened, Event::Assigned { agent, hold, how: HowAssigned::Retake, at, why: None }])
}

fn ended(this: &Conversation, ending: Ending, at: DateTime<Utc>) -> Vec<Event> {
    let Phase::Open(open) = &this.phase else { return vec![] };
    let mut events = withdraw_open(open, Withdrawn::Ended, at);
    events.push(Event::InteractionEnded { interaction: open.number, ending, at });
    events
}
