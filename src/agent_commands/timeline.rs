//! A conversation, read.

use std::sync::Arc;

use gatehouse_domain::{ConversationId, Fact, Kind, Recorded, StreamId};
use gatehouse_projections::timeline::{self, Entry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::authorise;
use crate::app::App;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Timeline entries told at a time.
const ENTRIES_MAX: usize = 500;

/// Which part of a conversation; its newest end where nothing is said.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct TimelinePage {
    /// `next` of the page before: only entries with a smaller sequence.
    before: Option<u64>,
    /// Up to 500, and so many where nothing is said.
    limit: Option<usize>,
}

/// A conversation, told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub entries: Vec<Entry>,
    /// The sequence of its newest event: later entries come as notices.
    pub version: u64,
    /// Ask with it as `before` for the entries before these; none where the conversation begins.
    #[schema(required)]
    pub next: Option<u64>,
}

/// The timeline, for whoever may read the conversation.
pub async fn timeline(
    app: &Arc<App>,
    actor: &Actor,
    conversation: ConversationId,
    page: TimelinePage,
) -> Result<Timeline, Problem> {
    authorise(app, conversation, |audience, setup| may(actor, Action::Read(audience), setup))?;
    let history = app.journal.stream(StreamId { kind: Kind::Conversation, id: conversation.0 }, 0).await?;
    let desk = app.desks.read();
    let entry = |recorded: &Recorded| match &recorded.fact {
        Fact::Conversation(event) => timeline::entry(recorded, event, &desk.setup),
        _ => None,
    };
    let version = history.last().map_or(0, |recorded| recorded.sequence);
    let (entries, next) = page.of(history.iter().rev().filter_map(entry));
    Ok(Timeline { entries, version, next })
}

impl TimelinePage {
    /// Its entries, in order, of all from the newest on; and where the next page begins.
    fn of(self, newest_first: impl Iterator<Item = Entry>) -> (Vec<Entry>, Option<u64>) {
        let limit = self.limit.unwrap_or(ENTRIES_MAX).clamp(1, ENTRIES_MAX);
        let mut older = newest_first.skip_while(|entry| self.before.is_some_and(|before| entry.sequence >= before));
        let mut entries: Vec<Entry> = older.by_ref().take(limit).collect();
        entries.reverse();
        let next = entries.first().map(|first| first.sequence).filter(|_| older.next().is_some());
        (entries, next)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use gatehouse_projections::timeline::Line;

    use super::*;

    fn page(before: Option<u64>, limit: usize, sequences: &[u64]) -> (Vec<u64>, Option<u64>) {
        let entry = |sequence: &u64| {
            let line = Line::Moment { interaction: None, what: "queued", agent: None, reason: None, message: None };
            Entry { sequence: *sequence, at: DateTime::UNIX_EPOCH, line }
        };
        let page = TimelinePage { before, limit: Some(limit) };
        let (entries, next) = page.of(sequences.iter().rev().map(entry));
        (entries.iter().map(|entry| entry.sequence).collect(), next)
    }

    #[test]
    fn pages_go_back_in_order_and_tell_where_the_beginning_is() {
        // Not every event is a line, so sequences have gaps.
        let told = [1, 2, 5, 7, 8];
        assert_eq!(page(None, 2, &told), (vec![7, 8], Some(7)));
        assert_eq!(page(Some(7), 2, &told), (vec![2, 5], Some(2)));
        assert_eq!(page(Some(2), 2, &told), (vec![1], None));
        assert_eq!(page(Some(6), 3, &told), (vec![1, 2, 5], None), "exactly full, and nothing before it");
        assert_eq!(page(Some(1), 2, &told), (vec![], None));
        assert_eq!(page(None, 0, &told), (vec![8], Some(8)), "one at least");
        let many: Vec<u64> = (1..=501).collect();
        let (entries, next) = page(None, usize::MAX, &many);
        assert_eq!((entries.len(), next), (ENTRIES_MAX, Some(2)), "so many at most");
    }
}
