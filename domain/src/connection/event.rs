//! What can have happened to a connection. Stored for ever: add, never rename.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::aggregate::events;

events! {
    pub enum Event {
        "connection_added" => ConnectionAdded {
            name: String, provider: String, settings: BTreeMap<String, String>, at: DateTime<Utc>,
        },
        "connection_settings_set" => SettingsSet { settings: BTreeMap<String, String>, at: DateTime<Utc> },
        /// New credentials were sealed under this number; never the credentials themselves.
        "connection_secrets_rotated" => SecretsRotated { version: u32, at: DateTime<Utc> },
        "connection_retired" => ConnectionRetired { at: DateTime<Utc> },
    }
}
