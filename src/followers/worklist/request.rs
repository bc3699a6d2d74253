//! What people ask of the worklist, and how they are answered. Everything that needs a slot goes through it.

use gatehouse_domain::conversation::Reason;
use gatehouse_domain::{AgentId, Channel, ConversationId, InboxId, TransferId, agent, conversation};
use uuid::Uuid;

use crate::journal::Receipt;

/// Names a request: asked again under its key, it is the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(pub Uuid);

/// Something asked of the worklist. Who may ask for it, the edge decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub key: RequestKey,
    pub ask: Ask,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The one that waits longest in an inbox of theirs, or in the one named.
    PullOldest {
        agent: AgentId,
        inbox: Option<InboxId>,
    },
    /// This one, if it waits.
    Pull {
        agent: AgentId,
        conversation: ConversationId,
    },
    Transfer {
        conversation: ConversationId,
        transfer: TransferId,
        by: AgentId,
        to: AgentId,
        note: String,
    },
    DeclineTransfer {
        conversation: ConversationId,
        transfer: TransferId,
        agent: AgentId,
    },
    /// The owner takes it back.
    WithdrawTransfer {
        conversation: ConversationId,
        transfer: TransferId,
        by: AgentId,
    },
    /// The owner gives it to another inbox.
    TransferToInbox {
        conversation: ConversationId,
        by: AgentId,
        inbox: InboxId,
    },
    /// A supervisor gives it to an agent, whoever has it.
    Assign {
        conversation: ConversationId,
        to: AgentId,
        by: AgentId,
    },
    /// A supervisor who is an agent takes it.
    TakeOver {
        conversation: ConversationId,
        by: AgentId,
    },
    /// A supervisor moves it to another inbox, whoever has it.
    Move {
        conversation: ConversationId,
        inbox: InboxId,
    },
    /// An ended interaction is taken up again.
    Retake {
        conversation: ConversationId,
        channel: Channel,
        agent: AgentId,
    },
}

/// What came of a request.
pub type Answer = Result<Granted, Refused>;

/// It happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    pub conversation: ConversationId,
    pub receipt: Receipt,
}

/// Why it did not happen. Nothing has changed, except where it is `Unavailable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing they could take waits.
    NothingWaiting,
    NoSuchInbox,
    NoSuchAgent,
    /// They do not serve the inbox.
    NotMember,
    /// This agent cannot take it now.
    Unable {
        agent: AgentId,
        reason: Reason,
    },
    /// As many interactions are in progress as the licence allows.
    HeldByLicence,
    /// Somebody has it.
    Taken {
        by: Option<AgentId>,
    },
    /// The conversation says no.
    Conversation(conversation::Refusal),
    /// The agent says no.
    Agent(agent::Refusal),
    /// Too many requests wait for this conversation.
    Overloaded,
    /// It cannot be read here: nobody knows how it stands.
    Unreadable,
    /// It could not be asked, or the outcome is not known; asking again under the same key is safe.
    Unavailable,
}

impl Ask {
    /// The conversation it is about, where that is said.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::PullOldest { .. } => None,
            Self::Pull { conversation, .. }
            | Self::Transfer { conversation, .. }
            | Self::DeclineTransfer { conversation, .. }
            | Self::WithdrawTransfer { conversation, .. }
            | Self::TransferToInbox { conversation, .. }
            | Self::Assign { conversation, .. }
            | Self::TakeOver { conversation, .. }
            | Self::Move { conversation, .. }
            | Self::Retake { conversation, .. } => Some(*conversation),
        }
    }
}
