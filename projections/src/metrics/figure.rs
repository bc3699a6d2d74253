//! From sums to a figure. Sums are merged first, over quarters, inboxes or whatever is asked, and divided last.

use std::ops::AddAssign;

use super::{Metric, Source, Unit};

/// What a metric's sums come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    pub part: i64,
    /// What it is divided by; none where the metric is a count.
    pub whole: Option<i64>,
}

impl Figure {
    /// The figure of rows whose values come to so much.
    pub fn of_facts(metric: &Metric, value: i64, rows: i64) -> Self {
        Self { part: value, whole: (metric.unit != Unit::Count).then_some(rows) }
    }

    /// The figure of a row of sums, or none where the metric is counted from single facts.
    pub fn of(metric: &Metric, sum: impl Fn(&str) -> i64) -> Option<Self> {
        let Source::Sums { part, whole, without, .. } = metric.source else { return None };
        let all = |columns: &[&str]| columns.iter().map(|column| sum(column)).sum::<i64>();
        let whole = (!whole.is_empty()).then(|| all(whole) - all(without));
        Some(Self { part: all(part), whole })
    }

    /// The number that is shown; none where there is nothing to divide by.
    pub fn value(self) -> Option<f64> {
        match self.whole {
            None => Some(self.part as f64),
            Some(0) => None,
            Some(whole) => Some(self.part as f64 / whole as f64),
        }
    }
}

impl AddAssign for Figure {
    fn add_assign(&mut self, other: Self) {
        self.part += other.part;
        self.whole = self.whole.zip(other.whole).map(|(one, other)| one + other).or(self.whole).or(other.whole);
    }
}

/// The value below which so many of a hundred lie, itself included: of n sorted values the one at place ceil(p × n).
pub fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied()
}
