//! The shapes desks receive: over REST and over the socket alike.

use chrono::{DateTime, Utc};
use gatehouse_domain::AgentId;
use gatehouse_domain::agent::Presence;
use gatehouse_domain::conversation::{Due, SlaClock};
use gatehouse_domain::user::Role;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::setup::{Agent, Setup};
use crate::timeline::{Direction, Entry};

/// A conversation as one row.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Summary {
    pub conversation: Uuid,
    /// The number of its newest interaction.
    pub interaction: u32,
    /// The sequence of its newest event.
    pub version: u64,
    pub channel: &'static str,
    pub gateway: Uuid,
    pub inbox: Uuid,
    /// Who waits with a higher one comes first; 0 where nobody said anything.
    pub priority: u8,
    /// Of its newest interaction, in the order they were put on.
    pub tags: Vec<String>,
    pub contact: ContactView,
    pub owner: OwnerView,
    #[schema(required)]
    pub last: Option<Last>,
    /// Until when free-form replies are allowed; none where the channel has no such rule, or nothing came yet.
    #[schema(required)]
    pub window_until: Option<DateTime<Utc>>,
    /// The customer wrote last.
    pub unanswered: bool,
    /// The promise that runs; none while nothing promised is waited for.
    #[schema(required)]
    pub sla: Option<SlaView>,
}

/// A promised answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlaView {
    pub clock: ClockView,
    pub due: DateTime<Utc>,
    /// It was told that the time passed without an answer.
    pub breached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockView {
    FirstResponse,
    NextResponse,
}

impl SlaView {
    pub fn of(due: Due) -> Self {
        let clock = match due.clock {
            SlaClock::FirstResponse => ClockView::FirstResponse,
            SlaClock::NextResponse => ClockView::NextResponse,
        };
        Self { clock, due: due.at, breached: due.breached }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ContactView {
    pub id: Uuid,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub address: Option<String>,
}

/// Who has it now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum OwnerView {
    Queue {
        since: DateTime<Utc>,
    },
    Offered {
        since: DateTime<Utc>,
        until: DateTime<Utc>,
        offers: Vec<OfferView>,
    },
    Agent {
        agent: Uuid,
        since: DateTime<Utc>,
        /// The colleague who is asked to take it over.
        #[schema(required)]
        transfer: Option<TransferView>,
    },
    Flow {
        since: DateTime<Utc>,
    },
    /// Ended, with the name of the end reason, or `idle`.
    Nobody {
        reason: String,
        at: DateTime<Utc>,
    },
}

impl OwnerView {
    /// The agent who has it, if one does.
    pub fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent { agent, .. } => Some(AgentId(*agent)),
            Self::Queue { .. } | Self::Offered { .. } | Self::Flow { .. } | Self::Nobody { .. } => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OfferView {
    pub offer: Uuid,
    pub agent: Uuid,
}

/// A transfer that waits for its answer.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TransferView {
    pub transfer: Uuid,
    pub from: Uuid,
    pub to: Uuid,
    /// None where the contact was erased.
    #[schema(required)]
    pub note: Option<String>,
    pub until: DateTime<Utc>,
}

/// The newest message.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Last {
    pub at: DateTime<Utc>,
    pub direction: Direction,
    #[schema(required)]
    pub text: Option<String>,
}

/// What an agent chose, or was set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceView {
    Online,
    Break,
    Offline,
    NotResponding,
}

/// An agent as colleagues see them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgentRow {
    pub id: Uuid,
    pub name: String,
    pub presence: PresenceView,
    /// Why they are on break, if they said.
    #[schema(required)]
    pub reason: Option<String>,
    pub connected: bool,
    pub capacity: u32,
    /// Slots taken now, by offers and by work.
    pub in_use: usize,
}

impl AgentRow {
    pub fn of(id: AgentId, agent: &Agent) -> Self {
        let presence = match &agent.presence {
            Presence::Online => PresenceView::Online,
            Presence::OnBreak { .. } => PresenceView::Break,
            Presence::Offline => PresenceView::Offline,
            Presence::NotResponding => PresenceView::NotResponding,
        };
        let reason = match &agent.presence {
            Presence::OnBreak { reason } => reason.clone(),
            Presence::Online | Presence::Offline | Presence::NotResponding => None,
        };
        Self {
            id: id.0,
            name: agent.name.clone(),
            presence,
            reason,
            connected: !agent.sockets.is_empty(),
            capacity: agent.capacity.total,
            in_use: agent.holds.len(),
        }
    }
}

/// An id with the name people know it by.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NamedGateway {
    pub id: Uuid,
    pub name: String,
    pub channel: &'static str,
}

/// What changed on a desk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    Conversation {
        summary: Box<Summary>,
        #[schema(required)]
        entry: Option<Entry>,
    },
    Agent {
        agent: AgentRow,
    },
    /// This person may not see the conversation any more.
    Hidden {
        conversation: Uuid,
    },
    Setup {
        inboxes: Vec<Named>,
        gateways: Vec<NamedGateway>,
        end_reasons: Vec<Named>,
    },
}

impl Change {
    /// The conversation it is about, if it is about one.
    pub fn conversation(&self) -> Option<Uuid> {
        match self {
            Self::Conversation { summary, .. } => Some(summary.conversation),
            Self::Hidden { conversation } => Some(*conversation),
            Self::Agent { .. } | Self::Setup { .. } => None,
        }
    }
}

/// Everything a desk starts from.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Snapshot {
    pub me: Me,
    pub agents: Vec<AgentRow>,
    pub inboxes: Vec<Named>,
    pub gateways: Vec<NamedGateway>,
    pub end_reasons: Vec<Named>,
    /// The open conversations this person may see.
    pub conversations: Vec<Summary>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub role: RoleView,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    Agent,
    Supervisor,
    Analyst,
    Administrator,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Supervisor => Self::Supervisor,
            Role::Analyst => Self::Analyst,
            Role::Administrator => Self::Administrator,
        }
    }
}

/// The names a desk shows instead of ids.
pub fn names(setup: &Setup) -> (Vec<Named>, Vec<NamedGateway>, Vec<Named>) {
    let inboxes = setup.inboxes.iter().map(|(id, inbox)| Named { id: id.0, name: inbox.name.clone() });
    let gateways = setup.gateways.iter().map(|(id, gateway)| NamedGateway {
        id: id.0,
        name: gateway.name.clone(),
        channel: gateway.account.channel.name(),
    });
    let reasons = setup.end_reasons.iter().filter(|(_, reason)| !reason.retired);
    let reasons = reasons.map(|(id, reason)| Named { id: id.0, name: reason.name.clone() });
    (inboxes.collect(), gateways.collect(), reasons.collect())
}
