//! HTTP: one file per group of endpoints. An endpoint parses, tells, answers.

mod agents;
mod annotations;
mod aside;
mod asking;
mod boards;
mod connections;
mod contacts;
mod conversations;
mod end_reasons;
mod exceptions;
mod exports;
mod gateways;
mod guard;
mod health;
mod history;
mod inboxes;
mod input;
mod metrics;
mod minutes;
mod openapi;
mod pages;
mod reports;
mod routing;
mod sending;
mod session;
mod signed_in;
mod teams;
mod transfers;
mod webhooks;
mod work;

use actix_web::guard::{GuardContext, fn_guard};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpRequest, web};

pub use guard::guard;
pub use input::Fields;
pub use openapi::document as openapi_document;
pub use session::me;
pub use signed_in::{SignedIn, actor_of};
pub use webhooks::null_route;

use crate::app::App;
use crate::config::Limits;
use crate::problem::Problem;

/// Scripts and styles of our own only; Mantine sets style attributes, hence `unsafe-inline` for styles.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; \
     font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Every route of the server.
pub fn routes(config: &mut web::ServiceConfig, limits: Limits) {
    config
        .app_data(web::JsonConfig::default().limit(limits.request_bytes_max).error_handler(json_problem))
        .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found("address").into()))
        .app_data(web::QueryConfig::default().error_handler(|error, _| {
            Problem::new(actix_web::http::StatusCode::BAD_REQUEST, "bad_query", error.to_string()).into()
        }))
        .configure(health::routes)
        .configure(metrics::routes)
        // Everything below is for the server that works.
        .service(web::scope("").guard(fn_guard(stands_by)).default_service(web::to(standby)))
        // First of them, because routes are tried in order and this one is asked most.
        .configure(webhooks::routes)
        .service(
            web::scope("/api/v1")
                .wrap(DefaultHeaders::new().add(("Cache-Control", "no-store")))
                .configure(session::routes)
                .configure(connections::routes)
                .configure(gateways::routes)
                .configure(exceptions::routes)
                .configure(inboxes::routes)
                .configure(teams::routes)
                .configure(agents::routes)
                .configure(end_reasons::routes)
                .configure(conversations::routes)
                .configure(transfers::routes)
                .configure(work::routes)
                .configure(annotations::routes)
                .configure(boards::routes)
                .configure(contacts::routes)
                .configure(aside::routes)
                .configure(sending::routes)
                .configure(history::routes)
                .configure(reports::routes)
                .configure(exports::routes)
                .configure(openapi::routes)
                .default_service(web::to(no_such_address)),
        )
        .route("/ws", web::get().to(crate::ws::open))
        .configure(pages::routes);
}

/// Headers every answer carries.
pub fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
}

fn stands_by(request: &GuardContext<'_>) -> bool {
    !request.app_data::<web::Data<App>>().is_some_and(|app| app.is_open())
}

async fn standby() -> Result<&'static str, Problem> {
    Err(Problem::standby())
}

async fn no_such_address() -> Result<&'static str, Problem> {
    Err(Problem::not_found("address"))
}

fn json_problem(error: actix_web::error::JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    use actix_web::error::JsonPayloadError as E;
    use actix_web::http::StatusCode;
    match error {
        E::OverflowKnownLength { .. } | E::Overflow { .. } => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the request is too large").into()
        }
        E::ContentType => Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "send application/json").into(),
        error => Problem::new(StatusCode::BAD_REQUEST, "bad_json", error.to_string()).into(),
    }
}
