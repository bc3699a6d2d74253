//! Actors: one per aggregate in use, reached only through its directory. An actor's state is a cache of the log.

mod directory;
mod entity;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use gatehouse_domain::{
    Clock, Kind, Rules, agent::Agent, connection::Connection, contact::Contact, conversation::Conversation,
    end_reason::EndReason, gateway::Gateway, inbox::Inbox, team::Team, user::User,
};
use thiserror::Error;

pub use directory::{Directory, Spread};

use crate::journal::{Journal, StoreError};

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ExecuteError<E> {
    /// The rules say no; nothing has changed.
    #[error("{0}")]
    Refused(E),
    /// Another stream owns what the command claims: the command goes there, whole.
    #[error("another stream owns it")]
    Taken(gatehouse_domain::StreamId),
    /// Too much is waiting; asking again later may help.
    #[error("too much is waiting")]
    Overloaded,
    /// The log cannot be reached or the outcome is unknown; asking again under the same key is safe.
    #[error("the log cannot be reached")]
    Unavailable,
    /// An event of it cannot be read here, as one that a newer version wrote: nobody knows how it stands.
    #[error("it cannot be read by this version")]
    Unreadable,
    /// The rules panicked on this command; the actor was replaced.
    #[error("the command could not be decided")]
    Broken,
}

impl<E> From<StoreError> for ExecuteError<E> {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a stream could not be read");
        match error {
            StoreError::Unreadable(_) => Self::Unreadable,
            StoreError::Fenced | StoreError::Unavailable(_) => Self::Unavailable,
        }
    }
}

/// Every directory there is: the only way to reach an actor.
pub struct Actors {
    pub conversations: Directory<Conversation>,
    pub agents: Directory<Agent>,
    pub contacts: Directory<Contact>,
    pub connections: Directory<Connection>,
    pub gateways: Directory<Gateway>,
    pub inboxes: Directory<Inbox>,
    pub end_reasons: Directory<EndReason>,
    pub users: Directory<User>,
    pub teams: Directory<Team>,
}

impl Actors {
    /// Directories over one journal; actors are spread over `spread`'s threads.
    pub fn new(journal: &Arc<Journal>, clock: &Arc<dyn Clock>, spread: &Arc<Spread>) -> Self {
        fn directory<A: Rules + Unpin>(of: (&Arc<Journal>, &Arc<dyn Clock>, &Arc<Spread>)) -> Directory<A> {
            Directory::new(Arc::clone(of.0), Arc::clone(of.1), Arc::clone(of.2))
        }
        let of = (journal, clock, spread);
        Self {
            conversations: directory(of),
            agents: directory(of),
            contacts: directory(of),
            connections: directory(of),
            gateways: directory(of),
            inboxes: directory(of),
            end_reasons: directory(of),
            users: directory(of),
            teams: directory(of),
        }
    }

    /// How many actors live, by kind.
    pub fn living(&self) -> [(Kind, usize); 8] {
        [
            (Kind::Conversation, self.conversations.living()),
            (Kind::Agent, self.agents.living()),
            (Kind::Contact, self.contacts.living()),
            (Kind::Connection, self.connections.living()),
            (Kind::Gateway, self.gateways.living()),
            (Kind::Inbox, self.inboxes.living()),
            (Kind::EndReason, self.end_reasons.living()),
            (Kind::User, self.users.living()),
        ]
    }
}
