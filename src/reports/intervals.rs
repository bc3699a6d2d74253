//! Hours, days, weeks and months as they are where somebody lives. Sums are kept per quarter of an hour in UTC, and every
//! time zone in use today begins its days on one.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::ToSchema;

const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// How long an interval of a report is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// One interval, from the beginning to the end.
    #[default]
    Whole,
    Quarter,
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
}

/// Whether a quarter of an hour begins then.
pub fn begins_a_quarter(at: DateTime<Utc>) -> bool {
    at.timestamp_micros().rem_euclid(QUARTER.num_microseconds().unwrap_or(i64::MAX)) == 0
}

/// When the interval that `at` lies in ends.
pub fn end(every: Every, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    let day = local.date_naive();
    let next = match every {
        Every::Whole => return DateTime::<Utc>::MAX_UTC,
        Every::Quarter => return at + QUARTER,
        // An hour is an hour, also in the night of a change; zones half an hour off begin theirs at half past in UTC.
        Every::Hour => {
            let passed = TimeDelta::seconds(i64::from(chrono::Timelike::num_seconds_from_midnight(&local)) % 3_600);
            return at - passed + TimeDelta::hours(1);
        }
        Every::Day => day.checked_add_days(Days::new(1)),
        Every::Week => day.checked_add_days(Days::new(7 - u64::from(day.weekday().num_days_from_monday()))),
        Every::Month => day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))),
    };
    next.map_or(DateTime::<Utc>::MAX_UTC, |day| midnight(day, zone))
}

/// When a day begins; where its first hour is skipped, the first moment there is.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let quarters = (0..=12).map(|count| midnight + QUARTER * count);
    let mut there = quarters.filter_map(|local| local.and_local_timezone(zone).earliest());
    there.next().map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_as_long_as_it_is_there() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let berlin = chrono_tz::Europe::Berlin;
        // Clocks went forward on 29 March 2026.
        let began = at("2026-03-28T23:00:00Z");
        assert_eq!(end(Every::Day, began, berlin), at("2026-03-29T22:00:00Z"));
        assert_eq!(end(Every::Week, began, berlin), at("2026-03-29T22:00:00Z"));
        assert_eq!(end(Every::Month, began, berlin), at("2026-03-31T22:00:00Z"));
        assert_eq!(end(Every::Hour, at("2026-03-29T00:15:00Z"), berlin), at("2026-03-29T01:00:00Z"));
        let kathmandu = chrono_tz::Asia::Kathmandu;
        assert_eq!(end(Every::Day, at("2026-05-01T00:00:00Z"), kathmandu), at("2026-05-01T18:15:00Z"));
        assert_eq!(end(Every::Hour, at("2026-05-01T00:00:00Z"), kathmandu), at("2026-05-01T00:15:00Z"));
    }
}
