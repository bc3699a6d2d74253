//! The two places where time and chance come from. Everything else is handed them.

use chrono::{DateTime, Utc};
use gatehouse_domain::Clock;
use uuid::Uuid;

/// The wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that owns the wall clock")]
        let now = Utc::now();
        // Whole microseconds survive every store and wire format unchanged.
        now - chrono::TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos() % 1_000))
    }
}

/// A new id, ordered by time.
pub fn fresh_id() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "the one place that owns chance")]
    Uuid::now_v7()
}

/// Bytes nobody can guess.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "the one place that owns chance")]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
