//! What administrators configured, and which agents are there.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gatehouse_domain::agent::{Capacity, Presence};
use gatehouse_domain::gateway::{Account, Conditions, Exception, IDLE_CLOSE_DEFAULT_MS, State};
use gatehouse_domain::inbox::{Routing, Sla};
use gatehouse_domain::user::Role;
use gatehouse_domain::{
    AgentId, Channel, ConnectionId, ConversationId, EndReasonId, Fact, GatewayId, HoldId, InboxId, Recorded, TeamId,
    UserId, agent, connection, end_reason, gateway, inbox, team, user,
};
use uuid::Uuid;

/// The whole configuration, folded from the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    pub connections: BTreeMap<ConnectionId, Connection>,
    pub gateways: BTreeMap<GatewayId, Gateway>,
    pub inboxes: BTreeMap<InboxId, Inbox>,
    /// The inbox each channel's entry points feed.
    pub primary: BTreeMap<Channel, InboxId>,
    pub agents: BTreeMap<AgentId, Agent>,
    pub users: BTreeMap<UserId, User>,
    /// The reasons an interaction can end with now.
    pub end_reasons: BTreeMap<EndReasonId, EndReason>,
    pub teams: BTreeMap<TeamId, Team>,
    /// Where agents last began or ceased to serve an inbox, themselves or with a team.
    regrouped: BTreeMap<AgentId, u64>,
    accounts: HashMap<(ConnectionId, String), GatewayId>,
    logins: HashMap<String, UserId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub name: String,
    pub provider: String,
    pub settings: BTreeMap<String, String>,
    pub secrets_version: u32,
    pub retired: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    pub number: u32,
    pub name: String,
    pub account: Account,
    pub conditions: Conditions,
    pub state: State,
    pub idle_close_ms: Option<u64>,
    pub exception: Option<Exception>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Inbox {
    pub name: String,
    pub routing: Routing,
    pub members: BTreeSet<AgentId>,
    pub teams: BTreeSet<TeamId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    pub name: String,
    pub members: BTreeSet<AgentId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    pub name: String,
    pub presence: Presence,
    pub sockets: BTreeSet<Uuid>,
    pub capacity: Capacity,
    pub skills: BTreeSet<String>,
    pub holds: BTreeMap<HoldId, (ConversationId, Channel)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub disabled: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EndReason {
    pub name: String,
    pub retired: bool,
}

impl Setup {
    /// Takes one event in; tells whether anything here changed.
    pub fn fold(&mut self, recorded: &Recorded) -> bool {
        let id = recorded.stream.id;
        match &recorded.fact {
            Fact::Conversation(_) | Fact::Contact(_) => return false,
            Fact::Agent(event) => self.fold_agent(AgentId(id), event),
            Fact::Connection(event) => self.fold_connection(ConnectionId(id), event),
            Fact::Gateway(event) => self.fold_gateway(GatewayId(id), event),
            Fact::Inbox(event) => self.fold_inbox(InboxId(id), event),
            Fact::EndReason(event) => self.fold_end_reason(EndReasonId(id), event),
            Fact::User(event) => self.fold_user(UserId(id), event),
            Fact::Team(event) => self.fold_team(TeamId(id), event),
        }
        self.fold_groups(recorded);
        true
    }

    /// The position since which an agent serves the same inboxes.
    pub fn regrouped_at(&self, agent: AgentId) -> u64 {
        self.regrouped.get(&agent).copied().unwrap_or(0)
    }

    /// The gateway of an account at a connection.
    pub fn gateway_of_account(&self, connection: ConnectionId, account: &str) -> Option<(GatewayId, &Gateway)> {
        let id = self.accounts.get(&(connection, account.to_owned()))?;
        Some((*id, self.gateways.get(id)?))
    }

    /// The inbox an entry point feeds now, and what is promised there; none where its channel has no primary inbox.
    pub fn fed_by(&self, gateway: &Gateway) -> Option<(InboxId, Sla)> {
        let exception = gateway.exception;
        let inbox = match exception {
            Some(exception) => exception.inbox,
            None => *self.primary.get(&gateway.account.channel)?,
        };
        let mut sla = self.inboxes.get(&inbox)?.routing.sla;
        sla.first_response_ms = exception.and_then(|exception| exception.sla_ms).or(sla.first_response_ms);
        Some((inbox, sla))
    }

    /// The user who signs in as `login`, whatever its case.
    pub fn user_of_login(&self, login: &str) -> Option<(UserId, &User)> {
        let id = self.logins.get(&login.to_lowercase())?;
        Some((*id, self.users.get(id)?))
    }

    /// The reasons that may be chosen now.
    pub fn configured_end_reasons(&self) -> Vec<EndReasonId> {
        self.end_reasons.iter().filter(|(_, reason)| !reason.retired).map(|(id, _)| *id).collect()
    }

    /// Whether `agent` serves `inbox`, themselves or with a team.
    pub fn is_member(&self, inbox: InboxId, agent: AgentId) -> bool {
        let in_team = |team: &TeamId| self.teams.get(team).is_some_and(|team| team.members.contains(&agent));
        self.inboxes.get(&inbox).is_some_and(|inbox| inbox.members.contains(&agent) || inbox.teams.iter().any(in_team))
    }

    fn fold_agent(&mut self, id: AgentId, event: &agent::Event) {
        if let agent::Event::AgentAdded { name, .. } = event {
            let agent = Agent {
                name: name.clone(),
                presence: Presence::Offline,
                sockets: BTreeSet::new(),
                capacity: Capacity::default(),
                skills: BTreeSet::new(),
                holds: BTreeMap::new(),
            };
            self.agents.insert(id, agent);
        }
        let Some(this) = self.agents.get_mut(&id) else { return };
        match event {
            agent::Event::AgentAdded { .. } => {}
            agent::Event::SkillGranted { skill, .. } => {
                this.skills.insert(skill.clone());
            }
            agent::Event::SkillRevoked { skill, .. } => {
                this.skills.remove(skill);
            }
            agent::Event::WentOnline { .. } => this.presence = Presence::Online,
            agent::Event::TookBreak { reason, .. } => this.presence = Presence::OnBreak { reason: reason.clone() },
            agent::Event::WentOffline { .. } => this.presence = Presence::Offline,
            agent::Event::MarkedNotResponding { .. } => this.presence = Presence::NotResponding,
            agent::Event::Connected { socket, .. } => {
                this.sockets.insert(*socket);
            }
            agent::Event::Disconnected { socket, .. } => {
                this.sockets.remove(socket);
            }
            agent::Event::CapacitySet { capacity, .. } => this.capacity = capacity.clone(),
            agent::Event::SlotHeld { hold, conversation, channel, .. } => {
                this.holds.insert(*hold, (*conversation, *channel));
            }
            agent::Event::SlotReleased { hold, .. } => {
                this.holds.remove(hold);
            }
        }
    }

    fn fold_connection(&mut self, id: ConnectionId, event: &connection::Event) {
        if let connection::Event::ConnectionAdded { name, provider, settings, .. } = event {
            let (name, provider, settings) = (name.clone(), provider.clone(), settings.clone());
            let connection = Connection { name, provider, settings, secrets_version: 0, retired: false };
            self.connections.insert(id, connection);
        }
        let Some(this) = self.connections.get_mut(&id) else { return };
        match event {
            connection::Event::ConnectionAdded { .. } => {}
            connection::Event::SettingsSet { settings, .. } => this.settings = settings.clone(),
            connection::Event::SecretsRotated { version, .. } => this.secrets_version = *version,
            connection::Event::ConnectionRetired { .. } => this.retired = true,
        }
    }

    fn fold_gateway(&mut self, id: GatewayId, event: &gateway::Event) {
        if let gateway::Event::GatewayAdded { number, name, account, conditions, .. } = event {
            self.accounts.insert((account.connection, account.id.clone()), id);
            let gateway = Gateway {
                number: *number,
                name: name.clone(),
                account: account.clone(),
                conditions: conditions.clone(),
                state: State::Parked,
                idle_close_ms: Some(IDLE_CLOSE_DEFAULT_MS),
                exception: None,
            };
            self.gateways.insert(id, gateway);
        }
        let Some(this) = self.gateways.get_mut(&id) else { return };
        match event {
            gateway::Event::GatewayAdded { .. } => {}
            gateway::Event::IdleCloseSet { after_ms, .. } => this.idle_close_ms = *after_ms,
            gateway::Event::ExceptionSet { exception, .. } => this.exception = Some(*exception),
            gateway::Event::ExceptionCleared { .. } => this.exception = None,
            gateway::Event::ConditionsSet { conditions, .. } => this.conditions = conditions.clone(),
            gateway::Event::GatewayConnected { .. } => this.state = State::Connected,
            gateway::Event::GatewayParked { .. } => this.state = State::Parked,
            gateway::Event::GatewayRetired { .. } => this.state = State::Retired,
        }
    }

    fn fold_inbox(&mut self, id: InboxId, event: &inbox::Event) {
        if let inbox::Event::InboxAdded { name, routing, .. } = event {
            let (name, routing) = (name.clone(), routing.clone());
            self.inboxes.insert(id, Inbox { name, routing, members: BTreeSet::new(), teams: BTreeSet::new() });
        }
        let Some(this) = self.inboxes.get_mut(&id) else { return };
        match event {
            inbox::Event::InboxAdded { .. } => {}
            inbox::Event::InboxRenamed { name, .. } => this.name.clone_from(name),
            inbox::Event::RoutingSet { routing, .. } => this.routing.clone_from(routing),
            inbox::Event::MadePrimary { channel, .. } => {
                self.primary.insert(*channel, id);
            }
            inbox::Event::MemberAdded { agent, .. } => {
                this.members.insert(*agent);
            }
            inbox::Event::MemberRemoved { agent, .. } => {
                this.members.remove(agent);
            }
            inbox::Event::TeamAdded { team, .. } => {
                this.teams.insert(*team);
            }
            inbox::Event::TeamRemoved { team, .. } => {
                this.teams.remove(team);
            }
        }
    }

    fn fold_team(&mut self, id: TeamId, event: &team::Event) {
        if let team::Event::TeamAdded { name, .. } = event {
            self.teams.insert(id, Team { name: name.clone(), members: BTreeSet::new() });
        }
        let Some(this) = self.teams.get_mut(&id) else { return };
        match event {
            team::Event::TeamAdded { .. } => {}
            team::Event::TeamRenamed { name, .. } => this.name.clone_from(name),
            team::Event::MemberAdded { agent, .. } => {
                this.members.insert(*agent);
            }
            team::Event::MemberRemoved { agent, .. } => {
                this.members.remove(agent);
            }
        }
    }

    /// The agents who may serve other inboxes since this was folded.
    pub fn regrouped_by(&self, Recorded { stream, fact, .. }: &Recorded) -> BTreeSet<AgentId> {
        let moved = match fact {
            Fact::Inbox(inbox::Event::MemberAdded { agent, .. } | inbox::Event::MemberRemoved { agent, .. }) => {
                self.inboxes.contains_key(&InboxId(stream.id)).then(|| BTreeSet::from([*agent]))
            }
            Fact::Team(team::Event::MemberAdded { agent, .. } | team::Event::MemberRemoved { agent, .. }) => {
                self.teams.contains_key(&TeamId(stream.id)).then(|| BTreeSet::from([*agent]))
            }
            Fact::Inbox(inbox::Event::TeamAdded { team, .. } | inbox::Event::TeamRemoved { team, .. }) => {
                self.teams.get(team).map(|team| team.members.clone())
            }
            _ => None,
        };
        moved.unwrap_or_default()
    }

    fn fold_groups(&mut self, recorded: &Recorded) {
        let moved = self.regrouped_by(recorded);
        self.regrouped.extend(moved.into_iter().map(|agent| (agent, recorded.position)));
    }

    fn fold_end_reason(&mut self, id: EndReasonId, event: &end_reason::Event) {
        match event {
            end_reason::Event::EndReasonAdded { name, .. } => {
                self.end_reasons.insert(id, EndReason { name: name.clone(), retired: false });
            }
            end_reason::Event::EndReasonRetired { .. } => {
                if let Some(reason) = self.end_reasons.get_mut(&id) {
                    reason.retired = true;
                }
            }
        }
    }

    fn fold_user(&mut self, id: UserId, event: &user::Event) {
        if let user::Event::UserAdded { login, name, role, .. } = event {
            self.logins.insert(login.to_lowercase(), id);
            self.users.insert(id, User { login: login.clone(), name: name.clone(), role: *role, disabled: false });
        }
        let Some(this) = self.users.get_mut(&id) else { return };
        match event {
            user::Event::UserAdded { .. } | user::Event::PasswordSet { .. } => {}
            user::Event::RoleSet { role, .. } => this.role = *role,
            user::Event::UserDisabled { .. } => this.disabled = true,
        }
    }
}
