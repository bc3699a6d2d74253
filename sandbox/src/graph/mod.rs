//! The API as Meta has it: `POST /v25.0/{phone_number_id}/messages`.
//!
//! `request` reads, `accept` decides, and this file answers.

mod error;
mod request;
mod phone_number;
mod accept;
mod messages;

pub use error::GraphError;
pub use messages::{messages, unknown_path};
