//! A gateway: one account reached through a connection, and the entry point customers come in by.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{Channel, Claim, ConnectionId, Fact, InboxId, Kind, Rules};

aggregate!(Gateway);

/// Filters beside the brand (country, market, ...): two at most, as administrators know them.
pub const FILTERS_MAX: usize = 2;

/// How long a customer may be silent before the interaction ends by itself, unless the gateway says otherwise: 24 h.
pub const IDLE_CLOSE_DEFAULT_MS: u64 = 24 * 60 * 60 * 1_000;

/// Whether it exists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Gateway {
    #[default]
    Unknown,
    Known(Known),
}

/// What the rules remember of a gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub state: State,
    pub account: Account,
    pub conditions: Conditions,
    pub idle_close_ms: Option<u64>,
    pub exception: Option<Exception>,
}

/// Whether its traffic opens interactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Held before it is connected: traffic is kept as unrouted.
    Parked,
    Connected,
    Retired,
}

/// The account at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub connection: ConnectionId,
    pub channel: Channel,
    /// The provider's id of it: a phone number id, a page id, a mailbox.
    pub id: String,
    /// What customers see as the sender, where the channel has one.
    pub sender: Option<String>,
}

/// When the gateway is chosen for a message of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// None fits any brand.
    pub brand: Option<String>,
    #[serde(default)]
    pub filters: BTreeMap<String, String>,
}

/// Where an entry point leads instead of the channel's primary inbox. At most one per gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub inbox: InboxId,
    /// The promised first response, in milliseconds; none: the inbox's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla_ms: Option<u64>,
}

impl Gateway {
    fn evolve(&mut self, event: Event) {
        match (event, self) {
            (Event::GatewayAdded { account, conditions, .. }, this) => {
                *this = Self::Known(Known {
                    state: State::Parked,
                    account,
                    conditions,
                    idle_close_ms: Some(IDLE_CLOSE_DEFAULT_MS),
                    exception: None,
                });
            }
            (Event::GatewayConnected { .. }, Self::Known(known)) => known.state = State::Connected,
            (Event::GatewayParked { .. }, Self::Known(known)) => known.state = State::Parked,
            (Event::GatewayRetired { .. }, Self::Known(known)) => known.state = State::Retired,
            (Event::ConditionsSet { conditions, .. }, Self::Known(known)) => known.conditions = conditions,
            (Event::IdleCloseSet { after_ms, .. }, Self::Known(known)) => known.idle_close_ms = after_ms,
            (Event::ExceptionSet { exception, .. }, Self::Known(known)) => known.exception = Some(exception),
            (Event::ExceptionCleared { .. }, Self::Known(known)) => known.exception = None,
            (_, Self::Unknown) => {}
        }
    }
}

impl Rules for Gateway {
    const KIND: Kind = Kind::Gateway;
    const FOLD_VERSION: u32 = 2;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Gateway(event)
    }

    fn claims(&self, events: &[Event]) -> Vec<Claim> {
        let claims = |event: &Event| match event {
            Event::GatewayAdded { number, account, .. } => {
                vec![Claim::GatewayNumber(*number), Claim::Account(account.connection, account.id.clone())]
            }
            _ => vec![],
        };
        events.iter().flat_map(claims).collect()
    }
}
