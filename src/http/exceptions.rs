//! Exceptions: an entry point that leads to another inbox than its channel's primary one.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{delete, put};
use gatehouse_domain::gateway::{Command, Exception};
use gatehouse_domain::{GatewayId, InboxId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::gateways::{Gateway, change};
use super::input::Fields;
use super::minutes::Minutes;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(set).service(clear);
}

#[derive(Deserialize, ToSchema)]
pub struct SetException {
    inbox: Uuid,
    /// Promised first response, in minutes, fractions allowed; blank: the inbox's.
    sla_minutes: Option<Minutes>,
}

/// Lets its customers wait in another inbox, from their next interaction on. A gateway has one exception at most: the
/// newest.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", request_body = SetException,
    responses((status = 200, body = Gateway), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/gateways/{id}/exception")]
async fn set(
    app: Data<App>,
    signed_in: SignedIn,
    id: Path<Uuid>,
    input: Json<SetException>,
) -> Result<Json<Gateway>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let SetException { inbox, sla_minutes } = input.into_inner();
    let inbox = InboxId(inbox);
    let mut fields = Fields::default();
    let known = app.desks.read().setup.inboxes.contains_key(&inbox);
    fields.check(known, "inbox", "is not one of the inboxes");
    let sla_ms = Minutes::read(sla_minutes, &mut fields, "sla_minutes");
    fields.done()?;
    change(app, signed_in, GatewayId(*id), Command::SetException { exception: Exception { inbox, sla_ms } }).await
}

/// Lets its customers wait in the channel's primary inbox again, from their next interaction on.
#[utoipa::path(tag = "gateways", context_path = "/api/v1",
    responses((status = 200, body = Gateway), (status = 404, body = Problem)))]
#[delete("/gateways/{id}/exception")]
async fn clear(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Gateway>, Problem> {
    change(app, signed_in, GatewayId(*id), Command::ClearException).await
}
