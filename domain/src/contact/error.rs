//! Why a contact refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such contact")]
    NoSuchContact,
    #[error("a contact has {max} properties at most")]
    TooManyProperties { max: usize },
    #[error("the contact was erased")]
    Erased,
}
