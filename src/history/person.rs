//! All conversations of a contact, and of those who are the same person.

use chrono::{DateTime, SecondsFormat, Utc};
use gatehouse_domain::ContactId;
use gatehouse_projections::setup::Setup;
use gatehouse_projections::table::{Type, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::asked::{self, LIMIT_DEFAULT, LIMIT_MAX};
use super::finding::Statement;
use super::{Named, Result, agent, id, inbox, number, reason, text, time};
use crate::http::Fields;
use crate::policy::Reach;
use crate::problem::Problem;
use crate::tables::{Readers, TablesError};

const TYPES: [Type; 11] = [
    Type::Id,
    Type::Id,
    Type::Text,
    Type::Id,
    Type::Id,
    Type::Number,
    Type::Text,
    Type::Id,
    Type::Time,
    Type::Time,
    Type::Id,
];
/// Of every conversation the newest interaction, which tells where it is.
const NEWEST: &str =
    "i.interaction = (SELECT max(n.interaction) FROM interactions AS n WHERE n.conversation_id = i.conversation_id)";

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct PersonQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Up to 200; 50 where nothing is said.
    limit: Option<usize>,
    /// Waits until everything up to this position of the log is told.
    pub at_least: Option<u64>,
}

/// One page of a person's conversations, those where something was said last first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactConversations)]
pub struct Conversations {
    pub items: Vec<Conversation>,
    /// Ask with it as `cursor` for the next page; none on the last.
    #[schema(required)]
    pub next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactConversation)]
pub struct Conversation {
    pub conversation: Uuid,
    /// Whose it is: the contact's, or one they are linked with.
    pub contact: Uuid,
    pub channel: String,
    pub gateway: Uuid,
    pub inbox: Named,
    /// How many interactions it has had.
    pub interactions: i64,
    /// queue, offer, agent, flow or ended: where the newest of them is.
    pub state: String,
    /// Who has it, or had it last.
    #[schema(required)]
    pub agent: Option<Named>,
    /// When something was said last.
    pub last_at: DateTime<Utc>,
    #[schema(required)]
    pub ended_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub reason: Option<Named>,
}

/// Which page of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonPage {
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: usize,
}

impl PersonPage {
    pub fn parse(query: &PersonQuery) -> std::result::Result<Self, Problem> {
        let after = query.cursor.as_deref().map(after);
        let mut fields = Fields::default();
        fields.check(after != Some(None), "cursor", "is of no page of this list");
        fields.done()?;
        let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
        Ok(Self { after: after.flatten(), limit })
    }
}

/// Whether any conversation of a person is within reach.
pub async fn concerns(tables: &Readers, person: &[ContactId], reach: &Reach) -> Result<bool> {
    let statement = of(person, reach);
    let sql = format!("SELECT i.conversation_id FROM interactions AS i {} LIMIT 1", statement.conditions());
    Ok(!tables.rows(&sql, &statement.values, &[Type::Id]).await?.is_empty())
}

/// The conversations of a person that are within reach: one row more than a page has.
pub async fn conversations(
    tables: &Readers,
    person: &[ContactId],
    reach: &Reach,
    page: &PersonPage,
) -> Result<Vec<Vec<Value>>> {
    let mut statement = of(person, reach);
    if let Some((at, conversation)) = page.after {
        let [at, conversation] = [Value::Time(at), Value::Id(conversation)].map(|value| statement.value(value));
        statement.conditions.push(format!("(i.last_at, i.conversation_id) < ({at}, {conversation})"));
    }
    let sql = format!(
        "SELECT i.conversation_id, i.contact_id, i.channel, i.gateway_id, i.inbox_id, i.interaction, i.state, i.agent_id,
           i.last_at, i.ended_at, i.end_reason_id
         FROM interactions AS i {} ORDER BY i.last_at DESC, i.conversation_id DESC LIMIT {}",
        statement.conditions(),
        page.limit + 1
    );
    tables.rows(&sql, &statement.values, &TYPES).await
}

impl Conversations {
    /// Rows of `conversations`, with the names of today.
    pub fn of(mut rows: Vec<Vec<Value>>, page: &PersonPage, setup: &Setup) -> Result<Self> {
        let more = rows.len() > page.limit;
        rows.truncate(page.limit);
        let items = rows.into_iter().map(|row| told(row, setup)).collect::<Result<Vec<_>>>()?;
        let cursor = |last: &Conversation| {
            format!("{}_{}", last.last_at.to_rfc3339_opts(SecondsFormat::Micros, true), last.conversation)
        };
        let next = items.last().filter(|_| more).map(cursor);
        Ok(Self { items, next })
    }
}

fn of(person: &[ContactId], reach: &Reach) -> Statement {
    let mut statement = Statement::default();
    let ids = statement.ids(person.iter().map(|contact| contact.0));
    statement.conditions.push(format!("i.contact_id IN ({ids})"));
    statement.conditions.push(NEWEST.to_owned());
    statement.within(reach);
    statement
}

fn after(cursor: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (at, conversation) = cursor.split_once('_')?;
    Some((asked::time(at)?, conversation.parse().ok()?))
}

fn told(row: Vec<Value>, setup: &Setup) -> Result<Conversation> {
    let mut cells = row.into_iter();
    let unreadable = || TablesError::Unreadable("a conversation of a contact".to_owned());
    let mut next = || cells.next().unwrap_or(Value::Null);
    Ok(Conversation {
        conversation: id(next()).ok_or_else(unreadable)?,
        contact: id(next()).ok_or_else(unreadable)?,
        channel: text(next()).ok_or_else(unreadable)?,
        gateway: id(next()).ok_or_else(unreadable)?,
        inbox: inbox(setup, id(next()).ok_or_else(unreadable)?),
        interactions: number(&next()).ok_or_else(unreadable)?,
        state: text(next()).ok_or_else(unreadable)?,
        agent: id(next()).map(|id| agent(setup, id)),
        last_at: time(&next()).ok_or_else(unreadable)?,
        ended_at: time(&next()),
        reason: id(next()).map(|id| reason(setup, id)),
    })
}
