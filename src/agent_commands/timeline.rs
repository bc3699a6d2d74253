//! A conversation, read.

use std::sync::Arc;

use gatehouse_domain::{ConversationId, Fact, Kind, Recorded, StreamId};
use gatehouse_projections::timeline::{self, Entry};
use serde::Serialize;
use utoipa::ToSchema;

use super::authorise;
use crate::app::App;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Timeline entries told at a time: the newest.
const ENTRIES_MAX: usize = 500;

/// A conversation, told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub entries: Vec<Entry>,
    /// The sequence of its newest event: later entries come as notices.
    pub version: u64,
}

/// The timeline, for whoever may read the conversation.
pub async fn timeline(app: &Arc<App>, actor: &Actor, conversation: ConversationId) -> Result<Timeline, Problem> {
    authorise(app, conversation, |audience, setup| may(actor, Action::Read(audience), setup))?;
    let history = app.journal.stream(StreamId { kind: Kind::Conversation, id: conversation.0 }, 0).await?;
    let version = history.last().map_or(0, |recorded| recorded.sequence);
    let desk = app.desks.read();
    let entry = |recorded: &Recorded| match &recorded.fact {
        Fact::Conversation(event) => timeline::entry(recorded, event, &desk.setup),
        _ => None,
    };
    let mut entries: Vec<Entry> = history.iter().filter_map(entry).collect();
    entries.drain(..entries.len().saturating_sub(ENTRIES_MAX));
    Ok(Timeline { entries, version })
}
