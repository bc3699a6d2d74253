//! The rules of a team.

use chrono::{DateTime, Utc};

use super::{Command, Event, Refusal, Team};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Team, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    let unless = |done: bool, event: Event| Ok(if done { vec![] } else { vec![event] });
    match (this, command) {
        (Team::Unknown, Command::Add { name }) => Ok(vec![Event::TeamAdded { name, at }]),
        (Team::Known(_), Command::Add { .. }) => Err(Refusal::AlreadyAdded),
        (Team::Unknown, _) => Err(Refusal::NoSuchTeam),
        (Team::Known(known), Command::Rename { name }) => unless(known.name == name, Event::TeamRenamed { name, at }),
        (Team::Known(known), Command::AddMember { agent }) => {
            unless(known.members.contains(&agent), Event::MemberAdded { agent, at })
        }
        (Team::Known(known), Command::RemoveMember { agent }) => {
            unless(!known.members.contains(&agent), Event::MemberRemoved { agent, at })
        }
    }
}
