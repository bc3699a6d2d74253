//! Times as reports tell them: whole milliseconds, and quarters of an hour in UTC.

use std::iter::from_fn;

use chrono::{DateTime, TimeDelta, Utc};

const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// Cut to whole milliseconds, so that parts of a duration add up to it exactly.
pub fn cut(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos() % 1_000_000))
}

/// From one time to a later one, in milliseconds.
pub fn ms(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    (to - from).num_milliseconds()
}

/// When the quarter of an hour began that `at` lies in.
pub fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    at - TimeDelta::milliseconds(at.timestamp_millis().rem_euclid(QUARTER.num_milliseconds()))
}

/// How much of a time lies in which quarter, in milliseconds.
pub fn quarters(from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, i64)> {
    let mut at = from;
    from_fn(move || {
        (at < to).then(|| {
            let began = quarter(at);
            let until = to.min(began + QUARTER);
            let part = ms(at, until);
            at = until;
            (began, part)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_split_at_the_quarters_it_lies_in() {
        let noon = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
        let at = |minutes: i64, ms: i64| noon + TimeDelta::minutes(minutes) + TimeDelta::milliseconds(ms);
        let parts: Vec<_> = quarters(at(14, 59_999), at(30, 1)).collect();
        assert_eq!(parts, [(noon, 1), (at(15, 0), 900_000), (at(30, 0), 1)]);
        assert_eq!(quarters(at(15, 0), at(15, 0)).count(), 0);
        assert_eq!(quarter(at(15, 0)), at(15, 0));
    }
}
