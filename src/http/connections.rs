//! Connections: our credentials at providers. Secrets go in and never come out.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use gatehouse_domain::ConnectionId;
use gatehouse_domain::connection::Command;
use gatehouse_projections::setup;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::input::Fields;
use crate::app::App;
use crate::clock::fresh_id;
use crate::policy::Action;
use crate::problem::Problem;
use crate::providers;

/// The version of a connection's first credentials.
const FIRST_SECRETS: u32 = 1;

pub fn routes(config: &mut ServiceConfig) {
    config.service(add).service(list);
}

#[derive(Deserialize, ToSchema)]
pub struct AddConnection {
    name: String,
    /// One of the providers.
    provider: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[schema(value_type = BTreeMap<String, String>)]
    secrets: BTreeMap<String, SecretString>,
}

#[derive(Serialize, ToSchema)]
pub struct Connection {
    id: Uuid,
    name: String,
    provider: String,
    settings: BTreeMap<String, String>,
    callback_path: String,
    /// What the provider has to be told.
    callback_url: String,
    state: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct Connections {
    items: Vec<Connection>,
}

/// Adds a connection.
#[utoipa::path(tag = "connections", context_path = "/api/v1", request_body = AddConnection,
    responses((status = 201, body = Connection), (status = 403, body = Problem), (status = 422, body = Problem)))]
#[post("/connections")]
async fn add(app: Data<App>, signed_in: SignedIn, input: Json<AddConnection>) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::Administer)?;
    let AddConnection { name, provider, mut settings, secrets } = input.into_inner();
    let mut fields = Fields::default();
    fields.name("name", &name);
    let known = providers::find(&provider);
    fields.check(known.is_some(), "provider", "is not one of the providers");
    for field in known.map(|known| known.configuration()).unwrap_or_default() {
        match (field.secret, field.default) {
            (true, _) => {
                fields.check(secrets.contains_key(field.name), "secrets", format!("{} is missing", field.name))
            }
            (false, Some(default)) => {
                settings.entry(field.name.to_owned()).or_insert_with(|| default.to_owned());
            }
            (false, None) => {
                fields.check(settings.contains_key(field.name), "settings", format!("{} is missing", field.name));
            }
        }
    }
    fields.done()?;
    let id = ConnectionId(fresh_id());
    // The secrets first: a connection that is known can verify what comes.
    app.vault.set_secrets(id, FIRST_SECRETS, &secrets).await?;
    let command = Command::Add { name, provider, settings, secrets_version: FIRST_SECRETS };
    let receipt = app.actors.connections.execute(id, command, None).await?;
    app.desks.at_least(receipt.position).await;
    let desk = app.desks.read();
    let known = desk.setup.connections.get(&id).ok_or_else(|| Problem::not_found("connection"))?;
    Ok(HttpResponse::Created().json(shown(&app, id, known)))
}

/// Lists connections, without their secrets.
#[utoipa::path(tag = "connections", context_path = "/api/v1",
    responses((status = 200, body = Connections), (status = 403, body = Problem)))]
#[get("/connections")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Connections>, Problem> {
    signed_in.must(&app, Action::ReadSetup)?;
    let desk = app.desks.read();
    Ok(Json(Connections { items: desk.setup.connections.iter().map(|(id, known)| shown(&app, *id, known)).collect() }))
}

fn shown(app: &App, id: ConnectionId, known: &setup::Connection) -> Connection {
    let callback_path = format!("/hooks/{id}");
    Connection {
        id: id.0,
        name: known.name.clone(),
        provider: known.provider.clone(),
        settings: known.settings.clone(),
        callback_url: format!("{}{callback_path}", app.public_url),
        callback_path,
        state: if known.retired { "retired" } else { "active" },
    }
}
