//! Faults over HTTP.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde_json::json;

use crate::fault::Fault;
use crate::world::World;

/// `GET /sandbox/faults`
pub async fn list(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"items": world.lock().faults.list()}))
}

/// `POST /sandbox/faults`
pub async fn add(world: Data<World>, fault: Json<Fault>) -> HttpResponse {
    let fault = fault.into_inner();
    world.lock().faults.add(fault.clone());
    HttpResponse::Created().json(fault)
}

/// `DELETE /sandbox/faults`. Statuses that were withheld are delivered now.
pub async fn clear(world: Data<World>) -> HttpResponse {
    world.clear_faults();
    HttpResponse::NoContent().finish()
}
