//! What may be asked of an inbox.

use super::Routing;
use crate::{AgentId, Channel, TeamId};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add { name: String, routing: Routing },
    Rename { name: String },
    SetRouting { routing: Routing },
    MakePrimary { channel: Channel },
    AddMember { agent: AgentId },
    RemoveMember { agent: AgentId },
    AddTeam { team: TeamId },
    RemoveTeam { team: TeamId },
}
