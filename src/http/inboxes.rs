//! Inboxes and who serves them.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post, put};
use gatehouse_domain::inbox::{Command, Mode, Routing, Strategy};
use gatehouse_domain::{AgentId, Channel, InboxId};
use gatehouse_projections::setup::Setup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::input::Fields;
use crate::app::App;
use crate::clock::fresh_id;
use crate::policy::Action;
use crate::problem::Problem;

const OFFER_TIMEOUT_S_DEFAULT: u32 = 30;
const OFFER_TIMEOUT_S_MIN: u32 = 5;
const OFFER_TIMEOUT_S_MAX: u32 = 3_600;

pub fn routes(config: &mut ServiceConfig) {
    config.service(add).service(list).service(add_member).service(remove_member);
}

#[derive(Deserialize, ToSchema)]
pub struct AddInbox {
    name: String,
    /// Channels whose new entry points feed it.
    #[serde(default)]
    primary_for: Vec<String>,
    /// How long an agent has to accept an offer.
    offer_timeout_s: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct Inbox {
    id: Uuid,
    name: String,
    primary_for: Vec<&'static str>,
    offer_timeout_s: u64,
    members: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct Inboxes {
    items: Vec<Inbox>,
}

/// Adds an inbox.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1", request_body = AddInbox,
    responses((status = 201, body = Inbox), (status = 422, body = Problem)))]
#[post("/inboxes")]
async fn add(app: Data<App>, signed_in: SignedIn, input: Json<AddInbox>) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let AddInbox { name, primary_for, offer_timeout_s } = input.into_inner();
    let timeout_s = offer_timeout_s.unwrap_or(OFFER_TIMEOUT_S_DEFAULT);
    let mut fields = Fields::default();
    fields.name("name", &name);
    let allowed = OFFER_TIMEOUT_S_MIN..=OFFER_TIMEOUT_S_MAX;
    let range = format!("must be between {OFFER_TIMEOUT_S_MIN} and {OFFER_TIMEOUT_S_MAX} seconds");
    fields.check(allowed.contains(&timeout_s), "offer_timeout_s", range);
    let channels: Vec<Channel> = primary_for.iter().filter_map(|name| Channel::parse(name)).collect();
    fields.check(channels.len() == primary_for.len(), "primary_for", "names something that is not a channel");
    fields.done()?;
    let id = InboxId(fresh_id());
    let offer_timeout_ms = u64::from(timeout_s) * 1_000;
    let routing = Routing { mode: Mode::Offer, strategy: Strategy::LongestIdle, offer_timeout_ms };
    let mut receipt = app.actors.inboxes.execute(id, Command::Add { name, routing }, None).await?;
    for channel in channels {
        receipt = app.actors.inboxes.execute(id, Command::MakePrimary { channel }, None).await?;
    }
    app.desks.at_least(receipt.position).await;
    let desk = app.desks.read();
    Ok(HttpResponse::Created().json(row(id, &desk.setup).ok_or_else(|| Problem::not_found("inbox"))?))
}

/// Lists inboxes.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1", responses((status = 200, body = Inboxes)))]
#[get("/inboxes")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Inboxes>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let desk = app.desks.read();
    Ok(Json(Inboxes { items: desk.setup.inboxes.keys().filter_map(|id| row(*id, &desk.setup)).collect() }))
}

/// Lets an agent serve it; takes effect on waiting work at once.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[put("/inboxes/{id}/members/{agent}")]
async fn add_member(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let agent = AgentId(path.1);
    if !app.desks.read().setup.agents.contains_key(&agent) {
        return Err(Problem::not_found("agent"));
    }
    change(app, signed_in, InboxId(path.0), Command::AddMember { agent }).await
}

/// Lets an agent serve it no more.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[delete("/inboxes/{id}/members/{agent}")]
async fn remove_member(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    change(app, signed_in, InboxId(path.0), Command::RemoveMember { agent: AgentId(path.1) }).await
}

async fn change(app: Data<App>, signed_in: SignedIn, id: InboxId, command: Command) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let receipt = app.actors.inboxes.execute(id, command, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok(HttpResponse::NoContent().finish())
}

fn row(id: InboxId, setup: &Setup) -> Option<Inbox> {
    let known = setup.inboxes.get(&id)?;
    let primary = setup.primary.iter().filter(|(_, inbox)| **inbox == id);
    Some(Inbox {
        id: id.0,
        name: known.name.clone(),
        primary_for: primary.map(|(channel, _)| channel.name()).collect(),
        offer_timeout_s: known.routing.offer_timeout_ms / 1_000,
        members: known.members.iter().map(|agent| agent.0).collect(),
    })
}
