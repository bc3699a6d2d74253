//! Webhooks in: the raw bytes go to the provider's rules, and 200 comes back only for what is durable.

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use gatehouse_domain::ConnectionId;
use uuid::Uuid;

use crate::app::App;
use crate::ingest::{self, Taken};
use crate::problem::Problem;
use crate::providers::{self, HttpCall, Received};
use crate::telemetry;

pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/hooks/{connection}").route(web::get().to(take)).route(web::post().to(take)));
}

/// A webhook that verifies and translates, and stores nothing: what a bench compares with. `serve` has no such route.
pub fn null_route(config: &mut ServiceConfig) {
    config.route("/null/{connection}", web::post().to(null));
}

async fn null(
    app: Data<App>,
    request: HttpRequest,
    connection: Path<Uuid>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = read(payload, app.limits.webhook_bytes_max).await?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call = HttpCall { method: "POST", query: "", header: &header, body: &body };
    match ingest::translate(&app, ConnectionId(*connection), &call).await {
        Ok(Some((_, Received::Elements(_)))) => Ok(HttpResponse::Ok().finish()),
        Ok(_) => Err(Problem::not_found("hook")),
        Err(ingest::NotNow) => Err(Problem::unavailable()),
    }
}

async fn take(
    app: Data<App>,
    request: HttpRequest,
    connection: Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::not_found("hook");
    let connection: Uuid = connection.parse().map_err(|_| unknown())?;
    let body = read(payload, app.limits.webhook_bytes_max).await?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call =
        HttpCall { method: request.method().as_str(), query: request.query_string(), header: &header, body: &body };
    let taken = ingest::take(&app, ConnectionId(connection), &call).await;
    count(&app, ConnectionId(connection), &taken);
    match taken {
        Ok(Taken::Kept) => Ok(HttpResponse::Ok().finish()),
        Ok(Taken::Handshake(answer)) => Ok(HttpResponse::Ok().content_type("text/plain").body(answer)),
        Ok(Taken::Forged) if call.method == "GET" => {
            Err(Problem::new(StatusCode::FORBIDDEN, "wrong_token", "the verify token is not ours"))
        }
        Ok(Taken::Forged) => {
            tracing::warn!(connection.id = %connection, "a webhook call was not signed by the provider");
            Err(Problem::new(StatusCode::UNAUTHORIZED, "forged", "the signature does not fit the body"))
        }
        Ok(Taken::UnknownConnection) => Err(unknown()),
        Err(ingest::NotNow) => Err(Problem::unavailable()),
    }
}

fn count(app: &App, connection: ConnectionId, taken: &Result<Taken, ingest::NotNow>) {
    let provider = {
        let desk = app.desks.read();
        desk.setup.connections.get(&connection).and_then(|known| providers::find(&known.provider))
    };
    let outcome = match taken {
        Ok(Taken::Kept) => "kept",
        Ok(Taken::Handshake(_)) => "handshake",
        Ok(Taken::Forged) => "forged",
        Ok(Taken::UnknownConnection) => "unknown_connection",
        Err(ingest::NotNow) => "not_now",
    };
    telemetry::webhook(provider.map_or("none", |provider| provider.name()), outcome);
}

async fn read(mut payload: web::Payload, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "broken_body", "the body broke off"))?;
        if body.len() + chunk.len() > bytes_max {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the call is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
