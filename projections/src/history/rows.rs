//! The tables of the history. Words, names and addresses are in them, until their contact is erased.

use chrono::{DateTime, Utc};
use gatehouse_domain::{AgentId, Channel, ContactId, ConversationId, EndReasonId, GatewayId, InboxId};
use uuid::Uuid;

use crate::row;

row! {
    /// One interaction, as it stands.
    pub struct Interaction in INTERACTIONS "interactions" key 2 indexes [
        ["opened_at", "conversation_id", "interaction"], ["inbox_id", "opened_at"], ["contact_id", "opened_at"],
    ] {
        /// The conversation it is an episode of.
        conversation_id: ConversationId,
        /// Its number in the conversation, from 1.
        interaction: u32,
        /// Whom it is with.
        contact_id: ContactId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The medium.
        channel: Channel,
        /// Where it waits, or waited last.
        inbox_id: InboxId,
        /// Who has it, or had it last; none: nobody yet.
        agent_id: Option<AgentId>,
        /// Where it is: queue, offer, agent, flow, or ended.
        state: &'static str,
        /// How urgent it is; higher is more.
        priority: i64,
        /// When it was opened (UTC).
        opened_at: DateTime<Utc>,
        /// When something was said last, in either direction or among agents (UTC).
        last_at: DateTime<Utc>,
        /// When it ended; none: it is open (UTC).
        ended_at: Option<DateTime<Utc>>,
        /// Why, where an agent ended it with a reason.
        end_reason_id: Option<EndReasonId>,
    }
}

row! {
    /// An agent who had an interaction, now or earlier.
    pub struct InteractionAgent in INTERACTION_AGENTS "interaction_agents" key 3 indexes [["agent_id", "opened_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The interaction's number in it.
        interaction: u32,
        /// The agent.
        agent_id: AgentId,
        /// When the interaction was opened (UTC).
        opened_at: DateTime<Utc>,
    }
}

row! {
    /// A tag of an interaction, on it or taken off again.
    pub struct InteractionTag in INTERACTION_TAGS "interaction_tags" key 3 indexes [["tag", "opened_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The interaction's number in it.
        interaction: u32,
        /// What the tag is compared by: its letters, all small.
        folded: String,
        /// When the interaction was opened (UTC).
        opened_at: DateTime<Utc>,
        /// The same while the tag is on; none once it was taken off.
        tag: Option<String>,
    }
}

row! {
    /// One message, or a note among agents.
    pub struct Said in MESSAGES "messages" key 2 indexes [["position"], ["contact_id"]] search ["text" Words] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message; of a note, a name made from its place.
        message_id: Uuid,
        /// The number of the interaction it was said in.
        interaction: u32,
        /// Whom the conversation is with.
        contact_id: ContactId,
        /// received, sent, echoed (sent by a person in the provider's own app) or note.
        kind: &'static str,
        /// The agent who said it, where one did.
        agent_id: Option<AgentId>,
        /// When (UTC).
        at: DateTime<Utc>,
        /// The words; none where there are none, or where they were taken back.
        text: Option<String>,
        /// Position of its event in the log: whatever was said later has a higher one.
        position: i64,
    }
}

row! {
    /// A person outside.
    pub struct Person in CONTACTS "contacts" key 1 indexes [["position"]] search ["name" Names] {
        /// The contact.
        contact_id: ContactId,
        /// The name their channel shows; none: unknown, or erased.
        name: Option<String>,
        /// When they were met first (UTC).
        created_at: DateTime<Utc>,
        /// Position in the log of the event by which they were met.
        position: i64,
    }
}

row! {
    /// An address of a contact.
    pub struct ContactAddress in CONTACT_ADDRESSES "contact_addresses" key 3 indexes [["address"]] {
        /// The contact.
        contact_id: ContactId,
        /// The medium.
        channel: Channel,
        /// The address: digits with country code, the provider's id of the person, or an e-mail address.
        address: String,
    }
}
