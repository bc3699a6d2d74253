//! Gateways: added parked, then connected, parked again or retired.

use std::ops::RangeInclusive;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, get, post, put};
use gatehouse_domain::gateway::{Account, Command, Conditions, State};
use gatehouse_domain::{Channel, ConnectionId, GatewayId};
use gatehouse_projections::setup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::input::Fields;
use crate::actors::ExecuteError;
use crate::app::App;
use crate::clock::fresh_id;
use crate::policy::Action;
use crate::problem::Problem;
use crate::providers;

/// A customer may be silent for so long, at most, before the interaction ends by itself: a year.
const IDLE_CLOSE_S: RangeInclusive<u64> = 1..=365 * 24 * 60 * 60;
/// Two administrators who add a gateway at once ask for the same number; the second asks again.
const NUMBER_TRIES_MAX: u32 = 5;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(add)
        .service(list)
        .service(show)
        .service(connect)
        .service(park)
        .service(retire)
        .service(set_idle_close);
}

#[derive(Deserialize, ToSchema)]
pub struct AddGateway {
    name: String,
    connection: Uuid,
    /// One of the channels.
    channel: String,
    /// The provider's id of the account: a phone number id, a page id, a mailbox.
    account: String,
    /// What customers see as the sender, where the channel has one.
    sender: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Gateway {
    id: Uuid,
    /// How people refer to it; the lowest wins a tie.
    number: u32,
    name: String,
    connection: Uuid,
    channel: &'static str,
    account: String,
    sender: Option<String>,
    state: &'static str,
    /// Where its customers wait instead of the channel's primary inbox.
    exception: Option<Exception>,
    /// How long a customer may be silent before the interaction ends by itself; none keeps it open.
    idle_close_s: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct Exception {
    inbox: Uuid,
    /// Promised first response; none: the inbox's.
    sla_ms: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
pub struct SetIdleClose {
    /// Seconds of silence; none keeps interactions open, with the reply window closed where there is one.
    after_s: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct Gateways {
    items: Vec<Gateway>,
}

/// Adds a gateway, parked.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", request_body = AddGateway,
    responses((status = 201, body = Gateway), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/gateways")]
async fn add(app: Data<App>, signed_in: SignedIn, input: Json<AddGateway>) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let input = input.into_inner();
    let connection = ConnectionId(input.connection);
    let mut fields = Fields::default();
    fields.name("name", &input.name);
    fields.check(!input.account.trim().is_empty(), "account", "is missing");
    let channel = Channel::parse(&input.channel);
    fields.check(channel.is_some(), "channel", "is not one of the channels");
    {
        let desk = app.desks.read();
        let known = desk.setup.connections.get(&connection).filter(|known| !known.retired);
        fields.check(known.is_some(), "connection", "is not one of the connections");
        let provider = known.and_then(|known| providers::find(&known.provider));
        let carries = provider.zip(channel).is_some_and(|(provider, channel)| provider.capabilities(channel).is_some());
        fields.check(known.is_none() || carries, "channel", "is not carried by this provider");
    }
    fields.done()?;
    let channel = channel.ok_or_else(|| Problem::not_found("channel"))?;
    let id = GatewayId(fresh_id());
    let account = Account { connection, channel, id: input.account, sender: input.sender };
    for _ in 0..NUMBER_TRIES_MAX {
        let number = {
            let desk = app.desks.read();
            if desk.setup.gateway_of_account(connection, &account.id).is_some() {
                let detail = "another gateway has this account already";
                return Err(Problem::new(StatusCode::CONFLICT, "account_taken", detail));
            }
            desk.setup.gateways.values().map(|gateway| gateway.number).max().unwrap_or(0) + 1
        };
        let (name, account, conditions) = (input.name.clone(), account.clone(), Conditions::default());
        let command = Command::Add { number, name, account, conditions };
        match app.actors.gateways.execute(id, command, None).await {
            Ok(receipt) => {
                app.desks.at_least(receipt.position).await;
                return Ok(HttpResponse::Created().json(shown(&app, id)?));
            }
            Err(ExecuteError::Taken(_)) => app.desks.at_least(app.journal.head()).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::unavailable())
}

/// Lists gateways.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", responses((status = 200, body = Gateways)))]
#[get("/gateways")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Gateways>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let desk = app.desks.read();
    Ok(Json(Gateways { items: desk.setup.gateways.iter().map(|(id, known)| row(*id, known)).collect() }))
}

/// Shows one gateway.
#[utoipa::path(tag = "gateways", context_path = "/api/v1",
    responses((status = 200, body = Gateway), (status = 404, body = Problem)))]
#[get("/gateways/{id}")]
async fn show(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Gateway>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    Ok(Json(shown(&app, GatewayId(*id))?))
}

/// Opens it: its traffic feeds the channel's primary inbox at once.
#[utoipa::path(tag = "gateways", context_path = "/api/v1",
    responses((status = 200, body = Gateway), (status = 409, body = Problem)))]
#[post("/gateways/{id}/connect")]
async fn connect(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Gateway>, Problem> {
    let id = GatewayId(*id);
    let inbox_ready = {
        let desk = app.desks.read();
        let channel = desk.setup.gateways.get(&id).map(|gateway| gateway.account.channel);
        channel.is_some_and(|channel| desk.setup.primary.contains_key(&channel))
    };
    change(app, signed_in, id, Command::Connect { inbox_ready }).await
}

/// Holds it: its traffic is kept as unrouted until it is connected again.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", responses((status = 200, body = Gateway)))]
#[post("/gateways/{id}/park")]
async fn park(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Gateway>, Problem> {
    change(app, signed_in, GatewayId(*id), Command::Park).await
}

/// Ends it for good; its history stays.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", responses((status = 200, body = Gateway)))]
#[post("/gateways/{id}/retire")]
async fn retire(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Gateway>, Problem> {
    change(app, signed_in, GatewayId(*id), Command::Retire).await
}

/// Sets how long a customer may be silent; it counts from their next message.
#[utoipa::path(tag = "gateways", context_path = "/api/v1", request_body = SetIdleClose,
    responses((status = 200, body = Gateway), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/gateways/{id}/idle_close")]
async fn set_idle_close(
    app: Data<App>,
    signed_in: SignedIn,
    id: Path<Uuid>,
    input: Json<SetIdleClose>,
) -> Result<Json<Gateway>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let mut fields = Fields::default();
    let good = input.after_s.is_none_or(|seconds| IDLE_CLOSE_S.contains(&seconds));
    fields.check(good, "after_s", "must be between 1 second and a year");
    fields.done()?;
    let after_ms = input.after_s.map(|seconds| seconds * 1_000);
    change(app, signed_in, GatewayId(*id), Command::SetIdleClose { after_ms }).await
}

pub async fn change(
    app: Data<App>,
    signed_in: SignedIn,
    id: GatewayId,
    command: Command,
) -> Result<Json<Gateway>, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let receipt = app.actors.gateways.execute(id, command, None).await?;
    app.desks.at_least(receipt.position).await;
    Ok(Json(shown(&app, id)?))
}

fn shown(app: &App, id: GatewayId) -> Result<Gateway, Problem> {
    let desk = app.desks.read();
    let known = desk.setup.gateways.get(&id).ok_or_else(|| Problem::not_found("gateway"))?;
    Ok(row(id, known))
}

fn row(id: GatewayId, known: &setup::Gateway) -> Gateway {
    Gateway {
        id: id.0,
        number: known.number,
        name: known.name.clone(),
        connection: known.account.connection.0,
        channel: known.account.channel.name(),
        account: known.account.id.clone(),
        sender: known.account.sender.clone(),
        state: match known.state {
            State::Parked => "parked",
            State::Connected => "connected",
            State::Retired => "retired",
        },
        exception: known.exception.map(|one| Exception { inbox: one.inbox.0, sla_ms: one.sla_ms }),
        idle_close_s: known.idle_close_ms.map(|ms| ms / 1_000),
    }
}
