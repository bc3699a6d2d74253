//! Stays in an inbox that have ended: those of today and of the last half hour, each forgotten when its time is over.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use gatehouse_domain::{ConversationId, InboxId};

use super::row::Stayed;
use super::tally::Way;

/// What counts as recent.
pub const RECENT: TimeDelta = TimeDelta::minutes(30);

/// How many stays ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub answered: u32,
    pub answered_within: u32,
    pub abandoned: u32,
    pub short_abandoned: u32,
}

/// A stay that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    pub conversation: ConversationId,
    pub inbox: InboxId,
    pub how: Stayed,
}

/// The period a stay is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Today,
    Recent,
}

/// A stay to be counted in a period, or not any more.
pub type Turn = (Way, Period, Stay);

/// The newest stays, in order of their end.
#[derive(Debug)]
pub struct Stays {
    ended: BTreeMap<(DateTime<Utc>, u64), Stay>,
    /// Up to here nothing is recent any more.
    recent_from: DateTime<Utc>,
    midnight: DateTime<Utc>,
    next_midnight: DateTime<Utc>,
    zone: Tz,
}

impl Counted {
    pub fn count(&mut self, way: Way, how: Stayed) {
        match how {
            Stayed::Answered { within } => {
                way.count(&mut self.answered, true);
                way.count(&mut self.answered_within, within);
            }
            Stayed::Abandoned { short } => {
                way.count(&mut self.abandoned, true);
                way.count(&mut self.short_abandoned, short);
            }
        }
    }
}

impl Stays {
    pub fn new(zone: Tz) -> Self {
        let start = DateTime::UNIX_EPOCH;
        Self { ended: BTreeMap::new(), recent_from: start, midnight: start, next_midnight: start, zone }
    }

    /// Takes one in; what it counts for comes back.
    pub fn add(&mut self, at: DateTime<Utc>, position: u64, stay: Stay) -> Vec<Turn> {
        let (today, recent) = (at >= self.midnight, at > self.recent_from);
        if today || recent {
            self.ended.insert((at, position), stay);
        }
        let turn = |counts: bool, period| counts.then_some((Way::In, period, stay));
        turn(today, Period::Today).into_iter().chain(turn(recent, Period::Recent)).collect()
    }

    /// Lets time pass; what ceases to count comes back.
    pub fn tick(&mut self, now: DateTime<Utc>) -> Vec<Turn> {
        let mut turns = vec![];
        let mut leave = |from: DateTime<Utc>, until: DateTime<Utc>, ended: &BTreeMap<_, Stay>, period| {
            turns.extend(ended.range((from, 0)..(until, 0)).map(|(_, stay)| (Way::Out, period, *stay)));
        };
        // A stay that ended exactly half an hour ago has left.
        let (old, new) = (self.recent_from, now - RECENT);
        if new > old {
            leave(just_after(old), just_after(new), &self.ended, Period::Recent);
            self.recent_from = new;
        }
        if now >= self.next_midnight {
            let midnight = midnight(now, self.zone);
            leave(self.midnight, midnight, &self.ended, Period::Today);
            self.midnight = midnight;
            // A day has 25 hours at most.
            self.next_midnight = self::midnight(midnight + TimeDelta::hours(30), self.zone);
        }
        let kept_from = self.midnight.min(just_after(self.recent_from));
        while self.ended.first_key_value().is_some_and(|((at, _), _)| *at < kept_from) {
            self.ended.pop_first();
        }
        turns
    }

    /// When one ceases to count next.
    pub fn next_at(&self) -> DateTime<Utc> {
        let recent = self.ended.range((just_after(self.recent_from), 0)..).next().map(|((at, _), _)| *at + RECENT);
        recent.into_iter().chain([self.next_midnight]).min().unwrap_or(self.next_midnight)
    }

    /// Those that ended since midnight, oldest first.
    pub fn today(&self) -> impl Iterator<Item = &Stay> {
        self.ended.range((self.midnight, 0)..).map(|(_, stay)| stay)
    }
}

/// The smallest step of a clock.
fn just_after(at: DateTime<Utc>) -> DateTime<Utc> {
    at + TimeDelta::nanoseconds(1)
}

/// When the day of `now` began in `zone`.
pub fn midnight(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let day = now.with_timezone(&zone).date_naive();
    // Where clocks are put forward at midnight, the day begins an hour later.
    let starts = (0..3).filter_map(|hour| day.and_hms_opt(hour, 0, 0)?.and_local_timezone(zone).earliest());
    starts.map(|start| start.to_utc()).next().unwrap_or(now)
}
