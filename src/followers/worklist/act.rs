//! What the worklist asks for.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{HowAssigned, OfferTo, Why, Withdrawn};
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId, InboxId, OfferId, TransferId};

use super::request::{Answer, RequestKey};

/// One thing the worklist asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Takes a slot, so that a waiting interaction can be offered or given.
    Hold {
        conversation: ConversationId,
        agent: AgentId,
        channel: Channel,
        hold: HoldId,
    },
    /// Takes a slot somebody's request needs.
    HoldFor {
        request: RequestKey,
        conversation: ConversationId,
        agent: AgentId,
        channel: Channel,
        hold: HoldId,
    },
    Offer {
        conversation: ConversationId,
        offers: Vec<OfferTo>,
        until: DateTime<Utc>,
        why: Option<Why>,
    },
    /// Gives what waits, without asking.
    Give {
        conversation: ConversationId,
        agent: AgentId,
        hold: HoldId,
        why: Option<Why>,
    },
    Withdraw {
        conversation: ConversationId,
        offer: OfferId,
    },
    /// Whom it was to go to can no longer take it.
    WithdrawTransfer {
        conversation: ConversationId,
        transfer: TransferId,
        owner_available: bool,
    },
    Release {
        conversation: ConversationId,
        agent: AgentId,
        hold: HoldId,
    },
    /// Back to its inbox: its owner is offline.
    Return {
        conversation: ConversationId,
        agent: AgentId,
    },
    /// They let too many offers lapse.
    Mark {
        agent: AgentId,
        version: u64,
    },
    /// What somebody asked for, now that its slot is held.
    Do {
        request: RequestKey,
        conversation: ConversationId,
        command: Asked,
    },
    Answer {
        request: RequestKey,
        answer: Answer,
    },
}

/// The command a request comes down to.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Assign {
        agent: AgentId,
        hold: HoldId,
        how: HowAssigned,
        only_waiting: bool,
        why: Option<Why>,
    },
    Transfer {
        transfer: TransferId,
        by: AgentId,
        to: AgentId,
        hold: HoldId,
        note: String,
        until: DateTime<Utc>,
        why: Option<Why>,
    },
    DeclineTransfer {
        transfer: TransferId,
        agent: AgentId,
        owner_available: bool,
    },
    WithdrawTransfer {
        transfer: TransferId,
        owner_available: bool,
        why: Withdrawn,
    },
    /// `owner` is who has to have it, where the owner asks.
    Move {
        inbox: InboxId,
        owner: Option<AgentId>,
    },
    Retake {
        agent: AgentId,
        hold: HoldId,
    },
}

impl Act {
    /// What it is about; none where it is about an agent or a request alone.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Hold { conversation, .. }
            | Self::HoldFor { conversation, .. }
            | Self::Offer { conversation, .. }
            | Self::Give { conversation, .. }
            | Self::Withdraw { conversation, .. }
            | Self::WithdrawTransfer { conversation, .. }
            | Self::Release { conversation, .. }
            | Self::Return { conversation, .. }
            | Self::Do { conversation, .. } => Some(*conversation),
            Self::Mark { .. } | Self::Answer { .. } => None,
        }
    }
}
