//! Chance with a seed: the same numbers for the same seed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub struct Chance(u64);

impl Chance {
    /// Another seed in every run, told so that a run can be had again with `SEED`.
    pub fn told() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        let seed = number("SEED").unwrap_or_else(|| u64::from(now()));
        eprintln!("SEED={seed}");
        Self(seed)
    }

    /// The same chance in every run.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub async fn pause(&mut self, up_to: Duration) {
        let limit = u64::try_from(up_to.as_micros()).unwrap();
        tokio::time::sleep(Duration::from_micros(self.below(limit))).await;
    }
}

/// A number given to the tests in the environment.
pub fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value}")))
}
