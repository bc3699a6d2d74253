//! Closes the conversations of erased contacts for ever.
//!
//! Owns: which conversation is whose until it is closed, two ids for each, and who was erased, folded from the log.
//! Restart: folds the log again; what is not closed yet is closed then. Closing twice changes nothing.

mod shell;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use gatehouse_domain::{ContactId, ConversationId, Fact, Kind, Recorded, StreamId, contact, conversation};
use uuid::Uuid;

use super::{ASK_AGAIN_AFTER, Done, Effect};

pub use shell::start;

/// A conversation to be closed for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close(pub ConversationId);

/// Whose conversations are whose, until they are closed.
#[derive(Debug, Default)]
pub struct Erasing {
    /// Also where no interaction is open: it could be taken up again, and its unsent replies have to fail.
    theirs: BTreeSet<(ContactId, ConversationId)>,
    erased: BTreeSet<ContactId>,
    due: BTreeSet<ConversationId>,
    later: BTreeSet<(DateTime<Utc>, ConversationId)>,
}

impl Effect for Erasing {
    const NAME: &'static str = "erasing";
    type Act = Close;

    fn fold(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id;
        match &recorded.fact {
            Fact::Conversation(conversation::Event::InteractionOpened { contact, .. }) => {
                // A message may have been on its way when its contact was erased.
                if self.erased.contains(contact) {
                    self.due.insert(ConversationId(id));
                } else {
                    self.theirs.insert((*contact, ConversationId(id)));
                }
            }
            Fact::Conversation(conversation::Event::Erased { .. }) => {
                self.due.remove(&ConversationId(id));
            }
            Fact::Contact(contact::Event::Erased { .. }) => {
                let contact = ContactId(id);
                self.erased.insert(contact);
                let of_contact = (contact, ConversationId(Uuid::nil()))..=(contact, ConversationId(Uuid::max()));
                self.due.extend(self.theirs.extract_if(of_contact, |_| true).map(|(_, conversation)| conversation));
            }
            _ => {}
        }
    }

    fn set_apart(&mut self, stream: StreamId) {
        if stream.kind == Kind::Conversation {
            // Closed after the start that can read it, where its contact is erased by then.
            let id = ConversationId(stream.id);
            self.due.remove(&id);
            self.theirs.retain(|(_, conversation)| *conversation != id);
        }
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Close> {
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            self.due.insert(id);
        }
        std::mem::take(&mut self.due).into_iter().map(Close).collect()
    }

    fn done(&mut self, Close(id): Close, outcome: Done, now: DateTime<Utc>) {
        match outcome {
            Done::Committed(_) => {}
            Done::Refused | Done::Failed => {
                self.later.insert((now + ASK_AGAIN_AFTER, id));
            }
        }
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.later.first().map(|(at, _)| *at)
    }
}
