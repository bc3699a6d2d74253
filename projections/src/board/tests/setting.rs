//! What is set up before anything happens: two inboxes, two gateways, three agents.

use chrono::TimeDelta;
use chrono_tz::Tz;
use gatehouse_domain::gateway::{Account, Conditions};
use gatehouse_domain::inbox::Routing;
use gatehouse_domain::{
    AgentId, Channel, ConnectionId, Fact, GatewayId, InboxId, Kind, Recorded, agent, gateway, inbox,
};
use uuid::Uuid;

use crate::board::{Definitions, LicenceMax};
use crate::fixtures::{NOON, recorded};

pub const SALES: InboxId = InboxId(Uuid::from_u128(0x11));
pub const BILLING: InboxId = InboxId(Uuid::from_u128(0x12));
pub const INBOXES: [InboxId; 2] = [SALES, BILLING];
pub const AGENTS: [AgentId; 3] =
    [AgentId(Uuid::from_u128(0xA0)), AgentId(Uuid::from_u128(0xA1)), AgentId(Uuid::from_u128(0xA2))];
pub const GATEWAYS: [GatewayId; 2] = [GatewayId(Uuid::from_u128(0x60)), GatewayId(Uuid::from_u128(0x61))];

pub fn definitions(licence: Option<u32>) -> Definitions {
    Definitions {
        answer_within: TimeDelta::seconds(60),
        short_abandon: TimeDelta::seconds(10),
        zone: Tz::Europe__Berlin,
        licence: LicenceMax {
            total: licence,
            per_channel: licence.map(|max| (Channel::Sms, max - 1)).into_iter().collect(),
        },
    }
}

/// The log of the set-up.
pub fn setting() -> Vec<Recorded> {
    let at = NOON;
    let mut facts = vec![];
    for (number, id) in INBOXES.into_iter().enumerate() {
        let name = format!("Inbox {number}");
        facts.push((
            Kind::Inbox,
            id.0,
            Fact::Inbox(inbox::Event::InboxAdded { name, routing: Routing::default(), at }),
        ));
    }
    for (number, id) in AGENTS.into_iter().enumerate() {
        facts.push((Kind::Agent, id.0, Fact::Agent(agent::Event::AgentAdded { name: format!("Agent {number}"), at })));
    }
    for (inbox, channel) in [(SALES, Channel::Whatsapp), (BILLING, Channel::Sms)] {
        facts.push((Kind::Inbox, inbox.0, Fact::Inbox(inbox::Event::MadePrimary { channel, at })));
    }
    for (number, id) in GATEWAYS.into_iter().enumerate() {
        let channel = [Channel::Whatsapp, Channel::Sms][number];
        let account =
            Account { connection: ConnectionId(Uuid::from_u128(1)), channel, id: number.to_string(), sender: None };
        let (name, conditions) = (format!("Gateway {number}"), Conditions::default());
        let number = number as u32 + 1;
        let added = gateway::Event::GatewayAdded { number, name, account, conditions, at };
        facts.push((Kind::Gateway, id.0, Fact::Gateway(added)));
    }
    facts.push((Kind::Gateway, GATEWAYS[0].0, Fact::Gateway(gateway::Event::GatewayConnected { at })));
    for agent in AGENTS {
        facts.push((Kind::Inbox, SALES.0, Fact::Inbox(inbox::Event::MemberAdded { agent, at })));
    }
    let number = |(index, (kind, id, fact))| recorded(index as u64 + 1, kind, id, index as u64 + 1, fact);
    facts.into_iter().enumerate().map(number).collect()
}
