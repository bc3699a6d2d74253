//! Contacts: what is known of a person outside, who is the same person, and forgetting it.

use actix_web::web::{Data, Json, Path, Query, ServiceConfig};
use actix_web::{delete, get, post, put};
use gatehouse_domain::record::By;
use gatehouse_domain::{Channel, ContactId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::SignedIn;
use super::asking::{Asking, IdempotencyKey};
use super::history::written;
use crate::agent_commands::{self, Contact};
use crate::app::App;
use crate::history::{Conversations, PersonPage, PersonQuery};
use crate::journal::Receipt;
use crate::policy::Action;
use crate::problem::Problem;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(show)
        .service(conversations)
        .service(set_property)
        .service(opt_out)
        .service(opt_in)
        .service(link)
        .service(unlink)
        .service(erase);
}

#[derive(Deserialize, ToSchema)]
pub struct SetProperty {
    /// Up to 500 characters; blank: it is not known any more.
    value: String,
}

#[derive(Deserialize, ToSchema)]
pub struct LinkContact {
    /// The contact who is the same person.
    to: Uuid,
}

/// Shows what is known of a contact, and who is the same person: whoever they are linked with, whoever those are linked with, and so
/// on. Agents see contacts with whom they had, or whose inbox they serve, a conversation, linked ones included.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    responses((status = 200, body = Contact), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[get("/contacts/{id}")]
async fn show(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Contact>, Problem> {
    Ok(Json(agent_commands::contact(&app, &signed_in.actor, ContactId(*id)).await?))
}

/// Lists every conversation with a contact and with whoever is the same person, those where something was said last
/// first. Agents see those in the inboxes they serve, and those they had last.
#[utoipa::path(tag = "contacts", context_path = "/api/v1", params(PersonQuery),
    responses((status = 200, body = Conversations), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
#[get("/contacts/{id}/conversations")]
async fn conversations(
    app: Data<App>,
    signed_in: SignedIn,
    id: Path<Uuid>,
    query: Query<PersonQuery>,
) -> Result<Json<Conversations>, Problem> {
    let page = PersonPage::parse(&query)?;
    if let Some(position) = query.at_least {
        written(&app, position).await?;
    }
    Ok(Json(agent_commands::conversations_of(&app, &signed_in.actor, ContactId(*id), &page).await?))
}

/// Says something of a contact under a name of up to 100 characters; up to 50 such things.
#[utoipa::path(tag = "contacts", context_path = "/api/v1", request_body = SetProperty,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
#[put("/contacts/{id}/properties/{name}")]
async fn set_property(
    app: Data<App>,
    asking: Asking,
    path: Path<(Uuid, String)>,
    input: Json<SetProperty>,
) -> Result<Json<Receipt>, Problem> {
    let (id, name) = path.into_inner();
    Ok(Json(agent_commands::set_property(&app, asking.asker(), ContactId(id), &name, &input.value).await?))
}

/// Notes that they do not want to be written to on a channel.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
#[put("/contacts/{id}/opt_outs/{channel}")]
async fn opt_out(app: Data<App>, asking: Asking, path: Path<(Uuid, String)>) -> Result<Json<Receipt>, Problem> {
    let channel = channel(&path.1)?;
    Ok(Json(agent_commands::opt_out(&app, asking.asker(), ContactId(path.0), channel).await?))
}

/// Notes that they may be written to on a channel again.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
#[delete("/contacts/{id}/opt_outs/{channel}")]
async fn opt_in(app: Data<App>, asking: Asking, path: Path<(Uuid, String)>) -> Result<Json<Receipt>, Problem> {
    let channel = channel(&path.1)?;
    Ok(Json(agent_commands::opt_in(&app, asking.asker(), ContactId(path.0), channel).await?))
}

/// Says that two contacts are one person, seen from either of them; it can be undone. An agent links whom they may see.
#[utoipa::path(tag = "contacts", context_path = "/api/v1", request_body = LinkContact,
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/contacts/{id}/links")]
async fn link(
    app: Data<App>,
    asking: Asking,
    id: Path<Uuid>,
    input: Json<LinkContact>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::link(&app, asking.asker(), ContactId(*id), ContactId(input.to)).await?))
}

/// Undoes a link, from whichever side it was made. Two who are linked through others only are refused.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    params(IdempotencyKey),
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
#[delete("/contacts/{id}/links/{to}")]
async fn unlink(app: Data<App>, asking: Asking, path: Path<(Uuid, Uuid)>) -> Result<Json<Receipt>, Problem> {
    Ok(Json(agent_commands::unlink(&app, asking.asker(), ContactId(path.0), ContactId(path.1)).await?))
}

/// Erases a contact for ever: their words, names and addresses cannot be read any more when this is answered; their open
/// interactions end right after. Asked again, it is answered the same. Whoever is the same person is erased by themselves.
#[utoipa::path(tag = "contacts", context_path = "/api/v1",
    responses((status = 200, body = Receipt), (status = 403, body = Problem), (status = 404, body = Problem)))]
#[post("/contacts/{id}/erase")]
async fn erase(app: Data<App>, signed_in: SignedIn, id: Path<Uuid>) -> Result<Json<Receipt>, Problem> {
    signed_in.must(&app, Action::EraseContacts)?;
    let by = By::Agent { agent: signed_in.actor.agent() };
    Ok(Json(crate::erase::erase(&app, ContactId(*id), by).await?))
}

fn channel(name: &str) -> Result<Channel, Problem> {
    Channel::parse(name).ok_or_else(|| Problem::not_found("channel"))
}
