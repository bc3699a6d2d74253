//! Order: whatever was asked after something else had been acknowledged stands after it in the log.

use super::Broken::Disordered;
use super::messages::{ids_of, received};
use super::replies::stored;
use super::{Answer, Call, Evidence, Violation};

pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let placed = placed(evidence);
    let mut acknowledged: Vec<(u64, u64, &str)> = vec![];
    for (call, position, what) in &placed {
        if let Answer::Acknowledged { at, .. } = call.answer {
            acknowledged.push((at, *position, what));
        }
    }
    acknowledged.sort_unstable();
    let mut placed = placed;
    placed.sort_unstable_by_key(|(call, ..)| call.invoked);
    // The furthest place of anything acknowledged before the moment we are at.
    let mut furthest: Option<(u64, &str)> = None;
    let mut earlier = acknowledged.iter().peekable();
    let mut violations = vec![];
    for (call, position, what) in &placed {
        while let Some((_, at, other)) = earlier.next_if(|(moment, ..)| *moment < call.invoked) {
            furthest = furthest.max(Some((*at, other)));
        }
        if let Some((at, other)) = furthest.filter(|(at, _)| at > position) {
            let what = format!("{what} stands at {position}, and {other} at {at} was acknowledged before it was sent");
            violations.push(Violation::new(Disordered, what));
        }
    }
    violations
}

/// Every call that came to stand in the log, and where first.
fn placed(evidence: &Evidence) -> Vec<(Call, u64, &str)> {
    let (ids, received, stored) = (ids_of(evidence), received(evidence), stored(evidence));
    let first = |positions: Option<&Vec<u64>>| positions.and_then(|all| all.first().copied());
    let messages = evidence.messages.iter().filter_map(|message| {
        let ids = ids.get(message.words.as_str())?;
        let at = ids.iter().filter_map(|id| first(received.get(id))).min()?;
        Some((message.call, at, message.words.as_str()))
    });
    let replies = evidence.replies.iter().filter_map(|reply| {
        let at = first(stored.get(&(reply.conversation.as_str(), reply.id.as_str())))?;
        Some((reply.call, at, reply.id.as_str()))
    });
    messages.chain(replies).collect()
}
