//! The sums and names a report is made of. Statements that both databases understand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_projections::metrics::{By, Source};
use gatehouse_projections::table::{Type, Value};
use uuid::Uuid;

use super::asked::{Asked, Key};
use super::facts::Interval;
use crate::tables::{Readers, TablesError};

type Result<T> = std::result::Result<T, TablesError>;
/// Sums by the name of their column.
type Sums = BTreeMap<&'static str, i64>;

/// The sums of an interval, by what is asked.
pub async fn sums(tables: &Readers, asked: &Asked, interval: &Interval) -> Result<BTreeMap<Value, Sums>> {
    let Interval { from, to, now } = *interval;
    let Source::Sums { table, part, whole, without } = asked.metric.source else { return Ok(BTreeMap::new()) };
    let mut columns: Vec<&'static str> = [part, whole, without].concat();
    columns.sort_unstable();
    columns.dedup();
    let added: Vec<String> = columns.iter().map(|column| format!("CAST(SUM(f.{column}) AS BIGINT)")).collect();
    let (key, joined, of) = grouping(asked.by);
    let sql = format!(
        "SELECT {key}, {} FROM {} AS f {joined} WHERE f.began_at >= $1 AND f.began_at < $2 GROUP BY 1",
        added.join(", "),
        table.name
    );
    let types = [vec![of], vec![Type::Number; columns.len()]].concat();
    let mut sums = BTreeMap::new();
    for mut row in tables.rows(&sql, &[Value::Time(from), Value::Time(to)], &types).await? {
        let cells = row.split_off(1).into_iter().map(number);
        sums.insert(row.remove(0), columns.iter().copied().zip(cells).collect());
    }
    if table.name == "agent_quarters" {
        add_running(tables, asked, from, to.min(now), &mut sums).await?;
    }
    Ok(sums)
}

/// Adds the time of states that go on, from where their sums end.
async fn add_running(
    tables: &Readers,
    asked: &Asked,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    sums: &mut BTreeMap<Value, Sums>,
) -> Result<()> {
    let sql = "SELECT agent_id, state, counted_until, slots, capacity FROM agent_state_intervals
               WHERE ended_at IS NULL AND counted_until < $1 AND state IN ('available', 'busy')";
    let types = [Type::Id, Type::Text, Type::Time, Type::Number, Type::Number];
    for row in tables.rows(sql, &[Value::Time(to)], &types).await? {
        let [agent, Value::Text(state), Value::Time(counted_until), Value::Number(slots), Value::Number(capacity)] =
            &row[..]
        else {
            continue;
        };
        let passed = (to - from.max(*counted_until)).num_milliseconds();
        let key = if asked.by.is_some() { agent.clone() } else { Value::Text(String::new()) };
        let sums = sums.entry(key).or_default();
        let state = if state == "busy" { "busy_ms" } else { "available_ms" };
        for (column, more) in [(state, passed), ("slot_ms", passed * slots), ("capacity_ms", passed * capacity)] {
            *sums.entry(column).or_default() += more;
        }
    }
    Ok(())
}

/// What people call what a report is told by.
pub async fn names(tables: &Readers, by: Option<Key>) -> Result<BTreeMap<Value, String>> {
    let sql = match by {
        Some(Key::Of(By::Inbox)) => "SELECT inbox_id, name FROM inboxes",
        Some(Key::Of(By::Agent)) => "SELECT agent_id, name FROM agents",
        Some(Key::Of(By::Gateway)) => "SELECT gateway_id, name FROM gateways",
        Some(Key::Of(By::Channel) | Key::Brand) | None => return Ok(BTreeMap::new()),
    };
    let rows = tables.rows(sql, &[], &[Type::Id, Type::Text]).await?;
    let named = rows.into_iter().filter_map(|row| match <[Value; 2]>::try_from(row) {
        Ok([id, Value::Text(name)]) => Some((id, name)),
        _ => None,
    });
    Ok(named.collect())
}

/// The column a report is grouped by, what has to be joined for it, and its type. Nobody, or none, is the nil id everywhere.
pub fn grouping(by: Option<Key>) -> (String, &'static str, Type) {
    let nobody = Uuid::nil();
    match by {
        None => ("''".to_owned(), "", Type::Text),
        Some(Key::Of(By::Inbox)) => (format!("COALESCE(f.inbox_id, '{nobody}')"), "", Type::Id),
        Some(Key::Of(By::Agent)) => (format!("COALESCE(f.agent_id, '{nobody}')"), "", Type::Id),
        Some(Key::Of(By::Gateway)) => ("f.gateway_id".to_owned(), "", Type::Id),
        Some(Key::Of(By::Channel)) => ("f.channel".to_owned(), "", Type::Text),
        Some(Key::Brand) => {
            let joined = "LEFT JOIN gateways AS g ON g.gateway_id = f.gateway_id";
            ("COALESCE(g.brand, '')".to_owned(), joined, Type::Text)
        }
    }
}

pub fn number(value: Value) -> i64 {
    if let Value::Number(number) = value { number } else { 0 }
}
