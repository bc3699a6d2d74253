//! End reasons: the list an interaction's end is chosen from.

use actix_web::get;
use actix_web::web::{Data, Json, ServiceConfig};
use gatehouse_projections::desk::{Change, Named};
use serde::Serialize;
use utoipa::ToSchema;

use super::SignedIn;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

#[derive(Serialize, ToSchema)]
pub struct EndReasons {
    items: Vec<Named>,
}

/// Lists the reasons that may be chosen now.
#[utoipa::path(tag = "end reasons", context_path = "/api/v1", responses((status = 200, body = EndReasons)))]
#[get("/end-reasons")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<EndReasons>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let items = match app.desks.read().setup_change() {
        Change::Setup { end_reasons, .. } => end_reasons,
        _ => vec![],
    };
    Ok(Json(EndReasons { items }))
}
