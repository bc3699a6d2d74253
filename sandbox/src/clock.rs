//! The one place that reads the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Says how many milliseconds have passed since 1970.
pub fn now_ms() -> u64 {
    let elapsed = since_epoch().as_millis();
    u64::try_from(elapsed).unwrap_or(u64::MAX)
}

/// Says how much time has passed since 1970, as finely as the machine knows it.
pub fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
