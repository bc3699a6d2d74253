//! Names: what the ids in the facts stand for, as it is now.

use chrono::{DateTime, Utc};
use gatehouse_domain::{
    AgentId, Channel, EndReasonId, Fact, GatewayId, InboxId, TeamId, agent, end_reason, gateway, inbox, team,
};
use uuid::Uuid;

use super::gateway_health::state;
use super::time::cut;
use crate::table::{Cell, Change, Table, Value};

crate::row! {
    /// Agents, as they are now.
    pub struct Agent in AGENTS "agents" key 1 indexes [] {
        /// The agent.
        agent_id: AgentId,
        /// Their name.
        name: String,
        /// When they were added.
        added_at: DateTime<Utc>,
    }
}

crate::row! {
    /// Inboxes, as they are now.
    pub struct Inbox in INBOXES "inboxes" key 1 indexes [] {
        /// The inbox.
        inbox_id: InboxId,
        /// Its name.
        name: String,
        /// When it was added.
        added_at: DateTime<Utc>,
    }
}

crate::row! {
    /// Gateways, as they are now. A figure by brand is the sum over the gateways that have the brand now.
    pub struct Gateway in GATEWAYS "gateways" key 1 indexes [] {
        /// The gateway.
        gateway_id: GatewayId,
        /// How people refer to it.
        number: u32,
        /// Its name.
        name: String,
        /// The channel.
        channel: Channel,
        /// Whose name it speaks in; none fits any brand.
        brand: Option<String>,
        /// parked, connected or retired.
        state: &'static str,
        /// When it was added.
        added_at: DateTime<Utc>,
    }
}

crate::row! {
    /// End reasons, as they are now.
    pub struct EndReason in END_REASONS "end_reasons" key 1 indexes [] {
        /// The end reason.
        end_reason_id: EndReasonId,
        /// Its name.
        name: String,
        /// When it was added.
        added_at: DateTime<Utc>,
        /// Since when nobody can choose it any more.
        retired_at: Option<DateTime<Utc>>,
    }
}

crate::row! {
    /// Teams, as they are now.
    pub struct Team in TEAMS "teams" key 1 indexes [] {
        /// The team.
        team_id: TeamId,
        /// Its name.
        name: String,
        /// When it was added.
        added_at: DateTime<Utc>,
    }
}

crate::row! {
    /// Who is, or was, in which team: the newest time they were.
    pub struct TeamMember in TEAM_MEMBERS "team_members" key 2 indexes [["agent_id"]] {
        /// The team.
        team_id: TeamId,
        /// The agent.
        agent_id: AgentId,
        /// When they joined.
        joined_at: DateTime<Utc>,
        /// When they left; none: they are in it.
        left_at: Option<DateTime<Utc>>,
    }
}

/// Tells what an event says of a name.
pub fn told(id: Uuid, fact: &Fact, changes: &mut Vec<Change>) {
    match fact {
        Fact::Agent(agent::Event::AgentAdded { name, at }) => {
            changes.push(Change::put(Agent { agent_id: AgentId(id), name: name.clone(), added_at: cut(*at) }));
        }
        Fact::Inbox(inbox::Event::InboxAdded { name, at, .. }) => {
            changes.push(Change::put(Inbox { inbox_id: InboxId(id), name: name.clone(), added_at: cut(*at) }));
        }
        Fact::Inbox(inbox::Event::InboxRenamed { name, .. }) => changes.push(set(&INBOXES, id, "name", name.clone())),
        Fact::Gateway(event) => gateway(GatewayId(id), event, changes),
        Fact::EndReason(end_reason::Event::EndReasonAdded { name, at }) => changes.push(Change::put(EndReason {
            end_reason_id: EndReasonId(id),
            name: name.clone(),
            added_at: cut(*at),
            retired_at: None,
        })),
        Fact::EndReason(end_reason::Event::EndReasonRetired { at }) => {
            changes.push(set(&END_REASONS, id, "retired_at", cut(*at)));
        }
        Fact::Team(event) => team(TeamId(id), event, changes),
        _ => {}
    }
}

fn gateway(id: GatewayId, event: &gateway::Event, changes: &mut Vec<Change>) {
    match event {
        gateway::Event::GatewayAdded { number, name, account, conditions, at } => changes.push(Change::put(Gateway {
            gateway_id: id,
            number: *number,
            name: name.clone(),
            channel: account.channel,
            brand: conditions.brand.clone(),
            state: "parked",
            added_at: cut(*at),
        })),
        gateway::Event::ConditionsSet { conditions, .. } => {
            changes.push(set(&GATEWAYS, id.0, "brand", conditions.brand.clone()));
        }
        _ => changes.extend(state(event).map(|state| set(&GATEWAYS, id.0, "state", state))),
    }
}

fn team(id: TeamId, event: &team::Event, changes: &mut Vec<Change>) {
    match event {
        team::Event::TeamAdded { name, at } => {
            changes.push(Change::put(Team { team_id: id, name: name.clone(), added_at: cut(*at) }));
        }
        team::Event::TeamRenamed { name, .. } => changes.push(set(&TEAMS, id.0, "name", name.clone())),
        team::Event::MemberAdded { agent, at } => {
            let (team_id, agent_id, joined_at) = (id, *agent, cut(*at));
            changes.push(Change::put(TeamMember { team_id, agent_id, joined_at, left_at: None }));
        }
        team::Event::MemberRemoved { agent, at } => changes.push(Change::Set {
            table: &TEAM_MEMBERS,
            key: vec![id.value(), agent.value()],
            set: vec![("left_at", cut(*at).value())],
        }),
    }
}

fn set(table: &'static Table, id: Uuid, column: &'static str, to: impl Cell) -> Change {
    Change::Set { table, key: vec![Value::Id(id)], set: vec![(column, to.value())] }
}
