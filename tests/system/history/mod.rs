//! What everybody saw, and whether it can all be true: pure rules over records kept outside the program.
//!
//! People keep what they asked and what they were answered (`Message`, `Reply`, `Deed`); at the end `Evidence` puts beside it what
//! the log itself holds, what REST and the desks say, and what the provider accepted. `judge` names what contradicts the
//! promises. A test of a fault, whatever the fault, asks it for the verdict.

mod agreement;
mod deeds;
mod fold;
mod handing;
mod happened;
mod interactions;
mod log;
mod messages;
mod order;
mod owners;
mod replies;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

pub use fold::{Fold, Owner};
pub use happened::Happened;

/// A clock everybody in a test shares: of two readings, the smaller was really the earlier.
#[derive(Default)]
pub struct Moments(AtomicU64);

impl Moments {
    pub fn now(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// What became of something asked, as far as whoever asked knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No answer came, or one that promises nothing: done or not.
    Unknown,
    /// Promised, at a moment; with the position in the log, where it was told.
    Acknowledged {
        at: u64,
        position: Option<u64>,
    },
    Refused,
}

/// Something asked for the first time at a moment, perhaps several times since.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub invoked: u64,
    pub answer: Answer,
}

/// A message of a customer. No two have the same words.
#[derive(Clone, Debug)]
pub struct Message {
    pub words: String,
    pub call: Call,
}

/// A reply of an agent.
#[derive(Clone, Debug)]
pub struct Reply {
    pub id: String,
    pub conversation: String,
    pub call: Call,
}

/// Something else an agent did, and was told that it is done.
#[derive(Clone, Debug)]
pub struct Deed {
    /// The conversation, or the agent.
    pub stream: String,
    /// The event it leaves there, and the position that was told.
    pub leaves: &'static str,
    pub position: u64,
}

/// An event as the log holds it; personal words are sealed, the rest can be read.
#[derive(Clone, Debug)]
pub struct Event {
    pub position: u64,
    pub kind: String,
    pub stream: String,
    pub sequence: u64,
    pub name: String,
    pub fact: Value,
}

/// Somebody who was told what happened.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    pub name: String,
    /// The lines of every conversation, in order; none where only the state now is told.
    pub lines: Option<BTreeMap<String, Vec<Value>>>,
    /// Only so many lines of a conversation are told: the newest.
    pub lines_max: Option<usize>,
    /// How every open conversation stands, and perhaps ended ones.
    pub standing: BTreeMap<String, Value>,
    /// The agents; none where they are not told.
    pub agents: Option<BTreeMap<String, Value>>,
    /// What inboxes, gateways and end reasons are called; none where it is not told.
    pub names: Option<Value>,
}

/// Everything there is to judge by.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub messages: Vec<Message>,
    pub replies: Vec<Reply>,
    pub deeds: Vec<Deed>,
    /// The log, as the database holds it, and the position its head names.
    pub log: Vec<Event>,
    pub head: u64,
    pub witnesses: Vec<Witness>,
    /// `conversation.message` of everything the provider accepted.
    pub accepted: Vec<String>,
    /// What the program wrote to its log file.
    pub output: String,
    /// What was seen to be wrong while it happened.
    pub seen: Vec<Violation>,
}

/// The promises, by how they are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// What was acknowledged is not in the log.
    Lost,
    /// It is there more than once.
    Doubled,
    /// It is there, or was told, though nobody asked for it or it was refused.
    Invented,
    /// What came after an acknowledgement stands before what was acknowledged.
    Disordered,
    /// A place in the log or in a stream is missing.
    Gap,
    /// Two that tell of the same thing differ.
    Disagreement,
    /// The provider was given a message twice.
    SentTwice,
    /// A message of ours was neither sent once nor is visibly indeterminate.
    Unsettled,
    /// An open interaction that nobody has.
    Unowned,
    AboveCapacity,
    /// Given to somebody while somebody else has it.
    TwoOwners,
    /// A transfer that did not end in exactly one way.
    Undecided,
    /// An interaction that does not go on where the one before ended.
    Discontinued,
    Panicked,
    /// It does not come to rest.
    Restless,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub broken: Broken,
    pub what: String,
}

impl Violation {
    pub fn new(broken: Broken, what: impl Into<String>) -> Self {
        Self { broken, what: what.into() }
    }
}

/// Everything that contradicts a promise; nothing, where all is well.
pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let fold = Fold::of(&evidence.log);
    let mut all = evidence.seen.clone();
    all.extend(log::judge(evidence));
    all.extend(messages::judge(evidence));
    all.extend(replies::judge(evidence, &fold));
    all.extend(deeds::judge(evidence));
    all.extend(order::judge(evidence));
    all.extend(agreement::judge(evidence, &fold));
    all.extend(owners::judge(evidence, &fold));
    all.extend(handing::judge(evidence, &fold));
    all.extend(interactions::judge(evidence));
    let panics = evidence.output.lines().filter(|line| line.contains("panicked"));
    all.extend(panics.map(|line| Violation::new(Broken::Panicked, line)));
    all
}

/// Fails, saying what is broken, unless nothing is.
pub fn assert_kept(verdict: &[Violation]) {
    const TOLD_MAX: usize = 20;
    let told: Vec<String> =
        verdict.iter().take(TOLD_MAX).map(|one| format!("{:?}: {}", one.broken, one.what)).collect();
    assert!(verdict.is_empty(), "{} promises broken:\n{}", verdict.len(), told.join("\n"));
}
