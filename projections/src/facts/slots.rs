//! Slots: from being taken to being let go.

use chrono::{DateTime, Utc};
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId};

use super::time::ms;

crate::row! {
    /// One slot of an agent, taken for a conversation: while it was offered, while they had it, and during wrap-up.
    pub struct Slot in SLOTS "slots" key 2 indexes [["held_at"], ["released_at"]] {
        /// The agent.
        agent_id: AgentId,
        /// The hold: assignments name it.
        hold_id: HoldId,
        /// The conversation.
        conversation_id: ConversationId,
        /// The channel.
        channel: Channel,
        /// When it was taken.
        held_at: DateTime<Utc>,
        /// When it was let go; none: it is taken.
        released_at: Option<DateTime<Utc>>,
        /// From taken to let go, in milliseconds.
        held_ms: Option<i64>,
    }
}

impl Slot {
    /// The same slot, let go.
    pub fn released(self, at: DateTime<Utc>) -> Self {
        Self { released_at: Some(at), held_ms: Some(ms(self.held_at, at)), ..self }
    }
}
