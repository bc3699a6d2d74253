//! Reports: one row per fact, the names behind the ids, and sums per quarter of an hour.
//!
//! One file per table, with its row and what makes it, and `views` of them. No words of customers, no averages.

mod agent_states;
mod assignments;
mod conversations;
mod delivery_attempts;
mod flow_turns;
mod gateway_health;
mod interactions;
mod messages;
mod names;
mod offers;
mod quarters;
mod queue_stays;
mod responses;
mod scene;
mod sla_clocks;
mod slots;
mod time;
#[cfg(test)]
mod tests;
mod transfers;
mod views;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gatehouse_domain::{AgentId, ConversationId, Fact, GatewayId, Recorded, agent, gateway};
use uuid::Uuid;

pub use agent_states::AGENT_STATE_INTERVALS;
pub use assignments::ASSIGNMENTS;
pub use delivery_attempts::DELIVERY_ATTEMPTS;
pub use flow_turns::FLOW_TURNS;
pub use gateway_health::GATEWAY_HEALTH_INTERVALS;
pub use interactions::INTERACTIONS;
pub use messages::MESSAGES;
pub use names::{AGENTS, END_REASONS, GATEWAYS, INBOXES, TEAM_MEMBERS, TEAMS};
pub use offers::OFFERS;
pub use quarters::{AGENT_QUARTERS, AgentQuarter, QUARTERS, Quarter};
pub use queue_stays::QUEUE_STAYS;
pub use responses::RESPONSES;
pub use sla_clocks::SLA_CLOCKS;
pub use slots::SLOTS;
pub use transfers::TRANSFERS;

use self::agent_states::Shift;
use self::conversations::Conversation;
use self::gateway_health::Health;
use self::views::VIEWS;
use crate::table::{Change, Group, Projection, Table, View};

/// The reports, as they are folded: only what is open.
#[derive(Default)]
pub struct Reports {
    conversations: HashMap<Uuid, Conversation>,
    agents: HashMap<Uuid, Shift>,
    gateways: HashMap<Uuid, Health>,
}

impl Projection for Reports {
    const NAME: &'static str = "reports";
    const VERSION: u32 = 2;
    const GROUP: Group = Group::Reporting;
    const TABLES: &'static [&'static Table] = &[
        &INTERACTIONS,
        &QUEUE_STAYS,
        &OFFERS,
        &ASSIGNMENTS,
        &TRANSFERS,
        &RESPONSES,
        &SLA_CLOCKS,
        &MESSAGES,
        &DELIVERY_ATTEMPTS,
        &FLOW_TURNS,
        &AGENT_STATE_INTERVALS,
        &SLOTS,
        &GATEWAY_HEALTH_INTERVALS,
        &QUARTERS,
        &AGENT_QUARTERS,
        &AGENTS,
        &INBOXES,
        &GATEWAYS,
        &END_REASONS,
        &TEAMS,
        &TEAM_MEMBERS,
    ];
    const VIEWS: &'static [&'static View] = VIEWS;

    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>) {
        let id = recorded.stream.id;
        let sequence = i64::try_from(recorded.sequence).unwrap_or(i64::MAX);
        names::told(id, &recorded.fact, changes);
        match &recorded.fact {
            Fact::Conversation(event) => {
                let known = match self.conversations.entry(id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(free) => match Conversation::met(event) {
                        Some(met) => free.insert(met),
                        None => return,
                    },
                };
                known.told(event, ConversationId(id), sequence, changes);
            }
            Fact::Agent(agent::Event::AgentAdded { at, .. }) => {
                self.agents.insert(id, Shift::begun(AgentId(id), sequence, *at, changes));
            }
            Fact::Agent(event) => {
                if let Some(shift) = self.agents.get_mut(&id) {
                    shift.told(event, sequence, changes);
                }
            }
            Fact::Gateway(gateway::Event::GatewayAdded { account, at, .. }) => {
                let health = Health::added(GatewayId(id), account.channel, sequence, *at, changes);
                self.gateways.insert(id, health);
            }
            Fact::Gateway(event) => {
                if let Some(health) = self.gateways.get_mut(&id) {
                    health.told(event, sequence, changes);
                }
            }
            Fact::Contact(_)
            | Fact::Connection(_)
            | Fact::Inbox(_)
            | Fact::EndReason(_)
            | Fact::User(_)
            | Fact::Team(_) => {}
        }
    }
}
