//! What the worklist asks for.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Command, Conversation, HowAssigned, OfferTo, Owner, Why, Withdrawn};
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

impl Asked {
    /// The command, given how the conversation stands. None where somebody has it who cannot be passed over.
    pub fn command(self, conversation: &Conversation) -> Option<Command> {
        let ownership = |may: &dyn Fn(&Owner) -> bool| {
            conversation.open().ok().filter(|open| may(&open.owner)).map(|_| conversation.ownership)
        };
        Some(match self {
            Self::Assign { agent, hold, how, only_waiting, why } => {
                let ownership = ownership(&|owner| !only_waiting || *owner == Owner::Queue)?;
                Command::Assign { agent, hold, how, ownership, why }
            }
            Self::Transfer { transfer, by, to, hold, note, until, why } => {
                Command::RequestTransfer { transfer, by, to, hold, note, until, why }
            }
            Self::DeclineTransfer { transfer, agent, owner_available } => {
                Command::DeclineTransfer { transfer, agent, owner_available }
            }
            Self::WithdrawTransfer { transfer, owner_available, why } => {
                Command::WithdrawTransfer { transfer, owner_available, why }
            }
            Self::Move { inbox, owner: by } => {
                let has = |owner: &Owner, by| matches!(owner, Owner::Agent { agent, .. } if *agent == by);
                let ownership = ownership(&|owner| by.is_none_or(|by| has(owner, by)))?;
                Command::MoveToInbox { inbox, ownership }
            }
            Self::Retake { agent, hold } => Command::Retake { agent, hold },
        })
    }
}
