//! Agents: the people who answer. Adding one makes the user who signs in and the agent with slots.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post, put};
use gatehouse_domain::agent::{self, Capacity};
use gatehouse_domain::user::{self, Role};
use gatehouse_domain::{AgentId, Channel, UserId};
use gatehouse_projections::desk::AgentRow;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::asking::{Asking, IdempotencyKey};
use super::input::Fields;
use crate::actors::ExecuteError;
use crate::agent_commands::{Presence, set_presence};
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::Action;
use crate::problem::Problem;

const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=128;
const CAPACITY: std::ops::RangeInclusive<u32> = 1..=100;
const SKILL_CHARS_MAX: usize = 50;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(add)
        .service(list)
        .service(set_capacity)
        .service(grant_skill)
        .service(revoke_skill)
        .service(choose_presence);
}

#[derive(Deserialize, ToSchema)]
pub struct AddAgent {
    login: String,
    #[schema(value_type = String, min_length = 12, max_length = 128)]
    password: SecretString,
    name: String,
    /// How many interactions at a time.
    capacity: u32,
    /// Whether they may do what supervisors may.
    #[serde(default)]
    supervisor: bool,
}

#[derive(Deserialize, ToSchema)]
pub struct SetCapacity {
    /// How many interactions at a time.
    capacity: u32,
    /// How many of them on a channel, where that is less.
    #[serde(default)]
    per_channel: BTreeMap<String, u32>,
}

#[derive(Serialize, ToSchema)]
pub struct Agent {
    login: String,
    #[serde(flatten)]
    row: AgentRow,
    capacity_per_channel: BTreeMap<&'static str, u32>,
    skills: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Agents {
    items: Vec<Agent>,
}

#[derive(Deserialize, ToSchema)]
pub struct ChoosePresence {
    state: Presence,
    /// Why the break.
    reason: Option<String>,
}

/// Adds an agent.
#[utoipa::path(tag = "agents", context_path = "/api/v1", request_body = AddAgent,
    responses((status = 201, body = Agent), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/agents")]
async fn add(app: Data<App>, signed_in: SignedIn, input: Json<AddAgent>) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let AddAgent { login, password, name, capacity, supervisor } = input.into_inner();
    let mut fields = Fields::default();
    fields.name("login", &login);
    fields.name("name", &name);
    let good = PASSWORD_CHARS.contains(&password.expose_secret().chars().count());
    fields.check(good, "password", "must have 12 to 128 characters");
    fields.check(CAPACITY.contains(&capacity), "capacity", "must be between 1 and 100");
    fields.done()?;
    // The same login always leads to the same id, so that a creation that broke off is finished by asking again.
    let id = app.journal.installation().keyed_id(&["user", &login.to_lowercase()]);
    let (user, agent) = (UserId(id), AgentId(id));
    let role = if supervisor { Role::Supervisor } else { Role::Agent };
    let add_user = user::Command::Add { login, name: name.clone(), role };
    match app.actors.users.execute(user, add_user, None).await {
        Ok(_) => {}
        Err(ExecuteError::Refused(user::Refusal::AlreadyAdded))
            if !app.desks.read().setup.agents.contains_key(&agent) => {}
        Err(ExecuteError::Taken(_) | ExecuteError::Refused(user::Refusal::AlreadyAdded)) => {
            return Err(Problem::new(StatusCode::CONFLICT, "login_taken", "somebody else has this login"));
        }
        Err(error) => return Err(error.into()),
    }
    app.vault.set_password(user, &password).await?;
    app.actors.agents.execute(agent, agent::Command::Add { name }, None).await?;
    let capacity = Capacity { total: capacity, ..Capacity::default() };
    let receipt = app.actors.agents.execute(agent, agent::Command::SetCapacity { capacity }, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok(HttpResponse::Created().json(shown(&app, agent).ok_or_else(|| Problem::not_found("agent"))?))
}

/// Lists agents.
#[utoipa::path(tag = "agents", context_path = "/api/v1", responses((status = 200, body = Agents)))]
#[get("/agents")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Agents>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let ids: Vec<AgentId> = app.desks.read().setup.agents.keys().copied().collect();
    Ok(Json(Agents { items: ids.into_iter().filter_map(|id| shown(&app, id)).collect() }))
}

/// Sets how many interactions an agent has at a time; it applies to what waits at once.
#[utoipa::path(tag = "agents", context_path = "/api/v1", request_body = SetCapacity,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/agents/{id}/capacity")]
async fn set_capacity(
    app: Data<App>,
    signed_in: SignedIn,
    id: Path<Uuid>,
    input: Json<SetCapacity>,
) -> Result<HttpResponse, Problem> {
    let SetCapacity { capacity, per_channel } = input.into_inner();
    let mut fields = Fields::default();
    fields.check(CAPACITY.contains(&capacity), "capacity", "must be between 1 and 100");
    let known: BTreeMap<Channel, u32> =
        per_channel.iter().filter_map(|(name, slots)| Some((Channel::parse(name)?, *slots))).collect();
    fields.check(known.len() == per_channel.len(), "per_channel", "names something that is not a channel");
    fields.check(known.values().all(|slots| *slots <= capacity), "per_channel", "is more than the capacity");
    fields.done()?;
    let capacity = Capacity { total: capacity, per_channel: known };
    change(&app, &signed_in, AgentId(*id), agent::Command::SetCapacity { capacity }).await
}

/// Says that an agent can do something; it applies to what waits at once.
#[utoipa::path(tag = "agents", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/agents/{id}/skills/{skill}")]
async fn grant_skill(app: Data<App>, signed_in: SignedIn, path: Path<(Uuid, String)>) -> Result<HttpResponse, Problem> {
    let (id, skill) = path.into_inner();
    let mut fields = Fields::default();
    let good = !skill.trim().is_empty() && skill.chars().count() <= SKILL_CHARS_MAX;
    fields.check(good, "skill", format!("must have 1 to {SKILL_CHARS_MAX} characters"));
    fields.done()?;
    change(&app, &signed_in, AgentId(id), agent::Command::GrantSkill { skill: skill.trim().to_owned() }).await
}

/// Says that they cannot any more.
#[utoipa::path(tag = "agents", context_path = "/api/v1",
    responses((status = 204), (status = 404, body = Problem)))]
#[delete("/agents/{id}/skills/{skill}")]
async fn revoke_skill(
    app: Data<App>,
    signed_in: SignedIn,
    path: Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, skill) = path.into_inner();
    change(&app, &signed_in, AgentId(id), agent::Command::RevokeSkill { skill: skill.trim().to_owned() }).await
}

/// Chooses one's own presence.
#[utoipa::path(tag = "agents", context_path = "/api/v1", request_body = ChoosePresence,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem)))]
#[post("/agents/me/presence")]
async fn choose_presence(
    app: Data<App>,
    asking: Asking,
    input: Json<ChoosePresence>,
) -> Result<Json<Receipt>, Problem> {
    let ChoosePresence { state, reason } = input.into_inner();
    Ok(Json(set_presence(&app, asking.asker(), state, reason).await?))
}

async fn change(
    app: &Data<App>,
    signed_in: &SignedIn,
    id: AgentId,
    command: agent::Command,
) -> Result<HttpResponse, Problem> {
    signed_in.must(app, Action::Administer)?;
    let receipt = app.actors.agents.execute(id, command, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok(HttpResponse::NoContent().finish())
}

fn shown(app: &App, id: AgentId) -> Option<Agent> {
    let desk = app.desks.read();
    let login = desk.setup.users.get(&UserId(id.0))?.login.clone();
    let agent = desk.setup.agents.get(&id)?;
    let per_channel = agent.capacity.per_channel.iter().map(|(channel, slots)| (channel.name(), *slots)).collect();
    let skills = agent.skills.iter().cloned().collect();
    Some(Agent { login, row: desk.agent_row(id)?, capacity_per_channel: per_channel, skills })
}
