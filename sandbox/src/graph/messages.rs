//! The endpoint: who asks, what goes wrong on purpose, and the answer.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::GraphError;
use super::accept::{Accepted, accept, find_recipient};
use super::request::{Request, Send, parse};
use crate::clock::now_ms;
use crate::fault::SendFault;
use crate::ids::{PhoneNumberId, WaId, Wamid};
use crate::number::{Direction, MessageState, MessageView, Number};
use crate::signature::app_secret_proof;
use crate::webhook::{Status, status_delivery};
use crate::world::{State, World};

/// What may stand behind the question mark.
#[derive(Deserialize)]
pub struct Proof {
    appsecret_proof: Option<String>,
}

/// How a request is answered.
enum Reply {
    Answer(Value),
    Refusal(GraphError),
    TooMany { retry_after_s: Option<u64> },
    Late { answer: Value, delay: Duration },
    HangUp,
}

/// `POST /v{N}.{M}/{phone_number_id}/messages`
pub async fn messages(
    world: Data<World>,
    path: Path<(String, PhoneNumberId)>,
    proof: Query<Proof>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (_version, number_id) = path.into_inner();
    let reply = match reply(&world, &number_id, &request, &proof, &body) {
        Ok(reply) => reply,
        Err(error) => Reply::Refusal(error),
    };
    match reply {
        Reply::Answer(answer) => HttpResponse::Ok().json(answer),
        Reply::Refusal(error) => error.response(),
        Reply::TooMany { retry_after_s } => {
            let mut response = GraphError::of(130429, "Cloud API message throughput has been reached.").response();
            if let Some(seconds) = retry_after_s {
                response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
            }
            response
        }
        Reply::Late { answer, delay } => {
            tokio::time::sleep(delay).await;
            HttpResponse::Ok().json(answer)
        }
        Reply::HangUp => hang_up(),
    }
}

/// Any path Meta does not have.
pub async fn unknown_path(request: HttpRequest) -> HttpResponse {
    GraphError::unknown_path(request.path()).response()
}

fn reply(
    world: &Arc<World>,
    number_id: &PhoneNumberId,
    request: &HttpRequest,
    proof: &Proof,
    body: &[u8],
) -> Result<Reply, GraphError> {
    let mut state = world.lock();
    let number = authorise(&mut state, number_id, bearer(request), proof)?;
    match parse(&json_of(request, body)?)? {
        Request::Send(send) => reply_to_send(world, &mut state, number_id, send),
        Request::MarkRead(id) => {
            let (customer, message) = mark_read(number, &id)?;
            world.announce(number_id, &customer, message);
            Ok(Reply::Answer(json!({"success": true})))
        }
    }
}

/// Finds the number for whoever holds its token. A token that opens another number sees this one as missing.
fn authorise<'a>(
    state: &'a mut State,
    number_id: &PhoneNumberId,
    token: Option<&str>,
    proof: &Proof,
) -> Result<&'a mut Number, GraphError> {
    let token = token.unwrap_or_default();
    if !state.numbers.values().any(|number| number.registration.access_token == token) {
        return Err(GraphError::of(190, ""));
    }
    let number = state.numbers.get_mut(number_id).filter(|number| number.registration.access_token == token);
    let number = number.ok_or_else(|| GraphError::unknown_object(&number_id.0))?;
    let expected = app_secret_proof(&number.registration.app_secret, token);
    if proof.appsecret_proof.as_ref().is_some_and(|proof| *proof != expected) {
        return Err(GraphError::parameter("Invalid appsecret_proof provided in the API argument"));
    }
    Ok(number)
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn json_of(request: &HttpRequest, body: &[u8]) -> Result<Value, GraphError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    // Meta does not look into a body that is not called JSON, and so misses the first parameter.
    if !content_type.is_some_and(|name| name.starts_with("application/json")) {
        return Err(GraphError::required("messaging_product"));
    }
    serde_json::from_slice(body).map_err(|error| GraphError::parameter(&format!("Invalid JSON: {error}")))
}

fn reply_to_send(
    world: &Arc<World>,
    state: &mut State,
    number_id: &PhoneNumberId,
    send: Send,
) -> Result<Reply, GraphError> {
    let State { numbers, faults, .. } = &mut *state;
    let number = numbers.get_mut(number_id).ok_or_else(|| GraphError::unknown_object(&number_id.0))?;
    let customer = find_recipient(number, &send.to)?;
    let fault = faults.take_send(&customer);
    match fault {
        Some(SendFault::Status429 { retry_after_s }) => return Ok(Reply::TooMany { retry_after_s }),
        Some(SendFault::Status500) => return Err(GraphError::of(131000, "")),
        Some(SendFault::Error { code }) => return Err(GraphError::of(code, "")),
        Some(SendFault::DropBeforeAccept) => return Ok(Reply::HangUp),
        Some(SendFault::Slow { .. } | SendFault::DropAfterAccept | SendFault::FailedStatus { .. }) | None => {}
    }
    let accepted = accept(number, &customer, send, now_ms())?;
    let outcome = match fault {
        Some(SendFault::FailedStatus { code }) => Err(GraphError::of(code, "")),
        _ => Ok(()),
    };
    report(world, state, number_id, &customer, &accepted, outcome);
    Ok(match fault {
        Some(SendFault::DropAfterAccept) => Reply::HangUp,
        Some(SendFault::Slow { delay_ms }) => {
            Reply::Late { answer: accepted.answer, delay: Duration::from_millis(delay_ms) }
        }
        _ => Reply::Answer(accepted.answer),
    })
}

/// Puts the message on the customer's phone, or not, and lets the business know by webhook.
fn report(
    world: &Arc<World>,
    state: &mut State,
    number_id: &PhoneNumberId,
    customer: &WaId,
    accepted: &Accepted,
    outcome: Result<(), GraphError>,
) {
    let (arrives_as, statuses) = match outcome {
        Ok(()) => (MessageState::Delivered, vec![Status::Sent, Status::Delivered]),
        Err(error) => (MessageState::Failed, vec![Status::Failed(error)]),
    };
    let Some(number) = state.numbers.get_mut(number_id) else { return };
    if let Some(message) = number.meet(customer).find_message(&accepted.id) {
        message.advance(arrives_as);
        world.announce(number_id, customer, message.view());
    }
    let deliveries: Vec<_> = statuses
        .into_iter()
        .filter_map(|status| status_delivery(number, customer, &accepted.id, &accepted.outbound, status))
        .collect();
    for delivery in deliveries {
        world.dispatch(state, delivery);
    }
}

fn mark_read(number: &mut Number, id: &Wamid) -> Result<(WaId, MessageView), GraphError> {
    for customer in number.customers.values_mut() {
        let wa_id = customer.wa_id.clone();
        if let Some(message) = customer.find_message(id)
            && message.direction() == Direction::Inbound
        {
            message.advance(MessageState::Read);
            return Ok((wa_id, message.view()));
        }
    }
    Err(GraphError::of(131009, "message_id is not the id of a message to this number."))
}

/// Closes the connection without a byte of an answer.
fn hang_up() -> HttpResponse {
    // A body that fails before its first byte ends the connection before the head is written.
    let broken = std::io::Error::other("hung up on purpose");
    HttpResponse::Ok().streaming(stream::once(async { Err::<Bytes, _>(broken) }))
}
