//! What the log holds: streams, facts, their positions, and the unique things they claim.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Address, AgentId, Channel, ConnectionId, ConversationId, GatewayId, agent, connection, contact, conversation,
    end_reason, gateway, inbox, team, user,
};

/// The kinds of streams: one per aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Conversation,
    Agent,
    Contact,
    Connection,
    Gateway,
    Inbox,
    EndReason,
    User,
    Team,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 9] = [
        Self::Conversation,
        Self::Agent,
        Self::Contact,
        Self::Connection,
        Self::Gateway,
        Self::Inbox,
        Self::EndReason,
        Self::User,
        Self::Team,
    ];

    /// The name it is stored under (`aggregate_type`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Agent => "agent",
            Self::Contact => "contact",
            Self::Connection => "connection",
            Self::Gateway => "gateway",
            Self::Inbox => "inbox",
            Self::EndReason => "end_reason",
            Self::User => "user",
            Self::Team => "team",
        }
    }

    /// The kind stored under `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Names one stream: one aggregate's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId {
    pub kind: Kind,
    pub id: Uuid,
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.id)
    }
}

/// An event of any aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    Conversation(conversation::Event),
    Agent(agent::Event),
    Contact(contact::Event),
    Connection(connection::Event),
    Gateway(gateway::Event),
    Inbox(inbox::Event),
    EndReason(end_reason::Event),
    User(user::Event),
    Team(team::Event),
}

impl Fact {
    /// Whether it is that a contact was erased.
    pub fn erases(&self) -> bool {
        matches!(self, Self::Contact(contact::Event::Erased { .. }))
    }

    /// Reads a stored payload of the given kind of stream.
    pub fn from_json(kind: Kind, payload: serde_json::Value) -> Result<Self, serde_json::Error> {
        Self::read(kind, payload)
    }

    /// Reads a stored payload as it is written, in less than half the time.
    pub fn parse(kind: Kind, payload: &str) -> Result<Self, serde_json::Error> {
        let mut payload = serde_json::Deserializer::from_str(payload);
        let fact = Self::read(kind, &mut payload)?;
        payload.end()?;
        Ok(fact)
    }

    fn read<'de, D: serde::Deserializer<'de>>(kind: Kind, payload: D) -> Result<Self, D::Error> {
        Ok(match kind {
            Kind::Conversation => Self::Conversation(Deserialize::deserialize(payload)?),
            Kind::Agent => Self::Agent(Deserialize::deserialize(payload)?),
            Kind::Contact => Self::Contact(Deserialize::deserialize(payload)?),
            Kind::Connection => Self::Connection(Deserialize::deserialize(payload)?),
            Kind::Gateway => Self::Gateway(Deserialize::deserialize(payload)?),
            Kind::Inbox => Self::Inbox(Deserialize::deserialize(payload)?),
            Kind::EndReason => Self::EndReason(Deserialize::deserialize(payload)?),
            Kind::User => Self::User(Deserialize::deserialize(payload)?),
            Kind::Team => Self::Team(Deserialize::deserialize(payload)?),
        })
    }

    /// The payload as it is stored, the personal part still open.
    pub fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        use serde_json::to_value;
        match self {
            Self::Conversation(event) => to_value(event),
            Self::Agent(event) => to_value(event),
            Self::Contact(event) => to_value(event),
            Self::Connection(event) => to_value(event),
            Self::Gateway(event) => to_value(event),
            Self::Inbox(event) => to_value(event),
            Self::EndReason(event) => to_value(event),
            Self::User(event) => to_value(event),
            Self::Team(event) => to_value(event),
        }
    }

    /// The name it is stored under.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Conversation(event) => event.name(),
            Self::Agent(event) => event.name(),
            Self::Contact(event) => event.name(),
            Self::Connection(event) => event.name(),
            Self::Gateway(event) => event.name(),
            Self::Inbox(event) => event.name(),
            Self::EndReason(event) => event.name(),
            Self::User(event) => event.name(),
            Self::Team(event) => event.name(),
        }
    }
}

/// A fact with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its place in the one total order; starts at 1, no gaps.
    pub position: u64,
    pub stream: StreamId,
    /// Its place in its own stream; starts at 1, no gaps.
    pub sequence: u64,
    pub recorded_at: DateTime<Utc>,
    pub fact: Fact,
}

/// A thing only one stream can own. The journal stores a keyed hash of it, never these words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// A contact's address on a channel.
    ContactAddress(Channel, Address),
    /// A provider's id of a message we sent through a gateway.
    ProviderMessage(GatewayId, String),
    /// An account at a provider, reached through a connection.
    Account(ConnectionId, String),
    /// A gateway's number.
    GatewayNumber(u32),
    Login(String),
}

impl Claim {
    /// A text that is equal for equal claims and different for different ones.
    pub fn canonical(&self) -> String {
        let parts = |kind: &str, scope: &str, value: &str| format!("{kind}\u{1f}{scope}\u{1f}{value}");
        let address = |address: &Address| format!("{}\u{1f}{}", address.kind.name(), address.value);
        match self {
            Self::ContactAddress(channel, at) => parts("contact_address", channel.name(), &address(at)),
            Self::ProviderMessage(gateway, id) => parts("provider_message", &gateway.to_string(), id),
            Self::Account(connection, account) => parts("account", &connection.to_string(), account),
            Self::GatewayNumber(number) => parts("gateway_number", "", &number.to_string()),
            Self::Login(login) => parts("login", "", &login.to_lowercase()),
        }
    }
}

/// Who made something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum By {
    Agent { agent: AgentId },
    System,
}

/// Names a conversation's stream.
impl From<ConversationId> for StreamId {
    fn from(id: ConversationId) -> Self {
        Self { kind: Kind::Conversation, id: id.0 }
    }
}
