//! What can have happened to a gateway. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use super::{Account, Conditions, Exception};
use crate::aggregate::events;

events! {
    pub enum Event {
        /// `number` is how people refer to it; the lowest wins a tie between gateways.
        "gateway_added" => GatewayAdded {
            number: u32, name: String, account: Account, conditions: Conditions, at: DateTime<Utc>,
        },
        "gateway_conditions_set" => ConditionsSet { conditions: Conditions, at: DateTime<Utc> },
        /// How long the customer may be silent before the interaction ends by itself; none keeps it open.
        "gateway_idle_close_set" => IdleCloseSet { after_ms: Option<u64>, at: DateTime<Utc> },
        /// Its traffic goes to another inbox than the channel's primary one.
        "gateway_exception_set" => ExceptionSet { exception: Exception, at: DateTime<Utc> },
        "gateway_exception_cleared" => ExceptionCleared { at: DateTime<Utc> },
        "gateway_connected" => GatewayConnected { at: DateTime<Utc> },
        "gateway_parked" => GatewayParked { at: DateTime<Utc> },
        "gateway_retired" => GatewayRetired { at: DateTime<Utc> },
    }
}
