//! Who is asking: a session, by cookie from our own pages or as a bearer token.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HOST, ORIGIN};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::session::COOKIE;
use crate::app::App;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// A request by somebody whose session lasts.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub actor: Actor,
    pub token: String,
}

impl SignedIn {
    /// Goes on when their role allows it; refusals are recorded.
    pub fn must(&self, app: &App, action: Action<'_>) -> Result<(), Problem> {
        if may(&self.actor, action, &app.desks.read().setup) {
            return Ok(());
        }
        tracing::warn!(user.id = %self.actor.user, role = ?self.actor.role, ?action, "refused by the policy");
        Err(Problem::forbidden())
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().map(|app| Arc::clone(app));
        let token = token(request, app.as_deref());
        Box::pin(async move {
            let app = app.ok_or_else(Problem::unavailable)?;
            let token = token?.ok_or_else(Problem::signed_out)?;
            let actor = actor_of(&app, &token).await?.ok_or_else(Problem::signed_out)?;
            Ok(Self { actor, token })
        })
    }
}

/// Whose session `token` is, while it lasts and they may sign in.
pub async fn actor_of(app: &App, token: &str) -> Result<Option<Actor>, Problem> {
    let Some(user) = app.vault.user_of_session(token).await? else { return Ok(None) };
    let desk = app.desks.read();
    let known = desk.setup.users.get(&user).filter(|known| !known.disabled);
    Ok(known.map(|known| Actor { user, role: known.role }))
}

/// A bearer token counts as it is; a cookie only from our own pages, because browsers send it from anywhere.
fn token(request: &HttpRequest, app: Option<&App>) -> Result<Option<String>, Problem> {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Ok(Some(token.to_owned()));
    }
    let Some(cookie) = request.cookie(COOKIE) else { return Ok(None) };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let upgrades = request.path() == "/ws";
    if (reads && !upgrades) || app.is_some_and(|app| from_our_origin(request, &app.public_url)) {
        return Ok(Some(cookie.value().to_owned()));
    }
    Err(Problem::forbidden())
}

/// Whether a browser says that the request comes from a page of ours: the public address, or the one it was sent to.
pub fn from_our_origin(request: &HttpRequest, public_url: &str) -> bool {
    let text =
        |name| request.headers().get(name).and_then(|value: &actix_web::http::header::HeaderValue| value.to_str().ok());
    let Some(origin) = text(ORIGIN) else { return false };
    let same_host = || {
        let host = text(HOST)?;
        let (_, of_origin) = origin.split_once("://")?;
        Some(of_origin == host)
    };
    origin == public_url || same_host().unwrap_or(false)
}
