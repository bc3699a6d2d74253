//! One conversation, told: each event as the line a person reads, or nothing. Pure, so it is the same live and later.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Content, Ending, Event, Opening, Resolution, Withdrawn};
use gatehouse_domain::{AgentId, ConversationId, Personal, Recorded, conversation::InboundWords};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::setup::Setup;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Entry {
    /// Its place in the conversation; grows.
    pub sequence: u64,
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub line: Line,
}

/// What the line tells.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    Message {
        message: Uuid,
        direction: Direction,
        author: Writer,
        content: Shown,
        /// Where an outbound message starts; what follows comes as `status` lines.
        #[schema(required)]
        status: Option<Status>,
    },
    Status {
        message: Uuid,
        status: Status,
        #[schema(required)]
        reason: Option<String>,
    },
    /// Something happened around the conversation: opened, offered, assigned, ended.
    Moment {
        #[schema(required)]
        interaction: Option<u32>,
        what: &'static str,
        #[schema(required)]
        agent: Option<Uuid>,
        #[schema(required)]
        reason: Option<String>,
        /// Where a colleague wrote something: the name under which the history finds it.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Uuid>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Writer {
    Contact,
    Agent {
        agent: Uuid,
    },
    Flow,
    /// A program of the organisation, or somebody in the provider's own app.
    System,
}

/// What of a message can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Shown {
    Text { text: String },
    Unsupported { r#type: String },
    Erased,
}

/// How far an outbound message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Sending,
    Deferred,
    Indeterminate,
    Submitted,
    Sent,
    Delivered,
    Read,
    Failed,
    Discarded,
}

/// Tells one event of a conversation, if there is something to tell.
pub fn entry(recorded: &Recorded, event: &Event, setup: &Setup) -> Option<Entry> {
    let (at, line) = match event {
        Event::InteractionOpened { interaction, opening, at, .. } => {
            let agent = match opening {
                Opening::Received => None,
                Opening::Outbound { agent } | Opening::Retaken { agent, .. } => Some(*agent),
            };
            (at, moment("opened", agent, None, Some(*interaction)))
        }
        Event::Queued { at, .. } => (at, moment("queued", None, None, None)),
        Event::Offered { offers, at, .. } => (at, moment("offered", offers.first().map(|one| one.agent), None, None)),
        Event::OfferAccepted { .. } | Event::TransferAccepted { .. } => return None,
        Event::OfferDeclined { agent, reason, at, .. } => (at, moment("declined", Some(*agent), reason.clone(), None)),
        Event::OfferLapsed { agent, at, .. } => (at, moment("lapsed", Some(*agent), None, None)),
        Event::OfferWithdrawn { agent, why, at, .. } => {
            (at, moment("withdrawn", Some(*agent), Some(withdrawn(*why)), None))
        }
        Event::Assigned { agent, at, .. } => (at, moment("assigned", Some(*agent), None, None)),
        Event::TransferRequested { to, at, personal, .. } => {
            let note = personal.known().map(|note| note.text.clone());
            (at, noted(recorded, moment("transfer_requested", Some(*to), note, None)))
        }
        Event::TransferDeclined { at, .. } => (at, moment("transfer_declined", None, None, None)),
        Event::TransferLapsed { at, .. } => (at, moment("transfer_lapsed", None, None, None)),
        Event::TransferWithdrawn { why, at, .. } => {
            (at, moment("transfer_withdrawn", None, Some(withdrawn(*why)), None))
        }
        Event::HandedToFlow { at, .. } => (at, moment("handed_to_flow", None, None, None)),
        Event::FlowEnded { at, .. } => (at, moment("flow_ended", None, None, None)),
        Event::InteractionEnded { interaction, ending, at } => {
            let (agent, reason) = told(*ending, setup);
            (at, moment("ended", agent, Some(reason), Some(*interaction)))
        }
        Event::WindowExpired { at, .. } => (at, moment("window_expired", None, None, None)),
        Event::NoteAdded { by, at, personal } => {
            let note = personal.known().map(|note| note.text.clone());
            (at, noted(recorded, moment("note", Some(*by), note, None)))
        }
        Event::Tagged { tag, by, at } => (at, moment("tagged", Some(*by), Some(tag.as_str().to_owned()), None)),
        Event::Untagged { tag, by, at } => (at, moment("untagged", Some(*by), Some(tag.as_str().to_owned()), None)),
        Event::PrioritySet { priority, at } => (at, moment("priority_set", None, Some(priority.to_string()), None)),
        Event::SlaBreached { at, .. } => (at, moment("sla_breached", None, None, None)),
        Event::MessageEdited { at, .. } => (at, moment("edited", None, None, None)),
        Event::MessageRevoked { at, .. } => (at, moment("revoked", None, None, None)),
        Event::ReactionReceived { at, personal, .. } => {
            (at, moment("reaction", None, personal.known().and_then(|reaction| reaction.emoji.clone()), None))
        }
        Event::Erased { at } => (at, moment("erased", None, None, None)),
        Event::AddressAdded { .. } | Event::AttachmentRecorded { .. } => return None,

        Event::MessageReceived { message, content, at, personal, .. } => {
            (at, inbound(message.0, Direction::Inbound, Writer::Contact, content, personal))
        }
        Event::MessageEchoed { message, content, at, personal, .. } => {
            (at, inbound(message.0, Direction::Outbound, Writer::System, content, personal))
        }
        Event::ReplyQueued { message, author, personal, at, .. } => {
            let content = personal.known().map_or(Shown::Erased, |words| Shown::Text { text: words.text.clone() });
            let author = match author {
                Author::Agent { agent } => Writer::Agent { agent: agent.0 },
                Author::Flow { .. } => Writer::Flow,
                Author::Api => Writer::System,
            };
            let (direction, status) = (Direction::Outbound, Some(Status::Queued));
            (at, Line::Message { message: message.0, direction, author, content, status })
        }
        Event::SendAttempted { message, at, .. } => (at, status(message.0, Status::Sending, None)),
        Event::SendDeferred { message, reason, at, .. } => {
            (at, status(message.0, Status::Deferred, Some(reason.clone())))
        }
        Event::ReplySubmitted { message, at, .. } => (at, status(message.0, Status::Submitted, None)),
        Event::ReplySent { message, at } => (at, status(message.0, Status::Sent, None)),
        Event::ReplyDelivered { message, at } => (at, status(message.0, Status::Delivered, None)),
        Event::ReplyRead { message, at } => (at, status(message.0, Status::Read, None)),
        Event::ReplyFailed { message, reason, at } => (at, status(message.0, Status::Failed, Some(reason.clone()))),
        Event::ReplyIndeterminate { message, at, .. } => (at, status(message.0, Status::Indeterminate, None)),
        Event::SendResolved { message, resolution, at, .. } => {
            let to = match resolution {
                Resolution::Resend => Status::Queued,
                Resolution::Discard => Status::Discarded,
            };
            (at, status(message.0, to, None))
        }
    };
    Some(Entry { sequence: recorded.sequence, at: *at, line })
}

/// Who ended an interaction and the word for why.
pub fn told(ending: Ending, setup: &Setup) -> (Option<AgentId>, String) {
    match ending {
        Ending::Reason { reason, by } => {
            let name = setup.end_reasons.get(&reason).map_or("unknown", |reason| reason.name.as_str());
            (Some(by), name.to_owned())
        }
        Ending::Idle => (None, "idle".to_owned()),
        Ending::Erased => (None, "erased".to_owned()),
    }
}

fn inbound(
    message: Uuid,
    direction: Direction,
    author: Writer,
    content: &Content,
    words: &Personal<InboundWords>,
) -> Line {
    let text = words.known().map(|words| words.text.clone().unwrap_or_default());
    let content = match (content, text) {
        (Content::Unsupported { kind }, _) => Shown::Unsupported { r#type: kind.clone() },
        (Content::Text | Content::Template { .. }, Some(text)) => Shown::Text { text },
        (Content::Text | Content::Template { .. }, None) => Shown::Erased,
    };
    Line::Message { message, direction, author, content, status: None }
}

fn status(message: Uuid, status: Status, reason: Option<String>) -> Line {
    Line::Status { message, status, reason }
}

fn moment(what: &'static str, agent: Option<AgentId>, reason: Option<String>, interaction: Option<u32>) -> Line {
    Line::Moment { interaction, what, agent: agent.map(|agent| agent.0), reason, message: None }
}

fn noted(recorded: &Recorded, mut line: Line) -> Line {
    if let Line::Moment { message, .. } = &mut line {
        *message = Some(note_id(ConversationId(recorded.stream.id), recorded.sequence));
    }
    line
}

/// A note has no id of its own; its place in the conversation is as good.
pub fn note_id(conversation: ConversationId, sequence: u64) -> Uuid {
    Uuid::new_v5(&conversation.0, &sequence.to_be_bytes())
}

fn withdrawn(why: Withdrawn) -> String {
    match why {
        Withdrawn::Superseded => "superseded",
        Withdrawn::AgentGone => "agent_gone",
        Withdrawn::Ended => "ended",
        Withdrawn::Requested => "requested",
    }
    .to_owned()
}
