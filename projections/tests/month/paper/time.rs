//! Agents' time, and the figures that are no quotients.

use gatehouse_domain::agent::{Capacity, Event as A};

use super::*;
use crate::recount::figures::age_classes;

#[test]
fn two_slots_a_break_and_a_wrap_up_are_split_over_the_quarters() {
    let mut log = Paper::default();
    log.agent(ANNA, 0, |at| A::AgentAdded { name: "Anna".to_owned(), at });
    log.agent(ANNA, 0, |at| A::CapacitySet { capacity: Capacity { total: 2, ..Capacity::default() }, at });
    log.agent(ANNA, 0, |at| A::WentOnline { at });
    log.agent(ANNA, 0, |at| A::Connected { socket: Uuid::from_u128(1), at });
    log.agent(ANNA, after(5, 0), held(1));
    log.agent(ANNA, after(10, 0), held(2));
    log.agent(ANNA, after(20, 0), |at| A::TookBreak { reason: None, at });
    log.agent(ANNA, after(25, 0), |at| A::WentOnline { at });
    log.agent(ANNA, after(25, 0), |at| A::SlotReleased { hold: hold_id(1), at });
    log.agent(ANNA, after(40, 0), |at| A::SlotReleased { hold: hold_id(2), at });
    log.agent(ANNA, after(50, 0), |at| A::Disconnected { socket: Uuid::from_u128(1), at });
    log.agent(ANNA, after(55, 0), |at| A::MarkedNotResponding { at });
    log.agent(ANNA, after(62, 0), |at| A::WentOffline { cause: gatehouse_domain::agent::OfflineCause::Chosen, at });
    // The work of the first slot: wrapped up from 12:22 to 12:25.
    log.say(1, after(5, 0), opened(SALES, Opening::Outbound { agent: Uuid::from_u128(ANNA).into() }, None, None));
    log.say(1, after(5, 0), assigned(ANNA, 1, HowAssigned::Outbound));
    log.say(1, after(22, 0), ended(solved(ANNA)));
    let figures = log.sums(
        &[],
        &[
            ("available_ms", 0, NOBODY, ANNA, after(5, 0)),
            ("busy_ms", 0, NOBODY, ANNA, after(10, 0)),
            ("slot_ms", 0, NOBODY, ANNA, after(5 + 2 * 5, 0)),
            ("capacity_ms", 0, NOBODY, ANNA, after(2 * 15, 0)),
            ("busy_ms", 1, NOBODY, ANNA, after(5 + 5, 0)),
            ("break_ms", 1, NOBODY, ANNA, after(5, 0)),
            ("slot_ms", 1, NOBODY, ANNA, after(2 * 5 + 5, 0)),
            ("capacity_ms", 1, NOBODY, ANNA, after(2 * 10, 0)),
            ("busy_ms", 2, NOBODY, ANNA, after(10, 0)),
            ("available_ms", 2, NOBODY, ANNA, after(5, 0)),
            ("slot_ms", 2, NOBODY, ANNA, after(10, 0)),
            ("capacity_ms", 2, NOBODY, ANNA, after(2 * 15, 0)),
            ("available_ms", 3, NOBODY, ANNA, after(5, 0)),
            ("capacity_ms", 3, NOBODY, ANNA, after(2 * 5, 0)),
            ("disconnected_ms", 3, NOBODY, ANNA, after(5, 0)),
            ("not_responding_ms", 3, NOBODY, ANNA, after(5, 0)),
            ("not_responding_ms", 4, NOBODY, ANNA, after(2, 0)),
        ],
    );
    assert_eq!(metric(&figures, "occupancy"), Some(30.0 / 45.0));
    assert_eq!(metric(&figures, "slot_utilisation"), Some(40.0 / 90.0));
    assert_eq!(metric(&figures, "wrap_up"), Some(after(3, 0) as f64));
}

#[test]
fn a_clock_set_back_takes_no_time_away() {
    let mut log = Paper::default();
    log.say(1, after(15, 0), opened(SALES, Opening::Received, None, None));
    log.say(1, after(15, 0), queued(SALES));
    log.say(1, after(14, 0), assigned(ANNA, 1, HowAssigned::Pull));
    log.say(1, after(14, 30), reply(0x41, by(ANNA)));
    log.say(1, after(15, 30), ended(solved(ANNA)));
    log.sums(
        &["answered_ms", "first_response_ms"],
        &[
            ("answered", 1, SALES, ANNA, 1),
            ("first_responses", 1, SALES, ANNA, 1),
            ("handled_ms", 1, SALES, ANNA, 30 * SECOND),
        ],
    );
}

#[test]
fn the_nearest_rank_is_a_value_there_is_and_ages_have_classes() {
    let mut log = Paper::default();
    for nth in 1..=10 {
        log.say(nth, 0, opened(SALES, Opening::Received, None, None));
        log.say(nth, 0, queued(SALES));
        if nth < 10 {
            log.say(nth, after(0, nth as i64), assigned(ANNA, nth, HowAssigned::Pull));
        }
    }
    let figures = log.sums(&["abandoned"], &[("answered", 0, SALES, ANNA, 9)]);
    let percentile = |percent| figures.percentile("speed_of_answer", percent, &everything());
    assert_eq!([percentile(50), percentile(90), percentile(100)], [5, 9, 9].map(|value| Some(value * SECOND)));
    assert_eq!(figures.percentile("wrap_up", 50, &everything()), None);
    assert_eq!(metric(&figures, "speed_of_answer"), Some(5_000.0));

    let noon = NOON.timestamp_millis();
    assert_eq!(age_classes(&figures.backlog(noon + after(60, 0) - 1, &|_| true)), [10, 0, 0, 0, 0]);
    assert_eq!(age_classes(&figures.backlog(noon + after(60, 0), &|_| true)), [0, 10, 0, 0, 0]);
    assert_eq!(age_classes(&figures.backlog(noon + after(72 * 60, 0), &|_| true)), [0, 0, 0, 0, 10]);
}

fn held(hold: u128) -> impl FnOnce(DateTime<Utc>) -> A {
    move |at| A::SlotHeld {
        hold: hold_id(hold),
        conversation: Uuid::from_u128(hold).into(),
        channel: Channel::Whatsapp,
        at,
    }
}
