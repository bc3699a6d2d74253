//! Why an interaction went to whom it went: told with the offer, the assignment or the transfer. Ids and counts only.

use serde::{Deserialize, Serialize};

use crate::AgentId;

/// What the worklist saw when it decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    pub rule: Rule,
    /// Its place among those who waited in the inbox, the first being 1.
    pub position: u32,
    /// How many waited in the inbox.
    pub waiting: u32,
    /// How many agents could have taken it.
    pub could: u32,
    /// Those of them who came first, in the order they were asked.
    pub candidates: Vec<AgentId>,
    /// Agents of the inbox who were not asked, and the reason as it is when this is told: those who would have come first
    /// among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
}

impl Why {
    /// Candidates named at most.
    pub const CANDIDATES_MAX: usize = 8;
    /// Agents named at most who were passed over.
    pub const PASSED_OVER_MAX: usize = 16;
}

/// By which rule the agent was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    LongestIdle,
    LeastBusy,
    RoundRobin,
    Ordered,
    RingAll,
    /// They had this customer last.
    PreferredAgent,
    /// Somebody asked for it: a pull, a transfer, a supervisor.
    Requested,
}

/// An agent of the inbox who was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    pub agent: AgentId,
    pub reason: Reason,
}

/// Why an agent is not asked, or not asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Offline,
    OnBreak,
    NotResponding,
    /// Online, and no desk of theirs is connected.
    NotConnected,
    LacksSkill,
    NoFreeSlot,
    NoFreeSlotOnChannel,
    /// They have as many of this inbox as flow to one agent by themselves.
    FlowFull,
    /// They let it lapse or declined it, and somebody else remains.
    HadIt,
    /// A slot of theirs could not be had a moment ago.
    Unsettled,
}
