//! In what order, how often, and the same after a restart.

use super::*;

#[test]
fn who_waits_longest_is_served_first() {
    let mut floor = Floor::with(&[ANNA], &[]);
    for conversation in [OLGAS, LENAS, MARKS] {
        floor.waits(conversation, SALES);
    }
    floor.comes(ANNA, 2);
    assert_eq!(floor.holds(), [(OLGAS, ANNA), (LENAS, ANNA)]);
}

#[test]
fn who_waits_again_waits_at_their_age() {
    let mut floor = Floor::with(&[ANNA], &[]);
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    floor.assigned(LENAS, BORIS, FOREIGN);
    floor.queues(LENAS, SALES, NOON);
    floor.comes(ANNA, 1);
    assert_eq!(floor.holds(), [(LENAS, ANNA)]);
}

#[test]
fn priority_comes_before_age() {
    let mut floor = Floor::with(&[ANNA], &[]);
    for conversation in [LENAS, MARKS, OLGAS] {
        floor.waits(conversation, SALES);
    }
    floor.conversation(OLGAS, conversation::Event::PrioritySet { priority: 5, at: NOON });
    floor.comes(ANNA, 2);
    assert_eq!(floor.holds(), [(OLGAS, ANNA), (LENAS, ANNA)]);
}

#[test]
fn what_is_due_sooner_comes_before_age_and_after_priority() {
    let mut floor = Floor::with(&[ANNA], &[]);
    let unpromised = ConversationId(Uuid::from_u128(0xC4));
    floor.waits(unpromised, SALES);
    floor.waits_promised(LENAS, 600);
    floor.waits_promised(MARKS, 60);
    floor.waits(OLGAS, SALES);
    floor.conversation(OLGAS, conversation::Event::PrioritySet { priority: 1, at: NOON });
    let mut restarted = floor.restarted();
    floor.comes(ANNA, 4);
    let in_order = [(OLGAS, ANNA), (MARKS, ANNA), (LENAS, ANNA), (unpromised, ANNA)];
    assert_eq!(floor.holds(), in_order);
    restarted.comes(ANNA, 4);
    assert_eq!(restarted.holds(), in_order);
}

#[test]
fn who_was_answered_is_due_again_only_when_they_write_again() {
    let given_back = || {
        let mut floor = Floor::with(&[ANNA], &[]);
        floor.waits_promised(LENAS, 60);
        floor.assigned(LENAS, BORIS, FOREIGN);
        floor.is_answered_by(LENAS, BORIS);
        floor.queues(LENAS, SALES, NOON);
        floor.waits_promised(MARKS, 600);
        floor
    };
    let mut floor = given_back();
    floor.comes(ANNA, 1);
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);

    let mut floor = given_back();
    floor.writes(LENAS);
    floor.comes(ANNA, 1);
    assert_eq!(floor.holds(), [(LENAS, ANNA)]);
}

#[test]
fn one_whom_nobody_can_serve_holds_up_nobody() {
    let mut floor = Floor::with(&[ANNA], &[BORIS]);
    floor.waits(LENAS, BILLING);
    floor.waits(MARKS, SALES);
    floor.comes(ANNA, 1);
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn who_comes_back_at_once_does_not_jump_the_line() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, ANNA, hold);
    floor.waits(MARKS, SALES);
    floor.ends(LENAS);
    floor.waits(LENAS, SALES);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent: ANNA, hold });
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn what_a_flow_answers_waits_for_nobody() {
    let mut floor = Floor::with_anna(1);
    floor.opens(LENAS, SALES);
    let flow = gatehouse_domain::FlowId(Uuid::from_u128(0xF1));
    floor.conversation(LENAS, conversation::Event::HandedToFlow { flow, inbox: SALES, at: NOON });
    assert_eq!(floor.due(), []);
    floor.conversation(LENAS, conversation::Event::FlowEnded { flow, at: NOON });
    floor.queues(LENAS, SALES, NOON);
    assert_eq!(floor.holds(), [(LENAS, ANNA)]);
}

#[test]
fn nothing_is_handed_out_twice_before_it_is_done() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (conversation, agent, hold) = floor.one_hold();
    let act = Act::Hold { conversation, agent, channel: Channel::Whatsapp, hold };
    floor.conversation(LENAS, conversation::Event::PrioritySet { priority: 1, at: NOON });
    floor.takes_a_break(BORIS);
    assert_eq!(floor.due(), []);
    floor.does(act);
    let offer = floor.due();
    assert!(matches!(offer[..], [Act::Offer { .. }]), "{offer:?}");
    assert_eq!(floor.due(), []);
}

#[test]
fn what_failed_or_was_refused_is_asked_again_a_moment_later() {
    for outcome in [Done::Failed, Done::Refused] {
        let mut floor = Floor::with_anna(1);
        floor.waits(LENAS, SALES);
        let acts = floor.due();
        floor.worklist.done(acts[0].clone(), outcome, floor.now);
        assert_eq!(floor.due(), []);
        let again = floor.now + ASK_AGAIN_AFTER;
        assert_eq!(floor.worklist.wake_at(), Some(again));
        floor.now = again;
        assert_eq!(floor.due(), acts);
        assert_eq!(floor.worklist.wake_at(), None);
    }
}

#[test]
fn an_offer_whose_outcome_was_unknown_is_found_in_the_log_and_not_made_again() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (conversation, agent, hold) = floor.one_hold();
    floor.does(Act::Hold { conversation, agent, channel: Channel::Whatsapp, hold });
    let acts = floor.due();
    let [Act::Offer { offers, until, .. }] = &acts[..] else { panic!("it is offered: {acts:?}") };
    let (offers, until) = (offers.clone(), *until);
    floor.conversation(LENAS, conversation::Event::Offered { offers, until, at: NOON, why: None });
    floor.worklist.done(acts[0].clone(), Done::Failed, floor.now);
    floor.now += ASK_AGAIN_AFTER;
    assert_eq!(floor.due(), []);
}

#[test]
fn after_a_restart_the_same_is_asked_under_the_same_ids() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let mut restarted = floor.restarted();
    let holds = floor.due();
    assert_eq!(restarted.due(), holds);

    floor.does(holds[0].clone());
    let mut restarted = floor.restarted();
    let offers = floor.due();
    assert!(matches!(offers[..], [Act::Offer { .. }]), "{offers:?}");
    assert_eq!(unexplained(restarted.due()), unexplained(offers.clone()));

    floor.does(offers[0].clone());
    assert_eq!(floor.restarted().due(), []);
    floor.takes_a_break(ANNA);
    let mut restarted = floor.restarted();
    let withdrawals = floor.due();
    assert!(matches!(withdrawals[..], [Act::Withdraw { .. }]), "{withdrawals:?}");
    assert_eq!(restarted.due(), withdrawals);

    floor.does(withdrawals[0].clone());
    let mut restarted = floor.restarted();
    let releases = floor.due();
    assert!(matches!(releases[..], [Act::Release { .. }]), "{releases:?}");
    assert_eq!(restarted.due(), releases);
}

#[test]
fn another_decision_has_another_id() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.declines(LENAS, offer, ANNA);
    let (_, next_offer, next_hold) = floor.until_offered(LENAS);
    assert_ne!((offer, hold), (next_offer, next_hold));
    assert_ne!(hold, next_hold);
}

/// What was seen when it was decided may be told differently after a restart; what is decided may not.
fn unexplained(mut acts: Vec<Act>) -> Vec<Act> {
    for act in &mut acts {
        if let Act::Offer { why, .. } = act {
            *why = None;
        }
    }
    acts
}
