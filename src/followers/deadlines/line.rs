//! Deadlines in order, soonest first, and a wall clock that jumps.
//!
//! They are kept in wall time, because that is what the log and people speak, and measured on monotonic time while the
//! process runs: what falls due only because the wall clock jumped forward waits a while, in case it jumps back.
//! A restart is no jump: a new process has no monotonic time to compare with.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Subject;

/// Less than this is a clock being set right.
const JUMP_MIN: TimeDelta = TimeDelta::seconds(60);
/// How long what the wall clock jumped over waits.
const WAITS_AFTER_JUMP: TimeDelta = TimeDelta::minutes(5);

/// Every deadline.
#[derive(Debug, Default)]
pub struct Line {
    by_time: BTreeSet<(DateTime<Utc>, Subject)>,
    by_subject: BTreeMap<Subject, Set>,
    /// Both clocks when they were last heard.
    heard: Option<(DateTime<Utc>, Duration)>,
}

/// A deadline that was set.
#[derive(Clone, Copy, Debug)]
struct Set {
    /// What the log says.
    at: DateTime<Utc>,
    /// When its time has passed as measured: another moment than `at` after a jump.
    measured: DateTime<Utc>,
    /// When it fires.
    fires: DateTime<Utc>,
    about: DateTime<Utc>,
    /// It fires because of a jump, sooner than measured.
    jumped: bool,
}

/// A deadline that fires.
#[derive(Clone, Copy, Debug)]
pub struct RanOut {
    pub subject: Subject,
    pub about: DateTime<Utc>,
    pub jumped: bool,
}

impl Line {
    /// Sets the deadline of a subject, whatever it was before. `about` is what it was set for.
    pub fn set(&mut self, subject: Subject, at: DateTime<Utc>, about: DateTime<Utc>) {
        self.clear(subject);
        self.by_time.insert((at, subject));
        self.by_subject.insert(subject, Set { at, measured: at, fires: at, about, jumped: false });
    }

    pub fn clear(&mut self, subject: Subject) {
        if let Some(set) = self.by_subject.remove(&subject) {
            self.by_time.remove(&(set.fires, subject));
        }
    }

    /// What a subject's deadline is about, also while it is under way.
    pub fn about(&self, subject: Subject) -> Option<DateTime<Utc>> {
        self.by_subject.get(&subject).map(|set| set.about)
    }

    /// How many are waited for or under way.
    #[cfg(test)]
    pub fn known(&self) -> usize {
        self.by_subject.len().max(self.by_time.len())
    }

    /// When the first of them fires.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out what fires by `now`; it stays known until it is cleared, so that it can be set again.
    pub fn ran_out(&mut self, now: DateTime<Utc>) -> Vec<RanOut> {
        let mut all = vec![];
        while let Some((at, subject)) = self.by_time.first().copied().filter(|(at, _)| *at <= now) {
            self.by_time.remove(&(at, subject));
            if let Some(set) = self.by_subject.get(&subject) {
                all.push(RanOut { subject, about: set.about, jumped: set.jumped });
            }
        }
        all
    }

    /// Hears both clocks, and tells by how much the wall clock has jumped since it last did, where it has.
    pub fn tick(&mut self, wall: DateTime<Utc>, monotonic: Duration) -> Option<TimeDelta> {
        let (wall_before, monotonic_before) = self.heard.replace((wall, monotonic))?;
        let passed = TimeDelta::from_std(monotonic.saturating_sub(monotonic_before)).ok()?;
        let by = wall - (wall_before + passed);
        if by.abs() <= JUMP_MIN {
            return None;
        }
        self.jumped(by, wall);
        Some(by)
    }

    /// The wall clock is at `wall` after a jump. Each deadline fires when its time has passed as measured, or has been
    /// over for a while by the wall clock, whichever is sooner. Never before its time by the wall clock, which is the one
    /// the aggregates know: after a jump back it comes late.
    fn jumped(&mut self, by: TimeDelta, wall: DateTime<Utc>) {
        let waiting = std::mem::take(&mut self.by_time);
        for (_, subject) in waiting {
            let Some(set) = self.by_subject.get_mut(&subject) else { continue };
            // Who waits already does not begin anew.
            let goes_on = set.jumped && by > TimeDelta::zero();
            let waited = if goes_on { set.fires + by } else { set.at.max(wall) + WAITS_AFTER_JUMP };
            set.measured += by;
            set.fires = set.measured.min(waited).max(set.at);
            set.jumped = waited < set.measured;
            self.by_time.insert((set.fires, subject));
        }
    }
}
