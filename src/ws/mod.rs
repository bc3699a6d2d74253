//! `/ws`: the desk protocol, JSON-RPC 2.0 over a WebSocket. Requests are commands, notifications are what happened.
//!
//! The frames are in `protocol` and what they carry in `params`; `execute` does what they ask; one connected desk is a
//! `socket`.

mod execute;
mod params;
pub mod protocol;
mod resume;
mod socket;

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::http::SignedIn;
use crate::problem::Problem;

/// Largest frame a desk may send.
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Opens a desk's socket for somebody who is signed in.
pub async fn open(
    app: Data<App>,
    signed_in: SignedIn,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let (response, session, stream) = actix_ws::handle(&request, payload)
        .map_err(|error| Problem::new(actix_web::http::StatusCode::BAD_REQUEST, "no_upgrade", error.to_string()))?;
    let stream = stream.max_frame_size(FRAME_BYTES_MAX);
    actix_web::rt::spawn(socket::serve(Arc::clone(&app), signed_in, session, stream));
    Ok(response)
}
