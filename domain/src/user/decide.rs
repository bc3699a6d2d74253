//! The rules of a user.

use chrono::{DateTime, Utc};

use super::{Command, Event, Refusal, User};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &User, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    match (this, command) {
        (User::Unknown, Command::Add { login, name, role }) => Ok(vec![Event::UserAdded { login, name, role, at }]),
        (User::Unknown, _) => Err(Refusal::NoSuchUser),
        (User::Active { .. } | User::Disabled, Command::Add { .. }) => Err(Refusal::AlreadyAdded),
        (User::Active { role: has }, Command::SetRole { role }) if *has == role => Ok(vec![]),
        (User::Active { .. }, Command::SetRole { role }) => Ok(vec![Event::RoleSet { role, at }]),
        (User::Active { .. }, Command::SetPassword) => Ok(vec![Event::PasswordSet { at }]),
        (User::Active { .. }, Command::Disable) => Ok(vec![Event::UserDisabled { at }]),
        (User::Disabled, Command::Disable) => Ok(vec![]),
        (User::Disabled, Command::SetRole { .. } | Command::SetPassword) => Err(Refusal::Disabled),
    }
}
