//! The supervisors' boards, read.

use gatehouse_domain::{AgentId, InboxId};
use gatehouse_projections::board::{BoardView, Lens};
use gatehouse_projections::desk::Summary;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::followers::boards::Watched;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Interactions told at a time: those that wait longest.
const BEHIND_MAX: usize = 200;

/// A board as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardNow {
    /// Everything up to here is counted.
    pub position: u64,
    pub board: BoardView,
}

/// The interactions behind a number, those that wait longest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Behind {
    /// How many there are.
    pub count: usize,
    /// Up to 200 of them.
    pub items: Vec<Summary>,
}

/// A board, for whoever may watch boards.
pub async fn board(app: &App, actor: &Actor, inbox: Option<Uuid>) -> Result<BoardNow, Problem> {
    must(app, actor)?;
    app.boards.at_least(app.journal.head()).await;
    let (position, board) = app.boards.view(inbox.map(InboxId)).ok_or_else(|| Problem::not_found("inbox"))?;
    Ok(BoardNow { position, board })
}

/// A board and its changes, for whoever may watch boards.
pub async fn watch_board(app: &App, actor: &Actor, inbox: Option<Uuid>) -> Result<Watched, Problem> {
    must(app, actor)?;
    app.boards.at_least(app.journal.head()).await;
    app.boards.subscribe(inbox.map(InboxId)).ok_or_else(|| Problem::not_found("inbox"))
}

/// What is behind a number of a board.
pub async fn behind(
    app: &App,
    actor: &Actor,
    inbox: Option<Uuid>,
    lens: Lens,
    agent: Option<Uuid>,
) -> Result<Behind, Problem> {
    must(app, actor)?;
    let head = app.journal.head();
    app.boards.at_least(head).await;
    app.desks.at_least(head).await;
    let found = app.boards.behind(inbox.map(InboxId), lens, agent.map(AgentId));
    let desk = app.desks.read();
    let items = found.iter().take(BEHIND_MAX).filter_map(|id| desk.conversation(*id));
    Ok(Behind { count: found.len(), items: items.map(|(_, summary)| summary).collect() })
}

fn must(app: &App, actor: &Actor) -> Result<(), Problem> {
    if may(actor, Action::WatchBoards, &app.desks.read().setup) { Ok(()) } else { Err(Problem::forbidden()) }
}
