//! Why a connection refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such connection")]
    NoSuchConnection,
    #[error("the connection exists already")]
    AlreadyAdded,
    #[error("the connection is retired")]
    Retired,
}
