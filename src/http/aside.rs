//! What was signed but could not be used.

use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::SignedIn;
use crate::app::App;
use crate::ingest::{self, Redriven};
use crate::policy::Action;
use crate::problem::Problem;
use crate::set_aside::{Aside, Item};

/// Items listed at a time.
const LISTED_MAX: u32 = 200;

pub fn routes(config: &mut ServiceConfig) {
    config.service(quarantine).service(unrouted).service(redrive_quarantine).service(redrive_unrouted);
}

#[derive(Serialize, ToSchema)]
pub struct SetAside {
    /// The newest first, 200 at most.
    items: Vec<Item>,
}

/// Lists what was signed but not understood, whole.
#[utoipa::path(tag = "set aside", context_path = "/api/v1",
    responses((status = 200, body = SetAside), (status = 403, body = Problem)))]
#[get("/quarantine")]
async fn quarantine(app: Data<App>, signed_in: SignedIn) -> Result<Json<SetAside>, Problem> {
    items(&app, &signed_in, Aside::Quarantine).await
}

/// Lists what was understood but belongs to no open gateway, with the reason.
#[utoipa::path(tag = "set aside", context_path = "/api/v1",
    responses((status = 200, body = SetAside), (status = 403, body = Problem)))]
#[get("/unrouted")]
async fn unrouted(app: Data<App>, signed_in: SignedIn) -> Result<Json<SetAside>, Problem> {
    items(&app, &signed_in, Aside::Unrouted).await
}

async fn items(app: &App, signed_in: &SignedIn, kind: Aside) -> Result<Json<SetAside>, Problem> {
    signed_in.must(app, Action::ReadSetAside)?;
    Ok(Json(SetAside { items: app.set_aside.list(kind, LISTED_MAX).await? }))
}

/// Tries everything in quarantine again, as after an upgrade that understands more.
#[utoipa::path(tag = "set aside", context_path = "/api/v1",
    responses((status = 200, body = Redriven), (status = 403, body = Problem)))]
#[post("/quarantine/redrive")]
async fn redrive_quarantine(app: Data<App>, signed_in: SignedIn) -> Result<Json<Redriven>, Problem> {
    redriven(app, &signed_in, Aside::Quarantine).await
}

/// Tries everything unrouted again, as after its gateway was added or connected.
#[utoipa::path(tag = "set aside", context_path = "/api/v1",
    responses((status = 200, body = Redriven), (status = 403, body = Problem)))]
#[post("/unrouted/redrive")]
async fn redrive_unrouted(app: Data<App>, signed_in: SignedIn) -> Result<Json<Redriven>, Problem> {
    redriven(app, &signed_in, Aside::Unrouted).await
}

async fn redriven(app: Data<App>, signed_in: &SignedIn, kind: Aside) -> Result<Json<Redriven>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    ingest::redrive(&app, kind).await.map(Json).map_err(|ingest::NotNow| Problem::unavailable())
}
