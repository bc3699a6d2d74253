//! What was signed but could not be used.

use actix_web::get;
use actix_web::web::{Data, Json, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use super::SignedIn;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;
use crate::set_aside::{Aside, Item};

pub fn routes(config: &mut ServiceConfig) {
    config.service(quarantine).service(unrouted);
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
    Ok(Json(SetAside { items: app.set_aside.list(kind).await? }))
}
