//! Ownership: every open interaction is queued, offered, owned or in a flow; nobody is above capacity or holds a slot for
//! nothing.

use std::collections::BTreeSet;

use super::Broken::{AboveCapacity, Unowned};
use super::{Evidence, Fold, Owner, Violation};

pub fn judge(evidence: &Evidence, fold: &Fold) -> Vec<Violation> {
    let mut violations = vec![];
    for (id, conversation) in &fold.conversations {
        let unowned = match &conversation.owner {
            Owner::Missing => true,
            Owner::Offered(offers) => offers.is_empty(),
            Owner::Queue | Owner::Agent(_) | Owner::Flow | Owner::Nobody => false,
        };
        if unowned {
            violations.push(Violation::new(Unowned, format!("{id} is open, and nobody has it")));
        }
    }
    let given = fold.given();
    for (id, agent) in &fold.agents {
        if let Some(position) = agent.above_at {
            violations.push(Violation::new(AboveCapacity, format!("{id} is above capacity at {position}")));
        }
        let held: BTreeSet<&str> = agent.holds.values().map(String::as_str).collect();
        if held.len() != agent.holds.len() || given.get(id.as_str()) != Some(&held) {
            let what = format!("{id} holds slots for {held:?} and has {:?}", given.get(id.as_str()));
            violations.push(Violation::new(Unowned, what));
        }
    }
    for witness in &evidence.witnesses {
        for (id, agent) in witness.agents.iter().flatten() {
            if agent["in_use"].as_u64() > agent["capacity"].as_u64() {
                let what = format!("{} shows {id} above capacity: {agent}", witness.name);
                violations.push(Violation::new(AboveCapacity, what));
            }
        }
    }
    violations
}
