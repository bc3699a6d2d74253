//! What is promised of an agent.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const DESK: Uuid = Uuid::from_u128(0xD1);
const PHONE: Uuid = Uuid::from_u128(0xD2);
const LENAS: ConversationId = ConversationId(Uuid::from_u128(0xC1));
const MARKS: ConversationId = ConversationId(Uuid::from_u128(0xC2));
const OLGAS: ConversationId = ConversationId(Uuid::from_u128(0xC3));
const FIRST: HoldId = HoldId(Uuid::from_u128(0x81));
const SECOND: HoldId = HoldId(Uuid::from_u128(0x82));
const THIRD: HoldId = HoldId(Uuid::from_u128(0x83));

#[test]
fn an_agent_is_added_once() {
    given(vec![]).when(Command::Add { name: "Anna".to_owned() }).then_expect_events(vec![added()]);
    given(vec![added()]).when(Command::Add { name: "Anna".to_owned() }).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn nothing_is_asked_of_an_agent_who_does_not_exist() {
    for command in [
        Command::GoOnline,
        Command::TakeBreak { reason: None },
        Command::GoOffline { cause: OfflineCause::Chosen },
        Command::Connect { socket: DESK },
        Command::Disconnect { socket: DESK },
        Command::SetCapacity { capacity: three_of_which_one_email() },
        Command::GrantSkill { skill: "polish".to_owned() },
        Command::RevokeSkill { skill: "polish".to_owned() },
        hold_slot(FIRST, LENAS, Channel::Whatsapp),
        Command::ReleaseSlot { hold: FIRST },
        Command::MarkNotResponding,
    ] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchAgent);
    }
}

#[test]
fn an_agent_goes_online_once() {
    given(vec![added()]).when(Command::GoOnline).then_expect_events(vec![went_online()]);
    given(ready()).when(Command::GoOnline).then_expect_events(vec![]);
}

#[test]
fn a_break_is_told_with_its_reason_and_again_when_the_reason_changes() {
    let lunch = || Some("lunch".to_owned());
    given(ready()).when(Command::TakeBreak { reason: lunch() }).then_expect_events(vec![took_break(lunch())]);
    given(on_break(lunch())).when(Command::TakeBreak { reason: lunch() }).then_expect_events(vec![]);
    given(on_break(lunch())).when(Command::TakeBreak { reason: None }).then_expect_events(vec![took_break(None)]);
}

#[test]
fn an_agent_goes_offline_by_choice_or_by_a_lost_connection() {
    let without_desk = || [ready(), vec![disconnected(DESK)]].concat();
    for cause in [OfflineCause::Chosen, OfflineCause::Disconnected] {
        given(without_desk()).when(Command::GoOffline { cause }).then_expect_events(vec![went_offline(cause)]);
        given(vec![added()]).when(Command::GoOffline { cause }).then_expect_events(vec![]);
    }
}

#[test]
fn an_agent_who_is_back_at_a_desk_in_time_stays_online() {
    let lost = Command::GoOffline { cause: OfflineCause::Disconnected };
    given(ready()).when(lost).then_expect_events(vec![]);
    let left = OfflineCause::Chosen;
    given(ready()).when(Command::GoOffline { cause: left }).then_expect_events(vec![went_offline(left)]);
}

#[test]
fn every_desk_connects_and_disconnects_once() {
    given(ready()).when(Command::Connect { socket: PHONE }).then_expect_events(vec![connected(PHONE)]);
    given(ready()).when(Command::Connect { socket: DESK }).then_expect_events(vec![]);
    given(ready()).when(Command::Disconnect { socket: DESK }).then_expect_events(vec![disconnected(DESK)]);
    given(ready()).when(Command::Disconnect { socket: PHONE }).then_expect_events(vec![]);
}

#[test]
fn capacity_is_set_when_it_differs() {
    let capacity = Capacity { total: 5, ..Capacity::default() };
    let set = Event::CapacitySet { capacity: capacity.clone(), at: NOON };
    given(ready()).when(Command::SetCapacity { capacity }).then_expect_events(vec![set]);
    given(ready()).when(Command::SetCapacity { capacity: three_of_which_one_email() }).then_expect_events(vec![]);
}

#[test]
fn a_skill_is_granted_once_and_revoked_once() {
    let skill = || "polish".to_owned();
    let granted = Event::SkillGranted { skill: skill(), at: NOON };
    let revoked = Event::SkillRevoked { skill: skill(), at: NOON };
    given(vec![added()]).when(Command::GrantSkill { skill: skill() }).then_expect_events(vec![granted.clone()]);
    given(vec![added(), granted.clone()]).when(Command::GrantSkill { skill: skill() }).then_expect_events(vec![]);
    given(vec![added(), granted]).when(Command::RevokeSkill { skill: skill() }).then_expect_events(vec![revoked]);
    given(vec![added()]).when(Command::RevokeSkill { skill: skill() }).then_expect_events(vec![]);
}

#[test]
fn an_agent_who_is_online_and_connected_takes_a_slot() {
    given(ready()).when(hold_slot(FIRST, LENAS, Channel::Whatsapp)).then_expect_events(vec![slot_held(
        FIRST,
        LENAS,
        Channel::Whatsapp,
    )]);
}

#[test]
fn a_second_hold_for_the_same_conversation_is_the_first() {
    let held = holding(&[(FIRST, LENAS, Channel::Whatsapp)]);
    for hold in [FIRST, SECOND] {
        given(held.clone()).when(hold_slot(hold, LENAS, Channel::Whatsapp)).then_expect_events(vec![]);
    }
    assert_eq!(after(held).hold_for(LENAS), Some(FIRST));
}

#[test]
fn a_hold_outlives_the_agents_presence() {
    for left in [took_break(None), went_offline(OfflineCause::Chosen), disconnected(DESK)] {
        let mut events = holding(&[(FIRST, LENAS, Channel::Whatsapp)]);
        events.push(left);
        given(events).when(hold_slot(SECOND, LENAS, Channel::Whatsapp)).then_expect_events(vec![]);
    }
}

#[test]
fn one_hold_keeps_a_slot_for_one_conversation() {
    given(holding(&[(FIRST, LENAS, Channel::Whatsapp)]))
        .when(hold_slot(FIRST, MARKS, Channel::Whatsapp))
        .then_expect_error(Refusal::HoldInUse);
}

#[test]
fn nobody_takes_a_slot_who_is_not_online() {
    for left in [took_break(None), went_offline(OfflineCause::Chosen), marked_not_responding()] {
        let mut events = ready();
        events.push(left);
        given(events).when(hold_slot(FIRST, LENAS, Channel::Whatsapp)).then_expect_error(Refusal::NotOnline);
    }
}

#[test]
fn nobody_takes_a_slot_who_has_no_desk_connected() {
    let mut events = ready();
    events.push(disconnected(DESK));
    given(events).when(hold_slot(FIRST, LENAS, Channel::Whatsapp)).then_expect_error(Refusal::NotConnected);
}

#[test]
fn nobody_takes_more_than_their_capacity() {
    let full = holding(&[
        (FIRST, LENAS, Channel::Whatsapp),
        (SECOND, MARKS, Channel::Whatsapp),
        (THIRD, OLGAS, Channel::Email),
    ]);
    given(full)
        .when(hold_slot(HoldId(Uuid::from_u128(0x84)), ConversationId(Uuid::from_u128(0xC4)), Channel::Sms))
        .then_expect_error(Refusal::NoFreeSlot);
}

#[test]
fn an_agent_without_capacity_takes_nothing() {
    given(vec![added(), went_online(), connected(DESK)])
        .when(hold_slot(FIRST, LENAS, Channel::Whatsapp))
        .then_expect_error(Refusal::NoFreeSlot);
}

#[test]
fn a_channel_may_be_limited_further() {
    let one_email = holding(&[(FIRST, LENAS, Channel::Email)]);
    given(one_email.clone())
        .when(hold_slot(SECOND, MARKS, Channel::Email))
        .then_expect_error(Refusal::NoFreeSlotOnChannel);
    given(one_email).when(hold_slot(SECOND, MARKS, Channel::Whatsapp)).then_expect_events(vec![slot_held(
        SECOND,
        MARKS,
        Channel::Whatsapp,
    )]);
}

#[test]
fn a_capacity_that_shrank_takes_nothing_until_enough_is_released() {
    let mut shrunk = holding(&[(FIRST, LENAS, Channel::Whatsapp), (SECOND, MARKS, Channel::Sms)]);
    shrunk.push(Event::CapacitySet { capacity: Capacity { total: 1, ..Capacity::default() }, at: NOON });
    given(shrunk.clone()).when(hold_slot(THIRD, OLGAS, Channel::Sms)).then_expect_error(Refusal::NoFreeSlot);
    shrunk.extend([slot_released(FIRST), slot_released(SECOND)]);
    given(shrunk).when(hold_slot(THIRD, OLGAS, Channel::Sms)).then_expect_events(vec![slot_held(
        THIRD,
        OLGAS,
        Channel::Sms,
    )]);
}

#[test]
fn a_slot_is_released_once() {
    let held = holding(&[(FIRST, LENAS, Channel::Email)]);
    given(held.clone()).when(Command::ReleaseSlot { hold: FIRST }).then_expect_events(vec![slot_released(FIRST)]);
    given(held).when(Command::ReleaseSlot { hold: SECOND }).then_expect_events(vec![]);
}

#[test]
fn a_released_slot_is_free_again() {
    let mut events = holding(&[(FIRST, LENAS, Channel::Email)]);
    events.push(slot_released(FIRST));
    given(events).when(hold_slot(SECOND, MARKS, Channel::Email)).then_expect_events(vec![slot_held(
        SECOND,
        MARKS,
        Channel::Email,
    )]);
}

#[test]
fn an_agent_who_lets_offers_lapse_is_marked_until_online_again() {
    given(ready()).when(Command::MarkNotResponding).then_expect_events(vec![marked_not_responding()]);
    let mut marked = ready();
    marked.push(marked_not_responding());
    given(marked.clone()).when(Command::MarkNotResponding).then_expect_events(vec![]);
    given(marked).when(Command::GoOnline).then_expect_events(vec![went_online()]);
}

#[test]
fn an_agent_who_left_is_not_marked() {
    for left in [took_break(None), went_offline(OfflineCause::Chosen)] {
        let mut events = ready();
        events.push(left);
        given(events).when(Command::MarkNotResponding).then_expect_events(vec![]);
    }
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Agent> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn after(events: Vec<Event>) -> Agent {
    let mut agent = Agent::default();
    events.into_iter().for_each(|event| agent.evolve(event));
    agent
}

/// Anna is online at her desk, with three slots, one of them for e-mail.
fn ready() -> Vec<Event> {
    let capacity = Event::CapacitySet { capacity: three_of_which_one_email(), at: NOON };
    vec![added(), capacity, went_online(), connected(DESK)]
}

fn holding(holds: &[(HoldId, ConversationId, Channel)]) -> Vec<Event> {
    let mut events = ready();
    events.extend(holds.iter().map(|(hold, conversation, channel)| slot_held(*hold, *conversation, *channel)));
    events
}

fn on_break(reason: Option<String>) -> Vec<Event> {
    let mut events = ready();
    events.push(took_break(reason));
    events
}

fn three_of_which_one_email() -> Capacity {
    Capacity { total: 3, per_channel: BTreeMap::from([(Channel::Email, 1)]) }
}

fn hold_slot(hold: HoldId, conversation: ConversationId, channel: Channel) -> Command {
    Command::HoldSlot { hold, conversation, channel }
}

fn added() -> Event {
    Event::AgentAdded { name: "Anna".to_owned(), at: NOON }
}

fn went_online() -> Event {
    Event::WentOnline { at: NOON }
}

fn took_break(reason: Option<String>) -> Event {
    Event::TookBreak { reason, at: NOON }
}

fn went_offline(cause: OfflineCause) -> Event {
    Event::WentOffline { cause, at: NOON }
}

fn connected(socket: Uuid) -> Event {
    Event::Connected { socket, at: NOON }
}

fn disconnected(socket: Uuid) -> Event {
    Event::Disconnected { socket, at: NOON }
}

fn slot_held(hold: HoldId, conversation: ConversationId, channel: Channel) -> Event {
    Event::SlotHeld { hold, conversation, channel, at: NOON }
}

fn slot_released(hold: HoldId) -> Event {
    Event::SlotReleased { hold, at: NOON }
}

fn marked_not_responding() -> Event {
    Event::MarkedNotResponding { at: NOON }
}
