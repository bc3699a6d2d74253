//! `/metrics`: for Prometheus. Like health it answers whoever reaches it; it holds numbers, never words or ids.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};

use crate::app::App;
use crate::telemetry;

pub fn routes(config: &mut ServiceConfig) {
    config.service(metrics);
}

/// How the system does, as numbers.
#[utoipa::path(tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/metrics")]
async fn metrics(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(telemetry::render(&app))
}
