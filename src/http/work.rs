//! Who works on what: pulling, moving, assigning, taking over and up again, how urgent it is, and why it went where it
//! went.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{get, post};
use gatehouse_domain::{AgentId, ConversationId, InboxId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::asking::{Asking, IdempotencyKey};
use crate::agent_commands::{self, Got, Reasons};
use crate::app::App;
use crate::journal::Receipt;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(pull_oldest)
        .service(pull)
        .service(move_to_inbox)
        .service(assign)
        .service(take_over)
        .service(retake)
        .service(set_priority)
        .service(why);
}

#[derive(Deserialize, ToSchema)]
pub struct PullOldest {
    /// Only from this one of one's inboxes.
    inbox: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
pub struct MoveToInbox {
    inbox: Uuid,
}

#[derive(Deserialize, ToSchema)]
pub struct AssignTo {
    /// The agent.
    to: Uuid,
}

#[derive(Deserialize, ToSchema)]
pub struct SetPriority {
    /// Higher comes first; 0 is where everything begins.
    priority: u8,
}

/// Takes the one that waits longest in one's inboxes.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = PullOldest,
    params(IdempotencyKey),
    responses((status = 200, body = Got), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/pull")]
async fn pull_oldest(app: Data<App>, asking: Asking, input: Json<PullOldest>) -> Result<Json<Got>, Problem> {
    Ok(Json(agent_commands::pull_oldest(&app, asking.asker(), input.inbox.map(InboxId)).await?))
}

/// Takes this one, if it waits in one of one's inboxes. One that is taken tells by whom.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/pull")]
async fn pull(app: Data<App>, asking: Asking, path: Path<Uuid>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::pull(&app, asking.asker(), ConversationId(*path)).await?))
}

/// Moves it to another inbox, where it waits at its age: its owner, or a supervisor whoever has it.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = MoveToInbox,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/conversations/{id}/move")]
async fn move_to_inbox(
    app: Data<App>,
    asking: Asking,
    path: Path<Uuid>,
    input: Json<MoveToInbox>,
) -> Result<Json<Receipt>, Problem> {
    let inbox = InboxId(input.inbox);
    Ok(Json(agent_commands::move_to_inbox(&app, asking.asker(), ConversationId(*path), inbox).await?))
}

/// Gives it to an agent, whoever has it. For supervisors.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = AssignTo,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
#[post("/conversations/{id}/assign")]
async fn assign(
    app: Data<App>,
    asking: Asking,
    path: Path<Uuid>,
    input: Json<AssignTo>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::assign(&app, asking.asker(), ConversationId(*path), AgentId(input.to)).await?))
}

/// Takes it, whoever has it. For supervisors who are agents.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/take_over")]
async fn take_over(app: Data<App>, asking: Asking, path: Path<Uuid>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::take_over(&app, asking.asker(), ConversationId(*path)).await?))
}

/// Takes an ended interaction up again, as a new one.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/retake")]
async fn retake(app: Data<App>, asking: Asking, path: Path<Uuid>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::retake(&app, asking.asker(), ConversationId(*path)).await?))
}

/// Says how urgent it is: its owner, or a supervisor. Higher comes first where it waits.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = SetPriority,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/conversations/{id}/priority")]
async fn set_priority(
    app: Data<App>,
    asking: Asking,
    path: Path<Uuid>,
    input: Json<SetPriority>,
) -> Result<Json<Receipt>, Problem> {
    let priority = input.priority;
    Ok(Json(agent_commands::set_priority(&app, asking.asker(), ConversationId(*path), priority).await?))
}

/// Tells why it waits, and why it was offered, given or handed to whom it was.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    responses((status = 200, body = Reasons), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[get("/conversations/{id}/why")]
async fn why(app: Data<App>, signed_in: SignedIn, path: Path<Uuid>) -> Result<Json<Reasons>, Problem> {
    Ok(Json(agent_commands::why(&app, &signed_in.actor, ConversationId(*path)).await?))
}
