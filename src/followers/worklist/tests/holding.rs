//! Who is held for whom.

use super::*;

#[test]
fn a_waiting_interaction_is_held_for_the_member_idle_longest_and_then_offered() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (conversation, agent, hold) = floor.one_hold();
    assert_eq!((conversation, agent), (LENAS, ANNA));
    floor.does(Act::Hold { conversation, agent, channel: Channel::Whatsapp, hold });

    let acts = floor.due();
    let [Act::Offer { conversation: LENAS, offers, until, why: Some(why) }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!((offers.len(), offers[0].agent, offers[0].hold, *until), (1, ANNA, hold, floor.now + TIMEOUT));
    assert_eq!((why.position, why.waiting, why.could, &why.candidates[..]), (1, 1, 2, &[ANNA, BORIS][..]));
    floor.does(acts[0].clone());
    assert_eq!(floor.due(), []);
}

#[test]
fn whoever_was_given_something_last_is_asked_last() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, ANNA, hold);
    floor.ends(LENAS);
    for act in floor.due() {
        assert_eq!(act, Act::Release { conversation: LENAS, agent: ANNA, hold });
        floor.does(act);
    }
    floor.waits(MARKS, SALES);
    assert_eq!(floor.holds(), [(MARKS, BORIS)]);
}

#[test]
fn a_crowd_is_spread_over_everybody_who_is_idle() {
    let mut floor = Floor::with(&[ANNA, BORIS], &[]);
    floor.comes(ANNA, 3);
    floor.comes(BORIS, 3);
    for conversation in [LENAS, MARKS, OLGAS] {
        floor.waits(conversation, SALES);
    }
    assert_eq!(floor.holds(), [(LENAS, ANNA), (MARKS, BORIS), (OLGAS, ANNA)]);
}

#[test]
fn nobody_is_asked_for_more_slots_than_they_have() {
    let mut floor = Floor::with_anna(2);
    for conversation in [LENAS, MARKS, OLGAS] {
        floor.waits(conversation, SALES);
    }
    assert_eq!(floor.holds(), [(LENAS, ANNA), (MARKS, ANNA)]);
    // Neither while both are only asked for ...
    floor.waits(ConversationId(Uuid::from_u128(0xC4)), SALES);
    assert_eq!(floor.due(), []);
}

#[test]
fn a_hold_that_was_granted_counts_like_one_that_is_asked_for() {
    let mut floor = Floor::with_anna(2);
    floor.waits(LENAS, SALES);
    floor.until_offered(LENAS);
    floor.waits(MARKS, SALES);
    floor.waits(OLGAS, SALES);
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn nobody_is_asked_for_more_slots_than_they_have_on_a_channel() {
    let one_chat = || Capacity { total: 3, per_channel: BTreeMap::from([(Channel::Whatsapp, 1)]) };
    let mut floor = Floor::with(&[ANNA, BORIS], &[]);
    floor.comes_with(ANNA, one_chat());
    floor.comes_with(BORIS, one_chat());
    for conversation in [LENAS, MARKS, OLGAS] {
        floor.waits(conversation, SALES);
    }
    assert_eq!(floor.holds(), [(LENAS, ANNA), (MARKS, BORIS)]);
}

#[test]
fn who_declined_is_asked_again_only_when_nobody_else_remains() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (first, offer, _) = floor.until_offered(LENAS);
    floor.declines(LENAS, offer, first);
    let (second, offer, _) = floor.until_offered(LENAS);
    assert_eq!((first, second), (ANNA, BORIS));
    floor.declines(LENAS, offer, second);
    let (third, ..) = floor.until_offered(LENAS);
    assert_eq!(third, ANNA);
}

#[test]
fn who_let_it_lapse_is_passed_over_though_idle_longest() {
    let mut floor = Floor::with(&[ANNA, BORIS], &[]);
    floor.comes(ANNA, 1);
    floor.waits(LENAS, SALES);
    let (agent, offer, _) = floor.until_offered(LENAS);
    floor.lapses(LENAS, offer, agent);
    floor.comes(BORIS, 1);
    let (next, ..) = floor.until_offered(LENAS);
    assert_eq!((agent, next), (ANNA, BORIS));
}

#[test]
fn who_declined_one_interaction_is_asked_for_the_next_like_anybody() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.declines(LENAS, offer, ANNA);
    floor.ends(LENAS);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent: ANNA, hold });
    floor.waits(MARKS, SALES);
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn nobody_is_asked_who_is_not_online_at_a_desk() {
    let at = NOON;
    let leaves = [
        agent::Event::TookBreak { reason: None, at },
        agent::Event::WentOffline { cause: agent::OfflineCause::Chosen, at },
        agent::Event::MarkedNotResponding { at },
        agent::Event::Disconnected { socket: DESK, at },
    ];
    for left in leaves {
        let mut floor = Floor::with_anna(1);
        floor.agent(ANNA, left);
        floor.waits(LENAS, SALES);
        assert_eq!(floor.due(), []);
        floor.agent(ANNA, agent::Event::Connected { socket: DESK, at });
        floor.agent(ANNA, agent::Event::WentOnline { at });
        assert_eq!(floor.holds(), [(LENAS, ANNA)]);
    }
}

#[test]
fn only_members_of_the_inbox_are_asked() {
    let mut floor = Floor::with(&[ANNA], &[BORIS]);
    floor.comes(ANNA, 3);
    floor.comes(BORIS, 3);
    floor.waits(LENAS, BILLING);
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
    floor.inbox(BILLING, inbox::Event::MemberRemoved { agent: BORIS, at: NOON });
    floor.waits(MARKS, BILLING);
    assert_eq!(floor.due(), []);
    floor.inbox(BILLING, inbox::Event::MemberAdded { agent: ANNA, at: NOON });
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn more_slots_serve_who_waits() {
    let mut floor = Floor::with_anna(0);
    floor.waits(LENAS, SALES);
    assert_eq!(floor.due(), []);
    let capacity = Capacity { total: 1, ..Capacity::default() };
    floor.agent(ANNA, agent::Event::CapacitySet { capacity, at: NOON });
    assert_eq!(floor.holds(), [(LENAS, ANNA)]);
}
