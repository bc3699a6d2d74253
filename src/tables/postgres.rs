//! Values in PostgreSQL, and rows as arrays of columns: one statement for any number of them.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use gatehouse_projections::table::{Type, Value};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres, Row};
use uuid::Uuid;

use super::Result;
use super::bulk::{Bulk, Kind};

type Statement<'q> = Query<'q, Postgres, PgArguments>;

pub fn bound<'q>(mut query: Statement<'q>, values: &'q [Value]) -> Statement<'q> {
    for value in values {
        query = match value {
            // Its type is told by the statement.
            Value::Null => query.bind(None::<String>),
            Value::Id(id) => query.bind(id),
            Value::Text(text) => query.bind(storable(text)),
            Value::Number(number) => query.bind(number),
            Value::Time(time) => query.bind(time),
            Value::Flag(flag) => query.bind(flag),
        };
    }
    query
}

pub fn decoded(row: &PgRow, types: &[Type]) -> Result<Vec<Value>> {
    let value = |(index, of): (usize, &Type)| {
        Ok(match of {
            Type::Id => row.try_get::<Option<Uuid>, _>(index)?.map_or(Value::Null, Value::Id),
            Type::Text => row.try_get::<Option<String>, _>(index)?.map_or(Value::Null, Value::Text),
            Type::Number => row.try_get::<Option<i64>, _>(index)?.map_or(Value::Null, Value::Number),
            Type::Time => row.try_get::<Option<DateTime<Utc>>, _>(index)?.map_or(Value::Null, Value::Time),
            Type::Flag => row.try_get::<Option<bool>, _>(index)?.map_or(Value::Null, Value::Flag),
        })
    };
    types.iter().enumerate().map(value).collect()
}

/// The type a column of ours has here.
pub fn type_name(of: Type) -> &'static str {
    match of {
        Type::Id => "uuid",
        Type::Text => "text",
        Type::Number => "bigint",
        Type::Time => "timestamptz",
        Type::Flag => "boolean",
    }
}

pub async fn write(session: &mut PgConnection, bulk: &Bulk<'_>) -> Result<()> {
    let sql = statement(bulk);
    let mut query = sqlx::query(&sql);
    for (index, place) in bulk.columns.iter().enumerate() {
        let cells = bulk.rows.iter().map(|row| row[index].as_ref());
        query = match bulk.column(*place).of {
            Type::Id => query.bind(array(cells, |value| if let Value::Id(id) = value { Some(*id) } else { None })),
            Type::Text => query.bind(array(cells, |value| match value {
                Value::Text(text) => Some(storable(text)),
                _ => None,
            })),
            Type::Number => {
                query.bind(array(cells, |value| if let Value::Number(number) = value { Some(*number) } else { None }))
            }
            Type::Time => {
                query.bind(array(cells, |value| if let Value::Time(time) = value { Some(*time) } else { None }))
            }
            Type::Flag => {
                query.bind(array(cells, |value| if let Value::Flag(flag) = value { Some(*flag) } else { None }))
            }
        };
    }
    query.execute(session).await?;
    Ok(())
}

fn array<'a, T>(cells: impl Iterator<Item = &'a Value>, cell: impl Fn(&'a Value) -> Option<T>) -> Vec<Option<T>> {
    cells.map(cell).collect()
}

/// A customer may send the one character that this database cannot keep.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Rows are made where they are selected: an `unnest` of many arrays after `FROM` keeps them all first, a third slower.
fn statement(bulk: &Bulk<'_>) -> String {
    let columns = bulk.columns.iter().map(|place| bulk.column(*place)).enumerate();
    let rows = columns.map(|(index, column)| {
        let (number, of, name) = (index + 1, type_name(column.of), column.name);
        format!("unnest(${number}::{of}[]) AS {name}")
    });
    let (table, names, rows) = (&bulk.table, bulk.names(), rows.collect::<Vec<_>>().join(", "));
    match bulk.kind {
        Kind::Put | Kind::Add => format!("INSERT INTO {table} ({names}) SELECT {rows} {}", bulk.on_conflict()),
        Kind::Set => {
            let (set, key) = bulk.set_from(|index| bulk.column(bulk.columns[index]).name.to_owned());
            format!("UPDATE {table} SET {set} FROM (SELECT {rows}) AS v WHERE {key}")
        }
    }
}
