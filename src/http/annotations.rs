//! Notes among colleagues, and tags.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{delete, post};
use gatehouse_domain::ConversationId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::asking::{Asking, IdempotencyKey};
use crate::agent_commands;
use crate::app::App;
use crate::journal::Receipt;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(add_note).service(tag).service(untag);
}

#[derive(Deserialize, ToSchema)]
pub struct AddNote {
    /// Up to 2,000 characters. The customer never sees it.
    text: String,
}

#[derive(Deserialize, ToSchema)]
pub struct AddTag {
    /// Up to 50 characters on one line, kept as they are typed; `VIP` and `vip` are the same tag.
    tag: String,
}

/// Leaves a note for colleagues, also after the end: whoever may read the conversation.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = AddNote,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/conversations/{id}/notes")]
async fn add_note(
    app: Data<App>,
    asking: Asking,
    id: Path<Uuid>,
    input: Json<AddNote>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::add_note(&app, asking.asker(), ConversationId(*id), &input.text).await?))
}

/// Puts a tag on the open interaction, up to 20 of them: whoever may read the conversation.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = AddTag,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/conversations/{id}/tags")]
async fn tag(app: Data<App>, asking: Asking, id: Path<Uuid>, input: Json<AddTag>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::tag(&app, asking.asker(), ConversationId(*id), &input.tag).await?))
}

/// Takes a tag off the open interaction.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[delete("/conversations/{id}/tags/{tag}")]
async fn untag(app: Data<App>, asking: Asking, path: Path<(Uuid, String)>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::untag(&app, asking.asker(), ConversationId(path.0), &path.1).await?))
}
