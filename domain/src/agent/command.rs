//! What may be asked of an agent.

use uuid::Uuid;

use super::{Capacity, OfflineCause};
use crate::{Channel, ConversationId, HoldId};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add {
        name: String,
    },
    GoOnline,
    TakeBreak {
        reason: Option<String>,
    },
    GoOffline {
        cause: OfflineCause,
    },
    Connect {
        socket: Uuid,
    },
    Disconnect {
        socket: Uuid,
    },
    SetCapacity {
        capacity: Capacity,
    },
    GrantSkill {
        skill: String,
    },
    RevokeSkill {
        skill: String,
    },
    /// Takes a slot for a conversation. A second hold for the same conversation is the first.
    HoldSlot {
        hold: HoldId,
        conversation: ConversationId,
        channel: Channel,
    },
    ReleaseSlot {
        hold: HoldId,
    },
    MarkNotResponding,
}
