//! Interactions follow one another in a conversation with one contact; one that is taken up again goes on where the one
//! before ended, with whoever took it up.

use std::collections::BTreeMap;

use super::Broken::Discontinued;
use super::{Event, Evidence, Violation};

#[derive(Default)]
struct Course<'a> {
    contact: Option<&'a str>,
    open: Option<u64>,
    last: u64,
    /// Who took it up again and is not yet told as its owner.
    taken_up_by: Option<&'a str>,
}

pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut courses: BTreeMap<&str, Course> = BTreeMap::new();
    let mut violations = vec![];
    for event in evidence.log.iter().filter(|event| event.kind == "conversation") {
        let course = courses.entry(&event.stream).or_default();
        if let Some(what) = course.goes_on(event) {
            let what = format!("{what} in {} at {}", event.stream, event.position);
            violations.push(Violation::new(Discontinued, what));
        }
    }
    violations
}

impl<'a> Course<'a> {
    /// Takes in the next event, and gives what is wrong with it.
    fn goes_on(&mut self, event: &'a Event) -> Option<String> {
        let fact = &event.fact;
        if let Some(agent) = self.taken_up_by.take()
            && (event.name != "assigned" || fact["agent"] != agent || fact["how"]["is"] != "retake")
        {
            return Some(format!("{agent} took it up again and does not have it"));
        }
        match event.name.as_str() {
            "interaction_opened" => {
                let (number, before) = (fact["interaction"].as_u64().unwrap_or(0), self.last);
                let (open, known) = (self.open.replace(number), self.contact.replace(fact["contact"].as_str()?));
                self.last = number;
                if fact["opening"]["is"] == "retaken" {
                    self.taken_up_by = fact["opening"]["agent"].as_str();
                    if fact["opening"]["from"] != before {
                        return Some(format!("{number} does not take up {before}"));
                    }
                }
                if open.is_some() || number != before + 1 {
                    return Some(format!("{number} begins after {before}, of which {open:?} is open"));
                }
                known.filter(|known| Some(*known) != self.contact).map(|known| format!("it was {known}'s"))
            }
            "interaction_ended" => {
                let number = fact["interaction"].as_u64();
                (self.open.take() != number).then(|| format!("{number:?} ends, which is not open"))
            }
            "reply_queued" => {
                let number = fact["interaction"].as_u64();
                (self.open != number).then(|| format!("an answer belongs to {number:?}, which is not open"))
            }
            _ => None,
        }
    }
}
