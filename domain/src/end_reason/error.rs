//! Why an end reason refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such end reason")]
    NoSuchEndReason,
    #[error("the end reason exists already under another name")]
    AlreadyAdded,
    #[error("the end reason is retired")]
    Retired,
}
