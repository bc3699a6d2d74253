//! The values conversation commands and events are made of.

use serde::{Deserialize, Serialize};

use crate::{Address, AgentId, EndReasonId, FlowId, HoldId, OfferId};

/// Why an interaction began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Opening {
    /// The customer wrote.
    Received,
    /// An agent wrote first.
    Outbound { agent: AgentId },
    /// An agent took an ended interaction up again.
    Retaken { from: u32, agent: AgentId },
}

/// One offer of an interaction: to whom, and the hold that keeps the agent's slot for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferTo {
    pub offer: OfferId,
    pub agent: AgentId,
    pub hold: HoldId,
}

/// How an agent came to own an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HowAssigned {
    Offer { offer: OfferId },
    Transfer,
    Automatic,
    Pull,
    Supervisor { by: AgentId },
    TakeOver,
    Retake,
    Outbound,
}

/// Why an offer or a transfer was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawn {
    /// Somebody else got it, or it went elsewhere.
    Superseded,
    /// The agent can no longer take it.
    AgentGone,
    /// The interaction ended.
    Ended,
    /// A person took it back.
    Requested,
}

/// How an interaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Ending {
    Reason { reason: EndReasonId, by: AgentId },
    Idle,
    Erased,
}

/// Who wrote an outbound message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Author {
    Agent {
        agent: AgentId,
    },
    Flow {
        flow: FlowId,
    },
    /// A program of the organisation, through the API.
    Api,
}

/// A word about an interaction, kept as it was typed and compared without case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// What a tag is, for whoever typed something else.
    pub const EXPECTED: &'static str = "is no tag: 1 to 50 characters on one line";
    const CHARS_MAX: usize = 50;

    /// A tag as people type it: something, on one line, and not too much.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let fits = (1..=Self::CHARS_MAX).contains(&typed.chars().count()) && !typed.chars().any(char::is_control);
        fits.then(|| Self(typed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is compared by.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// What sort of message it is; its words are in the personal part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Content {
    Text,
    Template {
        name: String,
        language: String,
    },
    /// Kept whole, shown as unsupported until its turn. `kind` is the provider's word for it.
    Unsupported {
        kind: String,
    },
}

/// The words of an inbound message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundWords {
    /// The provider's id of the message; on WhatsApp it spells the phone number, hence personal.
    pub provider_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The provider's element as it came, where we do not understand it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

/// The words of an outbound message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundWords {
    /// Where it goes.
    pub to: Address,
    #[serde(default)]
    pub text: String,
    /// Template parameters, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

/// What the provider calls a message of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderReference {
    pub provider_id: String,
}

/// A reaction to a message. No emoji takes it back, which is not the same as an erased one: hence not a bare option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
}

/// A note among colleagues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
}

/// What a person decides about a send nobody knows the outcome of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    Resend,
    Discard,
}

/// A promise about time to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaClock {
    FirstResponse,
    NextResponse,
}

/// What became of an attachment's download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AttachmentOutcome {
    Stored { bytes: u64 },
    Failed { reason: String },
}

/// The news of an outbound message. A lattice: the order and number of arrivals cannot matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Delivery {
    Submitted { provider_id: String },
    Sent,
    Delivered,
    Read,
    Failed { reason: String },
    Indeterminate { attempt: u32 },
}
