//! Who may do what: one function over one matrix, asked by REST, the socket and pages alike.

use gatehouse_domain::user::Role;
use gatehouse_domain::{AgentId, InboxId, UserId};
use gatehouse_projections::desk::Audience;
use gatehouse_projections::setup::Setup;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    pub role: Role,
}

impl Actor {
    /// The agent they are, if they are one.
    pub fn agent(&self) -> AgentId {
        AgentId::from(self.user)
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// Set up connections, gateways, inboxes and people.
    Administer,
    /// See what was set up, without secrets.
    ReadSetup,
    /// See what was set aside, words included.
    ReadSetAside,
    /// Erase a contact.
    EraseContacts,
    /// See a conversation.
    Read(&'a Audience),
    /// Leave notes and tags.
    Annotate(&'a Audience),
    /// Accept, answer and end. Whether it is theirs, the conversation itself decides.
    Work(&'a Audience),
    /// Give it to somebody, take it over or move it, whoever has it.
    Supervise,
    /// See how everything stands, and what everybody has.
    WatchBoards,
    /// Choose one's own presence, and take from what waits.
    ChoosePresence,
    /// Read figures and facts, without words.
    ReadReports,
}

/// The matrix. What it does not name is refused.
pub fn may(actor: &Actor, action: Action<'_>, setup: &Setup) -> bool {
    use Role::{Administrator, Agent, Analyst, Supervisor};
    match (actor.role, action) {
        (Administrator, Action::Administer | Action::ReadSetup | Action::ReadSetAside | Action::EraseContacts) => true,
        (Agent | Supervisor | Analyst, Action::ReadSetup) => true,
        (Supervisor | Analyst | Administrator, Action::ReadReports) => true,
        (Agent, Action::ReadReports) => false,
        (
            Supervisor | Administrator,
            Action::Read(_) | Action::Annotate(_) | Action::Supervise | Action::WatchBoards,
        ) => true,
        (Agent, Action::Read(audience) | Action::Annotate(audience)) => concerns(actor.agent(), audience, setup),
        (Agent | Supervisor | Administrator, Action::Work(audience)) => {
            setup.agents.contains_key(&actor.agent()) && concerns(actor.agent(), audience, setup)
        }
        (Agent | Supervisor | Administrator, Action::ChoosePresence) => setup.agents.contains_key(&actor.agent()),
        (Agent | Supervisor | Analyst, Action::Administer | Action::ReadSetAside | Action::EraseContacts)
        | (Agent, Action::Supervise | Action::WatchBoards)
        | (
            Analyst,
            Action::Read(_)
            | Action::Annotate(_)
            | Action::Work(_)
            | Action::Supervise
            | Action::WatchBoards
            | Action::ChoosePresence,
        ) => false,
    }
}

/// What somebody may find in the history. Whoever may find a conversation of a contact, or of one who is the same person,
/// may see what is known of them, add to it and link them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Everything,
    /// What is in these inboxes, or was there last, and interactions this agent had.
    Of {
        agent: AgentId,
        inboxes: Vec<InboxId>,
    },
}

/// What of the history, and of contacts, `actor` may find; none: nothing at all.
pub fn reach(actor: &Actor, setup: &Setup) -> Option<Reach> {
    match actor.role {
        Role::Supervisor | Role::Administrator => Some(Reach::Everything),
        Role::Agent => {
            let agent = actor.agent();
            let inboxes = setup.inboxes.keys().copied().filter(|inbox| setup.is_member(*inbox, agent)).collect();
            Some(Reach::Of { agent, inboxes })
        }
        Role::Analyst => None,
    }
}

/// Members of the inbox, and agents it was offered to or who own it.
fn concerns(agent: AgentId, audience: &Audience, setup: &Setup) -> bool {
    match audience {
        Audience::Everybody => true,
        Audience::Concerned { inbox, agents } => setup.is_member(*inbox, agent) || agents.contains(&agent),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_administrators_administer() {
        let setup = Setup::default();
        for (role, allowed) in
            [(Role::Agent, false), (Role::Supervisor, false), (Role::Analyst, false), (Role::Administrator, true)]
        {
            let actor = Actor { user: UserId(Uuid::nil()), role };
            assert_eq!(may(&actor, Action::Administer, &setup), allowed, "{role:?}");
            assert_eq!(may(&actor, Action::ReadSetAside, &setup), allowed, "{role:?}");
            assert_eq!(may(&actor, Action::EraseContacts, &setup), allowed, "{role:?}");
        }
    }

    #[test]
    fn boards_are_for_supervisors_and_administrators() {
        for (role, allowed) in
            [(Role::Agent, false), (Role::Supervisor, true), (Role::Analyst, false), (Role::Administrator, true)]
        {
            let actor = Actor { user: UserId(Uuid::nil()), role };
            assert_eq!(may(&actor, Action::WatchBoards, &Setup::default()), allowed, "{role:?}");
        }
    }

    #[test]
    fn an_agent_sees_what_concerns_them_and_nothing_else() {
        let setup = Setup::default();
        let actor = Actor { user: UserId(Uuid::from_u128(1)), role: Role::Agent };
        let inbox = InboxId(Uuid::from_u128(9));
        let foreign = Audience::Concerned { inbox, agents: vec![AgentId(Uuid::from_u128(2))] };
        let offered = Audience::Concerned { inbox, agents: vec![actor.agent()] };
        for (audience, allowed) in [(&foreign, false), (&offered, true)] {
            assert_eq!(may(&actor, Action::Read(audience), &setup), allowed);
            assert_eq!(may(&actor, Action::Annotate(audience), &setup), allowed);
        }
        let supervisor = Actor { role: Role::Supervisor, ..actor.clone() };
        assert!(may(&supervisor, Action::Read(&foreign), &setup));
        assert!(may(&supervisor, Action::Annotate(&foreign), &setup), "also who has no slots");
        assert_eq!(reach(&supervisor, &setup), Some(Reach::Everything));
        assert!(may(&supervisor, Action::Supervise, &setup));
        assert!(!may(&actor, Action::Supervise, &setup), "not even what is theirs");
        let analyst = Actor { role: Role::Analyst, ..actor };
        assert!(!may(&analyst, Action::Read(&offered), &setup));
        assert!(!may(&analyst, Action::Annotate(&offered), &setup));
        assert!(!may(&analyst, Action::Supervise, &setup));
        assert_eq!(reach(&analyst, &setup), None, "no words");
    }
}
