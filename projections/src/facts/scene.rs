//! What an event of a conversation meets: the interaction as it was just before it.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::HowAssigned;
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId};
use uuid::Uuid;

use super::quarters::QUARTERS;
use super::time::quarter;
use crate::table::{Cell, Change, Table, Value};

/// Where and when an event of a conversation happened.
#[derive(Clone, Copy)]
pub struct Place {
    pub conversation: ConversationId,
    pub sequence: i64,
    pub at: DateTime<Utc>,
    pub gateway: GatewayId,
    pub channel: Channel,
}

/// The same in an open interaction, with who had it until then.
#[derive(Clone, Copy)]
pub struct Scene {
    pub place: Place,
    pub interaction: u32,
    pub inbox: InboxId,
    pub owner: Owner,
    /// A turn of the customer is open.
    pub asked: bool,
}

/// Who has an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It has just been opened.
    Nobody,
    Queue,
    Agent {
        agent: AgentId,
        since: DateTime<Utc>,
    },
    Flow,
}

impl Scene {
    /// The agent who has it.
    pub fn agent(&self) -> Option<AgentId> {
        match self.owner {
            Owner::Agent { agent, .. } => Some(agent),
            Owner::Nobody | Owner::Queue | Owner::Flow => None,
        }
    }

    pub fn in_inbox(self, inbox: InboxId) -> Self {
        Self { inbox, ..self }
    }

    /// Counts in the quarter of the event.
    pub fn count(&self, agent: Option<AgentId>, counts: &[(&str, i64)]) -> Change {
        self.place.count(self.inbox, agent, counts)
    }
}

impl Deref for Scene {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

impl Place {
    pub fn count(&self, inbox: InboxId, agent: Option<AgentId>, counts: &[(&str, i64)]) -> Change {
        let agent = agent.unwrap_or(AgentId(Uuid::nil()));
        let (channel, gateway) = (self.channel.value(), self.gateway.value());
        add(&QUARTERS, vec![quarter(self.at).value(), inbox.value(), agent.value(), channel, gateway], counts)
    }
}

/// Adds to some columns of a roll-up.
pub fn add(table: &'static Table, key: Vec<Value>, counts: &[(&str, i64)]) -> Change {
    let mut sums = vec![0; table.columns.len() - table.key];
    for (column, count) in counts {
        sums[table.place(column) - table.key] += count;
    }
    Change::Add { table, key, sums }
}

/// The word for how an agent came to have it.
pub const fn how(how: HowAssigned) -> &'static str {
    match how {
        HowAssigned::Offer { .. } => "offer",
        HowAssigned::Transfer => "transfer",
        HowAssigned::Automatic => "automatic",
        HowAssigned::Pull => "pull",
        HowAssigned::Supervisor { .. } => "supervisor",
        HowAssigned::TakeOver => "take_over",
        HowAssigned::Retake => "retake",
        HowAssigned::Outbound => "outbound",
    }
}
