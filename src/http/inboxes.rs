//! Inboxes and who serves them.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post, put};
use gatehouse_domain::inbox::Command;
use gatehouse_domain::{AgentId, Channel, InboxId, TeamId};
use gatehouse_projections::setup::Setup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::input::Fields;
use super::routing::{RoutingInput, RoutingRow};
use crate::app::App;
use crate::clock::fresh_id;
use crate::policy::Action;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(add)
        .service(list)
        .service(set_routing)
        .service(make_primary)
        .service(add_member)
        .service(remove_member)
        .service(add_team)
        .service(remove_team);
}

#[derive(Deserialize, ToSchema)]
pub struct AddInbox {
    name: String,
    /// Channels whose new entry points feed it.
    #[serde(default)]
    primary_for: Vec<String>,
    #[serde(flatten)]
    routing: RoutingInput,
}

#[derive(Serialize, ToSchema)]
pub struct Inbox {
    id: Uuid,
    name: String,
    primary_for: Vec<&'static str>,
    members: Vec<Uuid>,
    teams: Vec<Uuid>,
    #[serde(flatten)]
    routing: RoutingRow,
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
    let AddInbox { name, primary_for, routing } = input.into_inner();
    let mut fields = Fields::default();
    fields.name("name", &name);
    let routing = routing.read(&app.desks.read().setup, &mut fields);
    let channels: Vec<Channel> = primary_for.iter().filter_map(|name| Channel::parse(name)).collect();
    fields.check(channels.len() == primary_for.len(), "primary_for", "names something that is not a channel");
    fields.done()?;
    let id = InboxId(fresh_id());
    let mut receipt = app.actors.inboxes.execute(id, Command::Add { name, routing }, None).await?;
    for channel in channels {
        receipt = app.actors.inboxes.execute(id, Command::MakePrimary { channel }, None).await?;
    }
    app.desks.at_least(receipt.position).await;
    let desk = app.desks.read();
    Ok(HttpResponse::Created().json(row(id, &desk.setup).ok_or_else(|| Problem::not_found("inbox"))?))
}

/// Sets how waiting interactions reach agents, whole: what is left out has its default. It applies to what waits at once.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1", request_body = RoutingInput,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/inboxes/{id}/routing")]
async fn set_routing(
    app: Data<App>,
    signed_in: SignedIn,
    path: Path<Uuid>,
    input: Json<RoutingInput>,
) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let mut fields = Fields::default();
    let routing = input.into_inner().read(&app.desks.read().setup, &mut fields);
    fields.done()?;
    change(app, signed_in, InboxId(*path), Command::SetRouting { routing }).await
}

/// Lets new entry points of a channel feed it.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[put("/inboxes/{id}/primary_for/{channel}")]
async fn make_primary(
    app: Data<App>,
    signed_in: SignedIn,
    path: Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let channel = Channel::parse(&path.1).ok_or_else(|| Problem::not_found("channel"))?;
    change(app, signed_in, InboxId(path.0), Command::MakePrimary { channel }).await
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

/// Lets whoever is in a team serve it; takes effect on waiting work at once.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[put("/inboxes/{id}/teams/{team}")]
async fn add_team(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let team = TeamId(path.1);
    if !app.desks.read().setup.teams.contains_key(&team) {
        return Err(Problem::not_found("team"));
    }
    change(app, signed_in, InboxId(path.0), Command::AddTeam { team }).await
}

/// Lets a team serve it no more.
#[utoipa::path(tag = "inboxes", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[delete("/inboxes/{id}/teams/{team}")]
async fn remove_team(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    change(app, signed_in, InboxId(path.0), Command::RemoveTeam { team: TeamId(path.1) }).await
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
        members: known.members.iter().map(|agent| agent.0).collect(),
        teams: known.teams.iter().map(|team| team.0).collect(),
        routing: RoutingRow::of(&known.routing),
    })
}
