//! Agents' replies: acknowledged ones are stored once, and what is stored was sent once or can be seen to be uncertain.

use std::collections::BTreeMap;

use super::Broken::{Disagreement, Doubled, Invented, Lost, SentTwice, Unsettled};
use super::fold::Sending;
use super::messages::positions;
use super::{Answer, Evidence, Fold, Violation};

/// The positions at which each reply was stored, by conversation and id.
pub fn stored(evidence: &Evidence) -> BTreeMap<(&str, &str), Vec<u64>> {
    positions(evidence, "reply_queued", |stream, fact| Some((stream, fact["message"].as_str()?)))
}

pub fn judge(evidence: &Evidence, fold: &Fold) -> Vec<Violation> {
    let mut violations = vec![];
    let mut break_ = |broken, what: String| violations.push(Violation::new(broken, what));
    let stored = stored(evidence);
    for reply in &evidence.replies {
        let (id, at) = (&reply.id, stored.get(&(reply.conversation.as_str(), reply.id.as_str())));
        let at = at.map(Vec::as_slice).unwrap_or_default();
        match (reply.call.answer, at) {
            (Answer::Acknowledged { .. }, []) => {
                break_(Lost, format!("the reply {id} was acknowledged and is nowhere"))
            }
            (Answer::Acknowledged { position: Some(told), .. }, [at]) if told != *at => {
                break_(Disagreement, format!("the reply {id} was acknowledged at {told} and is stored at {at}"));
            }
            (Answer::Refused, [at]) => break_(Invented, format!("the reply {id} was refused and is stored at {at}")),
            (_, [] | [_]) => {}
            (_, more) => break_(Doubled, format!("the reply {id} is stored at {more:?}")),
        }
    }
    let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
    evidence.accepted.iter().for_each(|one| *accepted.entry(one).or_default() += 1);
    for (conversation, reply) in stored.into_keys() {
        let times = accepted.remove(format!("{conversation}.{reply}").as_str()).unwrap_or(0);
        let found = fold.conversations.get(conversation);
        let sending = found.and_then(|one| one.sending.get(reply)).copied().unwrap_or_default();
        let waits = found.is_some_and(|one| one.waits_behind_unknown(reply));
        match (times, sending) {
            (0, Sending { accepted: true, .. }) => {
                break_(Unsettled, format!("the reply {reply} is told as sent, and the provider never had it"));
            }
            (0, Sending { failed, indeterminate, .. }) if failed || indeterminate || waits => {}
            (0, _) => break_(Unsettled, format!("the reply {reply} was not sent, and nothing says so")),
            (1, Sending { accepted, indeterminate, .. }) if accepted || indeterminate => {}
            (1, _) => break_(Unsettled, format!("the reply {reply} was sent, and nothing says so")),
            _ => break_(SentTwice, format!("the provider was given the reply {reply} {times} times")),
        }
    }
    for one in accepted.into_keys() {
        break_(Invented, format!("the provider was given {one}, which is not in the log"));
    }
    violations
}
