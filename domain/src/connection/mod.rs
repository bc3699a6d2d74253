//! A connection: our credentials at a provider. One or many gateways use it.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{Fact, Kind, Rules};

aggregate!(Connection);

/// Whether it is in use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Connection {
    #[default]
    Unknown,
    Active(Active),
    Retired,
}

/// What the rules remember of a connection. Secrets are in the vault, under `secrets_version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Active {
    pub settings: BTreeMap<String, String>,
    pub secrets_version: u32,
}

impl Connection {
    fn evolve(&mut self, event: Event) {
        match (event, self) {
            (Event::ConnectionAdded { settings, .. }, this) => {
                *this = Self::Active(Active { settings, secrets_version: 0 });
            }
            (Event::SettingsSet { settings, .. }, Self::Active(active)) => active.settings = settings,
            (Event::SecretsRotated { version, .. }, Self::Active(active)) => active.secrets_version = version,
            (Event::ConnectionRetired { .. }, this) => *this = Self::Retired,
            (Event::SettingsSet { .. } | Event::SecretsRotated { .. }, Self::Unknown | Self::Retired) => {}
        }
    }
}

impl Rules for Connection {
    const KIND: Kind = Kind::Connection;
    const FOLD_VERSION: u32 = 1;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Connection(event)
    }
}
