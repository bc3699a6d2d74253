//! What else agents were told is done: it is in the log, where they were told.

use super::Broken::Lost;
use super::{Evidence, Violation};

pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let at = |position: u64| evidence.log.iter().find(|event| event.position == position);
    let mut violations = vec![];
    for deed in &evidence.deeds {
        // An answer names the last event it made, and what was asked for may stand before its consequence.
        let made = [deed.position, deed.position.saturating_sub(1)].map(at);
        let is_there = made.into_iter().flatten().any(|event| event.stream == deed.stream && event.name == deed.leaves);
        if !is_there {
            let told = at(deed.position).map(|event| format!("{} of {}", event.name, event.stream));
            let what = format!(
                "{} of {} was acknowledged at {}, where the log has {told:?}",
                deed.leaves, deed.stream, deed.position
            );
            violations.push(Violation::new(Lost, what));
        }
    }
    violations
}
