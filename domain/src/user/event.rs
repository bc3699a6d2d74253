//! What can have happened to a user. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use super::Role;
use crate::aggregate::events;

events! {
    pub enum Event {
        /// The password is in the vault, never here.
        "user_added" => UserAdded { login: String, name: String, role: Role, at: DateTime<Utc> },
        "user_role_set" => RoleSet { role: Role, at: DateTime<Utc> },
        "user_password_set" => PasswordSet { at: DateTime<Utc> },
        "user_disabled" => UserDisabled { at: DateTime<Utc> },
    }
}
