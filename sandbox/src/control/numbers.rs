//! The business's numbers: registering them and seeing what they sent.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::json;

use super::error::ControlError;
use crate::handshake::Registration;
use crate::ids::PhoneNumberId;
use crate::world::World;

/// A webhook with a body of the caller's own.
#[derive(Deserialize)]
pub struct RawWebhook {
    body: String,
    #[serde(default = "yes")]
    signed: bool,
}

/// `GET /sandbox/numbers`. Nothing secret is shown.
pub async fn list(world: Data<World>) -> HttpResponse {
    let state = world.lock();
    let items: Vec<_> = state
        .numbers
        .values()
        .map(|number| {
            json!({
                "id": number.id,
                "display_phone_number": number.registration.display_phone_number,
                "waba": number.registration.waba,
                "callback_url": number.registration.callback_url,
            })
        })
        .collect();
    HttpResponse::Ok().json(json!({"items": items}))
}

/// `PUT /sandbox/numbers/{number}`
pub async fn register(
    world: Data<World>,
    number: Path<PhoneNumberId>,
    registration: Json<Registration>,
) -> Result<HttpResponse, ControlError> {
    let number = number.into_inner();
    world.register(number.clone(), registration.into_inner()).await?;
    Ok(HttpResponse::Ok().json(json!({"id": number})))
}

/// `GET /sandbox/numbers/{number}/sent`
pub async fn sent(world: Data<World>, number: Path<PhoneNumberId>) -> Result<HttpResponse, ControlError> {
    let state = world.lock();
    let number = state.numbers.get(&*number).ok_or(ControlError::UnknownNumber)?;
    Ok(HttpResponse::Ok().json(json!({"items": number.sent})))
}

/// `POST /sandbox/numbers/{number}/webhooks`
pub async fn post_webhook(
    world: Data<World>,
    number: Path<PhoneNumberId>,
    webhook: Json<RawWebhook>,
) -> Result<HttpResponse, ControlError> {
    let RawWebhook { body, signed } = webhook.into_inner();
    let status = world.post(&number, body, signed).await?;
    Ok(HttpResponse::Ok().json(json!({"status": status})))
}

fn yes() -> bool {
    true
}
