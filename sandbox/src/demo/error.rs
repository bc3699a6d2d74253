//! What can keep the demo from being set up, in words for whoever started it.

use std::path::PathBuf;

/// Why the demo is not set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("cannot make calls: {0}")]
    NoClient(reqwest::Error),
    #[error("{url} did not answer within {seconds} s ({reason}); is it running?")]
    NotThere { url: String, seconds: u64, reason: String },
    #[error("{method} {url} failed: {source}")]
    Unreachable { method: &'static str, url: String, source: reqwest::Error },
    #[error("{method} {url} was refused with {status}: {reason}")]
    Refused { method: &'static str, url: String, status: u16, reason: String },
    #[error("{url} answered without {field}")]
    Unexpected { url: String, field: &'static str },
    #[error(
        "the server has a connection \"{name}\" already, but {} does not hold its secrets; name the file of the first \
         run with --state, or start with an empty server",
        state.display()
    )]
    SecretsLost { name: &'static str, state: PathBuf },
    #[error("cannot keep the secrets in {}: {source}", state.display())]
    State { state: PathBuf, source: std::io::Error },
    #[error("{} does not hold what an earlier run wrote: {source}", state.display())]
    StateUnreadable { state: PathBuf, source: serde_json::Error },
    #[error("the machine gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
}
