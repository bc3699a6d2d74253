//! Comparing two generations of a table, row by row, both ways.

use std::fmt;

use gatehouse_projections::table::{Table, Type, Value};

use super::session::Session;
use super::{Result, ddl};

/// Rows shown of each kind.
const EXAMPLES: usize = 3;

/// What is different in one table.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// Rows that are there now.
    pub rows: u64,
    /// Rows only the new generation has.
    pub added: u64,
    /// Rows only the old one has.
    pub gone: u64,
    /// Rows both have, with other values.
    pub different: u64,
    pub examples: Vec<String>,
}

impl Difference {
    pub fn is_none(&self) -> bool {
        self.added + self.gone + self.different == 0
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, added, gone, different, examples } = self;
        write!(f, "{table:<28} {rows:>10} rows {added:>8} added {gone:>8} gone {different:>8} different")?;
        examples.iter().try_for_each(|example| write!(f, "\n    {example}"))
    }
}

/// Compares a table of the generation `new` with that of `old`.
pub async fn table(session: &mut Session, of: &'static Table, old: i64, new: i64) -> Result<Difference> {
    let (old, new) = (ddl::table(of.name, old), ddl::table(of.name, new));
    let equal = |column: &str| format!("one.{column} = other.{column}");
    let keys: Vec<String> = of.columns[..of.key].iter().map(|column| equal(column.name)).collect();
    let keys = keys.join(" AND ");
    let both = format!("FROM {old} AS one JOIN {new} AS other ON {keys}");
    let differs = |column: &str| format!("one.{column} IS DISTINCT FROM other.{column}");
    let differs: Vec<String> = of.columns[of.key..].iter().map(|column| differs(column.name)).collect();
    let differs = if differs.is_empty() { "1 = 0".to_owned() } else { differs.join(" OR ") };

    let [before] = session.counts(&format!("SELECT count(*) FROM {old}")).await?;
    let [rows] = session.counts(&format!("SELECT count(*) FROM {new}")).await?;
    // A key is in a generation once, so one pass over what both have tells everything.
    let [shared, different] =
        session.counts(&format!("SELECT count(*), count(*) FILTER (WHERE {differs}) {both}")).await?;
    let (added, gone) = (rows - shared, before - shared);

    let alone = |here: &str, there: &str| {
        format!("FROM {here} AS one WHERE NOT EXISTS (SELECT 1 FROM {there} AS other WHERE {keys})")
    };
    let mut examples = vec![];
    if added > 0 {
        for row in rows_of(session, of, &alone(&new, &old), &["one"]).await? {
            examples.push(format!("added:     {}", told(of, &row)));
        }
    }
    if gone > 0 {
        for row in rows_of(session, of, &alone(&old, &new), &["one"]).await? {
            examples.push(format!("gone:      {}", told(of, &row)));
        }
    }
    if different > 0 {
        for row in rows_of(session, of, &format!("{both} WHERE {differs}"), &["one", "other"]).await? {
            let (before, after) = row.split_at(of.columns.len());
            examples.push(format!("different: {}", changes(of, before, after)));
        }
    }
    Ok(Difference { table: of.name, rows, added, gone, different, examples })
}

/// A few rows, with the columns of each of `sides`.
async fn rows_of(session: &mut Session, of: &Table, from: &str, sides: &[&str]) -> Result<Vec<Vec<Value>>> {
    let columns = sides.iter().flat_map(|side| of.columns.iter().map(move |column| format!("{side}.{}", column.name)));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let types: Vec<Type> = sides.iter().flat_map(|_| of.columns.iter().map(|column| column.of)).collect();
    session.rows(&format!("SELECT {columns} {from} LIMIT {EXAMPLES}"), &[], &types).await
}

fn told(of: &Table, row: &[Value]) -> String {
    let cells = of.columns.iter().zip(row).map(|(column, value)| format!("{}={}", column.name, text(value)));
    cells.collect::<Vec<_>>().join(" ")
}

fn changes(of: &Table, before: &[Value], after: &[Value]) -> String {
    let cells = of.columns.iter().zip(before.iter().zip(after)).enumerate();
    let cells = cells.filter_map(|(place, (column, (before, after)))| match place < of.key {
        true => Some(format!("{}={}", column.name, text(before))),
        false if before != after => Some(format!("{}: {} -> {}", column.name, text(before), text(after))),
        false => None,
    });
    cells.collect::<Vec<_>>().join(" ")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Id(id) => id.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        Value::Time(time) => time.to_rfc3339(),
        Value::Flag(flag) => flag.to_string(),
    }
}
