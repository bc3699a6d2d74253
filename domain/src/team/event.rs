//! What can have happened to a team. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use crate::AgentId;
use crate::aggregate::events;

events! {
    pub enum Event {
        "team_added" => TeamAdded { name: String, at: DateTime<Utc> },
        "team_renamed" => TeamRenamed { name: String, at: DateTime<Utc> },
        "team_member_added" => MemberAdded { agent: AgentId, at: DateTime<Utc> },
        "team_member_removed" => MemberRemoved { agent: AgentId, at: DateTime<Utc> },
    }
}
