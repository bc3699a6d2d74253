//! What may be asked of a team.

use crate::AgentId;

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add { name: String },
    Rename { name: String },
    AddMember { agent: AgentId },
    RemoveMember { agent: AgentId },
}
