//! The rules of Gatehouse, and nothing else: no I/O, no clock, no randomness.
//!
//! Every aggregate is one folder with the same files: `command.rs` (what may be asked), `event.rs` (what can have
//! happened, stored for ever), `error.rs` (why we refuse), `decide.rs` (the rules), `mod.rs` (state and fold) and
//! `tests.rs` (given / when / then). Time and ids come in with the command.

pub mod aggregate;
pub mod channel;
pub mod clock;
pub mod ids;
pub mod personal;
pub mod record;
pub mod upcast;

pub mod agent;
pub mod connection;
pub mod contact;
pub mod conversation;
pub mod end_reason;
pub mod gateway;
pub mod inbox;
pub mod team;
pub mod user;

pub use aggregate::{Rules, Words};
pub use channel::{Address, AddressKind, Channel};
pub use clock::Clock;
pub use ids::*;
pub use personal::Personal;
pub use record::{Claim, Fact, Kind, Recorded, StreamId};
pub use upcast::{UPCASTS, Upcasts};
