//! Raises an alarm when a follower stands still although there is something for it to take in.
//!
//! A follower that has died, or that fails again and again, says so once at most; this goes on saying it, in a metric.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::journal::Journal;
use crate::telemetry;

const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Looks in a row at which a follower has not moved: longer than the slowest batch takes.
const LOOKS_MAX: u32 = 3;

/// Watches followers for as long as the process runs.
pub async fn start(journal: Arc<Journal>, followers: Vec<(&'static str, watch::Receiver<u64>)>) {
    let mut watched: Vec<_> = followers.into_iter().map(|(name, at)| (name, at, Watched::default())).collect();
    loop {
        let head = journal.head();
        for (name, at, watched) in &mut watched {
            let position = *at.borrow();
            match watched.look(position, head) {
                Some(true) => {
                    tracing::error!(follower = name, position, head, "a follower stands still");
                    telemetry::follower_stuck(name, true);
                }
                Some(false) => {
                    tracing::info!(follower = name, position, "a follower moves again");
                    telemetry::follower_stuck(name, false);
                }
                None => {}
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What was seen of one follower.
#[derive(Default)]
struct Watched {
    position: u64,
    still: u32,
}

impl Watched {
    /// Looks once more: whether it stands still, where that is new.
    fn look(&mut self, position: u64, head: u64) -> Option<bool> {
        let was_stuck = self.still >= LOOKS_MAX;
        let moves = position != self.position || position >= head;
        self.still = if moves { 0 } else { (self.still + 1).min(LOOKS_MAX) };
        self.position = position;
        let is_stuck = self.still >= LOOKS_MAX;
        (is_stuck != was_stuck).then_some(is_stuck)
    }
}

#[cfg(test)]
mod tests {
    use super::Watched;

    #[test]
    fn a_follower_that_does_not_move_while_there_is_something_raises_one_alarm() {
        let mut watched = Watched::default();
        let seen = [(5, 5), (5, 6), (5, 7), (5, 9), (5, 9), (6, 9), (6, 9)].map(|(at, head)| watched.look(at, head));
        assert_eq!(seen, [None, None, None, Some(true), None, Some(false), None]);
    }

    #[test]
    fn one_that_has_nothing_to_take_in_or_comes_on_slowly_raises_none() {
        let mut watched = Watched::default();
        assert!((0..9).all(|_| watched.look(7, 7).is_none()));
        assert!((8..20).all(|at| watched.look(at, 1_000).is_none()));
    }
}
