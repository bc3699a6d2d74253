//! Agreement: the log, REST and every desk tell the same lines in the same order, and the same state now.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Broken::Disagreement;
use super::fold::{Conversation, Fold, Owner};
use super::{Evidence, Violation, Witness};

pub fn judge(evidence: &Evidence, fold: &Fold) -> Vec<Violation> {
    let mut violations = vec![];
    let mut told: BTreeMap<(&str, u64), (&str, &Value)> = BTreeMap::new();
    let mut standing: BTreeMap<&str, (&str, &Value)> = BTreeMap::new();
    let mut disagree = |what: String| violations.push(Violation::new(Disagreement, what));
    for witness in &evidence.witnesses {
        let name = &witness.name;
        lines_as_logged(witness, fold).into_iter().for_each(&mut disagree);
        standing_as_logged(witness, fold).into_iter().for_each(&mut disagree);
        agents_as_logged(witness, fold).into_iter().for_each(&mut disagree);
        for (id, lines) in witness.lines.iter().flatten() {
            for line in lines {
                let (other, first) = told.entry((id, line["sequence"].as_u64().unwrap_or(0))).or_insert((name, line));
                if *first != line {
                    disagree(format!("in {id} {other} tells {first}, and {name} {line}"));
                }
            }
        }
        let named = witness.names.iter().map(|names| ("names", names));
        let agents = witness.agents.iter().flatten().map(|(id, agent)| (id.as_str(), agent));
        let conversations = witness.standing.iter().map(|(id, summary)| (id.as_str(), summary));
        for (id, state) in conversations.chain(agents).chain(named) {
            let (other, first) = standing.entry(id).or_insert((name, state));
            if *first != state {
                disagree(format!("{other} shows {first}, and {name} {state}"));
            }
        }
    }
    violations
}

/// Whether the lines are those of the log: all, or the newest of them.
fn lines_as_logged(witness: &Witness, fold: &Fold) -> Vec<String> {
    let Some(lines) = &witness.lines else { return vec![] };
    let name = &witness.name;
    let nothing = vec![];
    let mut wrong: Vec<String> = lines
        .keys()
        .filter(|id| !fold.conversations.contains_key(*id))
        .map(|id| format!("{name} invents {id}"))
        .collect();
    for (id, conversation) in &fold.conversations {
        let told = lines.get(id).unwrap_or(&nothing).iter();
        let told: Vec<(u64, &str)> = told
            .map(|line| (line["sequence"].as_u64().unwrap_or(0), line["at"].as_str().unwrap_or_default()))
            .collect();
        let all: Vec<(u64, &str)> = conversation.lines.iter().map(|(sequence, at)| (*sequence, at.as_str())).collect();
        let newest = &all[all.len().saturating_sub(witness.lines_max.unwrap_or(usize::MAX))..];
        if told != newest {
            let first = (0..).find(|index| told.get(*index) != newest.get(*index)).unwrap_or(0);
            let (told, logged) = (told.get(first), newest.get(first));
            wrong.push(format!("in {id} {name} tells {told:?} where the log has {logged:?}"));
        }
    }
    wrong
}

/// Whether every conversation stands as the log says.
fn standing_as_logged(witness: &Witness, fold: &Fold) -> Vec<String> {
    let name = &witness.name;
    let known = |id: &String| fold.conversations.contains_key(id);
    let mut wrong: Vec<String> =
        witness.standing.keys().filter(|id| !known(id)).map(|id| format!("{name} invents {id}")).collect();
    for (id, conversation) in &fold.conversations {
        match witness.standing.get(id) {
            None if conversation.owner != Owner::Nobody => {
                wrong.push(format!("{name} does not show {id}, which is open"))
            }
            Some(summary) if shown(summary) != logged(conversation) => {
                let (shown, logged) = (shown(summary), logged(conversation));
                wrong.push(format!("{name} shows {id} as {shown} where the log says {logged}"));
            }
            _ => {}
        }
    }
    wrong
}

fn shown(summary: &Value) -> Value {
    let owner = &summary["owner"];
    let offers: BTreeMap<&str, &Value> = owner["offers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one["offer"].as_str()?, &one["agent"])))
        .collect();
    json!({"version": summary["version"], "is": owner["is"], "agent": owner["agent"], "offers": offers})
}

fn logged(conversation: &Conversation) -> Value {
    let (is, agent, offers) = match &conversation.owner {
        Owner::Missing => ("missing", None, json!({})),
        Owner::Queue => ("queue", None, json!({})),
        Owner::Offered(offers) => ("offered", None, json!(offers)),
        Owner::Agent(agent) => ("agent", Some(agent), json!({})),
        Owner::Flow => ("flow", None, json!({})),
        Owner::Nobody => ("nobody", None, json!({})),
    };
    json!({"version": conversation.version, "is": is, "agent": agent, "offers": offers})
}

/// Whether every agent's slots are as the log says.
fn agents_as_logged(witness: &Witness, fold: &Fold) -> Vec<String> {
    let Some(agents) = &witness.agents else { return vec![] };
    let name = &witness.name;
    let logged: BTreeMap<&String, (u64, u64)> =
        fold.agents.iter().map(|(id, agent)| (id, (agent.holds.len() as u64, agent.capacity))).collect();
    let number = |agent: &Value, field: &str| agent[field].as_u64().unwrap_or(u64::MAX);
    let shown: BTreeMap<&String, (u64, u64)> =
        agents.iter().map(|(id, agent)| (id, (number(agent, "in_use"), number(agent, "capacity")))).collect();
    if shown == logged { vec![] } else { vec![format!("{name} shows slots {shown:?} where the log says {logged:?}")] }
}
