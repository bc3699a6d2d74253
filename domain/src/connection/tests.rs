//! What is promised of a connection.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

#[test]
fn a_connection_is_added_once() {
    let sealed = Event::SecretsRotated { version: 1, at: NOON };
    given(vec![]).when(add()).then_expect_events(vec![added(), sealed]);
    given(vec![added()]).when(add()).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn settings_are_set_when_they_differ() {
    let set = Event::SettingsSet { settings: settings("v25.0"), at: NOON };
    given(vec![added()]).when(set_settings("v24.0")).then_expect_events(vec![]);
    given(vec![added()]).when(set_settings("v25.0")).then_expect_events(vec![set.clone()]);
    given(vec![added(), set]).when(set_settings("v25.0")).then_expect_events(vec![]);
}

#[test]
fn secrets_are_rotated_forwards_only() {
    let second = Event::SecretsRotated { version: 2, at: NOON };
    given(vec![added()]).when(Command::RotateSecrets { version: 2 }).then_expect_events(vec![second.clone()]);
    for version in [0, 1, 2] {
        given(vec![added(), second.clone()]).when(Command::RotateSecrets { version }).then_expect_events(vec![]);
    }
}

#[test]
fn a_connection_is_retired_once() {
    given(vec![added()]).when(Command::Retire).then_expect_events(vec![retired()]);
    given(vec![added(), retired()]).when(Command::Retire).then_expect_events(vec![]);
}

#[test]
fn a_retired_connection_stays_as_it_was() {
    for command in [add(), set_settings("v25.0"), Command::RotateSecrets { version: 1 }] {
        given(vec![added(), retired()]).when(command).then_expect_error(Refusal::Retired);
    }
}

#[test]
fn nothing_is_asked_of_a_connection_that_does_not_exist() {
    for command in [set_settings("v25.0"), Command::RotateSecrets { version: 1 }, Command::Retire] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchConnection);
    }
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Connection> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn add() -> Command {
    Command::Add {
        name: "Meta app".to_owned(),
        provider: "meta".to_owned(),
        settings: settings("v24.0"),
        secrets_version: 1,
    }
}

fn set_settings(version: &str) -> Command {
    Command::SetSettings { settings: settings(version) }
}

fn added() -> Event {
    let (name, provider) = ("Meta app".to_owned(), "meta".to_owned());
    Event::ConnectionAdded { name, provider, settings: settings("v24.0"), at: NOON }
}

fn retired() -> Event {
    Event::ConnectionRetired { at: NOON }
}

fn settings(version: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("graph_version".to_owned(), version.to_owned())])
}
