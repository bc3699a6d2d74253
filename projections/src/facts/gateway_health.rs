//! Gateway health, as far as the log knows it.

use chrono::{DateTime, Utc};
use gatehouse_domain::gateway::Event;
use gatehouse_domain::{Channel, GatewayId};

use super::time::{cut, ms};
use crate::table::Change;

crate::row! {
    /// One time a gateway was in one state. Not known to the log yet: whether its credentials work, its templates are
    /// approved and its provider reaches us.
    pub struct GatewayHealthInterval in GATEWAY_HEALTH_INTERVALS "gateway_health_intervals" key 2 indexes [["began_at"]] {
        /// The gateway.
        gateway_id: GatewayId,
        /// The place in the gateway's stream of the event that began it.
        sequence: i64,
        /// The channel.
        channel: Channel,
        /// parked (its traffic is kept and opens nothing), connected, retired.
        state: &'static str,
        /// When it began.
        began_at: DateTime<Utc>,
        /// When it ended; none: it is so now.
        ended_at: Option<DateTime<Utc>>,
        /// From its beginning to its end, in milliseconds.
        duration_ms: Option<i64>,
    }
}

/// One gateway, as it is now.
pub struct Health {
    now: DateTime<Utc>,
    open: GatewayHealthInterval,
}

impl Health {
    /// A gateway is added parked.
    pub fn added(
        gateway: GatewayId,
        channel: Channel,
        sequence: i64,
        at: DateTime<Utc>,
        changes: &mut Vec<Change>,
    ) -> Self {
        let now = cut(at);
        let open = GatewayHealthInterval {
            gateway_id: gateway,
            sequence,
            channel,
            state: "parked",
            began_at: now,
            ended_at: None,
            duration_ms: None,
        };
        changes.push(Change::put(open.clone()));
        Self { now, open }
    }

    pub fn told(&mut self, event: &Event, sequence: i64, changes: &mut Vec<Change>) {
        self.now = self.now.max(cut(event.at()));
        let Some(state) = state(event).filter(|state| *state != self.open.state) else { return };
        let next = GatewayHealthInterval { sequence, state, began_at: self.now, ..self.open.clone() };
        let (ended_at, duration_ms) = (Some(self.now), Some(ms(self.open.began_at, self.now)));
        let over = std::mem::replace(&mut self.open, next);
        changes.push(Change::put(GatewayHealthInterval { ended_at, duration_ms, ..over }));
        changes.push(Change::put(self.open.clone()));
    }
}

/// The state a gateway is in after the event, where the event says so.
pub const fn state(event: &Event) -> Option<&'static str> {
    match event {
        Event::GatewayAdded { .. } | Event::GatewayParked { .. } => Some("parked"),
        Event::GatewayConnected { .. } => Some("connected"),
        Event::GatewayRetired { .. } => Some("retired"),
        Event::ConditionsSet { .. }
        | Event::IdleCloseSet { .. }
        | Event::ExceptionSet { .. }
        | Event::ExceptionCleared { .. } => None,
    }
}
