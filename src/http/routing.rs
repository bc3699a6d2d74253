//! How an inbox's routing is typed and told. Times in seconds, promises to customers in minutes; kept in milliseconds.

use std::ops::RangeInclusive;

use gatehouse_domain::AgentId;
use gatehouse_domain::inbox::{Mode, OnOffline, Routing, Sla, Strategy};
use gatehouse_projections::setup::Setup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::Fields;
use super::minutes::Minutes;

const OFFER_TIMEOUT_S: RangeInclusive<u32> = 1..=3_600;
const OFFER_TIMEOUT_S_DEFAULT: u32 = 30;
const TRANSFER_TIMEOUT_S: RangeInclusive<u32> = 1..=3_600;
const TRANSFER_TIMEOUT_S_DEFAULT: u32 = 60;
const WRAP_UP_S: RangeInclusive<u32> = 1..=3_600;
const FLOW_MAX: RangeInclusive<u32> = 1..=1_000;
const PREFERRED_AGENT_DAYS: RangeInclusive<u32> = 1..=90;
const NOT_RESPONDING_AFTER: RangeInclusive<u32> = 1..=100;
const NOT_RESPONDING_AFTER_DEFAULT: u32 = 3;
const SKILLS_MAX: usize = 20;
const SKILL_CHARS_MAX: usize = 50;
const ORDER_MAX: usize = 1_000;

#[derive(Deserialize, ToSchema)]
pub struct RoutingInput {
    /// `offer` (asked first), `assign` (given without being asked) or `manual` (pulled only).
    mode: Option<String>,
    /// `longest_idle`, `least_busy`, `round_robin`, `ordered` or `ring_all`.
    strategy: Option<String>,
    /// How long an agent has to accept an offer.
    offer_timeout_s: Option<u32>,
    /// How long a transfer waits for its answer.
    transfer_timeout_s: Option<u32>,
    /// What an agent has to be able to do, all of it.
    #[serde(default)]
    skills_required: Vec<String>,
    /// How many interactions of this inbox an agent has at most when more flow by themselves; none: their slots.
    flow_max: Option<u32>,
    /// Whoever had this customer within so many days is asked first.
    preferred_agent_days: Option<u32>,
    /// Whoever lets so many offers lapse in a row is not responding.
    not_responding_after: Option<u32>,
    /// `return` (back to the inbox) or `keep`.
    on_offline: Option<String>,
    /// How long an agent's slot stays taken after the end.
    wrap_up_s: Option<u32>,
    /// Promised first response, in minutes, fractions allowed. A change applies to interactions queued afterwards.
    sla_first_response_minutes: Option<Minutes>,
    /// Promised later responses, in minutes, fractions allowed.
    sla_next_response_minutes: Option<Minutes>,
    /// Who is asked first under `ordered`.
    #[serde(default)]
    order: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct RoutingRow {
    mode: &'static str,
    strategy: &'static str,
    offer_timeout_s: u64,
    transfer_timeout_s: u64,
    skills_required: Vec<String>,
    flow_max: Option<u32>,
    preferred_agent_days: Option<u32>,
    not_responding_after: Option<u32>,
    on_offline: &'static str,
    wrap_up_s: Option<u64>,
    sla_first_response_ms: Option<u64>,
    sla_next_response_ms: Option<u64>,
    order: Vec<Uuid>,
}

const MODES: [(&str, Mode); 3] = [("offer", Mode::Offer), ("assign", Mode::Assign), ("manual", Mode::Manual)];
const STRATEGIES: [(&str, Strategy); 5] = [
    ("longest_idle", Strategy::LongestIdle),
    ("least_busy", Strategy::LeastBusy),
    ("round_robin", Strategy::RoundRobin),
    ("ordered", Strategy::Ordered),
    ("ring_all", Strategy::RingAll),
];
const ON_OFFLINE: [(&str, OnOffline); 2] = [("return", OnOffline::Return), ("keep", OnOffline::Keep)];

impl RoutingInput {
    /// The routing it describes; what is wrong with it is noted in `fields`.
    pub fn read(self, setup: &Setup, fields: &mut Fields) -> Routing {
        let offer_timeout_s = self.offer_timeout_s.unwrap_or(OFFER_TIMEOUT_S_DEFAULT);
        let transfer_timeout_s = self.transfer_timeout_s.unwrap_or(TRANSFER_TIMEOUT_S_DEFAULT);
        let not_responding_after = self.not_responding_after.unwrap_or(NOT_RESPONDING_AFTER_DEFAULT);
        within(fields, "offer_timeout_s", Some(offer_timeout_s), &OFFER_TIMEOUT_S, " seconds");
        within(fields, "transfer_timeout_s", Some(transfer_timeout_s), &TRANSFER_TIMEOUT_S, " seconds");
        within(fields, "flow_max", self.flow_max, &FLOW_MAX, "");
        within(fields, "preferred_agent_days", self.preferred_agent_days, &PREFERRED_AGENT_DAYS, " days");
        within(fields, "not_responding_after", Some(not_responding_after), &NOT_RESPONDING_AFTER, "");
        within(fields, "wrap_up_s", self.wrap_up_s, &WRAP_UP_S, " seconds");
        let good = |skill: &String| !skill.trim().is_empty() && skill.chars().count() <= SKILL_CHARS_MAX;
        fields.check(self.skills_required.iter().all(good), "skills_required", "names something that is no skill");
        fields.check(self.skills_required.len() <= SKILLS_MAX, "skills_required", format!("more than {SKILLS_MAX}"));
        let known = self.order.iter().all(|agent| setup.agents.contains_key(&AgentId(*agent)));
        fields.check(known, "order", "names somebody who is no agent");
        fields.check(self.order.len() <= ORDER_MAX, "order", format!("more than {ORDER_MAX}"));
        Routing {
            mode: chosen(fields, "mode", self.mode.as_deref(), &MODES),
            strategy: chosen(fields, "strategy", self.strategy.as_deref(), &STRATEGIES),
            offer_timeout_ms: u64::from(offer_timeout_s) * 1_000,
            transfer_timeout_ms: u64::from(transfer_timeout_s) * 1_000,
            skills_required: self.skills_required.iter().map(|skill| skill.trim().to_owned()).collect(),
            flow_max: self.flow_max,
            preferred_agent_days: self.preferred_agent_days,
            not_responding_after: Some(not_responding_after),
            on_offline: chosen(fields, "on_offline", self.on_offline.as_deref(), &ON_OFFLINE),
            wrap_up_ms: self.wrap_up_s.map(|seconds| u64::from(seconds) * 1_000),
            sla: Sla {
                first_response_ms: Minutes::read(self.sla_first_response_minutes, fields, "sla_first_response_minutes"),
                next_response_ms: Minutes::read(self.sla_next_response_minutes, fields, "sla_next_response_minutes"),
            },
            order: self.order.into_iter().map(AgentId).collect(),
        }
    }
}

impl RoutingRow {
    pub fn of(routing: &Routing) -> Self {
        Self {
            mode: named(routing.mode, &MODES),
            strategy: named(routing.strategy, &STRATEGIES),
            offer_timeout_s: routing.offer_timeout_ms / 1_000,
            transfer_timeout_s: routing.transfer_timeout_ms / 1_000,
            skills_required: routing.skills_required.iter().cloned().collect(),
            flow_max: routing.flow_max,
            preferred_agent_days: routing.preferred_agent_days,
            not_responding_after: routing.not_responding_after,
            on_offline: named(routing.on_offline, &ON_OFFLINE),
            wrap_up_s: routing.wrap_up_ms.map(|ms| ms / 1_000),
            sla_first_response_ms: routing.sla.first_response_ms,
            sla_next_response_ms: routing.sla.next_response_ms,
            order: routing.order.iter().map(|agent| agent.0).collect(),
        }
    }
}

fn within(fields: &mut Fields, field: &'static str, value: Option<u32>, allowed: &RangeInclusive<u32>, unit: &str) {
    let message = format!("must be between {} and {}{unit}", allowed.start(), allowed.end());
    fields.check(value.is_none_or(|value| allowed.contains(&value)), field, message);
}

fn chosen<T: Copy + Default>(fields: &mut Fields, field: &'static str, name: Option<&str>, all: &[(&str, T)]) -> T {
    let Some(name) = name else { return T::default() };
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let names: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
    fields.check(found.is_some(), field, format!("must be one of {}", names.join(", ")));
    found.unwrap_or_default()
}

fn named<T: PartialEq>(value: T, all: &[(&'static str, T)]) -> &'static str {
    all.iter().find(|(_, one)| *one == value).map_or("", |(name, _)| name)
}
