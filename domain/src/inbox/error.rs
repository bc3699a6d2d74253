//! Why an inbox refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such inbox")]
    NoSuchInbox,
    #[error("the inbox exists already")]
    AlreadyAdded,
}
