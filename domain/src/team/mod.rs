//! A team: agents who serve inboxes together. An inbox names the team; whoever joins it serves the inbox at once.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{AgentId, Fact, Kind, Rules};

aggregate!(Team);

/// Whether it exists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Team {
    #[default]
    Unknown,
    Known(Known),
}

/// What the rules remember of a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub name: String,
    pub members: BTreeSet<AgentId>,
}

impl Team {
    fn evolve(&mut self, event: Event) {
        match (event, self) {
            (Event::TeamAdded { name, .. }, this) => *this = Self::Known(Known { name, members: BTreeSet::new() }),
            (Event::TeamRenamed { name, .. }, Self::Known(known)) => known.name = name,
            (Event::MemberAdded { agent, .. }, Self::Known(known)) => {
                known.members.insert(agent);
            }
            (Event::MemberRemoved { agent, .. }, Self::Known(known)) => {
                known.members.remove(&agent);
            }
            (_, Self::Unknown) => {}
        }
    }
}

impl Rules for Team {
    const KIND: Kind = Kind::Team;
    const FOLD_VERSION: u32 = 1;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Team(event)
    }
}
