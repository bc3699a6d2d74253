//! Registers a business's number, with the handshake Meta makes when a webhook is subscribed.

use serde::{Deserialize, Serialize};

use crate::ids::Wamid;

/// What a business tells Meta about one of its numbers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Registration {
    pub display_phone_number: String,
    pub waba: String,
    pub callback_url: String,
    pub verify_token: String,
    pub app_secret: String,
    pub access_token: String,
    /// Meta's limit of one message in six seconds to one person. Off, unless a test wants it.
    #[serde(default)]
    pub pair_rate_limit: bool,
}

/// Why the business's webhook was not subscribed.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    #[error("display_phone_number holds no digits")]
    NoPhoneNumber,
    #[error("the callback could not be asked: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("the callback answered {0} to the handshake, and only 200 will do")]
    WrongStatus(u16),
    #[error("the callback answered the handshake with something other than the challenge")]
    WrongChallenge,
}

/// Asks the callback to prove that it knows the verify token.
pub async fn shake_hands(http: &reqwest::Client, registration: &Registration) -> Result<(), HandshakeError> {
    if !registration.display_phone_number.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(HandshakeError::NoPhoneNumber);
    }
    // Nobody can know the challenge beforehand, as nobody can know the next message's id.
    let challenge = Wamid::mint().0;
    let query =
        [("hub.mode", "subscribe"), ("hub.challenge", &challenge), ("hub.verify_token", &registration.verify_token)];
    let answer = http.get(&registration.callback_url).query(&query).send().await?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(HandshakeError::WrongStatus(status));
    }
    if answer.text().await? != challenge {
        return Err(HandshakeError::WrongChallenge);
    }
    Ok(())
}
