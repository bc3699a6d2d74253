//! The statements behind the history. Both databases understand them, but for how a text is searched.

use chrono::{DateTime, Utc};
use gatehouse_projections::history::MESSAGES;
use gatehouse_projections::table::{Type, Value};
use uuid::Uuid;

use super::Result;
use super::asked::{After, Asked};
use crate::policy::Reach;
use crate::tables::Readers;

const COLUMNS: &str = "i.conversation_id, i.interaction, i.contact_id, c.name,
    (SELECT min(o.address) FROM contact_addresses AS o WHERE o.contact_id = i.contact_id AND o.channel = i.channel),
    i.channel, i.gateway_id, i.inbox_id, i.agent_id, i.state, i.opened_at, i.ended_at, i.end_reason_id";
const TYPES: [Type; 13] = [
    Type::Id,
    Type::Number,
    Type::Id,
    Type::Text,
    Type::Text,
    Type::Text,
    Type::Id,
    Type::Id,
    Type::Id,
    Type::Text,
    Type::Time,
    Type::Time,
    Type::Id,
];
const SAID: &str = "t.position, t.message_id, t.kind, t.agent_id, t.at, t.text";
const SAID_TYPES: [Type; 6] = [Type::Number, Type::Id, Type::Text, Type::Id, Type::Time, Type::Text];
const WITH_CONTACT: &str = "LEFT JOIN contacts AS c ON c.contact_id = i.contact_id";
const HAD: &str = "EXISTS (SELECT 1 FROM interaction_agents AS a WHERE a.conversation_id = i.conversation_id";
const TAGGED: &str = "EXISTS (SELECT 1 FROM interaction_tags AS g WHERE g.conversation_id = i.conversation_id";

/// A statement on its way: conditions, and the values they name.
#[derive(Default)]
pub(super) struct Statement {
    pub(super) conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Statement {
    /// Names a value.
    pub(super) fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// Where a column has, or is at most, or ..., a value; nothing where there is no value.
    fn compare(&mut self, column: &str, how: &str, value: Option<Value>) {
        if let Some(value) = value {
            let value = self.value(value);
            self.conditions.push(format!("{column} {how} {value}"));
        }
    }

    pub(super) fn ids(&mut self, ids: impl IntoIterator<Item = Uuid>) -> String {
        let ids: Vec<String> = ids.into_iter().map(|id| self.value(Value::Id(id))).collect();
        ids.join(", ")
    }

    /// What is asked of the interaction, and that it may be seen.
    fn interaction(&mut self, asked: &Asked, contacts: Option<&[Uuid]>, reach: &Reach) {
        if let Some(contacts) = contacts {
            let ids = self.ids(contacts.iter().copied());
            self.conditions.push(format!("i.contact_id IN ({ids})"));
        }
        self.compare("i.channel", "=", asked.channel.map(|channel| Value::Text(channel.name().to_owned())));
        self.compare("i.inbox_id", "=", asked.inbox.map(|inbox| Value::Id(inbox.0)));
        self.compare("i.end_reason_id", "=", asked.reason.map(|reason| Value::Id(reason.0)));
        self.within(reach);
    }

    /// What of the interactions may be seen.
    pub(super) fn within(&mut self, reach: &Reach) {
        if let Reach::Of { agent, inboxes } = reach {
            let agent = self.value(Value::Id(agent.0));
            let had = format!("{HAD} AND a.interaction = i.interaction AND a.agent_id = {agent})");
            let served = match inboxes.is_empty() {
                true => String::new(),
                false => format!(" OR i.inbox_id IN ({})", self.ids(inboxes.iter().map(|inbox| inbox.0))),
            };
            self.conditions.push(format!("({had}{served})"));
        }
    }

    fn had_by(&mut self, asked: &Asked) {
        if let Some(agent) = asked.agent {
            let agent = self.value(Value::Id(agent.0));
            self.conditions.push(format!("{HAD} AND a.interaction = i.interaction AND a.agent_id = {agent})"));
        }
    }

    fn tagged(&mut self, asked: &Asked) {
        if let Some(tag) = &asked.tag {
            let tag = self.value(Value::Text(tag.clone()));
            self.conditions.push(format!("{TAGGED} AND g.interaction = i.interaction AND g.tag = {tag})"));
        }
    }

    pub(super) fn conditions(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!("WHERE {}", self.conditions.join(" AND ")) }
    }
}

/// One row more than a page has, the newest first.
pub async fn rows(
    tables: &Readers,
    asked: &Asked,
    contacts: Option<&[Uuid]>,
    reach: &Reach,
) -> Result<Vec<Vec<Value>>> {
    if asked.words.is_empty() {
        interactions(tables, asked, contacts, reach).await
    } else {
        messages(tables, asked, contacts, reach).await
    }
}

/// Interactions, those opened last first.
async fn interactions(
    tables: &Readers,
    asked: &Asked,
    contacts: Option<&[Uuid]>,
    reach: &Reach,
) -> Result<Vec<Vec<Value>>> {
    let mut statement = Statement::default();
    // Whoever looks for an agent's, or a tag's, reads along the index that has those in order.
    let joined = |table: &str| {
        let same = "n.conversation_id = i.conversation_id AND n.interaction = i.interaction";
        format!("{table} AS n JOIN interactions AS i ON {same}")
    };
    let (from, n) = match (asked.agent, &asked.tag) {
        (Some(agent), _) => {
            statement.compare("n.agent_id", "=", Some(Value::Id(agent.0)));
            statement.tagged(asked);
            (joined("interaction_agents"), "n")
        }
        (None, Some(tag)) => {
            statement.compare("n.tag", "=", Some(Value::Text(tag.clone())));
            (joined("interaction_tags"), "n")
        }
        (None, None) => ("interactions AS i".to_owned(), "i"),
    };
    let opened_at = format!("{n}.opened_at");
    statement.compare(&opened_at, ">=", asked.from.map(Value::Time));
    statement.compare(&opened_at, "<", asked.to.map(Value::Time));
    statement.interaction(asked, contacts, reach);
    if let Some(After::Opened { at, conversation, interaction }) = asked.after {
        let at = statement.value(Value::Time(at));
        let rest = [Value::Id(conversation), Value::Number(interaction)].map(|value| statement.value(value)).join(", ");
        let order = format!("({opened_at}, {n}.conversation_id, {n}.interaction) < ({at}, {rest})");
        statement.conditions.push(order);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM {from} {WITH_CONTACT} {}
         ORDER BY {opened_at} DESC, {n}.conversation_id DESC, {n}.interaction DESC LIMIT {}",
        statement.conditions(),
        asked.limit + 1
    );
    tables.rows(&sql, &statement.values, &TYPES).await
}

/// Messages that have the words, those said last first.
async fn messages(
    tables: &Readers,
    asked: &Asked,
    contacts: Option<&[Uuid]>,
    reach: &Reach,
) -> Result<Vec<Vec<Value>>> {
    let found = tables.find(&MESSAGES, "text", &asked.words);
    let mut statement = Statement { conditions: vec![found.condition], values: found.values };
    if let Some(After::Said { position }) = asked.after {
        statement.compare(found.position, "<", Some(Value::Number(position)));
    }
    statement.compare("t.at", ">=", asked.from.map(Value::Time));
    statement.compare("t.at", "<", asked.to.map(Value::Time));
    statement.interaction(asked, contacts, reach);
    statement.had_by(asked);
    statement.tagged(asked);
    let sql = format!(
        "SELECT {COLUMNS}, {SAID} FROM {}
           JOIN interactions AS i ON i.conversation_id = t.conversation_id AND i.interaction = t.interaction
           {WITH_CONTACT} {} ORDER BY {} DESC LIMIT {}",
        found.from,
        statement.conditions(),
        found.position,
        asked.limit + 1
    );
    tables.rows(&sql, &statement.values, &[&TYPES[..], &SAID_TYPES[..]].concat()).await
}

/// Where the page after this row begins.
pub fn cursor(row: &[Value]) -> Option<String> {
    let after = match row.get(TYPES.len()) {
        Some(Value::Number(position)) => After::Said { position: *position },
        _ => {
            let [Value::Id(conversation), Value::Number(interaction), ..] = row else { return None };
            let at: DateTime<Utc> = super::time(row.get(10)?)?;
            After::Opened { at, conversation: *conversation, interaction: *interaction }
        }
    };
    Some(after.to_string())
}
