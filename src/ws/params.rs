//! What the calls of `/ws` carry.

use gatehouse_projections::board::Lens;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::agent_commands::{Presence, Resolve, TimelinePage};

/// Whose board; everything where nothing is said.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct BoardOf {
    pub inbox: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BehindParams {
    pub inbox: Option<Uuid>,
    /// Which number.
    pub lens: Lens,
    /// Only what this agent has.
    pub agent: Option<Uuid>,
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct Nothing {}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SetPresence {
    pub state: Presence,
    pub reason: Option<String>,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct AcceptOffer {
    pub conversation: Uuid,
    pub offer: Uuid,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct DeclineOffer {
    pub conversation: Uuid,
    pub offer: Uuid,
    pub reason: Option<String>,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct WhyParams {
    pub conversation: Uuid,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TimelineParams {
    pub conversation: Uuid,
    #[serde(flatten)]
    pub page: TimelinePage,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ReplyParams {
    pub conversation: Uuid,
    /// The message's id, chosen by the desk.
    pub message: Uuid,
    pub text: String,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ResolveParams {
    pub conversation: Uuid,
    pub message: Uuid,
    pub resolution: Resolve,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct EndParams {
    pub conversation: Uuid,
    /// One of the end reasons.
    pub reason: Option<Uuid>,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PullParams {
    /// Only from this one of one's inboxes.
    pub inbox: Option<Uuid>,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct OfConversation {
    pub conversation: Uuid,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct MoveParams {
    pub conversation: Uuid,
    pub inbox: Uuid,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PriorityParams {
    pub conversation: Uuid,
    /// Higher comes first; 0 is where everything begins.
    pub priority: u8,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NoteParams {
    pub conversation: Uuid,
    /// Up to 2,000 characters. The customer never sees it.
    pub text: String,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TagParams {
    pub conversation: Uuid,
    /// Up to 50 characters on one line; `VIP` and `vip` are the same tag.
    pub tag: String,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct AssignParams {
    pub conversation: Uuid,
    /// The agent.
    pub to: Uuid,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TransferParams {
    pub conversation: Uuid,
    /// The colleague.
    pub to: Uuid,
    /// What they should know; up to 2,000 characters.
    #[serde(default)]
    pub note: String,
    pub key: Option<Uuid>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct OfTransfer {
    pub conversation: Uuid,
    pub transfer: Uuid,
    pub key: Option<Uuid>,
}
