//! What is promised of a user.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

#[test]
fn a_user_is_added_once() {
    given(vec![]).when(add()).then_expect_events(vec![added()]);
    given(vec![added()]).when(add()).then_expect_error(Refusal::AlreadyAdded);
    given(vec![added(), disabled()]).when(add()).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn a_login_belongs_to_one_user_however_it_is_spelled() {
    let claims = User::default().claims(&[added(), Event::PasswordSet { at: NOON }]);
    assert_eq!(claims, vec![Claim::Login("Anna".to_owned())]);
    assert_eq!(claims[0].canonical(), Claim::Login("anna".to_owned()).canonical());
}

#[test]
fn a_role_is_set_when_it_differs() {
    let set = Event::RoleSet { role: Role::Supervisor, at: NOON };
    given(vec![added()]).when(Command::SetRole { role: Role::Agent }).then_expect_events(vec![]);
    given(vec![added()]).when(Command::SetRole { role: Role::Supervisor }).then_expect_events(vec![set.clone()]);
    given(vec![added(), set]).when(Command::SetRole { role: Role::Supervisor }).then_expect_events(vec![]);
}

#[test]
fn a_password_may_be_set_again() {
    let set = Event::PasswordSet { at: NOON };
    given(vec![added(), set.clone()]).when(Command::SetPassword).then_expect_events(vec![set]);
}

#[test]
fn a_user_is_disabled_once() {
    given(vec![added()]).when(Command::Disable).then_expect_events(vec![disabled()]);
    given(vec![added(), disabled()]).when(Command::Disable).then_expect_events(vec![]);
}

#[test]
fn a_disabled_user_is_changed_no_more() {
    for command in [Command::SetRole { role: Role::Agent }, Command::SetPassword] {
        given(vec![added(), disabled()]).when(command).then_expect_error(Refusal::Disabled);
    }
}

#[test]
fn nothing_is_asked_of_a_user_who_does_not_exist() {
    for command in [Command::SetRole { role: Role::Agent }, Command::SetPassword, Command::Disable] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchUser);
    }
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<User> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn add() -> Command {
    Command::Add { login: "Anna".to_owned(), name: "Anna Weber".to_owned(), role: Role::Agent }
}

fn added() -> Event {
    let (login, name) = ("Anna".to_owned(), "Anna Weber".to_owned());
    Event::UserAdded { login, name, role: Role::Agent, at: NOON }
}

fn disabled() -> Event {
    Event::UserDisabled { at: NOON }
}
