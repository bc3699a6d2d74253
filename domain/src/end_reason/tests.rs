//! What is promised of an end reason.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

#[test]
fn an_end_reason_is_added_once() {
    given(vec![]).when(add("Solved")).then_expect_events(vec![added()]);
    given(vec![added()]).when(add("Solved")).then_expect_events(vec![]);
}

#[test]
fn an_end_reason_keeps_its_name() {
    given(vec![added()]).when(add("Spam")).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn an_end_reason_is_retired_once_and_for_ever() {
    given(vec![added()]).when(Command::Retire).then_expect_events(vec![retired()]);
    given(vec![added(), retired()]).when(Command::Retire).then_expect_events(vec![]);
    given(vec![added(), retired()]).when(add("Solved")).then_expect_error(Refusal::Retired);
}

#[test]
fn an_end_reason_that_does_not_exist_cannot_be_retired() {
    given(vec![]).when(Command::Retire).then_expect_error(Refusal::NoSuchEndReason);
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<EndReason> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn add(name: &str) -> Command {
    Command::Add { name: name.to_owned() }
}

fn added() -> Event {
    Event::EndReasonAdded { name: "Solved".to_owned(), at: NOON }
}

fn retired() -> Event {
    Event::EndReasonRetired { at: NOON }
}
