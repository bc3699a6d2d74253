//! Why a gateway refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such gateway")]
    NoSuchGateway,
    #[error("the gateway exists already")]
    AlreadyAdded,
    #[error("the gateway is retired")]
    Retired,
    #[error("a gateway has at most two filters")]
    TooManyFilters,
    #[error("no inbox is primary for this channel yet")]
    NoPrimaryInbox,
}
