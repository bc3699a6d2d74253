//! Why a user refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such user")]
    NoSuchUser,
    #[error("the user exists already")]
    AlreadyAdded,
    #[error("the user is disabled")]
    Disabled,
}
