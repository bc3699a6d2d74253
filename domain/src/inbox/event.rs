//! What can have happened to an inbox. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use super::Routing;
use crate::aggregate::events;
use crate::{AgentId, Channel, TeamId};

events! {
    pub enum Event {
        "inbox_added" => InboxAdded { name: String, routing: Routing, at: DateTime<Utc> },
        "inbox_renamed" => InboxRenamed { name: String, at: DateTime<Utc> },
        "inbox_routing_set" => RoutingSet { routing: Routing, at: DateTime<Utc> },
        /// New entry points of this channel feed it; the newest wins.
        "inbox_made_primary" => MadePrimary { channel: Channel, at: DateTime<Utc> },
        "inbox_member_added" => MemberAdded { agent: AgentId, at: DateTime<Utc> },
        "inbox_member_removed" => MemberRemoved { agent: AgentId, at: DateTime<Utc> },
        /// Whoever is in the team serves it too.
        "inbox_team_added" => TeamAdded { team: TeamId, at: DateTime<Utc> },
        "inbox_team_removed" => TeamRemoved { team: TeamId, at: DateTime<Utc> },
    }
}
