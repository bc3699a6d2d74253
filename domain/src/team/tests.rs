//! What is promised of a team.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::clock::FixedClock;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));

#[test]
fn a_team_is_added_once_and_renamed_when_the_name_differs() {
    let renamed = Event::TeamRenamed { name: "Night".to_owned(), at: NOON };
    given(vec![]).when(add()).then_expect_events(vec![added()]);
    given(vec![added()]).when(add()).then_expect_error(Refusal::AlreadyAdded);
    given(vec![added()]).when(Command::Rename { name: "Day".to_owned() }).then_expect_events(vec![]);
    given(vec![added()]).when(Command::Rename { name: "Night".to_owned() }).then_expect_events(vec![renamed]);
}

#[test]
fn an_agent_joins_and_leaves_once() {
    let (joined, left) = (Event::MemberAdded { agent: ANNA, at: NOON }, Event::MemberRemoved { agent: ANNA, at: NOON });
    let (join, leave) = (Command::AddMember { agent: ANNA }, Command::RemoveMember { agent: ANNA });
    given(vec![added()]).when(join.clone()).then_expect_events(vec![joined.clone()]);
    given(vec![added(), joined.clone()]).when(join).then_expect_events(vec![]);
    given(vec![added(), joined.clone()]).when(leave.clone()).then_expect_events(vec![left.clone()]);
    given(vec![added(), joined, left]).when(leave).then_expect_events(vec![]);
}

#[test]
fn nothing_is_asked_of_a_team_that_does_not_exist() {
    for command in [
        Command::Rename { name: "Night".to_owned() },
        Command::AddMember { agent: ANNA },
        Command::RemoveMember { agent: ANNA },
    ] {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchTeam);
    }
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Team> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn add() -> Command {
    Command::Add { name: "Day".to_owned() }
}

fn added() -> Event {
    Event::TeamAdded { name: "Day".to_owned(), at: NOON }
}
