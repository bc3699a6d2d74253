//! Transfers to a colleague.

use actix_web::post;
use actix_web::web::{Data, Json, Path, ServiceConfig};
use gatehouse_domain::{AgentId, ConversationId, TransferId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::asking::{Asking, IdempotencyKey};
use crate::agent_commands::{self, Handed};
use crate::app::App;
use crate::journal::Receipt;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(request).service(accept_transfer).service(decline_transfer).service(withdraw_transfer);
}

#[derive(Deserialize, ToSchema)]
pub struct RequestTransfer {
    /// The colleague.
    to: Uuid,
    /// What they should know; up to 2,000 characters.
    #[serde(default)]
    note: String,
}

/// Asks a colleague to take it over. The owner keeps it until they accept; they have the inbox's `transfer_timeout_s`.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = RequestTransfer,
    params(IdempotencyKey),
    responses((status = 200, body = Handed), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/conversations/{id}/transfers")]
async fn request(
    app: Data<App>,
    asking: Asking,
    path: Path<Uuid>,
    input: Json<RequestTransfer>,
) -> Result<Json<Handed>, Problem> {
    let RequestTransfer { to, note } = input.into_inner();
    Ok(Json(agent_commands::request_transfer(&app, asking.asker(), ConversationId(*path), AgentId(to), note).await?))
}

/// Takes what a colleague hands over. One that is gone tells who has it now.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/transfers/{transfer}/accept")]
async fn accept_transfer(app: Data<App>, asking: Asking, path: Path<(Uuid, Uuid)>) -> Result<Json<Receipt>, Problem> {
    let (conversation, transfer) = (ConversationId(path.0), TransferId(path.1));
    Ok(Json(agent_commands::accept_transfer(&app, asking.asker(), conversation, transfer).await?))
}

/// Leaves it with the colleague; or with the inbox, where they are away.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/transfers/{transfer}/decline")]
async fn decline_transfer(app: Data<App>, asking: Asking, path: Path<(Uuid, Uuid)>) -> Result<Json<Receipt>, Problem> {
    let (conversation, transfer) = (ConversationId(path.0), TransferId(path.1));
    Ok(Json(agent_commands::decline_transfer(&app, asking.asker(), conversation, transfer).await?))
}

/// Takes a transfer back.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/transfers/{transfer}/withdraw")]
async fn withdraw_transfer(app: Data<App>, asking: Asking, path: Path<(Uuid, Uuid)>) -> Result<Json<Receipt>, Problem> {
    let (conversation, transfer) = (ConversationId(path.0), TransferId(path.1));
    Ok(Json(agent_commands::withdraw_transfer(&app, asking.asker(), conversation, transfer).await?))
}
