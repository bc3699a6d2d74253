//! What is promised of a gateway.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const VIP: InboxId = InboxId(Uuid::from_u128(0x12));
const META_APP: ConnectionId = ConnectionId(Uuid::from_u128(0x91));

#[test]
fn a_gateway_is_added_once() {
    given(vec![]).when(add(conditions(2))).then_expect_events(vec![added(conditions(2))]);
    given(vec![added(conditions(0))]).when(add(conditions(0))).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn a_gateway_has_at_most_two_filters() {
    given(vec![]).when(add(conditions(3))).then_expect_error(Refusal::TooManyFilters);
    given(parked()).when(set_conditions(3)).then_expect_error(Refusal::TooManyFilters);
}

#[test]
fn conditions_are_set_when_they_differ() {
    let set = Event::ConditionsSet { conditions: conditions(1), at: NOON };
    given(parked()).when(set_conditions(0)).then_expect_events(vec![]);
    given(parked()).when(set_conditions(1)).then_expect_events(vec![set.clone()]);
    given(vec![added(conditions(0)), set]).when(set_conditions(1)).then_expect_events(vec![]);
}

#[test]
fn silence_closes_after_a_day_unless_the_gateway_says_otherwise() {
    let never = Event::IdleCloseSet { after_ms: None, at: NOON };
    let day = Some(IDLE_CLOSE_DEFAULT_MS);
    given(parked()).when(Command::SetIdleClose { after_ms: day }).then_expect_events(vec![]);
    given(parked()).when(Command::SetIdleClose { after_ms: None }).then_expect_events(vec![never.clone()]);
    given([parked(), vec![never]].concat()).when(Command::SetIdleClose { after_ms: None }).then_expect_events(vec![]);
}

#[test]
fn an_entry_point_has_one_exception_at_most() {
    let vip = Exception { inbox: VIP, sla_ms: Some(39_600) };
    let patient = Exception { sla_ms: None, ..vip };
    let set = |exception| Event::ExceptionSet { exception, at: NOON };
    let cleared = Event::ExceptionCleared { at: NOON };
    let ask = |exception| Command::SetException { exception };
    given(parked()).when(ask(vip)).then_expect_events(vec![set(vip)]);
    let excepted = [parked(), vec![set(vip)]].concat();
    given(excepted.clone()).when(ask(vip)).then_expect_events(vec![]);
    given(excepted.clone()).when(ask(patient)).then_expect_events(vec![set(patient)]);
    given(excepted.clone()).when(Command::ClearException).then_expect_events(vec![cleared.clone()]);
    given(parked()).when(Command::ClearException).then_expect_events(vec![]);
    given([excepted, vec![cleared]].concat()).when(Command::ClearException).then_expect_events(vec![]);
}

#[test]
fn a_new_gateway_is_parked_until_it_is_connected() {
    given(parked()).when(Command::Park).then_expect_events(vec![]);
    given(parked())
        .when(Command::Connect { inbox_ready: true })
        .then_expect_events(vec![Event::GatewayConnected { at: NOON }]);
}

#[test]
fn a_gateway_is_not_connected_before_an_inbox_is_primary_for_its_channel() {
    given(parked()).when(Command::Connect { inbox_ready: false }).then_expect_error(Refusal::NoPrimaryInbox);
}

#[test]
fn a_connected_gateway_is_not_connected_again() {
    for inbox_ready in [true, false] {
        given(connected()).when(Command::Connect { inbox_ready }).then_expect_events(vec![]);
    }
}

#[test]
fn a_connected_gateway_is_parked_and_connected_again() {
    let parked_again = [connected(), vec![Event::GatewayParked { at: NOON }]].concat();
    given(connected()).when(Command::Park).then_expect_events(vec![Event::GatewayParked { at: NOON }]);
    given(parked_again)
        .when(Command::Connect { inbox_ready: true })
        .then_expect_events(vec![Event::GatewayConnected { at: NOON }]);
}

#[test]
fn a_gateway_is_retired_once() {
    for in_use in [parked(), connected()] {
        given(in_use).when(Command::Retire).then_expect_events(vec![Event::GatewayRetired { at: NOON }]);
    }
    given(retired()).when(Command::Retire).then_expect_events(vec![]);
}

#[test]
fn a_retired_gateway_stays_retired() {
    let idle_close = Command::SetIdleClose { after_ms: None };
    let exception = Command::SetException { exception: Exception { inbox: VIP, sla_ms: None } };
    for command in [set_conditions(1), idle_close, exception, Command::Connect { inbox_ready: true }, Command::Park] {
        given(retired()).when(command).then_expect_error(Refusal::Retired);
    }
    given(retired()).when(add(conditions(0))).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn nothing_is_asked_of_a_gateway_that_does_not_exist() {
    for command in [set_conditions(1), Command::Connect { inbox_ready: true }, Command::Park, Command::Retire] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchGateway);
    }
}

#[test]
fn a_number_and_an_account_belong_to_one_gateway() {
    let claims = Gateway::default().claims(&parked());
    assert_eq!(claims, vec![Claim::GatewayNumber(7), Claim::Account(META_APP, "106540352242922".to_owned())]);
    assert_eq!(Gateway::default().claims(&[Event::GatewayConnected { at: NOON }]), vec![]);
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Gateway> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn parked() -> Vec<Event> {
    vec![added(conditions(0))]
}

fn connected() -> Vec<Event> {
    vec![added(conditions(0)), Event::GatewayConnected { at: NOON }]
}

fn retired() -> Vec<Event> {
    vec![added(conditions(0)), Event::GatewayRetired { at: NOON }]
}

fn add(conditions: Conditions) -> Command {
    Command::Add { number: 7, name: "Sales".to_owned(), account: account(), conditions }
}

fn set_conditions(filters: usize) -> Command {
    Command::SetConditions { conditions: conditions(filters) }
}

fn added(conditions: Conditions) -> Event {
    Event::GatewayAdded { number: 7, name: "Sales".to_owned(), account: account(), conditions, at: NOON }
}

fn account() -> Account {
    let (channel, id) = (Channel::Whatsapp, "106540352242922".to_owned());
    Account { connection: META_APP, channel, id, sender: Some("+49 30 1234567".to_owned()) }
}

fn conditions(filters: usize) -> Conditions {
    let all = [("country", "DE"), ("market", "retail"), ("language", "de")];
    let filters = all.into_iter().take(filters).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Conditions { brand: Some("Nordlicht".to_owned()), filters: filters.collect() }
}
