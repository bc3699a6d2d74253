//! What agents see: every conversation as one row, each event as a change of it.
//!
//! Folded in memory and never stored, because rows show names and words.

mod linked;
mod row;
mod view;
#[cfg(test)]
mod tests;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use gatehouse_domain::{
    AgentId, ContactId, ConversationId, Fact, InboxId, Kind, Personal, Recorded, StreamId, contact,
};

pub use linked::Linked;
pub use row::Row;
pub use view::{
    AgentRow, Change, ClockView, ContactView, Last, Me, Named, NamedGateway, OfferView, OwnerView, PresenceView,
    RoleView, SlaView, Snapshot, Summary, TransferView, names,
};

use crate::setup::Setup;
use crate::timeline;

/// The fold behind every desk.
#[derive(Debug, Default)]
pub struct Desk {
    pub setup: Setup,
    rows: BTreeMap<ConversationId, Row>,
    people: BTreeMap<ContactId, Person>,
    erased: BTreeSet<ContactId>,
    linked: Linked,
}

#[derive(Clone, Debug, Default)]
struct Person {
    name: Option<String>,
    address: Option<String>,
}

/// A change, and who may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub position: u64,
    pub audience: Audience,
    pub change: Change,
}

/// Whom a change concerns.
#[derive(Clone, Debug, PartialEq)]
pub enum Audience {
    Everybody,
    /// The members of an inbox, and agents it was offered to or who own it.
    Concerned {
        inbox: InboxId,
        agents: Vec<AgentId>,
    },
}

impl Audience {
    /// Whether it is an agent's: offered to them, theirs, asked of them, or theirs last.
    pub fn has(&self, agent: AgentId) -> bool {
        match self {
            Self::Everybody => false,
            Self::Concerned { agents, .. } => agents.contains(&agent),
        }
    }
}

impl Desk {
    /// Takes one event in and tells what changes on the desks.
    pub fn fold(&mut self, recorded: &Recorded) -> Option<Notice> {
        self.take(recorded);
        self.told(recorded)
    }

    /// Takes one event in while nobody watches: most of what a start folds, no desk will ever hear of.
    pub fn take(&mut self, recorded: &Recorded) {
        match &recorded.fact {
            Fact::Contact(event) => self.fold_contact(ContactId(recorded.stream.id), event),
            Fact::Conversation(event) => {
                let row = match self.rows.entry(ConversationId(recorded.stream.id)) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => match Row::opened_by(event) {
                        Some(row) => entry.insert(row),
                        None => return,
                    },
                };
                row.fold(recorded.sequence, event, &self.setup);
            }
            _ => {
                self.setup.fold(recorded);
            }
        }
    }

    /// A stream cannot be read on: it is shown as it stood, and nobody is asked to take it. Who is connected to a server
    /// that finds one is connected to one that stands by, and that is nobody.
    pub fn set_apart(&mut self, stream: StreamId) {
        if let (Kind::Conversation, Some(row)) = (stream.kind, self.rows.get_mut(&ConversationId(stream.id))) {
            row.ask_nobody();
        }
    }

    /// What the event taken in last changes.
    fn told(&self, recorded: &Recorded) -> Option<Notice> {
        let (audience, change) = match &recorded.fact {
            Fact::Contact(_) => return None,
            Fact::Conversation(event) => {
                let entry = timeline::entry(recorded, event, &self.setup);
                self.change_of(ConversationId(recorded.stream.id), entry)?
            }
            Fact::Agent(_) => {
                let agent = self.agent_row(AgentId(recorded.stream.id))?;
                (Audience::Everybody, Change::Agent { agent })
            }
            _ => (Audience::Everybody, self.setup_change()),
        };
        Some(Notice { position: recorded.position, audience, change })
    }

    /// The change that tells how a conversation stands now, with the line of one event of it.
    pub fn change_of(&self, id: ConversationId, entry: Option<timeline::Entry>) -> Option<(Audience, Change)> {
        let row = self.rows.get(&id)?;
        let audience = Audience::Concerned { inbox: row.inbox, agents: row.agents() };
        Some((audience, Change::Conversation { summary: Box::new(self.summary(id, row)), entry }))
    }

    /// How one conversation stands, with whom it concerns.
    pub fn conversation(&self, id: ConversationId) -> Option<(Audience, Summary)> {
        let row = self.rows.get(&id)?;
        Some((Audience::Concerned { inbox: row.inbox, agents: row.agents() }, self.summary(id, row)))
    }

    /// Every conversation after one, or every one, in order of their id.
    pub fn conversations(&self, after: Option<ConversationId>) -> impl Iterator<Item = (Audience, Summary)> {
        let rows = self.rows.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        rows.map(|(id, row)| (Audience::Concerned { inbox: row.inbox, agents: row.agents() }, self.summary(*id, row)))
    }

    /// Which contacts are one person.
    pub fn linked(&self) -> &Linked {
        &self.linked
    }

    /// Whether a contact was erased.
    pub fn is_erased(&self, contact: ContactId) -> bool {
        self.erased.contains(&contact)
    }

    /// Everybody who was erased.
    pub fn erased(&self) -> impl Iterator<Item = ContactId> {
        self.erased.iter().copied()
    }

    /// An agent as colleagues see them.
    pub fn agent_row(&self, id: AgentId) -> Option<AgentRow> {
        let agent = self.setup.agents.get(&id)?;
        Some(AgentRow::of(id, agent))
    }

    /// The names a desk shows instead of ids.
    pub fn setup_change(&self) -> Change {
        let (inboxes, gateways, end_reasons) = view::names(&self.setup);
        Change::Setup { inboxes, gateways, end_reasons }
    }

    fn summary(&self, id: ConversationId, row: &Row) -> Summary {
        let person = self.people.get(&row.contact);
        let contact = ContactView {
            id: row.contact.0,
            name: person.and_then(|person| person.name.clone()),
            address: person.and_then(|person| person.address.clone()),
        };
        row.summary(id, contact)
    }

    fn fold_contact(&mut self, id: ContactId, event: &contact::Event) {
        match event {
            contact::Event::Named { personal: Personal::Known(name), .. } => {
                self.people.entry(id).or_default().name = Some(name.clone());
            }
            contact::Event::AddressAdded { personal: Personal::Known(address), .. } => {
                self.people.entry(id).or_default().address.get_or_insert_with(|| address.value.clone());
            }
            // Who was linked while they were being erased is linked to nobody.
            contact::Event::Linked { to, .. } if !self.erased.contains(to) => self.linked.link(id, *to),
            contact::Event::Unlinked { from, .. } => self.linked.unlink(id, *from),
            contact::Event::Erased { .. } => {
                self.people.remove(&id);
                self.erased.insert(id);
                self.linked.forget(id);
                self.rows.values_mut().filter(|row| row.contact == id).for_each(Row::forget_words);
            }
            _ => {}
        }
    }
}
