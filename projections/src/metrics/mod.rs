//! Metrics: each one versioned definition, which the API, boards and `docs/METRICS.md` share, and how sums become a figure.
//!
//! - `definitions`: every metric. `counted`: those that no sum has.
//! - `figure`: from sums to a figure.
//! - `document`: `docs/METRICS.md`.

mod counted;
mod definitions;
mod document;
mod figure;
#[cfg(test)]
mod tests;

pub use definitions::METRICS;
pub use document::document;
pub use figure::{Figure, percentile};

use crate::table::Table;

/// One figure, defined.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    /// Rises when the same facts give another figure.
    pub version: u32,
    pub title: &'static str,
    pub unit: Unit,
    /// Shown with the figure.
    pub formula: &'static str,
    /// What it includes and leaves out, and where others differ.
    pub about: &'static str,
    /// What it can be told by; by brand wherever by gateway.
    pub by: &'static [By],
    pub source: Source,
    /// Where its median and percentiles come from, unless its own source has the durations.
    pub spread: Option<Spread>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    /// From 0 to 1.
    Share,
    Milliseconds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Inbox,
    Agent,
    Channel,
    Gateway,
}

impl Unit {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share",
            Self::Milliseconds => "milliseconds",
        }
    }
}

impl By {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Agent => "agent",
            Self::Channel => "channel",
            Self::Gateway => "gateway",
        }
    }
}

/// What a metric is computed from.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// Columns of a roll-up: the sum of `part`, divided by the sum of `whole` less `without` where there is a whole.
    Sums {
        table: &'static Table,
        part: &'static [&'static str],
        whole: &'static [&'static str],
        without: &'static [&'static str],
    },
    Facts(Facts),
}

/// Rows of a fact table, which is `f` in everything said here. `{f.asked_at}` is that time in milliseconds since 1970, and
/// `{instant}` the end of the interval, or now.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts {
    pub table: &'static Table,
    /// What is joined to it.
    pub joined: &'static str,
    pub when: When,
    /// Only rows of which this is true.
    pub only: &'static str,
    /// What is added up, and divided by the number of rows unless the metric is a count.
    pub value: &'static str,
    /// How many values lie in each of these classes is told too: its name, and the value that is no longer in it.
    pub classes: &'static [(&'static str, i64)],
}

/// Which rows an interval has.
#[derive(Debug, PartialEq, Eq)]
pub enum When {
    /// Those with this time in it.
    At(&'static str),
    /// Those that began up to its end and ended after it, or not at all.
    Open { began: &'static str, ended: &'static str },
}

/// Durations of single facts.
#[derive(Debug, PartialEq, Eq)]
pub struct Spread {
    pub table: &'static Table,
    /// The column with the time they belong to.
    pub at: &'static str,
    /// The column with the duration.
    pub value: &'static str,
    /// Only rows with these values.
    pub only: &'static [(&'static str, &'static str)],
}
