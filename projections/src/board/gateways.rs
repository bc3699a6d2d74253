//! The gateways' lights: what was set up, and what became of the attempts to send of the last minutes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::GatewayId;
use gatehouse_domain::conversation::Event;
use gatehouse_domain::gateway::State;

use super::tally::Way;
use super::view::{BoardGateway, LightIn, LightOut};
use crate::setup::Setup;

/// Attempts to send are looked at for this long.
pub const WATCHED: TimeDelta = TimeDelta::minutes(15);

#[derive(Debug, Default)]
pub struct Gateways {
    attempts: BTreeMap<(DateTime<Utc>, u64), (GatewayId, Came)>,
    sums: BTreeMap<GatewayId, Sums>,
    now: DateTime<Utc>,
    changed: BTreeSet<GatewayId>,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    taken: u32,
    troubled: u32,
    received_at: Option<DateTime<Utc>>,
}

/// What came of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Taken,
    Troubled,
}

impl Gateways {
    /// Takes in what happened in a conversation of this gateway.
    pub fn fold(&mut self, gateway: GatewayId, position: u64, event: &Event) {
        let (came, at) = match event {
            Event::MessageReceived { at, .. } => {
                let sums = self.sums.entry(gateway).or_default();
                sums.received_at = sums.received_at.max(Some(*at));
                self.changed.insert(gateway);
                return;
            }
            Event::ReplySubmitted { at, .. } => (Came::Taken, *at),
            Event::ReplyFailed { at, .. } | Event::SendDeferred { at, .. } | Event::ReplyIndeterminate { at, .. } => {
                (Came::Troubled, *at)
            }
            _ => return,
        };
        if at + WATCHED > self.now {
            self.attempts.insert((at, position), (gateway, came));
            self.count(Way::In, gateway, came);
        }
    }

    /// A gateway was set up otherwise.
    pub fn touch(&mut self, gateway: GatewayId) {
        self.changed.insert(gateway);
    }

    pub fn tick(&mut self, now: DateTime<Utc>) {
        self.now = now;
        while let Some(first) = self.attempts.first_entry().filter(|first| first.key().0 + WATCHED <= now) {
            let (gateway, came) = first.remove();
            self.count(Way::Out, gateway, came);
        }
    }

    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.attempts.first_key_value().map(|((at, _), _)| *at + WATCHED)
    }

    /// Whether any has changed since `take_changed`.
    pub fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Those that changed since this was asked last.
    pub fn take_changed(&mut self) -> BTreeSet<GatewayId> {
        std::mem::take(&mut self.changed)
    }

    pub fn view(&self, id: GatewayId, setup: &Setup) -> Option<BoardGateway> {
        let known = setup.gateways.get(&id)?;
        let Sums { taken, troubled, received_at } = self.sums.get(&id).cloned().unwrap_or_default();
        let light_in = match known.state {
            State::Connected => LightIn::Connected,
            State::Parked => LightIn::Parked,
            State::Retired => LightIn::Retired,
        };
        let light_out = match (taken, troubled) {
            (0, 0) => LightOut::Idle,
            (_, 0) => LightOut::Good,
            (0, _) => LightOut::Failing,
            _ => LightOut::Trouble,
        };
        let (name, channel) = (known.name.clone(), known.account.channel.name());
        Some(BoardGateway { id: id.0, name, channel, light_in, light_out, taken, troubled, received_at })
    }

    fn count(&mut self, way: Way, gateway: GatewayId, came: Came) {
        let sums = self.sums.entry(gateway).or_default();
        let sum = match came {
            Came::Taken => &mut sums.taken,
            Came::Troubled => &mut sums.troubled,
        };
        way.count(sum, true);
        self.changed.insert(gateway);
    }
}
