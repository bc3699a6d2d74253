//! The supervisors' boards. Browsers are told changes over `/ws`; this is for scripts.

use actix_web::get;
use actix_web::web::{Data, Json, Query, ServiceConfig};
use gatehouse_projections::board::Lens;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::SignedIn;
use crate::agent_commands::{self, Behind, BoardNow};
use crate::app::App;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(behind);
}

#[derive(Deserialize, IntoParams)]
struct BoardQuery {
    /// Whose board; everything where nothing is said.
    inbox: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
struct BehindQuery {
    inbox: Option<Uuid>,
    /// Which number.
    lens: Lens,
    /// Only what this agent has.
    agent: Option<Uuid>,
}

/// Shows a board as it stands. For supervisors.
#[utoipa::path(tag = "boards", context_path = "/api/v1", params(BoardQuery),
    responses((status = 200, body = BoardNow), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/board")]
async fn show(app: Data<App>, signed_in: SignedIn, query: Query<BoardQuery>) -> Result<Json<BoardNow>, Problem> {
    Ok(Json(agent_commands::board(&app, &signed_in.actor, query.inbox).await?))
}

/// Lists the interactions behind a number of a board, those that wait longest first. For supervisors.
#[utoipa::path(tag = "boards", context_path = "/api/v1", params(BehindQuery),
    responses((status = 200, body = Behind), (status = 403, body = Problem)))]
#[get("/board/interactions")]
async fn behind(app: Data<App>, signed_in: SignedIn, query: Query<BehindQuery>) -> Result<Json<Behind>, Problem> {
    let BehindQuery { inbox, lens, agent } = query.into_inner();
    Ok(Json(agent_commands::behind(&app, &signed_in.actor, inbox, lens, agent).await?))
}
