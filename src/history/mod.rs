//! The history: interactions, and what was said in them, found again by whoever may.
//!
//! - `asked`: what is asked, checked.
//! - `people`: contacts by name or address.
//! - `finding`: the statements.
//! - `person`: all conversations of a contact.
//! - `excerpt`: the words around what was found.

mod asked;
mod excerpt;
mod finding;
mod people;
mod person;

use chrono::{DateTime, Utc};
use gatehouse_projections::setup::Setup;
use gatehouse_projections::table::Value;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use asked::{Asked, HistoryQuery, Who};
use excerpt::Part;
pub use person::{Conversations, PersonPage, PersonQuery, concerns, conversations};

use crate::policy::Reach;
use crate::tables::{Readers, TablesError};

type Result<T> = std::result::Result<T, TablesError>;

/// One page of what was found, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    pub items: Vec<Hit>,
    /// Ask with it as `cursor` for the next page; none on the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// An interaction that was found; where words were looked for, with what was said: one hit for each message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hit {
    pub conversation: Uuid,
    /// Its number in the conversation, from 1.
    pub interaction: i64,
    pub contact: Contact,
    pub channel: String,
    pub gateway: Uuid,
    pub inbox: Named,
    /// Who has it, or had it last.
    #[schema(required)]
    pub agent: Option<Named>,
    /// queue, offer, agent, flow or ended.
    pub state: String,
    pub opened_at: DateTime<Utc>,
    #[schema(required)]
    pub ended_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub reason: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}

/// Whom it is with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryContact)]
pub struct Contact {
    pub id: Uuid,
    #[schema(required)]
    pub name: Option<String>,
    /// An address of theirs on this channel.
    #[schema(required)]
    pub address: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
}

/// A message, or a note, that has the words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistorySaid)]
pub struct Said {
    pub message: Uuid,
    /// received, sent, echoed or note.
    pub kind: String,
    /// The agent who said it, where one did.
    #[schema(required)]
    pub agent: Option<Named>,
    pub at: DateTime<Utc>,
    /// What was said around the words; in order, those that were looked for marked.
    pub parts: Vec<Part>,
}

/// Rows of what was found, one more than a page has.
pub struct Found(Vec<Vec<Value>>);

/// Finds what is asked, as far as `reach` goes.
pub async fn find(tables: &Readers, asked: &Asked, reach: &Reach) -> Result<Found> {
    let contacts = match &asked.contact {
        Some(who) => Some(people::find(tables, who).await?),
        None => None,
    };
    if contacts.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Found(vec![]));
    }
    Ok(Found(finding::rows(tables, asked, contacts.as_deref(), reach).await?))
}

impl Page {
    /// What was found, with the names of today.
    pub fn of(Found(mut rows): Found, asked: &Asked, setup: &Setup) -> Result<Self> {
        let more = rows.len() > asked.limit;
        rows.truncate(asked.limit);
        let next = rows.last().filter(|_| more).and_then(|last| finding::cursor(last));
        let items = rows.into_iter().map(|row| hit(row, asked, setup)).collect::<Result<_>>()?;
        Ok(Self { items, next })
    }
}

/// A row of `finding::rows`, with names.
fn hit(row: Vec<Value>, asked: &Asked, setup: &Setup) -> Result<Hit> {
    let mut cells = row.into_iter();
    let unreadable = || TablesError::Unreadable("a row of the history".to_owned());
    let mut next = || cells.next().unwrap_or(Value::Null);
    let mut hit = Hit {
        conversation: id(next()).ok_or_else(unreadable)?,
        interaction: number(&next()).ok_or_else(unreadable)?,
        contact: Contact { id: id(next()).ok_or_else(unreadable)?, name: text(next()), address: text(next()) },
        channel: text(next()).ok_or_else(unreadable)?,
        gateway: id(next()).ok_or_else(unreadable)?,
        inbox: inbox(setup, id(next()).ok_or_else(unreadable)?),
        agent: id(next()).map(|id| agent(setup, id)),
        state: text(next()).ok_or_else(unreadable)?,
        opened_at: time(&next()).ok_or_else(unreadable)?,
        ended_at: time(&next()),
        reason: id(next()).map(|id| reason(setup, id)),
        said: None,
    };
    if !asked.words.is_empty() {
        let (_, message) = (next(), id(next()).ok_or_else(unreadable)?);
        hit.said = Some(Said {
            message,
            kind: text(next()).ok_or_else(unreadable)?,
            agent: id(next()).map(|id| agent(setup, id)),
            at: time(&next()).ok_or_else(unreadable)?,
            parts: excerpt::of(&text(next()).unwrap_or_default(), &asked.words),
        });
    }
    Ok(hit)
}

fn inbox(setup: &Setup, id: Uuid) -> Named {
    let known = setup.inboxes.get(&id.into());
    Named { id, name: known.map(|known| known.name.clone()).unwrap_or_default() }
}

fn agent(setup: &Setup, id: Uuid) -> Named {
    let known = setup.agents.get(&id.into());
    Named { id, name: known.map(|known| known.name.clone()).unwrap_or_default() }
}

fn reason(setup: &Setup, id: Uuid) -> Named {
    let known = setup.end_reasons.get(&id.into());
    Named { id, name: known.map(|known| known.name.clone()).unwrap_or_default() }
}

fn id(value: Value) -> Option<Uuid> {
    if let Value::Id(id) = value { Some(id) } else { None }
}

fn text(value: Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn number(value: &Value) -> Option<i64> {
    if let Value::Number(number) = value { Some(*number) } else { None }
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    if let Value::Time(time) = value { Some(*time) } else { None }
}
