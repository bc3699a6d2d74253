//! Every hold serves something, and every offer can be taken.

use super::*;

#[test]
fn the_hold_of_an_interaction_that_ended_is_released() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (agent, _, hold) = floor.until_offered(LENAS);
    assert_eq!(floor.due(), []);
    floor.ends(LENAS);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
}

#[test]
fn the_hold_of_an_interaction_that_somebody_else_took_is_released() {
    let mut floor = Floor::with(&[ANNA], &[BORIS]);
    floor.comes(ANNA, 1);
    floor.comes(BORIS, 1);
    floor.waits(LENAS, SALES);
    let (agent, _, hold) = floor.until_offered(LENAS);
    floor.agent(BORIS, slot_held(FOREIGN, LENAS));
    floor.assigned(LENAS, BORIS, FOREIGN);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent, hold });
    assert_eq!(floor.due(), []);
}

#[test]
fn the_hold_of_an_interaction_that_waits_again_is_released_when_its_agent_is_gone() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, agent, hold);
    floor.takes_a_break(agent);
    assert_eq!(floor.due(), [], "who owns something keeps it over a break");
    floor.queues(LENAS, SALES, NOON);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
}

#[test]
fn who_goes_offline_gives_back_what_they_own_at_once() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, agent, hold);
    assert_eq!(floor.due(), []);
    floor.goes_offline(agent);
    let mut restarted = floor.restarted();
    assert_eq!(restarted.due(), [Act::Return { conversation: LENAS, agent }]);
    assert_eq!(floor.due(), [Act::Return { conversation: LENAS, agent }]);
    floor.does(Act::Return { conversation: LENAS, agent });
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent, hold });
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
}

#[test]
fn who_gives_an_interaction_back_stands_in_line_like_everybody_else() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, agent, hold);
    floor.queues(LENAS, SALES, NOON);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent, hold });
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
}

#[test]
fn a_hold_granted_to_somebody_who_then_left_is_released_and_the_next_is_asked() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (conversation, agent, hold) = floor.one_hold();
    floor.does(Act::Hold { conversation, agent, channel: Channel::Whatsapp, hold });
    floor.takes_a_break(ANNA);
    assert_eq!(floor.due(), [Act::Release { conversation, agent: ANNA, hold }]);
    floor.does(Act::Release { conversation, agent: ANNA, hold });
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
}

#[test]
fn a_second_hold_for_the_same_interaction_is_released() {
    let mut floor = Floor::with_both();
    let second = HoldId(Uuid::from_u128(0x82));
    floor.waits(LENAS, SALES);
    floor.agent(BORIS, slot_held(FOREIGN, LENAS));
    floor.agent(ANNA, slot_held(second, LENAS));
    let (agent, _, hold) = floor.until_offered(LENAS);
    assert_eq!((agent, hold), (BORIS, FOREIGN));
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold: second }]);
}

#[test]
fn a_break_withdraws_the_offer_and_frees_the_slot() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    assert_eq!(floor.due(), []);
    floor.takes_a_break(agent);
    assert_eq!(floor.due(), [Act::Withdraw { conversation: LENAS, offer }]);
    floor.does(Act::Withdraw { conversation: LENAS, offer });
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent, hold });
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
}

#[test]
fn a_desk_that_reconnects_keeps_its_offer() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, ..) = floor.until_offered(LENAS);
    floor.agent(agent, agent::Event::Disconnected { socket: DESK, at: NOON });
    assert_eq!(floor.due(), []);
    floor.agent(agent, agent::Event::Connected { socket: DESK, at: NOON });
    assert_eq!(floor.due(), []);
}

#[test]
fn who_is_taken_out_of_the_inbox_loses_its_offers() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, offer, _) = floor.until_offered(LENAS);
    assert_eq!(floor.due(), []);
    floor.inbox(SALES, inbox::Event::MemberRemoved { agent, at: NOON });
    assert_eq!(floor.due(), [Act::Withdraw { conversation: LENAS, offer }]);
}

#[test]
fn what_is_moved_to_another_inbox_goes_to_its_members() {
    let mut floor = Floor::with(&[ANNA], &[BORIS]);
    floor.comes(ANNA, 1);
    floor.comes(BORIS, 1);
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    let why = Withdrawn::Superseded;
    floor.conversation(LENAS, conversation::Event::OfferWithdrawn { offer, agent, why, at: NOON });
    floor.queues(LENAS, BILLING, NOON);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold }]);
    floor.does(Act::Release { conversation: LENAS, agent: ANNA, hold });
    assert_eq!(floor.holds(), [(LENAS, BORIS)]);
}

#[test]
fn a_pending_transfer_keeps_its_hold_until_it_is_over() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    let (agent, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, agent, hold);
    floor.comes(BORIS, 1);
    let transfer = gatehouse_domain::TransferId(Uuid::from_u128(0x71));
    let requested = conversation::Event::TransferRequested {
        transfer,
        from: agent,
        to: BORIS,
        hold: FOREIGN,
        until: NOON,
        at: NOON,
        personal: gatehouse_domain::Personal::Erased,
        why: None,
    };
    floor.conversation(LENAS, requested);
    floor.agent(BORIS, slot_held(FOREIGN, LENAS));
    assert_eq!(floor.due(), []);
    floor.conversation(LENAS, conversation::Event::TransferDeclined { transfer, at: NOON });
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: BORIS, hold: FOREIGN }]);
}

#[test]
fn where_several_desks_ring_only_the_hold_of_who_is_out_is_released() {
    let mut floor = Floor::with_both();
    let (to_anna, to_boris) = (OfferId(Uuid::from_u128(0x51)), OfferId(Uuid::from_u128(0x52)));
    let (annas, boris) = (HoldId(Uuid::from_u128(0x82)), FOREIGN);
    floor.waits(LENAS, SALES);
    floor.agent(ANNA, slot_held(annas, LENAS));
    floor.agent(BORIS, slot_held(boris, LENAS));
    let offers = vec![
        OfferTo { offer: to_anna, agent: ANNA, hold: annas },
        OfferTo { offer: to_boris, agent: BORIS, hold: boris },
    ];
    floor.conversation(LENAS, conversation::Event::Offered { offers, until: NOON, at: NOON, why: None });
    assert_eq!(floor.due(), []);
    let declined = conversation::Event::OfferDeclined { offer: to_anna, agent: ANNA, reason: None, at: NOON };
    floor.conversation(LENAS, declined);
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold: annas }]);
}

fn slot_held(hold: HoldId, conversation: ConversationId) -> agent::Event {
    agent::Event::SlotHeld { hold, conversation, channel: Channel::Whatsapp, at: NOON }
}
