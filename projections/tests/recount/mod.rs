//! A recount: every reporting figure straight from the events of the log, by the words of `docs/METRICS.md` and by no
//! code of the projections. It looks at each conversation and each agent as a whole, again and again, and never
//! remembers: slow and obvious, so that the tables can be checked against it.
//!
//! - `story`: one conversation: what was so at each of its events, by looking back, and who had it how long.
//! - `conversations`: what is counted of a story.
//! - `deliveries`: what is counted of its messages.
//! - `agents`: agents' time, as sets of intervals.
//! - `interactions`: what the row of an interaction sums up.
//! - `figures`: the metrics.
//! - `projected`: what the tables say, and where that differs.

pub mod agents;
pub mod conversations;
pub mod deliveries;
pub mod figures;
pub mod interactions;
pub mod projected;
pub mod story;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_domain::{AgentId, Channel, Fact, Recorded, StreamId};
use uuid::Uuid;

pub const QUARTER: i64 = 15 * 60 * 1_000;

/// What the recount gives.
#[derive(Debug, Default)]
pub struct Figures {
    /// The roll-ups: every column of every row that is not 0.
    pub sums: BTreeMap<(&'static str, Key), i64>,
    /// The facts that medians, percentiles and rates are taken from, by metric.
    pub samples: BTreeMap<&'static str, Vec<Sample>>,
    /// Every turn of a customer, as far as the backlog asks: its beginning, and its end if it has one.
    pub turns: Vec<(Whose, i64, Option<i64>)>,
}

/// The row of a roll-up: `quarters`, or with an agent alone `agent_quarters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub quarter: i64,
    pub whose: Whose,
}

/// Whose a figure is; nil and none where that is not asked or nobody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whose {
    pub inbox: Uuid,
    pub agent: Uuid,
    pub gateway: Uuid,
    pub channel: Option<Channel>,
}

/// One value that counts at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    pub at: i64,
    pub whose: Whose,
    pub value: i64,
}

/// Counts everything anew.
pub fn recount(log: &[Recorded]) -> Figures {
    let mut figures = Figures::default();
    let mut conversations: BTreeMap<StreamId, Vec<story::Told>> = BTreeMap::new();
    let mut agents: BTreeMap<StreamId, Vec<agents::Told>> = BTreeMap::new();
    let mut newest: BTreeMap<StreamId, i64> = BTreeMap::new();
    for one in log {
        let counts_at = |exact: DateTime<Utc>| {
            let before = newest.get(&one.stream).copied().unwrap_or(i64::MIN);
            exact.timestamp_millis().max(before)
        };
        match &one.fact {
            Fact::Conversation(event) => {
                let at = counts_at(event.at());
                newest.insert(one.stream, at);
                conversations.entry(one.stream).or_default().push(story::Told { at, event });
            }
            Fact::Agent(event) => {
                let at = counts_at(event.at());
                newest.insert(one.stream, at);
                agents.entry(one.stream).or_default().push(agents::Told { at, event });
            }
            _ => {}
        }
    }
    let slots: agents::Slots = agents.values().flat_map(|told| agents::slots(told)).collect();
    agents.iter().for_each(|(stream, told)| agents::count(AgentId(stream.id), told, &mut figures));
    for told in conversations.into_values() {
        let Some(story) = story::Story::new(told) else { continue };
        conversations::count(&story, &slots, &mut figures);
        deliveries::count(&story, &mut figures);
    }
    figures.sums.retain(|_, sum| *sum != 0);
    figures.samples.values_mut().for_each(|samples| samples.sort());
    figures.turns.sort();
    figures
}

impl Figures {
    pub fn add(&mut self, column: &'static str, at: i64, whose: Whose, sum: i64) {
        let quarter = at.div_euclid(QUARTER) * QUARTER;
        *self.sums.entry((column, Key { quarter, whose })).or_default() += sum;
    }

    pub fn sample(&mut self, metric: &'static str, at: i64, whose: Whose, value: i64) {
        self.samples.entry(metric).or_default().push(Sample { at, whose, value });
    }
}
