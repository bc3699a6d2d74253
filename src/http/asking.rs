//! Who asks for a command, and the key under which it happens once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use utoipa::IntoParams;
use uuid::Uuid;

use super::SignedIn;
use crate::agent_commands::Asker;
use crate::policy::Actor;
use crate::problem::Problem;

/// Somebody signed in, and the `Idempotency-Key` they give what they ask for.
pub struct Asking {
    actor: Actor,
    key: Option<Uuid>,
}

impl Asking {
    pub fn asker(&self) -> Asker<'_> {
        Asker { actor: &self.actor, key: self.key }
    }
}

/// How the API's description tells of the key.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes")]
pub struct IdempotencyKey {
    /// the same key happens once
    #[param(rename = "Idempotency-Key")]
    key: Option<Uuid>,
}

impl FromRequest for Asking {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (signed_in, key) = (SignedIn::from_request(request, payload), key(request));
        Box::pin(async move { Ok(Self { actor: signed_in.await?.actor, key: key? }) })
    }
}

fn key(request: &HttpRequest) -> Result<Option<Uuid>, Problem> {
    let Some(header) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    let key = header.to_str().ok().and_then(|key| key.parse().ok());
    let bad = || Problem::new(StatusCode::BAD_REQUEST, "bad_key", "an Idempotency-Key is a UUID");
    key.map(Some).ok_or_else(bad)
}
