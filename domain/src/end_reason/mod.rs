//! An end reason: why interactions end, from a list the organisation keeps.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{Fact, Kind, Rules};

aggregate!(EndReason);

/// Whether it may be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum EndReason {
    #[default]
    Unknown,
    Active {
        name: String,
    },
    Retired,
}

impl EndReason {
    fn evolve(&mut self, event: Event) {
        *self = match event {
            Event::EndReasonAdded { name, .. } => Self::Active { name },
            Event::EndReasonRetired { .. } => Self::Retired,
        };
    }
}

impl Rules for EndReason {
    const KIND: Kind = Kind::EndReason;
    const FOLD_VERSION: u32 = 1;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::EndReason(event)
    }
}
