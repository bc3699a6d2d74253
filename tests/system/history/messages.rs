//! Customers' messages: acknowledged ones are stored exactly once, others at most once, and none that nobody wrote.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Broken::{Doubled, Invented, Lost};
use super::{Answer, Evidence, Violation};

/// The ids under which words were told by anybody, by the words.
pub fn ids_of(evidence: &Evidence) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let told = evidence.witnesses.iter().filter_map(|witness| witness.lines.as_ref());
    for line in told.flat_map(BTreeMap::values).flatten().filter(|line| line["direction"] == "inbound") {
        if let (Some(words), Some(id)) = (line["content"]["text"].as_str(), line["message"].as_str()) {
            ids.entry(words).or_default().insert(id);
        }
    }
    ids
}

/// The positions at which each message was received, by its id.
pub fn received(evidence: &Evidence) -> BTreeMap<&str, Vec<u64>> {
    positions(evidence, "message_received", |_, fact| fact["message"].as_str())
}

/// The positions of all events of one name, by something they tell.
pub fn positions<'a, K: Ord>(
    evidence: &'a Evidence,
    name: &str,
    by: impl Fn(&'a str, &'a Value) -> Option<K>,
) -> BTreeMap<K, Vec<u64>> {
    let mut positions: BTreeMap<K, Vec<u64>> = BTreeMap::new();
    for event in evidence.log.iter().filter(|event| event.name == name) {
        if let Some(key) = by(&event.stream, &event.fact) {
            positions.entry(key).or_default().push(event.position);
        }
    }
    positions
}

pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let (ids, received) = (ids_of(evidence), received(evidence));
    let mut violations = vec![];
    for message in &evidence.messages {
        let words = &message.words;
        let ids = ids.get(words.as_str()).cloned().unwrap_or_default();
        let stored: Vec<u64> = ids.iter().filter_map(|id| received.get(id)).flatten().copied().collect();
        match (message.call.answer, stored.len()) {
            (Answer::Acknowledged { .. }, 0) => {
                violations.push(Violation::new(Lost, format!("{words:?} was acknowledged and is nowhere")));
            }
            (Answer::Refused, 1) => {
                violations.push(Violation::new(Invented, format!("{words:?} was refused and is stored")));
            }
            (_, 0 | 1) => {}
            _ => violations.push(Violation::new(Doubled, format!("{words:?} is stored at {stored:?}"))),
        }
    }
    let written: BTreeSet<&str> = evidence.messages.iter().map(|message| message.words.as_str()).collect();
    let unknown = ids.keys().filter(|words| !written.contains(*words));
    violations.extend(unknown.map(|words| Violation::new(Invented, format!("nobody wrote {words:?}"))));
    violations
}
