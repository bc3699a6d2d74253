//! A user: somebody who signs in, and what they may do.

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
use crate::{Claim, Fact, Kind, Rules};

aggregate!(User);

/// Whether they may sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum User {
    #[default]
    Unknown,
    Active {
        role: Role,
    },
    Disabled,
}

/// What a user may do; the policy function knows the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Supervisor,
    Analyst,
    Administrator,
}

impl User {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::UserAdded { role, .. } | Event::RoleSet { role, .. } => *self = Self::Active { role },
            Event::UserDisabled { .. } => *self = Self::Disabled,
            Event::PasswordSet { .. } => {}
        }
    }
}

impl Rules for User {
    const KIND: Kind = Kind::User;
    const FOLD_VERSION: u32 = 1;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::User(event)
    }

    fn claims(&self, events: &[Event]) -> Vec<Claim> {
        let claim = |event: &Event| match event {
            Event::UserAdded { login, .. } => Some(Claim::Login(login.clone())),
            _ => None,
        };
        events.iter().filter_map(claim).collect()
    }
}
