//! The changes of a batch as statements that write many rows each.
//!
//! Written by hand rather than with a query builder: where rows come from (arrays on PostgreSQL, values on SQLite) is what
//! makes it fast, and neither is said by one.

use std::collections::BTreeMap;

use gatehouse_projections::table::{Batch, Column, Edit, Rows, Step, Table, Value};

use super::generations::Generation;
use super::session::Session;
use super::{Result, ddl};

/// Rows that are written with one kind of statement.
pub struct Bulk<'a> {
    /// Where the statement begins, up to where the rows come.
    pub kind: Kind,
    pub table: String,
    pub of: &'static Table,
    /// The columns every row has a value for, by their place; the key comes first.
    pub columns: Vec<usize>,
    pub rows: Vec<Vec<std::borrow::Cow<'a, Value>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Put,
    Set,
    Add,
}

impl Bulk<'_> {
    pub fn column(&self, place: usize) -> &'static Column {
        &self.of.columns[place]
    }

    /// Names, with commas between them.
    pub fn names(&self) -> String {
        self.columns.iter().map(|place| self.column(*place).name).collect::<Vec<_>>().join(", ")
    }

    /// What happens where there is such a row.
    pub fn on_conflict(&self) -> String {
        let key = self.of.columns[..self.of.key].iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
        let changes = self.columns[self.of.key..].iter().map(|place| {
            let name = self.column(*place).name;
            match self.kind {
                Kind::Add => format!("{name} = {}.{name} + excluded.{name}", self.table),
                Kind::Put | Kind::Set => format!("{name} = excluded.{name}"),
            }
        });
        let changes = changes.collect::<Vec<_>>().join(", ");
        let action = if changes.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {changes}") };
        format!("ON CONFLICT ({key}) DO {action}")
    }

    /// What is set, from rows named `v` whose columns are named by `from`, and in which rows.
    pub fn set_from(&self, from: impl Fn(usize) -> String) -> (String, String) {
        let equal = |index: usize| (self.column(self.columns[index]).name, from(index));
        let set = (self.of.key..self.columns.len()).map(equal).map(|(name, value)| format!("{name} = v.{value}"));
        let key = (0..self.of.key).map(equal).map(|(name, value)| format!("{}.{name} = v.{value}", self.table));
        (set.collect::<Vec<_>>().join(", "), key.collect::<Vec<_>>().join(" AND "))
    }
}

/// Writes what a batch changes into the tables of a generation.
pub async fn write(session: &mut Session, generation: &Generation, batch: &Batch) -> Result<()> {
    for (of, steps) in batch.tables() {
        let table = ddl::table(of.name, generation.number);
        for step in steps {
            match step {
                Step::Rows(rows) => {
                    for bulk in bulks(of, &table, rows) {
                        session.write(&bulk).await?;
                    }
                }
                Step::Remove { column, value } => {
                    let sql = format!("DELETE FROM {table} WHERE {column} = $1");
                    session.run(&sql, std::slice::from_ref(value)).await?;
                }
            }
        }
    }
    Ok(())
}

/// Rows by what is done with them; those of one table are different rows, so their order does not matter.
fn bulks<'a>(of: &'static Table, table: &str, rows: &'a Rows) -> Vec<Bulk<'a>> {
    use std::borrow::Cow::{Borrowed, Owned};
    let whole: Vec<usize> = (0..of.columns.len()).collect();
    let mut bulks: BTreeMap<(u8, Vec<usize>), Bulk<'a>> = BTreeMap::new();
    for (key, edit) in rows.iter() {
        let (kind, columns, row) = match edit {
            Edit::Put(row) => (Kind::Put, whole.clone(), row.iter().map(Borrowed).collect()),
            Edit::Add(sums) => {
                let sums = sums.iter().map(|sum| Owned(Value::Number(*sum)));
                (Kind::Add, whole.clone(), key.iter().map(Borrowed).chain(sums).collect())
            }
            Edit::Set(set) => {
                let columns = (0..of.key).chain(set.keys().copied()).collect();
                (Kind::Set, columns, key.iter().chain(set.values()).map(Borrowed).collect::<Vec<_>>())
            }
        };
        let bulk = bulks.entry((kind as u8, columns)).or_insert_with_key(|(_, columns)| Bulk {
            kind,
            table: table.to_owned(),
            of,
            columns: columns.clone(),
            rows: vec![],
        });
        bulk.rows.push(row);
    }
    bulks.into_values().collect()
}
