//! The rules of an agent. One writer owns an agent's capacity, so it cannot be exceeded.

use chrono::{DateTime, Utc};

use super::{Agent, Command, Event, OfflineCause, Presence, Refusal};
use crate::{Channel, ConversationId, HoldId};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Agent, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    if let Command::Add { name } = command {
        return if this.name.is_none() { Ok(vec![Event::AgentAdded { name, at }]) } else { Err(Refusal::AlreadyAdded) };
    }
    if this.name.is_none() {
        return Err(Refusal::NoSuchAgent);
    }
    let unless = |done: bool, event: Event| Ok(if done { vec![] } else { vec![event] });
    match command {
        Command::Add { .. } => Err(Refusal::AlreadyAdded),
        Command::GoOnline => unless(this.presence == Presence::Online, Event::WentOnline { at }),
        Command::TakeBreak { reason } => {
            let done = this.presence == Presence::OnBreak { reason: reason.clone() };
            unless(done, Event::TookBreak { reason, at })
        }
        // Back at a desk before the grace period's end was acted on.
        Command::GoOffline { cause: OfflineCause::Disconnected } if !this.sockets.is_empty() => Ok(vec![]),
        Command::GoOffline { cause } => unless(this.presence == Presence::Offline, Event::WentOffline { cause, at }),
        Command::Connect { socket } => unless(this.sockets.contains(&socket), Event::Connected { socket, at }),
        Command::Disconnect { socket } => unless(!this.sockets.contains(&socket), Event::Disconnected { socket, at }),
        Command::SetCapacity { capacity } => unless(this.capacity == capacity, Event::CapacitySet { capacity, at }),
        Command::GrantSkill { skill } => unless(this.skills.contains(&skill), Event::SkillGranted { skill, at }),
        Command::RevokeSkill { skill } => unless(!this.skills.contains(&skill), Event::SkillRevoked { skill, at }),
        Command::HoldSlot { hold, conversation, channel } => hold_slot(this, hold, conversation, channel, at),
        Command::ReleaseSlot { hold } => unless(!this.holds.contains_key(&hold), Event::SlotReleased { hold, at }),
        Command::MarkNotResponding => unless(this.presence != Presence::Online, Event::MarkedNotResponding { at }),
    }
}

fn hold_slot(
    this: &Agent,
    hold: HoldId,
    conversation: ConversationId,
    channel: Channel,
    at: DateTime<Utc>,
) -> Result<Vec<Event>, Refusal> {
    if this.hold_for(conversation).is_some() {
        return Ok(vec![]);
    }
    if this.holds.contains_key(&hold) {
        return Err(Refusal::HoldInUse);
    }
    if this.presence != Presence::Online {
        return Err(Refusal::NotOnline);
    }
    if this.sockets.is_empty() {
        return Err(Refusal::NotConnected);
    }
    if this.holds.len() >= this.capacity.total as usize {
        return Err(Refusal::NoFreeSlot);
    }
    if let Some(limit) = this.capacity.per_channel.get(&channel)
        && this.holds.values().filter(|held| held.channel == channel).count() >= *limit as usize
    {
        return Err(Refusal::NoFreeSlotOnChannel);
    }
    Ok(vec![Event::SlotHeld { hold, conversation, channel, at }])
}
