//! Why a team refuses.

use thiserror::Error;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("there is no such team")]
    NoSuchTeam,
    #[error("the team exists already")]
    AlreadyAdded,
}
