//! Why the sandbox itself refuses, and the status that goes with it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::courier::PostError;
use crate::customer_side::CustomerRefusal;
use crate::handshake::HandshakeError;

/// A refusal of the sandbox's own endpoints.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("no number with this id is registered")]
    UnknownNumber,
    #[error(transparent)]
    Customer(#[from] CustomerRefusal),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Post(#[from] PostError),
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::UnknownNumber
            | Self::Customer(CustomerRefusal::UnknownNumber)
            | Self::Post(PostError::UnknownNumber) => StatusCode::NOT_FOUND,
            Self::Customer(_) | Self::Handshake(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Post(PostError::Unreachable(_)) => StatusCode::BAD_GATEWAY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"reason": self.to_string()}))
    }
}
