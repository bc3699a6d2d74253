//! Messages, without a word of them.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Content, Event, Resolution};
use gatehouse_domain::{AgentId, Channel, ConversationId, FlowId, GatewayId, InboxId, MessageId};

use super::scene::{Place, Scene};
use super::time::cut;
use crate::table::{Cell, Change, Value};

crate::row! {
    /// One message, in or out: who wrote it and what became of it, never what it says.
    pub struct Message in MESSAGES "messages" key 2 indexes [["at"], ["gateway_id", "submitted_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message.
        message_id: MessageId,
        /// The interaction it belongs to; none where none was open.
        interaction: Option<u32>,
        /// The account it came or goes by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// The inbox of the interaction at that time; none where none was open.
        inbox_id: Option<InboxId>,
        /// Its author if an agent wrote it; for a customer's, the agent who had the interaction.
        agent_id: Option<AgentId>,
        /// Its author if a flow wrote it.
        flow_id: Option<FlowId>,
        /// inbound or outbound.
        direction: &'static str,
        /// contact, agent, flow, api (a program of the organisation), app (a person of ours in the provider's own app).
        author: &'static str,
        /// text, template or unsupported.
        content: &'static str,
        /// The template's name.
        template: Option<String>,
        /// Our time: received, or queued to be sent.
        at: DateTime<Utc>,
        /// The provider's time of a message that came in.
        provider_at: Option<DateTime<Utc>>,
        /// When the provider had taken it: its answer, or the first receipt if that was earlier.
        submitted_at: Option<DateTime<Utc>>,
        /// The newest receipt that it was sent on.
        sent_at: Option<DateTime<Utc>>,
        /// The newest receipt that it was delivered. A message with a read_at was delivered too.
        delivered_at: Option<DateTime<Utc>>,
        /// The newest receipt that it was read.
        read_at: Option<DateTime<Utc>>,
        /// When it failed, as told last.
        failed_at: Option<DateTime<Utc>>,
        /// Why it failed; erased where the contact was erased before it was sent.
        failure: Option<String>,
        /// When an attempt was last without known outcome.
        indeterminate_at: Option<DateTime<Utc>>,
        /// When somebody decided not to send it again.
        discarded_at: Option<DateTime<Utc>>,
        /// When the customer took it back.
        revoked_at: Option<DateTime<Utc>>,
    }
}

/// Tells what an event says of a message. When the provider had taken one is told by whoever follows its attempts.
pub fn told(event: &Event, place: &Place, scene: Option<&Scene>, changes: &mut Vec<Change>) {
    let mut set = |message: &MessageId, columns: Vec<(&'static str, Value)>| {
        changes.push(set(place.conversation, *message, columns));
    };
    let now = place.at.value();
    match event {
        Event::MessageReceived { message, content, sent_at, .. } => {
            let row = row(*message, content, "contact", place, scene);
            let agent_id = scene.and_then(Scene::agent);
            let provider_at = Some(cut(*sent_at));
            changes.push(Change::put(Message { direction: "inbound", agent_id, provider_at, ..row }));
            changes.extend(scene.map(|scene| scene.count(agent_id, &[("messages_received", 1)])));
        }
        Event::MessageEchoed { message, content, sent_at, .. } => {
            let row = row(*message, content, "app", place, scene);
            changes.push(Change::put(Message { provider_at: Some(cut(*sent_at)), ..row }));
            changes.extend(scene.map(|scene| scene.count(None, &[("messages_echoed", 1)])));
        }
        Event::ReplyQueued { message, author, gateway, content, .. } => {
            let (author, agent_id, flow_id, count) = match author {
                Author::Agent { agent } => ("agent", Some(*agent), None, "messages_written"),
                Author::Flow { flow } => ("flow", None, Some(*flow), "messages_automatic"),
                Author::Api => ("api", None, None, "messages_automatic"),
            };
            let row = row(*message, content, author, place, scene);
            changes.push(Change::put(Message { gateway_id: *gateway, agent_id, flow_id, ..row }));
            changes.extend(scene.map(|scene| scene.count(agent_id, &[(count, 1)])));
        }
        Event::ReplySent { message, .. } => set(message, vec![("sent_at", now)]),
        Event::ReplyDelivered { message, .. } => set(message, vec![("delivered_at", now)]),
        Event::ReplyRead { message, .. } => set(message, vec![("read_at", now)]),
        Event::ReplyFailed { message, reason, .. } => {
            set(message, vec![("failed_at", now), ("failure", reason.clone().value())]);
        }
        Event::ReplyIndeterminate { message, .. } => set(message, vec![("indeterminate_at", now)]),
        Event::SendResolved { message, resolution: Resolution::Discard, .. } => {
            set(message, vec![("discarded_at", now)]);
        }
        Event::MessageRevoked { message, .. } => set(message, vec![("revoked_at", now)]),
        _ => {}
    }
}

/// Some columns of a message.
pub fn set(conversation: ConversationId, message: MessageId, columns: Vec<(&'static str, Value)>) -> Change {
    Change::Set { table: &MESSAGES, key: vec![conversation.value(), message.value()], set: columns }
}

/// A message of ours nothing is known of yet.
fn row(message: MessageId, content: &Content, author: &'static str, place: &Place, scene: Option<&Scene>) -> Message {
    let (content, template) = match content {
        Content::Text => ("text", None),
        Content::Template { name, .. } => ("template", Some(name.clone())),
        Content::Unsupported { .. } => ("unsupported", None),
    };
    Message {
        conversation_id: place.conversation,
        message_id: message,
        interaction: scene.map(|scene| scene.interaction),
        gateway_id: place.gateway,
        channel: place.channel,
        inbox_id: scene.map(|scene| scene.inbox),
        agent_id: None,
        flow_id: None,
        direction: "outbound",
        author,
        content,
        template,
        at: place.at,
        provider_at: None,
        submitted_at: None,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        failed_at: None,
        failure: None,
        indeterminate_at: None,
        discarded_at: None,
        revoked_at: None,
    }
}
