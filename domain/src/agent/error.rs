//! Why an agent refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such agent")]
    NoSuchAgent,
    #[error("the agent exists already")]
    AlreadyAdded,
    #[error("the agent is not online")]
    NotOnline,
    #[error("the agent has no desk connected")]
    NotConnected,
    #[error("the agent has no free slot")]
    NoFreeSlot,
    #[error("the agent has no free slot on this channel")]
    NoFreeSlotOnChannel,
    #[error("the hold keeps a slot for another conversation")]
    HoldInUse,
}
