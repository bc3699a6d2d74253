//! The rules of an inbox.

use chrono::{DateTime, Utc};

use super::{Command, Event, Inbox, Refusal};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Inbox, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    let known = match (this, &command) {
        (Inbox::Known(_), Command::Add { .. }) => return Err(Refusal::AlreadyAdded),
        (Inbox::Known(known), _) => Some(known),
        (Inbox::Unknown, Command::Add { .. }) => None,
        (Inbox::Unknown, _) => return Err(Refusal::NoSuchInbox),
    };
    let unless = |done: bool, event: Event| Ok(if done { vec![] } else { vec![event] });
    let has_team = |team| known.is_some_and(|known| known.teams.contains(&team));
    let is_member = |agent| known.is_some_and(|known| known.members.contains(&agent));
    match command {
        Command::Add { name, routing } => Ok(vec![Event::InboxAdded { name, routing, at }]),
        Command::Rename { name } => {
            unless(known.is_some_and(|known| known.name == name), Event::InboxRenamed { name, at })
        }
        Command::SetRouting { routing } => {
            unless(known.is_some_and(|known| known.routing == routing), Event::RoutingSet { routing, at })
        }
        // Another inbox may have become primary since, so saying it again is never idle.
        Command::MakePrimary { channel } => Ok(vec![Event::MadePrimary { channel, at }]),
        Command::AddMember { agent } => unless(is_member(agent), Event::MemberAdded { agent, at }),
        Command::RemoveMember { agent } => unless(!is_member(agent), Event::MemberRemoved { agent, at }),
        Command::AddTeam { team } => unless(has_team(team), Event::TeamAdded { team, at }),
        Command::RemoveTeam { team } => unless(!has_team(team), Event::TeamRemoved { team, at }),
    }
}
