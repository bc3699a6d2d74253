//! What a bench found out: speeds, medians of rounds, and the telling of them.

use std::time::Duration;

use serde::ser::{Serialize, Serializer};
use serde::{Deserialize, Serialize as SerializeDerive};
use serde_json::Value;

use super::Target;

/// How one contender did in one round.
#[derive(Clone, Copy, Debug, SerializeDerive, Deserialize)]
pub struct Speed {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Speed {
    /// The speed of as many things as `took` has, done in `elapsed` altogether.
    pub fn of(mut took: Vec<Duration>, elapsed: Duration) -> Self {
        took.sort_unstable();
        let percentile = |percent: usize| {
            let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
            took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        Self { per_second: took.len() as f64 / elapsed.as_secs_f64(), p50_ms: percentile(50), p99_ms: percentile(99) }
    }
}

/// The middle one of the rounds' figures.
pub fn median(rounds: impl IntoIterator<Item = f64>) -> f64 {
    let mut rounds: Vec<f64> = rounds.into_iter().collect();
    rounds.sort_unstable_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Figures by name, in the order they were found.
pub struct Report {
    figures: Vec<(&'static str, Value)>,
}

impl Report {
    /// A report of the bench called `bench`.
    pub fn new(bench: &'static str, target: &Target) -> Self {
        Self { figures: vec![("bench", Value::from(bench)), ("store", Value::from(target.store.name()))] }
    }

    /// Adds a figure; one that could not be measured is told as null.
    pub fn figure(mut self, name: &'static str, figure: Option<f64>) -> Self {
        self.figures.push((name, figure.map_or(Value::Null, |figure| Value::from(rounded(figure)))));
        self
    }

    /// Adds the median of one figure of every round.
    pub fn median_of<R>(self, name: &'static str, rounds: &[R], figure: impl Fn(&R) -> f64) -> Self {
        self.figure(name, Some(median(rounds.iter().map(figure))))
    }

    /// Tells everything, as people or programs read it.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", serde_json::to_string(self)?);
            return Ok(());
        }
        let widest = self.figures.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, figure) in &self.figures {
            let figure = figure.as_str().map_or_else(|| figure.to_string(), str::to_owned);
            println!("{name:widest$}  {figure:>12}");
        }
        Ok(())
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.figures.iter().map(|(name, figure)| (name, figure)))
    }
}

/// More digits than a measurement has would only pretend.
fn rounded(figure: f64) -> f64 {
    if figure.abs() >= 100.0 { figure.round() } else { (figure * 1_000.0).round() / 1_000.0 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Speed, median};

    #[test]
    fn the_median_is_the_middle_round() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn a_percentile_is_what_so_many_stayed_below() {
        let took = (1..=100).rev().map(Duration::from_millis).collect();
        let speed = Speed::of(took, Duration::from_secs(2));
        assert_eq!((speed.per_second, speed.p50_ms, speed.p99_ms), (50.0, 51.0, 100.0));
    }
}
