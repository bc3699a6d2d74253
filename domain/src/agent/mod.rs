//! An agent: chosen presence, connected desks, and the slots of their capacity.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{Channel, ConversationId, Fact, HoldId, Kind, Rules};

aggregate!(Agent);

/// What the rules remember of an agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// None before the agent was added.
    pub name: Option<String>,
    pub presence: Presence,
    /// The desks connected now. Presence is chosen, connection is a fact; work comes only where both hold.
    pub sockets: BTreeSet<Uuid>,
    pub capacity: Capacity,
    pub skills: BTreeSet<String>,
    pub holds: BTreeMap<HoldId, Hold>,
}

/// What the agent chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Presence {
    #[default]
    Offline,
    Online,
    OnBreak {
        reason: Option<String>,
    },
    /// Set by us after repeated lapses; ends when the agent goes online again.
    NotResponding,
}

/// Why an agent is offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfflineCause {
    Chosen,
    /// The last desk was gone for longer than the grace period.
    Disconnected,
}

/// How many interactions an agent handles at a time: in total, and per channel where that is limited further.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub total: u32,
    #[serde(default)]
    pub per_channel: BTreeMap<Channel, u32>,
}

/// One slot taken for a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub conversation: ConversationId,
    pub channel: Channel,
}

impl Agent {
    /// The hold that keeps a slot for `conversation`, if one does.
    pub fn hold_for(&self, conversation: ConversationId) -> Option<HoldId> {
        self.holds.iter().find(|(_, hold)| hold.conversation == conversation).map(|(id, _)| *id)
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::AgentAdded { name, .. } => self.name = Some(name),
            Event::WentOnline { .. } => self.presence = Presence::Online,
            Event::TookBreak { reason, .. } => self.presence = Presence::OnBreak { reason },
            Event::WentOffline { .. } => self.presence = Presence::Offline,
            Event::MarkedNotResponding { .. } => self.presence = Presence::NotResponding,
            Event::Connected { socket, .. } => {
                self.sockets.insert(socket);
            }
            Event::Disconnected { socket, .. } => {
                self.sockets.remove(&socket);
            }
            Event::CapacitySet { capacity, .. } => self.capacity = capacity,
            Event::SkillGranted { skill, .. } => {
                self.skills.insert(skill);
            }
            Event::SkillRevoked { skill, .. } => {
                self.skills.remove(&skill);
            }
            Event::SlotHeld { hold, conversation, channel, .. } => {
                self.holds.insert(hold, Hold { conversation, channel });
            }
            Event::SlotReleased { hold, .. } => {
                self.holds.remove(&hold);
            }
        }
    }
}

impl Rules for Agent {
    const KIND: Kind = Kind::Agent;
    const FOLD_VERSION: u32 = 1;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Agent(event)
    }
}
