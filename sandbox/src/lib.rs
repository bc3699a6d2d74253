//! A stand-in for Meta's WhatsApp Cloud API, for tests and for trying Gatehouse without an account.
//!
//! It checks requests as strictly as Meta does, answers with Meta's errors, and calls webhooks back signed as Meta
//! signs them. It knows nothing of Gatehouse and shares no code with its adapters: what both get wrong together
//! would otherwise never be seen. It keeps everything in memory and listens on loopback only.
//!
//! Where to read: `graph` is the API as Meta has it, `control` is what only a sandbox has (the customer's side,
//! faults), `courier` calls the business's webhook, `phone` is the page in the browser, `demo` sets a server up.

mod clock;
mod http;
mod ids;
mod number;
mod signature;
mod webhook;
mod inbound;
mod fault;
mod world;
mod handshake;
mod courier;
mod customer_side;
mod graph;
mod control;
mod phone;
mod sandbox;
pub mod demo;

pub use courier::PostError;
pub use customer_side::{CustomerMessage, CustomerRefusal};
pub use fault::{Fault, FaultKind, SendFault, WebhookFault};
pub use handshake::{HandshakeError, Registration};
pub use http::client;
pub use ids::{PhoneNumberId, UserId, WaId, Wamid};
pub use number::{Direction, MessageState, MessageView, Sent};
pub use sandbox::{Sandbox, StartError};
