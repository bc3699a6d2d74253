//! Whatever can happen: histories of several conversations and agents, decided by the real rules.

mod commands;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::Agent;
use gatehouse_domain::conversation::Conversation;
use gatehouse_domain::{MessageId, Recorded, Rules, StreamId};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::recount::interactions::COLUMNS;
use crate::recount::projected::differences;
use crate::recount::recount;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tables_of_any_history_are_as_counted(steps in steps(1..250)) {
        let log = World::live(&steps);
        let differences = differences(&log);
        prop_assert!(differences.is_empty(), "{}\n\n{}", differences.join("\n"), told(&log));
    }
}

#[test]
fn histories_are_worth_their_while() {
    let mut runner = TestRunner::deterministic();
    let mut columns = BTreeSet::new();
    let mut metrics = BTreeSet::new();
    for _ in 0..80 {
        let steps = steps(200..250).new_tree(&mut runner).unwrap().current();
        let figures = recount(&World::live(&steps));
        columns.extend(figures.sums.keys().map(|(column, _)| *column));
        metrics.extend(figures.samples.keys().copied());
    }
    let never: Vec<&str> = EVERY_COLUMN.iter().filter(|column| !columns.contains(*column)).copied().collect();
    assert_eq!(never, [""; 0], "columns that are always 0");
    assert_eq!(metrics.len(), 12 + 1 + COLUMNS.len(), "{metrics:?}");
}

/// Every column of the roll-ups.
const EVERY_COLUMN: [&str; 51] = [
    "opened",
    "ended",
    "ended_ms",
    "ended_spoken",
    "ended_one_touch",
    "ended_window_missed",
    "ended_with_flow",
    "ended_contained",
    "offered",
    "answered",
    "answered_ms",
    "answered_in_time",
    "abandoned",
    "abandoned_ms",
    "abandoned_short",
    "flowed_out",
    "offers_accepted",
    "offers_accepted_ms",
    "offers_declined",
    "offers_lapsed",
    "offers_withdrawn",
    "handled",
    "handled_ms",
    "transfers_out",
    "transfers_in",
    "transfers_returned",
    "transfers_withdrawn",
    "moves_out",
    "moves_in",
    "first_responses",
    "first_response_ms",
    "next_responses",
    "next_response_ms",
    "sla_first_met",
    "sla_first_breached",
    "sla_next_met",
    "sla_next_breached",
    "windows_missed",
    "messages_received",
    "messages_written",
    "messages_echoed",
    "messages_automatic",
    "messages_submitted",
    "messages_unsent",
    "available_ms",
    "busy_ms",
    "break_ms",
    "not_responding_ms",
    "disconnected_ms",
    "slot_ms",
    "capacity_ms",
];

/// One thing that is tried: so long after the one before, of one conversation or agent.
#[derive(Clone, Copy, Debug)]
struct Step {
    after: TimeDelta,
    what: u8,
    which: u8,
    dice: u32,
}

fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let micros = |range: std::ops::Range<i64>| range.prop_map(TimeDelta::microseconds);
    let after = prop_oneof![
        3 => micros(0..1),
        3 => micros(0..3_000),
        12 => micros(0..40_000_000),
        2 => micros(0..5_400_000_000),
        1 => micros(0..180_000_000_000),
        // The clock is set back.
        1 => micros(-5_000_000..0),
    ];
    let step = (after, 0_u8..70, 0_u8..3, any::<u32>());
    prop::collection::vec(step.prop_map(|(after, what, which, dice)| Step { after, what, which, dice }), count)
}

/// Three conversations, three agents, and the log of what they did.
struct World {
    now: DateTime<Utc>,
    ids: u128,
    conversations: [Conversation; 3],
    agents: [Agent; 3],
    sent: Vec<MessageId>,
    log: Vec<Recorded>,
}

impl World {
    fn live(steps: &[Step]) -> Vec<Recorded> {
        let mut world = Self {
            now: NOON,
            ids: 0,
            conversations: Default::default(),
            agents: Default::default(),
            sent: vec![],
            log: vec![],
        };
        world.begin();
        for step in steps {
            world.now += step.after;
            match step.what {
                what @ 0..54 => world.converse(what, step.which.into(), step.dice),
                what => world.work(what, step.which.into(), step.dice),
            }
        }
        world.log
    }

    /// An id nothing has yet.
    fn fresh<T: From<Uuid>>(&mut self) -> T {
        self.ids += 1;
        T::from(Uuid::from_u128(0xFF << 64 | self.ids))
    }

    fn record<A: Rules<Event: Clone>>(&mut self, id: Uuid, state: &mut A, events: Vec<A::Event>) {
        for event in events {
            state.apply(event.clone());
            let stream = StreamId { kind: A::KIND, id };
            let sequence = 1 + self.log.iter().filter(|one| one.stream == stream).count() as u64;
            let position = self.log.len() as u64 + 1;
            self.log.push(Recorded { position, stream, sequence, recorded_at: self.now, fact: A::fact(event) });
        }
    }
}

/// The log of a history, for whoever looks at a difference.
fn told(log: &[Recorded]) -> String {
    let line = |one: &Recorded| format!("{} {} {:?}", one.position, one.stream, one.fact);
    log.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn id<T: From<Uuid>>(sort: u128, number: usize) -> T {
    T::from(Uuid::from_u128(sort << 64 | number as u128))
}
