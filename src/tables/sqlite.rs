//! Values in SQLite: ids and instants as text one can read, flags as 0 and 1; and rows, many with one statement.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use gatehouse_projections::table::{Type, Value};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite, SqliteConnection};

use super::bulk::{Bulk, Kind};
use super::{Result, TablesError};

/// Values of one statement, far below SQLite's limit of 32,766.
const VALUES_MAX: usize = 4_096;

type Statement<'q> = Query<'q, Sqlite, SqliteArguments<'q>>;

pub fn bound<'q>(mut query: Statement<'q>, values: &'q [Value]) -> Statement<'q> {
    for value in values {
        query = bind(query, value);
    }
    query
}

fn bind<'q>(query: Statement<'q>, value: &'q Value) -> Statement<'q> {
    match value {
        Value::Null => query.bind(None::<i64>),
        Value::Id(id) => query.bind(id.to_string()),
        Value::Text(text) => query.bind(text.as_str()),
        Value::Number(number) => query.bind(number),
        Value::Time(time) => query.bind(time.to_rfc3339_opts(SecondsFormat::Micros, true)),
        Value::Flag(flag) => query.bind(flag),
    }
}

pub fn decoded(row: &SqliteRow, types: &[Type]) -> Result<Vec<Value>> {
    types.iter().enumerate().map(|(index, of)| value(row, index, *of)).collect()
}

fn value(row: &SqliteRow, index: usize, of: Type) -> Result<Value> {
    let text = || row.try_get::<Option<String>, _>(index);
    let unreadable = |text: &str| TablesError::Unreadable(format!("{text:?} in column {index} is no {of:?}"));
    Ok(match of {
        Type::Text => text()?.map_or(Value::Null, Value::Text),
        Type::Number => row.try_get::<Option<i64>, _>(index)?.map_or(Value::Null, Value::Number),
        Type::Flag => row.try_get::<Option<bool>, _>(index)?.map_or(Value::Null, Value::Flag),
        Type::Id => match text()? {
            Some(text) => Value::Id(text.parse().map_err(|_| unreadable(&text))?),
            None => Value::Null,
        },
        Type::Time => match text()? {
            Some(text) => {
                let time = DateTime::parse_from_rfc3339(&text).map_err(|_| unreadable(&text))?;
                Value::Time(time.with_timezone(&Utc))
            }
            None => Value::Null,
        },
    })
}

/// Writes rows, many with one statement.
///
/// `OR FAIL`: a statement of many rows that undoes itself where it fails would first copy every page it changes. Here
/// whatever fails undoes the whole transaction.
pub async fn write(session: &mut SqliteConnection, bulk: &Bulk<'_>) -> Result<()> {
    let rows_max = (VALUES_MAX / bulk.columns.len()).max(1).ilog2();
    let mut rows = bulk.rows.as_slice();
    while !rows.is_empty() {
        // Powers of two: few statements, so that each is prepared once.
        let (now, later) = rows.split_at(1 << rows_max.min(rows.len().ilog2()));
        let sql = statement(bulk, now.len());
        let mut query = sqlx::query(&sql);
        for value in now.iter().flatten() {
            query = bind(query, Cow::as_ref(value));
        }
        query.execute(&mut *session).await?;
        rows = later;
    }
    Ok(())
}

fn statement(bulk: &Bulk<'_>, rows: usize) -> String {
    let row = format!("({})", vec!["?"; bulk.columns.len()].join(","));
    let values = vec![row; rows].join(",");
    let mut sql = String::with_capacity(values.len() + 512);
    let written = match bulk.kind {
        Kind::Put | Kind::Add => {
            let (table, names, conflict) = (&bulk.table, bulk.names(), bulk.on_conflict());
            write!(sql, "INSERT OR FAIL INTO {table} ({names}) VALUES {values} {conflict}")
        }
        Kind::Set => {
            let (set, key) = bulk.set_from(|index| format!("column{}", index + 1));
            write!(sql, "UPDATE OR FAIL {} SET {set} FROM (VALUES {values}) AS v WHERE {key}", bulk.table)
        }
    };
    written.expect("text can be written");
    sql
}
