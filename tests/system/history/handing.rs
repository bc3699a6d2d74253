//! Handing over: a transfer ends in exactly one way, and nobody is given what somebody else still has.

use std::collections::BTreeMap;

use super::Broken::{TwoOwners, Undecided};
use super::{Evidence, Fold, Owner, Violation};

pub fn judge(evidence: &Evidence, fold: &Fold) -> Vec<Violation> {
    let mut violations = vec![];
    // Of every transfer: its conversation, to whom, and how often it ended.
    let mut transfers: BTreeMap<&str, (&str, &str, usize)> = BTreeMap::new();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut accepted: BTreeMap<&str, &str> = BTreeMap::new();
    for event in evidence.log.iter().filter(|event| event.kind == "conversation") {
        let (id, text) = (event.stream.as_str(), |field: &str| event.fact[field].as_str().unwrap_or_default());
        match event.name.as_str() {
            "transfer_requested" => {
                transfers.insert(text("transfer"), (id, text("to"), 0));
            }
            "transfer_accepted" | "transfer_declined" | "transfer_lapsed" | "transfer_withdrawn" => {
                match transfers.get_mut(text("transfer")) {
                    Some((_, to, ended)) => {
                        *ended += 1;
                        if event.name == "transfer_accepted" {
                            accepted.insert(id, *to);
                        }
                    }
                    None => violations.push(Violation::new(Undecided, format!("a transfer of {id} ends, not begun"))),
                }
            }
            "assigned" => {
                let by_supervisor = ["supervisor", "take_over"].iter().any(|how| event.fact["how"]["is"] == **how);
                let handed = accepted.remove(id) == Some(text("agent")) || by_supervisor;
                let before = owners.insert(id, text("agent"));
                if let Some(owner) = before.filter(|owner| *owner != text("agent") && !handed) {
                    let what = format!("{id} is given to {} at {} while {owner} has it", text("agent"), event.position);
                    violations.push(Violation::new(TwoOwners, what));
                }
            }
            "queued" | "interaction_ended" | "handed_to_flow" | "offered" => {
                owners.remove(id);
            }
            _ => {}
        }
    }
    for (transfer, (id, _, ended)) in transfers {
        let conversation = fold.conversations.get(id);
        let pends = ended == 0
            && conversation.is_some_and(|one| one.transfer_to.is_some() && matches!(one.owner, Owner::Agent(_)));
        if ended != 1 && !pends {
            violations.push(Violation::new(Undecided, format!("the transfer {transfer} of {id} ended {ended} times")));
        }
    }
    violations
}
