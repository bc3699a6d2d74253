//! What is promised of an inbox.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::Channel;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const DAY: TeamId = TeamId(Uuid::from_u128(0xD1));

#[test]
fn an_inbox_is_added_once() {
    given(vec![]).when(add()).then_expect_events(vec![added()]);
    given(vec![added()]).when(add()).then_expect_error(Refusal::AlreadyAdded);
}

#[test]
fn an_inbox_is_renamed_when_the_name_differs() {
    let renamed = Event::InboxRenamed { name: "Billing".to_owned(), at: NOON };
    given(vec![added()]).when(rename("Sales")).then_expect_events(vec![]);
    given(vec![added()]).when(rename("Billing")).then_expect_events(vec![renamed.clone()]);
    given(vec![added(), renamed]).when(rename("Billing")).then_expect_events(vec![]);
}

#[test]
fn routing_is_set_when_it_differs() {
    let patient = Routing { offer_timeout_ms: 90_000, ..routing() };
    let set = Event::RoutingSet { routing: patient.clone(), at: NOON };
    given(vec![added()]).when(Command::SetRouting { routing: routing() }).then_expect_events(vec![]);
    given(vec![added()]).when(Command::SetRouting { routing: patient.clone() }).then_expect_events(vec![set.clone()]);
    given(vec![added(), set]).when(Command::SetRouting { routing: patient }).then_expect_events(vec![]);
}

#[test]
fn an_inbox_is_made_primary_again_because_another_may_have_been_since() {
    let primary = Event::MadePrimary { channel: Channel::Whatsapp, at: NOON };
    for before in [vec![added()], vec![added(), primary.clone()]] {
        given(before)
            .when(Command::MakePrimary { channel: Channel::Whatsapp })
            .then_expect_events(vec![primary.clone()]);
    }
}

#[test]
fn an_agent_joins_and_leaves_the_team_once() {
    let joined = Event::MemberAdded { agent: ANNA, at: NOON };
    let left = Event::MemberRemoved { agent: ANNA, at: NOON };
    given(vec![added()]).when(Command::AddMember { agent: ANNA }).then_expect_events(vec![joined.clone()]);
    given(vec![added(), joined.clone()]).when(Command::AddMember { agent: ANNA }).then_expect_events(vec![]);
    given(vec![added(), joined.clone()])
        .when(Command::RemoveMember { agent: ANNA })
        .then_expect_events(vec![left.clone()]);
    given(vec![added(), joined, left]).when(Command::RemoveMember { agent: ANNA }).then_expect_events(vec![]);
}

#[test]
fn a_team_serves_it_and_leaves_once() {
    let (comes, goes) = (Event::TeamAdded { team: DAY, at: NOON }, Event::TeamRemoved { team: DAY, at: NOON });
    let (add, remove) = (Command::AddTeam { team: DAY }, Command::RemoveTeam { team: DAY });
    given(vec![added()]).when(add.clone()).then_expect_events(vec![comes.clone()]);
    given(vec![added(), comes.clone()]).when(add).then_expect_events(vec![]);
    given(vec![added(), comes.clone()]).when(remove.clone()).then_expect_events(vec![goes.clone()]);
    given(vec![added(), comes, goes]).when(remove).then_expect_events(vec![]);
}

#[test]
fn nothing_is_asked_of_an_inbox_that_does_not_exist() {
    for command in [
        rename("Billing"),
        Command::SetRouting { routing: routing() },
        Command::MakePrimary { channel: Channel::Whatsapp },
        Command::AddMember { agent: ANNA },
        Command::RemoveMember { agent: ANNA },
        Command::AddTeam { team: DAY },
        Command::RemoveTeam { team: DAY },
    ] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchInbox);
    }
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Inbox> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn add() -> Command {
    Command::Add { name: "Sales".to_owned(), routing: routing() }
}

fn rename(name: &str) -> Command {
    Command::Rename { name: name.to_owned() }
}

fn added() -> Event {
    Event::InboxAdded { name: "Sales".to_owned(), routing: routing(), at: NOON }
}

fn routing() -> Routing {
    Routing::default()
}
