//! A contact, shown: what is known of them, who is the same person, and everything said with them.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::contact::{self, Contact as State};
use gatehouse_domain::{Address, Channel, ContactId};
use gatehouse_projections::history::History;
use gatehouse_projections::table::{Group, Projection};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actors::ExecuteError;
use crate::app::App;
use crate::history::{self, Conversations, PersonPage};
use crate::policy::{Action, Actor, Reach, may, reach};
use crate::problem::Problem;

/// Contacts that may be one person.
pub const PERSON_MAX: usize = 50;
/// How long whoever was given a conversation this moment waits for its contact.
const WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    Known,
    /// Nothing is known any more, and nothing will be.
    Erased,
}

/// What is known of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    id: Uuid,
    state: ContactState,
    #[schema(required)]
    name: Option<String>,
    addresses: Vec<ContactAddress>,
    /// In order of their names.
    properties: Vec<ContactProperty>,
    /// Channels they do not want to be written to on.
    opted_out: Vec<&'static str>,
    /// Who is the same person.
    linked: Vec<LinkedContact>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactAddress {
    channel: &'static str,
    /// `phone`, `user` (the provider's own id of the person) or `email`.
    kind: &'static str,
    value: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactProperty {
    name: String,
    value: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedContact {
    id: Uuid,
    #[schema(required)]
    name: Option<String>,
    addresses: Vec<ContactAddress>,
    /// With whom of this person it is linked itself: such a link can be undone.
    linked_to: Vec<Uuid>,
}

/// A contact, for whoever may see them.
pub async fn contact(app: &Arc<App>, actor: &Actor, id: ContactId) -> Result<Contact, Problem> {
    let (person, _) = person(app, actor, id).await?;
    let (state, known) = match app.actors.contacts.observe(id, |state, _| state.clone()).await? {
        State::Known(known) => (ContactState::Known, known),
        State::Erased => (ContactState::Erased, contact::Known::default()),
        State::Unknown => return Err(Problem::not_found("contact")),
    };
    let mut linked = vec![];
    for other in person.into_iter().skip(1) {
        linked.extend(linked_contact(app, other).await?);
    }
    let property = |(name, value)| ContactProperty { name, value };
    Ok(Contact {
        id: id.0,
        state,
        name: known.name,
        addresses: known.addresses.into_iter().map(address).collect(),
        properties: known.properties.into_iter().map(property).collect(),
        opted_out: known.opted_out.into_iter().map(Channel::name).collect(),
        linked,
    })
}

/// Their conversations, and those of whoever is the same person, as far as `actor` may find them.
pub async fn conversations_of(
    app: &Arc<App>,
    actor: &Actor,
    id: ContactId,
    page: &PersonPage,
) -> Result<Conversations, Problem> {
    let (person, reach) = person(app, actor, id).await?;
    let rows = history::conversations(app.tables.read(Group::Work), &person, &reach, page).await?;
    Ok(Conversations::of(rows, page, &app.desks.read().setup)?)
}

/// The contacts that are one person, this one first, for whoever may see them. What somebody may not see does not exist
/// for them.
pub(super) async fn person(
    app: &Arc<App>,
    actor: &Actor,
    contact: ContactId,
) -> Result<(Vec<ContactId>, Reach), Problem> {
    if app.actors.contacts.observe(contact, |state, _| *state == State::Unknown).await? {
        return Err(Problem::not_found("contact"));
    }
    let (reach, mut person) = {
        let desk = app.desks.read();
        let reach = reach(actor, &desk.setup).ok_or_else(Problem::forbidden)?;
        (reach, desk.linked().person(contact))
    };
    person.truncate(PERSON_MAX);
    if reach == Reach::Everything {
        return Ok((person, reach));
    }
    let tables = app.tables.read(Group::Work);
    if concerns_now(app, actor, &person) || history::concerns(tables, &person, &reach).await? {
        return Ok((person, reach));
    }
    // What came this moment may not be in the tables yet.
    if !app.tables.at_least(History::NAME, app.journal.head(), WITHIN).await {
        return Err(Problem::unavailable());
    }
    let concerned = history::concerns(tables, &person, &reach).await?;
    if concerned { Ok((person, reach)) } else { Err(Problem::not_found("contact")) }
}

/// Whether one of their conversations is the actor's as it stands: offered to them, say, or to be taken over by them.
fn concerns_now(app: &App, actor: &Actor, person: &[ContactId]) -> bool {
    let desk = app.desks.read();
    desk.audiences_of(person).any(|audience| may(actor, Action::Read(&audience), &desk.setup))
}

/// None: they were erased since. Of whom this version cannot read, no more is shown than that they are linked.
async fn linked_contact(app: &Arc<App>, id: ContactId) -> Result<Option<LinkedContact>, Problem> {
    let known = match app.actors.contacts.observe(id, |state, _| state.clone()).await {
        Ok(State::Known(known)) => known,
        Ok(State::Unknown | State::Erased) => return Ok(None),
        Err(ExecuteError::Unreadable) => contact::Known::default(),
        Err(error) => return Err(error.into()),
    };
    let linked_to = app.desks.read().linked().to(id).map(|other| other.0).collect();
    let addresses = known.addresses.into_iter().map(address).collect();
    Ok(Some(LinkedContact { id: id.0, name: known.name, addresses, linked_to }))
}

fn address((channel, address): (Channel, Address)) -> ContactAddress {
    ContactAddress { channel: channel.name(), kind: address.kind.name(), value: address.value }
}
