//! The log itself: no place missing, no message of a provider twice.

use std::collections::BTreeMap;

use super::Broken::{Doubled, Gap};
use super::{Evidence, Violation};

pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = vec![];
    let mut ends: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut received: BTreeMap<&str, u64> = BTreeMap::new();
    for (expected, event) in (1..).zip(&evidence.log) {
        let (position, sequence) = (event.position, event.sequence);
        if position != expected {
            violations.push(Violation::new(Gap, format!("position {position} stands where {expected} should")));
            break;
        }
        let end = ends.entry((&event.kind, &event.stream)).or_default();
        *end += 1;
        if sequence != *end {
            let stream = format!("{}/{}", event.kind, event.stream);
            violations.push(Violation::new(Gap, format!("{stream} goes on with {sequence} instead of {end}")));
            *end = sequence;
        }
        if event.name == "message_received"
            && let Some(message) = event.fact["message"].as_str()
            && let Some(before) = received.insert(message, position)
        {
            let what = format!("the customer's message {message} is stored at {before} and at {position}");
            violations.push(Violation::new(Doubled, what));
        }
    }
    let last = evidence.log.last().map_or(0, |event| event.position);
    if evidence.head != last {
        violations.push(Violation::new(Gap, format!("the head says {}, the last event is {last}", evidence.head)));
    }
    violations
}
