//! Whether anything is handed to providers: an administrator may stop it, and let it go on.

use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{get, post};

use super::SignedIn;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;
use crate::sending::SendingState;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(pause).service(resume);
}

/// Tells whether sending is paused, and why.
#[utoipa::path(tag = "sending", context_path = "/api/v1",
    responses((status = 200, body = SendingState), (status = 403, body = Problem)))]
#[get("/sending")]
async fn show(app: Data<App>, signed_in: SignedIn) -> Result<Json<SendingState>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    Ok(Json(app.sending.state().await?))
}

/// Hands nothing to providers from now on; replies wait.
#[utoipa::path(tag = "sending", context_path = "/api/v1",
    responses((status = 200, body = SendingState), (status = 403, body = Problem)))]
#[post("/sending/pause")]
async fn pause(app: Data<App>, signed_in: SignedIn) -> Result<Json<SendingState>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    app.sending.pause("an administrator paused it".to_owned(), app.clock.now()).await?;
    Ok(Json(app.sending.state().await?))
}

/// Sends what waits, and whatever comes.
#[utoipa::path(tag = "sending", context_path = "/api/v1",
    responses((status = 200, body = SendingState), (status = 403, body = Problem)))]
#[post("/sending/resume")]
async fn resume(app: Data<App>, signed_in: SignedIn) -> Result<Json<SendingState>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    app.sending.resume(app.clock.now()).await?;
    Ok(Json(app.sending.state().await?))
}
