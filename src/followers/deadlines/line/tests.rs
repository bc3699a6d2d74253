//! Deadlines and pairs of wall and monotonic time.

use gatehouse_domain::{ConversationId, OfferId};
use uuid::Uuid;

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const HOUR: i64 = 3_600;
const FIVE_MINUTES: i64 = 300;

#[test]
fn while_both_clocks_agree_a_deadline_fires_at_its_time() {
    let mut day = Day::with_deadlines(&[10, 20]);
    assert_eq!(day.fires(9, 0), []);
    assert_eq!(day.fires(10, 0), [(10, false)]);
    assert_eq!(day.fires(25, 0), [(20, false)]);
    assert_eq!(day.fires(9_999, 0), []);
}

#[test]
fn a_clock_that_is_set_right_is_followed() {
    let mut day = Day::with_deadlines(&[100, 200]);
    assert_eq!(day.fires(50, 60), [(100, false)]);
    assert!(day.jumps.is_empty());
    // A minute and a minute are no jump of two.
    assert_eq!(day.fires(81, 120), [(200, false)]);
    assert!(day.jumps.is_empty());
}

#[test]
fn what_the_wall_clock_jumped_over_waits_five_minutes_and_is_flagged() {
    let mut day = Day::with_deadlines(&[HOUR]);
    assert_eq!(day.fires(10, 2 * HOUR), []);
    assert_eq!(day.jumps, [2 * HOUR]);
    assert_eq!(day.fires(10 + FIVE_MINUTES - 1, 2 * HOUR), []);
    assert_eq!(day.line.first(), Some(wall(10 + FIVE_MINUTES, 2 * HOUR)));
    assert_eq!(day.fires(10 + FIVE_MINUTES, 2 * HOUR), [(HOUR, true)]);
    assert_eq!(day.jumps, [2 * HOUR], "one jump is told once");
}

#[test]
fn whose_time_has_passed_as_measured_does_not_wait_for_the_jump() {
    let mut day = Day::with_deadlines(&[10, 30, 200]);
    // One has passed while nobody looked, the others come soon.
    assert_eq!(day.fires(15, HOUR), [(10, false)]);
    assert_eq!(day.fires(29, HOUR), []);
    assert_eq!(day.fires(30, HOUR), [(30, false)]);
    assert_eq!(day.fires(200, HOUR), [(200, false)]);
}

#[test]
fn what_the_jump_only_brought_nearer_waits_too() {
    let mut day = Day::with_deadlines(&[3 * HOUR]);
    assert_eq!(day.fires(10, 2 * HOUR), []);
    assert_eq!(day.fires(HOUR, 2 * HOUR), [], "an hour early");
    assert_eq!(day.fires(HOUR + FIVE_MINUTES, 2 * HOUR), [(3 * HOUR, true)]);
}

#[test]
fn what_is_set_after_a_jump_fires_at_its_time() {
    let mut day = Day::with_deadlines(&[]);
    assert_eq!(day.fires(10, HOUR), []);
    day.sets(HOUR + 40);
    assert_eq!(day.fires(39, HOUR), []);
    assert_eq!(day.fires(40, HOUR), [(HOUR + 40, false)]);
}

#[test]
fn a_clock_that_jumps_back_leaves_the_deadline_to_its_measured_time() {
    let mut day = Day::with_deadlines(&[HOUR]);
    assert_eq!(day.fires(10, 2 * HOUR), []);
    assert_eq!(day.fires(20, 0), []);
    assert_eq!(day.jumps, [2 * HOUR, -2 * HOUR]);
    assert_eq!(day.fires(20 + FIVE_MINUTES, 0), [], "the jump is over");
    assert_eq!(day.fires(HOUR - 1, 0), []);
    assert_eq!(day.fires(HOUR, 0), [(HOUR, false)]);
}

#[test]
fn a_second_jump_starts_no_second_wait_for_what_has_waited() {
    let mut day = Day::with_deadlines(&[HOUR]);
    assert_eq!(day.fires(10, 2 * HOUR), []);
    assert_eq!(day.fires(10 + FIVE_MINUTES / 2, 3 * HOUR), []);
    assert_eq!(day.fires(10 + FIVE_MINUTES, 3 * HOUR), [(HOUR, true)]);
}

#[test]
fn a_restart_is_no_jump() {
    let mut day = Day { line: Line::default(), jumps: vec![] };
    day.sets(10);
    // A new process: however much later, its first look is its first.
    assert_eq!(day.fires(0, 48 * HOUR), [(10, false)]);
    assert!(day.jumps.is_empty());
}

/// A line that has looked at both clocks at noon.
struct Day {
    line: Line,
    jumps: Vec<i64>,
}

impl Day {
    fn with_deadlines(seconds: &[i64]) -> Self {
        let mut day = Self { line: Line::default(), jumps: vec![] };
        assert_eq!(day.fires(0, 0), []);
        seconds.iter().for_each(|at| day.sets(*at));
        day
    }

    /// So many seconds after noon, by the wall clock.
    fn sets(&mut self, at: i64) {
        let id = Uuid::from_u128(at.unsigned_abs().into());
        self.line.set(Subject::Offer(ConversationId(id), OfferId(id)), wall(at, 0), wall(at, 0));
    }

    /// What fires so many measured seconds after noon, while the wall clock is ahead by so many.
    fn fires(&mut self, measured: i64, ahead: i64) -> Vec<(i64, bool)> {
        let now = wall(measured, ahead);
        let jump = self.line.tick(now, Duration::from_secs(measured.unsigned_abs()));
        self.jumps.extend(jump.map(|by| by.num_seconds()));
        self.line.ran_out(now).into_iter().map(|one| ((one.about - NOON).num_seconds(), one.jumped)).collect()
    }
}

fn wall(measured: i64, ahead: i64) -> DateTime<Utc> {
    NOON + TimeDelta::seconds(measured + ahead)
}
