//! The customer's side over HTTP.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde_json::json;

use super::error::ControlError;
use crate::customer_side::CustomerMessage;
use crate::ids::{PhoneNumberId, WaId};
use crate::world::World;

/// `GET /sandbox/numbers/{number}/customers`
pub async fn list(world: Data<World>, number: Path<PhoneNumberId>) -> Result<HttpResponse, ControlError> {
    let state = world.lock();
    let number = state.numbers.get(&*number).ok_or(ControlError::UnknownNumber)?;
    let items: Vec<_> = number
        .customers
        .values()
        .map(|customer| json!({"wa_id": customer.wa_id, "user_id": customer.user_id, "name": customer.name}))
        .collect();
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

/// `POST /sandbox/numbers/{number}/customers/{customer}/messages`
pub async fn write(
    world: Data<World>,
    path: Path<(PhoneNumberId, WaId)>,
    message: Json<CustomerMessage>,
) -> Result<HttpResponse, ControlError> {
    let id = world.write(&path.0, &path.1, message.into_inner())?;
    Ok(HttpResponse::Accepted().json(json!({"id": id})))
}

/// `GET /sandbox/numbers/{number}/customers/{customer}/messages`
pub async fn conversation(world: Data<World>, path: Path<(PhoneNumberId, WaId)>) -> Result<HttpResponse, ControlError> {
    let items = world.conversation(&path.0, &path.1)?;
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

/// `POST /sandbox/numbers/{number}/customers/{customer}/read`
pub async fn read(world: Data<World>, path: Path<(PhoneNumberId, WaId)>) -> Result<HttpResponse, ControlError> {
    world.read(&path.0, &path.1)?;
    Ok(HttpResponse::NoContent().finish())
}
