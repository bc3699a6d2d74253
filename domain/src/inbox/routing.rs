//! How waiting interactions reach agents. Stored with the inbox's events: every field that came later has a default.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::AgentId;

const OFFER_TIMEOUT_DEFAULT_MS: u64 = 30_000;
const TRANSFER_TIMEOUT_DEFAULT_MS: u64 = 60_000;

/// How waiting interactions reach agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    pub mode: Mode,
    pub strategy: Strategy,
    /// How long an agent has to accept, in milliseconds.
    pub offer_timeout_ms: u64,
    /// How long a transfer waits for its answer, in milliseconds.
    #[serde(default = "transfer_timeout", skip_serializing_if = "is_transfer_timeout")]
    pub transfer_timeout_ms: u64,
    /// What an agent has to be able to do, all of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skills_required: BTreeSet<String>,
    /// How many interactions of this inbox an agent may have when another flows to them by itself; none: their slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_max: Option<u32>,
    /// The agent who last had this customer is asked first, for so many days; none: they are like everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_agent_days: Option<u32>,
    /// Whoever lets so many offers lapse in a row is not responding; none: nobody ever is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_responding_after: Option<u32>,
    #[serde(default, skip_serializing_if = "OnOffline::is_return")]
    pub on_offline: OnOffline,
    /// How long an agent's slot stays taken after the end, in milliseconds; none: it is free at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_up_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Sla::promises_nothing")]
    pub sla: Sla,
    /// Who is asked first under `Strategy::Ordered`; members it does not name come last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<AgentId>,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            strategy: Strategy::default(),
            offer_timeout_ms: OFFER_TIMEOUT_DEFAULT_MS,
            transfer_timeout_ms: TRANSFER_TIMEOUT_DEFAULT_MS,
            skills_required: BTreeSet::new(),
            flow_max: None,
            preferred_agent_days: None,
            not_responding_after: None,
            on_offline: OnOffline::default(),
            wrap_up_ms: None,
            sla: Sla::default(),
            order: vec![],
        }
    }
}

/// Whether an agent is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Offered, to be accepted in time.
    #[default]
    Offer,
    /// Given without being asked.
    Assign,
    /// Nothing flows by itself: agents pull.
    Manual,
}

/// Who is asked first among those who could.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    #[default]
    LongestIdle,
    LeastBusy,
    RoundRobin,
    /// In the order the organisation wrote down.
    Ordered,
    /// Everybody at once; the first to accept has it.
    RingAll,
}

/// What becomes of an agent's interactions when they are offline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOffline {
    /// Back to the inbox, at their original age.
    #[default]
    Return,
    Keep,
}

/// What is promised to customers, in milliseconds. A change applies to interactions queued afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sla {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_response_ms: Option<u64>,
}

impl OnOffline {
    fn is_return(&self) -> bool {
        *self == Self::Return
    }
}

impl Sla {
    pub(crate) fn promises_nothing(&self) -> bool {
        *self == Self::default()
    }
}

const fn transfer_timeout() -> u64 {
    TRANSFER_TIMEOUT_DEFAULT_MS
}

// serde hands the field over by reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
const fn is_transfer_timeout(ms: &u64) -> bool {
    *ms == TRANSFER_TIMEOUT_DEFAULT_MS
}
