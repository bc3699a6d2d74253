//! The changes of many events, merged: each row is then written once, many rows at a time.

use std::collections::{BTreeMap, HashMap};

use super::{Change, Table, Value};

/// What many changes come down to.
#[derive(Debug, Default)]
pub struct Batch {
    tables: Vec<(&'static Table, Vec<Step>)>,
}

/// What is written at once. The steps of a table are taken in order; tables do not depend on each other.
#[derive(Debug, PartialEq)]
pub enum Step {
    Rows(Rows),
    Remove { column: &'static str, value: Value },
}

/// Edits of different rows, in the order in which each row was first met.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    edits: Vec<(Vec<Value>, Edit)>,
    places: HashMap<Vec<Value>, usize>,
}

/// What becomes of the row with a key.
#[derive(Debug, PartialEq)]
pub enum Edit {
    /// It is this row, key included.
    Put(Vec<Value>),
    /// These columns, by their place.
    Set(BTreeMap<usize, Value>),
    /// For every column after the key.
    Add(Vec<i64>),
}

impl Batch {
    /// Takes one change in.
    pub fn take(&mut self, change: Change) {
        match change {
            Change::Put { table, row } => {
                let key = row[..table.key].to_vec();
                self.rows(table).put(key, row);
            }
            Change::Set { table, key, set } => {
                let set: BTreeMap<_, _> = set.into_iter().map(|(column, value)| (table.place(column), value)).collect();
                if let Some((key, edit)) = self.rows(table).merge(key, Edit::Set(set)) {
                    self.next_rows(table).push(key, edit);
                }
            }
            Change::Add { table, key, sums } => {
                if let Some((key, edit)) = self.rows(table).merge(key, Edit::Add(sums)) {
                    self.next_rows(table).push(key, edit);
                }
            }
            Change::Remove { table, column, value } => self.steps(table).push(Step::Remove { column, value }),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Whether rows are removed.
    pub fn removes(&self) -> bool {
        self.tables.iter().any(|(_, steps)| steps.iter().any(|step| matches!(step, Step::Remove { .. })))
    }

    /// What to write, table by table.
    pub fn tables(&self) -> impl Iterator<Item = (&'static Table, &[Step])> {
        self.tables.iter().map(|(table, steps)| (*table, steps.as_slice()))
    }

    fn steps(&mut self, table: &'static Table) -> &mut Vec<Step> {
        let place = self.tables.iter().position(|(known, _)| known.name == table.name);
        let place = place.unwrap_or_else(|| {
            self.tables.push((table, vec![]));
            self.tables.len() - 1
        });
        &mut self.tables[place].1
    }

    fn rows(&mut self, table: &'static Table) -> &mut Rows {
        if !matches!(self.steps(table).last(), Some(Step::Rows(_))) {
            return self.next_rows(table);
        }
        match self.steps(table).last_mut() {
            Some(Step::Rows(rows)) => rows,
            _ => unreachable!("looked just above"),
        }
    }

    /// Rows that are written after everything there is so far.
    fn next_rows(&mut self, table: &'static Table) -> &mut Rows {
        let steps = self.steps(table);
        steps.push(Step::Rows(Rows::default()));
        match steps.last_mut() {
            Some(Step::Rows(rows)) => rows,
            _ => unreachable!("pushed just above"),
        }
    }
}

impl Rows {
    /// Every edit with the key of its row.
    pub fn iter(&self) -> impl Iterator<Item = &(Vec<Value>, Edit)> {
        self.edits.iter()
    }

    fn put(&mut self, key: Vec<Value>, row: Vec<Value>) {
        match self.places.get(&key) {
            Some(place) => self.edits[*place].1 = Edit::Put(row),
            None => self.push(key, Edit::Put(row)),
        }
    }

    /// Merges an edit into what is known of its row; gives it back where both cannot be written as one.
    fn merge(&mut self, key: Vec<Value>, edit: Edit) -> Option<(Vec<Value>, Edit)> {
        let Some(place) = self.places.get(&key) else {
            self.push(key, edit);
            return None;
        };
        match (&mut self.edits[*place].1, edit) {
            (Edit::Put(row), Edit::Set(set)) => set.into_iter().for_each(|(column, value)| row[column] = value),
            (Edit::Set(known), Edit::Set(set)) => known.extend(set),
            (Edit::Add(known), Edit::Add(sums)) => known.iter_mut().zip(sums).for_each(|(known, sum)| *known += sum),
            (_, edit) => return Some((key, edit)),
        }
        None
    }

    fn push(&mut self, key: Vec<Value>, edit: Edit) {
        self.places.insert(key.clone(), self.edits.len());
        self.edits.push((key, edit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::row! {
        /// A thing.
        pub struct Thing in THINGS "things" key 1 indexes [] {
            /// Which one.
            id: i64,
            /// Its owner.
            owner: i64,
            /// How big it is.
            size: i64,
        }
    }

    const OWNER: usize = 1;
    const SIZE: usize = 2;

    #[test]
    fn a_row_changed_often_is_written_once_as_it_is_last() {
        let changes = [put(1, 10, 1), set(1, "size", 2), put(2, 10, 5), set(1, "owner", 11)];
        assert_eq!(edits(changes), [vec![Edit::Put(numbers([1, 11, 2])), Edit::Put(numbers([2, 10, 5]))]]);
    }

    #[test]
    fn columns_of_a_row_that_is_written_already_are_set_together() {
        let changes = [set(1, "size", 2), set(1, "owner", 11), set(1, "size", 3)];
        let merged = Edit::Set(BTreeMap::from([(OWNER, Value::Number(11)), (SIZE, Value::Number(3))]));
        assert_eq!(edits(changes), [vec![merged]]);
        assert_eq!(edits([set(1, "size", 2), put(1, 1, 1)]), [vec![Edit::Put(numbers([1, 1, 1]))]]);
    }

    #[test]
    fn sums_add_up() {
        assert_eq!(
            edits([add(1, 1, 2), add(2, 7, 7), add(1, 3, -5)]),
            [vec![Edit::Add(vec![4, -3]), Edit::Add(vec![7, 7])]]
        );
    }

    #[test]
    fn what_cannot_be_one_keeps_its_order() {
        assert_eq!(edits([put(1, 1, 1), add(1, 1, 1)]).len(), 2);
        assert_eq!(edits([set(1, "size", 1), add(1, 1, 1)]).len(), 2);
    }

    #[test]
    fn rows_put_before_a_removal_are_removed_and_those_after_it_stay() {
        let remove = Change::Remove { table: &THINGS, column: "owner", value: Value::Number(10) };
        let batch = batch([put(1, 10, 1), remove, put(1, 10, 2)]);
        let [(_, steps)] = batch.tables().collect::<Vec<_>>()[..] else { panic!("one table: {batch:?}") };
        let [Step::Rows(before), Step::Remove { column: "owner", value }, Step::Rows(after)] = steps else {
            panic!("the removal is between them: {steps:?}")
        };
        assert_eq!(value, &Value::Number(10));
        assert_eq!((before.edits.len(), &after.edits[0].1), (1, &Edit::Put(numbers([1, 10, 2]))));
    }

    fn put(id: i64, owner: i64, size: i64) -> Change {
        Change::put(Thing { id, owner, size })
    }

    fn set(id: i64, column: &'static str, to: i64) -> Change {
        Change::Set { table: &THINGS, key: numbers([id]), set: vec![(column, Value::Number(to))] }
    }

    fn add(id: i64, owner: i64, size: i64) -> Change {
        Change::Add { table: &THINGS, key: numbers([id]), sums: vec![owner, size] }
    }

    fn numbers<const N: usize>(numbers: [i64; N]) -> Vec<Value> {
        numbers.map(Value::Number).into()
    }

    fn batch(changes: impl IntoIterator<Item = Change>) -> Batch {
        let mut batch = Batch::default();
        changes.into_iter().for_each(|change| batch.take(change));
        batch
    }

    /// What is written, step by step.
    fn edits(changes: impl IntoIterator<Item = Change>) -> Vec<Vec<Edit>> {
        let batch = batch(changes);
        let steps = batch.tables.into_iter().flat_map(|(_, steps)| steps);
        let rows = steps.map(|step| match step {
            Step::Rows(rows) => rows.edits.into_iter().map(|(_, edit)| edit).collect(),
            Step::Remove { .. } => vec![],
        });
        rows.collect()
    }
}
