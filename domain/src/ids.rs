//! Ids: one type per thing, so that an agent's id cannot be passed for a conversation's.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// An agent; the same id as the user who signs in.
    AgentId,
    /// Our credentials at a provider.
    ConnectionId,
    /// A person outside.
    ContactId,
    /// Everything said between one contact and one gateway.
    ConversationId,
    /// A reason an interaction can end with.
    EndReasonId,
    /// A bot conversation.
    FlowId,
    /// One account reached through a connection.
    GatewayId,
    /// One unit of an agent's capacity, taken for a named conversation.
    HoldId,
    /// Where interactions wait.
    InboxId,
    /// One message, inbound or outbound.
    MessageId,
    /// An interaction held for one agent until answered.
    OfferId,
    /// Agents who serve inboxes together.
    TeamId,
    /// An offer made by the owning agent.
    TransferId,
    /// A person who signs in.
    UserId,
}

impl From<UserId> for AgentId {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}
