//! Contacts: what is known of a person outside, and forgetting it.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{get, post};
use gatehouse_domain::contact::{self, Contact as State};
use gatehouse_domain::record::By;
use gatehouse_domain::{Channel, ContactId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::Action;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(erase);
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    Known,
    /// Nothing is known any more, and nothing will be.
    Erased,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    id: Uuid,
    state: ContactState,
    #[schema(required)]
    name: Option<String>,
    addresses: Vec<ContactAddress>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactAddress {
    channel: &'static str,
    /// `phone`, `user` (the provider's own id of the person) or `email`.
    kind: &'static str,
    value: String,
}

/// Shows what is known of a contact.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    responses((status = 200, body = Contact), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/contacts/{id}")]
async fn show(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Contact>, Problem> {
    signed_in.must(&app, Action::ManageContacts)?;
    let state = app.actors.contacts.observe(*id, |state, _| state.clone()).await?;
    let (state, known) = match state {
        State::Unknown => return Err(Problem::not_found("contact")),
        State::Known(known) => (ContactState::Known, known),
        State::Erased => (ContactState::Erased, contact::Known::default()),
    };
    let address = |(channel, address): (Channel, gatehouse_domain::Address)| ContactAddress {
        channel: channel.name(),
        kind: address.kind.name(),
        value: address.value,
    };
    let addresses = known.addresses.into_iter().map(address).collect();
    Ok(Json(Contact { id: *id, state, name: known.name, addresses }))
}

/// Erases a contact for ever: their words, names and addresses cannot be read any more when this is answered; their open
/// interactions end right after. Asked again, it is answered the same.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[post("/contacts/{id}/erase")]
async fn erase(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Receipt>, Problem> {
    signed_in.must(&app, Action::ManageContacts)?;
    let by = By::Agent { agent: signed_in.actor.agent() };
    Ok(Json(crate::erase::erase(&app, ContactId(*id), by).await?))
}
