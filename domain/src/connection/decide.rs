//! The rules of a connection.

use chrono::{DateTime, Utc};

use super::{Command, Connection, Event, Refusal};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Connection, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    let known = match (this, &command) {
        (Connection::Unknown, Command::Add { .. }) => None,
        (Connection::Unknown, _) => return Err(Refusal::NoSuchConnection),
        (Connection::Active(_), Command::Add { .. }) => return Err(Refusal::AlreadyAdded),
        (Connection::Active(known), _) => Some(known),
        (Connection::Retired, Command::Retire) => return Ok(vec![]),
        (Connection::Retired, _) => return Err(Refusal::Retired),
    };
    Ok(match command {
        Command::Add { name, provider, settings, secrets_version: version } => {
            vec![Event::ConnectionAdded { name, provider, settings, at }, Event::SecretsRotated { version, at }]
        }
        Command::SetSettings { settings } if known.is_some_and(|known| known.settings == settings) => vec![],
        Command::SetSettings { settings } => vec![Event::SettingsSet { settings, at }],
        Command::RotateSecrets { version } if known.is_some_and(|known| known.secrets_version >= version) => vec![],
        Command::RotateSecrets { version } => vec![Event::SecretsRotated { version, at }],
        Command::Retire => vec![Event::ConnectionRetired { at }],
    })
}
