//! Teams: agents who serve inboxes together.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post, put};
use gatehouse_domain::team::Command;
use gatehouse_domain::{AgentId, TeamId};
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

pub fn routes(config: &mut ServiceConfig) {
    config.service(add).service(list).service(add_member).service(remove_member);
}

#[derive(Deserialize, ToSchema)]
pub struct AddTeam {
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct Team {
    id: Uuid,
    name: String,
    members: Vec<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct Teams {
    items: Vec<Team>,
}

/// Adds a team.
#[utoipa::path(tag = "teams", context_path = "/api/v1", request_body = AddTeam,
    responses((status = 201, body = Team), (status = 422, body = Problem)))]
#[post("/teams")]
async fn add(app: Data<App>, signed_in: SignedIn, input: Json<AddTeam>) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let AddTeam { name } = input.into_inner();
    let mut fields = Fields::default();
    fields.name("name", &name);
    fields.done()?;
    let id = TeamId(fresh_id());
    let receipt = app.actors.teams.execute(id, Command::Add { name }, None).await?;
    app.desks.at_least(receipt.position).await;
    let desk = app.desks.read();
    Ok(HttpResponse::Created().json(row(id, &desk.setup).ok_or_else(|| Problem::not_found("team"))?))
}

/// Lists teams.
#[utoipa::path(tag = "teams", context_path = "/api/v1", responses((status = 200, body = Teams)))]
#[get("/teams")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Teams>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let desk = app.desks.read();
    Ok(Json(Teams { items: desk.setup.teams.keys().filter_map(|id| row(*id, &desk.setup)).collect() }))
}

/// Puts an agent into the team; they serve its inboxes at once.
#[utoipa::path(tag = "teams", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[put("/teams/{id}/members/{agent}")]
async fn add_member(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let agent = AgentId(path.1);
    if !app.desks.read().setup.agents.contains_key(&agent) {
        return Err(Problem::not_found("agent"));
    }
    change(app, signed_in, TeamId(path.0), Command::AddMember { agent }).await
}

/// Takes an agent out of the team.
#[utoipa::path(tag = "teams", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[delete("/teams/{id}/members/{agent}")]
async fn remove_member(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    change(app, signed_in, TeamId(path.0), Command::RemoveMember { agent: AgentId(path.1) }).await
}

async fn change(app: Data<App>, signed_in: SignedIn, id: TeamId, command: Command) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let receipt = app.actors.teams.execute(id, command, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok(HttpResponse::NoContent().finish())
}

fn row(id: TeamId, setup: &Setup) -> Option<Team> {
    let known = setup.teams.get(&id)?;
    Some(Team { id: id.0, name: known.name.clone(), members: known.members.iter().map(|agent| agent.0).collect() })
}
