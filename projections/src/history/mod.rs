//! The history: every interaction as a row that can be listed and searched, and every message with its words.
//!
//! Rows name people and things by id; what those are called is looked up when reading.

mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Ending, OutboundWords};
use gatehouse_domain::{AgentId, ContactId, ConversationId, Fact, Personal, Recorded, contact, conversation};
use uuid::Uuid;

pub use rows::{
    CONTACT_ADDRESSES, CONTACTS, ContactAddress, INTERACTION_AGENTS, INTERACTION_TAGS, INTERACTIONS, Interaction,
    InteractionAgent, InteractionTag, MESSAGES, Person, Said,
};

use crate::table::{Cell, Change, Group, Projection, Table, Value};
use crate::timeline::note_id;

/// The fold behind the history: the newest interaction of every conversation, and whom it is with.
#[derive(Debug, Default)]
pub struct History {
    interactions: HashMap<ConversationId, (u32, ContactId, DateTime<Utc>)>,
}

impl Projection for History {
    const NAME: &'static str = "history";
    const VERSION: u32 = 3;
    const GROUP: Group = Group::Work;
    const TABLES: &'static [&'static Table] =
        &[&INTERACTIONS, &INTERACTION_AGENTS, &INTERACTION_TAGS, &MESSAGES, &CONTACTS, &CONTACT_ADDRESSES];

    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>) {
        match &recorded.fact {
            Fact::Conversation(event) => {
                let id = ConversationId(recorded.stream.id);
                if let conversation::Event::InteractionOpened { interaction, contact, at, .. } = event {
                    self.interactions.insert(id, (*interaction, *contact, *at));
                }
                // Nothing is said before the first interaction.
                let Some((interaction, contact, opened_at)) = self.interactions.get(&id).copied() else { return };
                let (sequence, position) = (recorded.sequence, number(recorded.position));
                Told { id, interaction, contact, opened_at, sequence, position, changes }.event(event);
            }
            Fact::Contact(event) => {
                contact_event(ContactId(recorded.stream.id), event, number(recorded.position), changes);
            }
            _ => {}
        }
    }
}

/// One conversation's event, on its way into rows.
struct Told<'a> {
    id: ConversationId,
    interaction: u32,
    contact: ContactId,
    opened_at: DateTime<Utc>,
    sequence: u64,
    position: i64,
    changes: &'a mut Vec<Change>,
}

impl Told<'_> {
    fn event(&mut self, event: &conversation::Event) {
        use conversation::Event as E;
        match event {
            E::InteractionOpened { interaction, gateway, channel, contact, inbox, at, .. } => {
                self.changes.push(Change::put(Interaction {
                    conversation_id: self.id,
                    interaction: *interaction,
                    contact_id: *contact,
                    gateway_id: *gateway,
                    channel: *channel,
                    inbox_id: *inbox,
                    agent_id: None,
                    state: "queue",
                    priority: 0,
                    opened_at: *at,
                    last_at: *at,
                    ended_at: None,
                    end_reason_id: None,
                }));
            }
            E::Queued { inbox, .. } => self.set(vec![("state", "queue".value()), ("inbox_id", inbox.value())]),
            E::Offered { .. } => self.set(vec![("state", "offer".value())]),
            E::Assigned { agent, .. } => {
                self.set(vec![("state", "agent".value()), ("agent_id", agent.value())]);
                self.changes.push(Change::put(InteractionAgent {
                    conversation_id: self.id,
                    interaction: self.interaction,
                    agent_id: *agent,
                    opened_at: self.opened_at,
                }));
            }
            E::HandedToFlow { inbox, .. } => self.set(vec![("state", "flow".value()), ("inbox_id", inbox.value())]),
            E::InteractionEnded { ending, at, .. } => {
                let reason = match ending {
                    Ending::Reason { reason, .. } => Some(*reason),
                    Ending::Idle | Ending::Erased => None,
                };
                self.set(vec![("state", "ended".value()), ("ended_at", at.value()), ("end_reason_id", reason.value())]);
            }
            E::PrioritySet { priority, .. } => self.set(vec![("priority", priority.value())]),
            E::Tagged { tag, .. } => self.changes.push(Change::put(InteractionTag {
                conversation_id: self.id,
                interaction: self.interaction,
                folded: tag.key(),
                opened_at: self.opened_at,
                tag: Some(tag.key()),
            })),
            E::Untagged { tag, .. } => {
                let key = vec![self.id.value(), self.interaction.value(), tag.key().value()];
                self.changes.push(Change::Set { table: &INTERACTION_TAGS, key, set: vec![("tag", Value::Null)] });
            }
            E::MessageReceived { message, at, personal, .. } => {
                let text = personal.known().and_then(|words| words.text.clone());
                self.said(message.0, "received", None, *at, text);
            }
            E::MessageEchoed { message, at, personal, .. } => {
                let text = personal.known().and_then(|words| words.text.clone());
                self.said(message.0, "echoed", None, *at, text);
            }
            E::ReplyQueued { message, author, at, personal, .. } => {
                let agent = match author {
                    Author::Agent { agent } => Some(*agent),
                    Author::Flow { .. } | Author::Api => None,
                };
                self.said(message.0, "sent", agent, *at, personal.known().and_then(words));
            }
            E::NoteAdded { by, at, personal } => self.note(*by, *at, personal.known().map(|note| note.text.clone())),
            E::TransferRequested { from, at, personal, .. } => {
                // Nothing was said where a colleague was asked without a word.
                let text = personal.known().map(|note| note.text.clone()).filter(|text| !text.is_empty());
                if let Some(text) = text {
                    self.note(*from, *at, Some(text));
                }
            }
            E::MessageEdited { message, personal, .. } => {
                let text = personal.known().and_then(|words| words.text.clone());
                self.reword(message.0, text);
            }
            E::MessageRevoked { message, .. } => self.reword(message.0, None),
            E::Erased { .. } => {
                let value = self.id.value();
                self.changes.push(Change::Remove { table: &MESSAGES, column: "conversation_id", value });
            }
            E::OfferAccepted { .. }
            | E::OfferDeclined { .. }
            | E::OfferLapsed { .. }
            | E::OfferWithdrawn { .. }
            | E::TransferAccepted { .. }
            | E::TransferDeclined { .. }
            | E::TransferLapsed { .. }
            | E::TransferWithdrawn { .. }
            | E::FlowEnded { .. }
            | E::AddressAdded { .. }
            | E::ReactionReceived { .. }
            | E::WindowExpired { .. }
            | E::SendAttempted { .. }
            | E::SendDeferred { .. }
            | E::ReplySubmitted { .. }
            | E::ReplySent { .. }
            | E::ReplyDelivered { .. }
            | E::ReplyRead { .. }
            | E::ReplyFailed { .. }
            | E::ReplyIndeterminate { .. }
            | E::SendResolved { .. }
            | E::SlaBreached { .. }
            | E::AttachmentRecorded { .. } => {}
        }
    }

    fn set(&mut self, set: Vec<(&'static str, Value)>) {
        let key = vec![self.id.value(), self.interaction.value()];
        self.changes.push(Change::Set { table: &INTERACTIONS, key, set });
    }

    fn said(
        &mut self,
        message_id: Uuid,
        kind: &'static str,
        agent_id: Option<AgentId>,
        at: DateTime<Utc>,
        text: Option<String>,
    ) {
        self.changes.push(Change::put(Said {
            conversation_id: self.id,
            message_id,
            interaction: self.interaction,
            contact_id: self.contact,
            kind,
            agent_id,
            at,
            text,
            position: self.position,
        }));
        self.set(vec![("last_at", at.value())]);
    }

    fn note(&mut self, by: AgentId, at: DateTime<Utc>, text: Option<String>) {
        self.said(note_id(self.id, self.sequence), "note", Some(by), at, text);
    }

    fn reword(&mut self, message: Uuid, text: Option<String>) {
        let key = vec![self.id.value(), message.value()];
        self.changes.push(Change::Set { table: &MESSAGES, key, set: vec![("text", text.value())] });
    }
}

fn contact_event(contact_id: ContactId, event: &contact::Event, position: i64, changes: &mut Vec<Change>) {
    use contact::Event as E;
    let name = |name: Option<String>| Change::Set {
        table: &CONTACTS,
        key: vec![contact_id.value()],
        set: vec![("name", name.value())],
    };
    match event {
        E::ContactCreated { at, .. } => {
            changes.push(Change::put(Person { contact_id, name: None, created_at: *at, position }));
        }
        E::AddressAdded { channel, personal: Personal::Known(address), .. } => {
            let address = address.value.clone();
            changes.push(Change::put(ContactAddress { contact_id, channel: *channel, address }));
        }
        E::Named { personal, .. } => changes.push(name(personal.known().cloned())),
        E::Erased { .. } => {
            changes.push(name(None));
            // Also what was said: nobody reads it from now on, however long their conversations take to be closed.
            for table in [&CONTACT_ADDRESSES, &MESSAGES] {
                changes.push(Change::Remove { table, column: "contact_id", value: contact_id.value() });
            }
        }
        E::AddressAdded { personal: Personal::Erased, .. }
        | E::PropertySet { .. }
        | E::OptedOut { .. }
        | E::OptedIn { .. }
        | E::Linked { .. }
        | E::Unlinked { .. } => {}
    }
}

/// Databases have signed integers only.
fn number(position: u64) -> i64 {
    i64::try_from(position).expect("no log grows beyond 63 bits")
}

/// What was said: a text, or what was put into a template.
fn words(words: &OutboundWords) -> Option<String> {
    let said = std::iter::once(&words.text).chain(&words.parameters).filter(|text| !text.is_empty());
    let said = said.cloned().collect::<Vec<_>>().join(" ");
    (!said.is_empty()).then_some(said)
}
