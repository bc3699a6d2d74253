//! An inbox: where interactions wait, and the team that serves them.

pub mod command;
mod decide;
pub mod error;
pub mod event;
pub mod routing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Refusal;
pub use event::Event;
pub use routing::{Mode, OnOffline, Routing, Sla, Strategy};

use crate::aggregate::aggregate;
use crate::{AgentId, Fact, Kind, Rules, TeamId};

aggregate!(Inbox);

/// Whether it exists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there are few inboxes, and hardly one that is unknown")]
pub enum Inbox {
    #[default]
    Unknown,
    Known(Known),
}

/// What the rules remember of an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub name: String,
    pub routing: Routing,
    pub members: BTreeSet<AgentId>,
    #[serde(default)]
    pub teams: BTreeSet<TeamId>,
}

impl Inbox {
    fn evolve(&mut self, event: Event) {
        match (event, self) {
            (Event::InboxAdded { name, routing, .. }, this) => {
                *this = Self::Known(Known { name, routing, members: BTreeSet::new(), teams: BTreeSet::new() });
            }
            (Event::InboxRenamed { name, .. }, Self::Known(known)) => known.name = name,
            (Event::RoutingSet { routing, .. }, Self::Known(known)) => known.routing = routing,
            (Event::MemberAdded { agent, .. }, Self::Known(known)) => {
                known.members.insert(agent);
            }
            (Event::MemberRemoved { agent, .. }, Self::Known(known)) => {
                known.members.remove(&agent);
            }
            (Event::TeamAdded { team, .. }, Self::Known(known)) => {
                known.teams.insert(team);
            }
            (Event::TeamRemoved { team, .. }, Self::Known(known)) => {
                known.teams.remove(&team);
            }
            (Event::MadePrimary { .. }, Self::Known(_)) | (_, Self::Unknown) => {}
        }
    }
}

impl Rules for Inbox {
    const KIND: Kind = Kind::Inbox;
    const FOLD_VERSION: u32 = 2;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Inbox(event)
    }
}
