//! The history: what was said and done, found again.

use std::time::Duration;

use actix_web::get;
use actix_web::web::{Data, Json, Query, ServiceConfig};
use gatehouse_projections::history::History;
use gatehouse_projections::table::{Group, Projection};

use super::{Fields, SignedIn};
use crate::app::App;
use crate::history::{Asked, HistoryQuery, Page, find};
use crate::policy::reach;
use crate::problem::Problem;

/// How long whoever looks for what they just wrote waits.
const WITHIN: Duration = Duration::from_secs(5);

pub fn routes(config: &mut ServiceConfig) {
    config.service(search);
}

/// Finds interactions, the newest first. Where words are looked for, every message that has them is found, those said last
/// first, with the words marked. Agents find what is in the inboxes they serve, and what they had.
#[utoipa::path(tag = "history", context_path = "/api/v1", params(HistoryQuery),
    responses((status = 200, body = Page), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[get("/history")]
async fn search(app: Data<App>, signed_in: SignedIn, query: Query<HistoryQuery>) -> Result<Json<Page>, Problem> {
    let (reach, asked) = {
        let desk = app.desks.read();
        let reach = reach(&signed_in.actor, &desk.setup).ok_or_else(Problem::forbidden)?;
        (reach, Asked::parse(&query, &desk.setup)?)
    };
    if let Some(position) = query.at_least {
        written(&app, position).await?;
    }
    let found = find(app.tables.read(Group::Work), &asked, &reach).await?;
    Ok(Json(Page::of(found, &asked, &app.desks.read().setup)?))
}

/// Waits until everything up to a position is in the tables.
pub async fn written(app: &App, position: u64) -> Result<(), Problem> {
    let mut fields = Fields::default();
    fields.check(position <= app.journal.head(), "at_least", "is beyond the end of the log");
    fields.done()?;
    if app.tables.at_least(History::NAME, position, WITHIN).await { Ok(()) } else { Err(Problem::unavailable()) }
}
