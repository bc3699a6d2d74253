//! What can have happened to an agent. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Capacity, OfflineCause};
use crate::aggregate::events;
use crate::{Channel, ConversationId, HoldId};

events! {
    pub enum Event {
        "agent_added" => AgentAdded { name: String, at: DateTime<Utc> },
        "went_online" => WentOnline { at: DateTime<Utc> },
        "took_break" => TookBreak { reason: Option<String>, at: DateTime<Utc> },
        "went_offline" => WentOffline { cause: OfflineCause, at: DateTime<Utc> },
        /// One desk of theirs connected; `socket` names it until it is gone.
        "connected" => Connected { socket: Uuid, at: DateTime<Utc> },
        "disconnected" => Disconnected { socket: Uuid, at: DateTime<Utc> },
        "capacity_set" => CapacitySet { capacity: Capacity, at: DateTime<Utc> },
        "skill_granted" => SkillGranted { skill: String, at: DateTime<Utc> },
        "skill_revoked" => SkillRevoked { skill: String, at: DateTime<Utc> },
        "slot_held" => SlotHeld {
            hold: HoldId, conversation: ConversationId, channel: Channel, at: DateTime<Utc>,
        },
        "slot_released" => SlotReleased { hold: HoldId, at: DateTime<Utc> },
        "marked_not_responding" => MarkedNotResponding { at: DateTime<Utc> },
    }
}
