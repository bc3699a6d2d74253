//! The rules of an end reason.

use chrono::{DateTime, Utc};

use super::{Command, EndReason, Event, Refusal};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &EndReason, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    match (this, command) {
        (EndReason::Unknown, Command::Add { name }) => Ok(vec![Event::EndReasonAdded { name, at }]),
        (EndReason::Active { name: known }, Command::Add { name }) if *known == name => Ok(vec![]),
        (EndReason::Active { .. }, Command::Add { .. }) => Err(Refusal::AlreadyAdded),
        (EndReason::Active { .. }, Command::Retire) => Ok(vec![Event::EndReasonRetired { at }]),
        (EndReason::Unknown, Command::Retire) => Err(Refusal::NoSuchEndReason),
        (EndReason::Retired, Command::Retire) => Ok(vec![]),
        (EndReason::Retired, Command::Add { .. }) => Err(Refusal::Retired),
    }
}
