//! What holds for every history.

use std::collections::BTreeMap;

use gatehouse_domain::ConversationId;
use proptest::prelude::*;

use super::moves::{moves, played};
use super::*;
use crate::table::{Change, Value};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_came_was_answered_left_flowed_out_or_waits(moves in moves()) {
        let kept = kept(&played(LENAS, &moves), 7);
        let columns = ["offered", "answered", "abandoned", "flowed_out"];
        let waiting = kept.rows("queue_stays", "outcome").iter().filter(|outcome| *outcome == "-").count();
        let all = kept.sums("quarters", "channel", &columns).remove("whatsapp").unwrap_or_else(|| vec![0; 4]);
        prop_assert_eq!(all[0], all[1] + all[2] + all[3] + waiting as i64);
        prop_assert_eq!(all[0], kept.rows("queue_stays", "came").len() as i64);
    }

    #[test]
    fn the_time_of_an_interaction_is_waiting_handling_and_flow(moves in moves()) {
        let kept = kept(&played(LENAS, &moves), 7);
        for row in kept.tables.get("interactions").into_iter().flat_map(BTreeMap::values) {
            let ms = |column| number(cell("interactions", row, column));
            prop_assert_eq!(ms("duration_ms"), ms("waited_ms") + ms("handled_ms") + ms("flow_ms"));
        }
    }

    #[test]
    fn quarters_are_the_sums_of_their_facts(moves in moves()) {
        let kept = kept(&played(LENAS, &moves), 7);
        for Summed { only, table, at: closed, sum, columns } in SUMS {
            let quarters = kept.sums("quarters", "began_at inbox_id channel gateway_id", columns);
            let quarters: BTreeMap<_, _> = quarters.into_iter().filter(|(_, sums)| sums.iter().any(|sum| *sum != 0)).collect();
            let mut facts: BTreeMap<String, Vec<i64>> = BTreeMap::new();
            for row in kept.tables.get(table).into_iter().flat_map(BTreeMap::values) {
                let told = |column| cell(table, row, column);
                let wanted = only.iter().all(|(column, value)| told(column) == &Value::Text((*value).to_owned()));
                let Value::Time(at) = told(closed) else { continue };
                if wanted {
                    let began = (time::quarter(*at) - crate::fixtures::NOON).num_seconds();
                    let inbox = if told("inbox_id") == &Value::Id(SALES.0) { "sales" } else { "support" };
                    let sums = facts.entry(format!("+{began} {inbox} whatsapp line")).or_insert_with(|| vec![0, 0]);
                    sums[0] += 1;
                    sums[1] += number(told(sum));
                }
            }
            prop_assert_eq!(quarters, facts, "{}", table);
        }
    }

    #[test]
    fn an_agents_time_is_the_sum_of_its_states_and_quarters(moves in moves()) {
        let log = played(LENAS, &moves);
        let kept = kept(&log, 7);
        let sums = ["duration_ms", "slot_ms", "capacity_ms"];
        let all = kept.sums("agent_state_intervals", "agent_id", &sums);
        let states = kept.sums("agent_state_intervals", "agent_id state", &sums);
        let columns = ["available_ms", "busy_ms", "break_ms", "not_responding_ms", "disconnected_ms", "slot_ms", "capacity_ms"];
        let quarters = kept.sums("agent_quarters", "agent_id", &columns);
        for agent in ["anna", "boris"] {
            let state = |state: &str| states.get(&format!("{agent} {state}")).cloned().unwrap_or_else(|| vec![0; 3]);
            let quarter = quarters.get(agent).cloned().unwrap_or_else(|| vec![0; 7]);
            for (sum, name) in quarter.iter().zip(["available", "busy", "break", "not_responding", "disconnected"]) {
                prop_assert_eq!(*sum, state(name)[0], "{}", name);
            }
            prop_assert_eq!(quarter[5], state("available")[1] + state("busy")[1]);
            prop_assert_eq!(quarter[6], state("available")[2] + state("busy")[2]);
            let began = log[0].fact.clone();
            let Fact::Agent(began) = began else { panic!("an agent is added first: {began:?}") };
            let until = number_of_time(&kept, agent);
            prop_assert_eq!(all[agent][0], until - time::cut(began.at()).timestamp_millis());
        }
    }

    #[test]
    fn slots_are_taken_for_as_long_as_states_tell(moves in moves()) {
        let kept = kept(&played(LENAS, &moves), 7);
        let states = kept.sums("agent_state_intervals", "agent_id", &["slot_ms"]);
        let held = kept.sums("slots", "agent_id", &["held_ms"]);
        for agent in ["anna", "boris"] {
            let until = number_of_time(&kept, agent);
            let open: i64 = kept.tables.get("slots").into_iter().flat_map(BTreeMap::values)
                .filter(|row| cell("slots", row, "released_at") == &Value::Null)
                .filter(|row| cell("slots", row, "agent_id") == &Value::Id(if agent == "anna" { ANNA.0 } else { BORIS.0 }))
                .map(|row| until - millis(cell("slots", row, "held_at"))).sum();
            prop_assert_eq!(states[agent][0], held.get(agent).map_or(0, |sums| sums[0]) + open);
        }
    }

    #[test]
    fn however_events_are_batched_the_rows_are_the_same(moves in moves(), at_a_time in 1_usize..40) {
        let log = played(LENAS, &moves);
        prop_assert_eq!(kept(&log, at_a_time), kept(&log, usize::MAX));
    }

    #[test]
    fn who_folds_on_from_a_position_says_what_the_first_would_have_said(moves in moves(), share in 0.0..1.0) {
        let log = played(LENAS, &moves);
        let position = (log.len() as f64 * share) as usize;
        let fold = |reports: &mut Reports, log: &[Recorded]| {
            let mut changes = vec![];
            log.iter().for_each(|one| reports.fold(one, &mut changes));
            changes
        };
        let (mut live, mut again) = (Reports::default(), Reports::default());
        let first: Vec<Change> = fold(&mut live, &log[..position]);
        prop_assert_eq!(&fold(&mut again, &log[..position]), &first);
        prop_assert_eq!(fold(&mut live, &log[position..]), fold(&mut again, &log[position..]));
    }

    #[test]
    fn a_stream_that_comes_late_makes_the_same_rows(lenas in moves(), marias in moves(), turns in prop::collection::vec(any::<bool>(), 400)) {
        let maria = ConversationId(Uuid::from_u128(80));
        let (lenas, marias) = (played(LENAS, &lenas), played(maria, &marias));
        let marias: Vec<Recorded> = marias.into_iter().filter(|one| one.stream.kind == Kind::Conversation).collect();
        let late = [lenas.clone(), marias.clone()].concat();
        let (mut mixed, mut lenas, mut marias) = (vec![], lenas.into_iter(), marias.into_iter());
        for turn in turns {
            mixed.extend(if turn { lenas.next() } else { marias.next() });
        }
        mixed.extend(lenas.chain(marias));
        prop_assert_eq!(kept(&mixed, 5), kept(&late, 5));
    }
}

#[test]
fn histories_are_worth_their_while() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut told = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let moves = proptest::strategy::ValueTree::current(&moves().new_tree(&mut runner).unwrap());
        told.extend(played(LENAS, &moves).iter().map(|one| one.fact.name()));
    }
    // What reports do not tell, or only together with what they tell.
    let unasked = [
        "note_added",
        "tagged",
        "untagged",
        "priority_set",
        "attachment_recorded",
        "message_edited",
        "reaction_received",
        "address_added",
        "message_revoked",
    ];
    let never: Vec<_> = gatehouse_domain::conversation::Event::NAMES
        .iter()
        .filter(|name| !told.contains(*name) && !unasked.contains(*name))
        .collect();
    assert_eq!(never, Vec::<&&str>::new());
    let shifts = gatehouse_domain::agent::Event::NAMES
        .iter()
        .filter(|name| !told.contains(*name) && !name.starts_with("skill"))
        .count();
    assert_eq!(shifts, 0);
}

/// Which facts, by what time, make which count and sum of a quarter.
struct Summed {
    only: &'static [(&'static str, &'static str)],
    table: &'static str,
    at: &'static str,
    sum: &'static str,
    columns: &'static [&'static str],
}

const SUMS: &[Summed] = &[
    Summed {
        only: &[("outcome", "answered")],
        table: "queue_stays",
        at: "left_at",
        sum: "waited_ms",
        columns: &["answered", "answered_ms"],
    },
    Summed {
        only: &[("outcome", "abandoned")],
        table: "queue_stays",
        at: "left_at",
        sum: "waited_ms",
        columns: &["abandoned", "abandoned_ms"],
    },
    Summed {
        only: &[("outcome", "accepted")],
        table: "offers",
        at: "closed_at",
        sum: "open_ms",
        columns: &["offers_accepted", "offers_accepted_ms"],
    },
    Summed {
        only: &[],
        table: "assignments",
        at: "released_at",
        sum: "handled_ms",
        columns: &["handled", "handled_ms"],
    },
    Summed {
        only: &[("clock", "first"), ("outcome", "answered")],
        table: "responses",
        at: "closed_at",
        sum: "response_ms",
        columns: &["first_responses", "first_response_ms"],
    },
    Summed {
        only: &[("clock", "next"), ("outcome", "answered")],
        table: "responses",
        at: "closed_at",
        sum: "response_ms",
        columns: &["next_responses", "next_response_ms"],
    },
];

fn number_of_time(kept: &Kept, agent: &str) -> i64 {
    let id = Value::Id(if agent == "anna" { ANNA.0 } else { BORIS.0 });
    let rows = kept.tables["agent_state_intervals"].values();
    let theirs = rows.filter(|row| cell("agent_state_intervals", row, "agent_id") == &id);
    theirs.map(|row| millis(cell("agent_state_intervals", row, "counted_until"))).max().unwrap()
}

fn millis(value: &Value) -> i64 {
    let Value::Time(at) = value else { panic!("a time: {value:?}") };
    at.timestamp_millis()
}
