//! What happened in a history, counted: a verdict over what hardly happened says little.

use std::collections::BTreeMap;
use std::fmt;

use super::{Event, Fold};

const EVERYTHING: [&str; 7] = [
    "transfer_requested",
    "transfer_accepted",
    "transfer_declined",
    "transfer_lapsed",
    "offer_lapsed",
    BREAK_WHILE_OFFERED,
    RETAKEN,
];
const BREAK_WHILE_OFFERED: &str = "break_while_offered";
const RETAKEN: &str = "retaken";

/// How often each thing happened.
pub struct Happened(BTreeMap<&'static str, usize>);

impl Happened {
    pub fn in_log(log: &[Event]) -> Self {
        let mut counts = EVERYTHING.map(|name| (name, 0)).into();
        let mut fold = Fold::default();
        for event in log {
            if let Some(name) = named(event, &fold) {
                *BTreeMap::entry(&mut counts, name).or_default() += 1;
            }
            fold.take(event);
        }
        Self(counts)
    }

    /// Whether nothing is missing.
    pub fn is_everything(&self) -> bool {
        self.0.values().all(|count| *count > 0)
    }
}

fn named(event: &Event, before: &Fold) -> Option<&'static str> {
    match event.name.as_str() {
        "took_break" => before.is_offered_something(&event.stream).then_some(BREAK_WHILE_OFFERED),
        "interaction_opened" => (event.fact["opening"]["is"] == "retaken").then_some(RETAKEN),
        name => EVERYTHING.into_iter().find(|one| *one == name),
    }
}

impl fmt::Display for Happened {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|(name, count)| format!("{count} {name}")).collect();
        to.write_str(&all.join(", "))
    }
}
