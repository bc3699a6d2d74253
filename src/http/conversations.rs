//! Conversations: lists, timelines, and what agents do with them.

use actix_web::web::{Data, Json, Path, Query, ServiceConfig};
use actix_web::{get, post};
use gatehouse_domain::{AgentId, ConversationId, EndReasonId, MessageId, OfferId};
use gatehouse_projections::desk::{OwnerView, Summary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::SignedIn;
use super::asking::{Asking, IdempotencyKey};
use crate::agent_commands::{self, Resolve, Timeline, TimelinePage};
use crate::app::App;
use crate::clock::fresh_id;
use crate::journal::Receipt;
use crate::policy::{Action, may};
use crate::problem::Problem;

const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: usize = 200;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(show)
        .service(timeline)
        .service(accept)
        .service(decline)
        .service(reply)
        .service(end)
        .service(resolve);
}

/// Where a conversation is: open is anywhere but ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateFilter {
    #[default]
    Open,
    Queue,
    Offered,
    Agent,
    Flow,
    Ended,
}

impl StateFilter {
    fn has(self, owner: &OwnerView) -> bool {
        match self {
            Self::Open => !matches!(owner, OwnerView::Nobody { .. }),
            Self::Queue => matches!(owner, OwnerView::Queue { .. }),
            Self::Offered => matches!(owner, OwnerView::Offered { .. }),
            Self::Agent => matches!(owner, OwnerView::Agent { .. }),
            Self::Flow => matches!(owner, OwnerView::Flow { .. }),
            Self::Ended => matches!(owner, OwnerView::Nobody { .. }),
        }
    }
}

#[derive(Deserialize, IntoParams)]
struct ListQuery {
    #[serde(default)]
    state: StateFilter,
    /// Only those in this inbox.
    inbox: Option<Uuid>,
    /// Only those this agent is offered, has, is asked to take over, or had last.
    agent: Option<Uuid>,
    /// Up to 200; 50 where nothing is said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct Conversations {
    items: Vec<Summary>,
    /// Ask with it as `cursor` for the next page; none on the last.
    next: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
pub struct Decline {
    reason: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct Reply {
    /// The message's id, chosen by the client so that sending again is the same message.
    message: Option<Uuid>,
    text: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ResolveReply {
    resolution: Resolve,
}

#[derive(Deserialize, ToSchema)]
pub struct End {
    /// One of the end reasons.
    reason: Option<Uuid>,
}

/// Lists conversations one may see, in order of their id.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", params(ListQuery),
    responses((status = 200, body = Conversations)))]
#[get("/conversations")]
async fn list(app: Data<App>, signed_in: SignedIn, query: Query<ListQuery>) -> Result<Json<Conversations>, Problem> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let desk = app.desks.read();
    let mut items: Vec<Summary> = desk
        .conversations(query.cursor.map(ConversationId))
        .filter(|(audience, _)| may(&signed_in.actor, Action::Read(audience), &desk.setup))
        .filter(|(audience, _)| query.agent.is_none_or(|agent| audience.has(AgentId(agent))))
        .map(|(_, summary)| summary)
        .filter(|summary| query.state.has(&summary.owner))
        .filter(|summary| query.inbox.is_none_or(|inbox| summary.inbox == inbox))
        .take(limit + 1)
        .collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| last.conversation);
    Ok(Json(Conversations { items, next }))
}

/// Shows how one conversation stands.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    responses((status = 200, body = Summary), (status = 404, body = Problem)))]
#[get("/conversations/{id}")]
async fn show(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Summary>, Problem> {
    let desk = app.desks.read();
    match desk.conversation(ConversationId(*id)) {
        Some((audience, summary)) if may(&signed_in.actor, Action::Read(&audience), &desk.setup) => Ok(Json(summary)),
        _ => Err(Problem::not_found("conversation")),
    }
}

/// Tells a conversation, in pages from its newest end back, the lines of each in order.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", params(TimelinePage),
    responses((status = 200, body = Timeline), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[get("/conversations/{id}/timeline")]
async fn timeline(
    app: Data<App>,
    signed_in: SignedIn,
    id: Path<Uuid>,
    page: Query<TimelinePage>,
) -> Result<Json<Timeline>, Problem> {
    Ok(Json(agent_commands::timeline(&app, &signed_in.actor, ConversationId(*id), *page).await?))
}

/// Accepts an offer. Of several who try, one wins; the others are told who.
#[utoipa::path(tag = "conversations", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 409, body = Problem)))]
#[post("/conversations/{id}/offers/{offer}/accept")]
async fn accept(app: Data<App>, asking: Asking, path: Path<(Uuid, Uuid)>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::accept_offer(&app, asking.asker(), ConversationId(path.0), OfferId(path.1)).await?))
}

/// Declines an offer; the interaction waits on at its original age.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = Decline,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 409, body = Problem)))]
#[post("/conversations/{id}/offers/{offer}/decline")]
async fn decline(
    app: Data<App>,
    asking: Asking,
    path: Path<(Uuid, Uuid)>,
    input: Json<Decline>,
) -> Result<Json<Receipt>, Problem> {
    let (conversation, offer, reason) = (ConversationId(path.0), OfferId(path.1), input.into_inner().reason);
    Ok(Json(agent_commands::decline_offer(&app, asking.asker(), conversation, offer, reason).await?))
}

/// Replies to the customer.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = Reply,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/conversations/{id}/replies")]
async fn reply(app: Data<App>, asking: Asking, id: Path<Uuid>, input: Json<Reply>) -> Result<Json<Receipt>, Problem> {
    let Reply { message, text } = input.into_inner();
    let message = MessageId(message.unwrap_or_else(fresh_id));
    Ok(Json(agent_commands::reply(&app, asking.asker(), ConversationId(*id), message, text).await?))
}

/// Decides about a reply of which nobody knows whether it was sent: send it again, or never.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = ResolveReply,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/conversations/{id}/replies/{message}/resolve")]
async fn resolve(
    app: Data<App>,
    asking: Asking,
    path: Path<(Uuid, Uuid)>,
    input: Json<ResolveReply>,
) -> Result<Json<Receipt>, Problem> {
    let (conversation, message) = (ConversationId(path.0), MessageId(path.1));
    Ok(Json(agent_commands::resolve(&app, asking.asker(), conversation, message, input.resolution).await?))
}

/// Ends the open interaction, with a reason.
#[utoipa::path(tag = "conversations", context_path = "/api/v1", request_body = End,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/conversations/{id}/end")]
async fn end(app: Data<App>, asking: Asking, id: Path<Uuid>, input: Json<End>) -> Result<Json<Receipt>, Problem> {
    let reason = input.into_inner().reason.map(EndReasonId);
    Ok(Json(agent_commands::end(&app, asking.asker(), ConversationId(*id), reason).await?))
}
