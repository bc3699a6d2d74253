//! A small projection: end reasons with their names.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gatehouse_domain::end_reason::Event;
use gatehouse_domain::{EndReasonId, Fact, Recorded};
use gatehouse_projections::row;
use gatehouse_projections::table::{Change, Group, Table, Value};

use crate::tables::model::{Folding, Model};

/// With microseconds, which every store has to keep.
pub const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 123_457_000).unwrap();
pub const TABLES: &str = "reasons";
/// A name that a fragile fold cannot bear.
pub const POISON: &str = "poison";
/// A name that makes its reason go away.
pub const GONE: &str = "gone";

row! {
    /// A reason's last name.
    pub struct ReasonRow in REASONS "reasons" key 1 indexes [["name"]] {
        /// Which reason.
        id: EndReasonId,
        /// What it is called; it's never empty.
        name: String,
        /// How often it was named.
        times: i64,
        /// When it was named first.
        added_at: DateTime<Utc>,
        /// When it was retired; none: it is not.
        retired_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// Names in use, ever.
    pub struct NameRow in NAMES "reason_names" key 1 indexes [] {
        /// The name.
        name: String,
        /// How often it was given.
        given: i64,
    }
}

const ALL: &[&Table] = &[&REASONS, &NAMES];

#[derive(Default)]
struct Reasons {
    times: HashMap<EndReasonId, i64>,
    fragile: bool,
    twice: bool,
}

impl Folding for Reasons {
    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>) {
        let Fact::EndReason(event) = &recorded.fact else { return };
        let id = EndReasonId(recorded.stream.id);
        let set = |set| Change::Set { table: &REASONS, key: vec![Value::Id(id.0)], set };
        match event {
            Event::EndReasonAdded { name, .. } if name == GONE => {
                self.times.remove(&id);
                changes.push(Change::Remove { table: &REASONS, column: "id", value: Value::Id(id.0) });
            }
            Event::EndReasonAdded { name, at } => {
                let given = if self.twice { 2 } else { 1 };
                changes.push(Change::Add { table: &NAMES, key: vec![Value::Text(name.clone())], sums: vec![given] });
                assert!(!self.fragile || name != POISON, "{name} is too much");
                let times = self.times.entry(id).or_default();
                *times += 1;
                changes.push(if *times == 1 {
                    Change::put(ReasonRow { id, name: name.clone(), times: 1, added_at: *at, retired_at: None })
                } else {
                    set(vec![("name", Value::Text(name.clone())), ("times", Value::Number(*times))])
                });
            }
            Event::EndReasonRetired { at } => changes.push(set(vec![("retired_at", Value::Time(*at))])),
        }
    }
}

pub fn model() -> Model {
    Model {
        name: TABLES,
        version: 1,
        group: Group::Reporting,
        tables: ALL,
        views: &[],
        make: || Box::new(Reasons::default()),
    }
}

/// One that panics over a poisonous name.
pub fn fragile() -> Model {
    Model { make: || Box::new(Reasons { fragile: true, ..Reasons::default() }), ..model() }
}

/// The next version, which counts every name twice.
pub fn counting_twice() -> Model {
    Model { version: 2, make: || Box::new(Reasons { twice: true, ..Reasons::default() }), ..model() }
}
