//! Why a contact refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such contact")]
    NoSuchContact,
    #[error("the contact was erased")]
    Erased,
}
