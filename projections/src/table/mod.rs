//! Read models that are kept in tables: what a table is, and what an event changes in it.
//!
//! A projection is a pure fold of the log that says what changes; whoever keeps the tables merges the changes of a batch
//! and writes them with the position in one transaction. On a start it is folded again up to where its tables stand, in
//! silence, so that it needs to remember only what is still open.
//!
//! - `batch`: the changes of many events, merged.
//! - `row`: a row as a struct, its table and comments declared with it.
//! - `value`: what a cell holds.

pub mod batch;
pub mod row;
pub mod value;

use gatehouse_domain::Recorded;

pub use batch::{Batch, Edit, Rows, Step};
pub use row::Row;
pub use value::{Cell, Type, Value};

/// A read model kept in tables.
pub trait Projection: Default + Send + 'static {
    /// Names it for operators.
    const NAME: &'static str;
    /// Rises with every change of what it writes: its tables are then built anew beside the old ones.
    const VERSION: u32;
    /// Who it is for, and so where its tables are.
    const GROUP: Group;
    const TABLES: &'static [&'static Table];
    /// What is read from its tables in the words of whoever asks. They are of its version too.
    const VIEWS: &'static [&'static View] = &[];

    /// Takes one event in and says what changes. The same events make the same changes, however they are batched. A row is
    /// made from events of one stream only: a stream that cannot be read is left out and comes later, alone.
    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>);
}

/// Who reads a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Whoever works with conversations: words, names and addresses are in it.
    Work,
    /// Whoever counts: no words, names of customers or addresses.
    Reporting,
}

/// A table: one fact, or one sum, a row.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// What one row is, for whoever reads the database.
    pub about: &'static str,
    pub columns: &'static [Column],
    /// The first so many columns identify a row; none of them is ever null.
    pub key: usize,
    /// Columns looked up together, by name.
    pub indexes: &'static [&'static [&'static str]],
    /// Texts that are searched. Such a table has a column `position`, a number no two of its rows share.
    pub search: &'static [(&'static str, Search)],
}

/// What is looked for in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Whole words.
    Words,
    /// What a word begins with.
    Names,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    /// What it means and its unit, for whoever reads the database.
    pub about: &'static str,
    pub of: Type,
    pub nullable: bool,
}

/// Rows of tables as people ask for them: nothing is stored.
#[derive(Debug, PartialEq, Eq)]
pub struct View {
    pub name: &'static str,
    /// What one row is, for whoever reads the database.
    pub about: &'static str,
    /// Every column, in order, with its meaning and unit.
    pub columns: &'static [(&'static str, &'static str)],
    /// The statement that both databases understand: from tables only, `{column}` being a time in milliseconds since 1970
    /// and `{now}` the present one.
    pub rows: &'static str,
}

/// What an event changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// This row, whole: new, or instead of the one with its key.
    Put { table: &'static Table, row: Vec<Value> },
    /// Some columns of the row with this key; nothing where there is none.
    Set { table: &'static Table, key: Vec<Value>, set: Vec<(&'static str, Value)> },
    /// Adds to every column after the key; a row that is not there counts as zeros.
    Add { table: &'static Table, key: Vec<Value>, sums: Vec<i64> },
    /// Every row where the column has this value.
    Remove { table: &'static Table, column: &'static str, value: Value },
}

impl Change {
    pub fn put(row: impl Row) -> Self {
        Self::Put { table: row.table(), row: row.values() }
    }
}

impl Table {
    /// The place of a column.
    ///
    /// # Panics
    /// Where the table has no such column, which is a mistake in a projection.
    pub fn place(&self, column: &str) -> usize {
        let place = self.columns.iter().position(|one| one.name == column);
        place.unwrap_or_else(|| panic!("{} has no column {column}", self.name))
    }
}
