//! Responses: each turn of the customer that waits for a person, and how it was answered.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Event, Opening};
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId};

use super::scene::{Owner, Scene};
use super::time::ms;
use crate::table::Change;

crate::row! {
    /// One turn of the customer: from the first message nobody has answered (or from the hand-over of a flow) to the
    /// next human public message.
    pub struct Response in RESPONSES "responses" key 2 indexes [["closed_at"], ["inbox_id", "asked_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that began the turn.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// first (no person of ours has written in this interaction yet, and the customer opened it) or next.
        clock: &'static str,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// The inbox at that time: when the turn was closed, and until then when it began.
        inbox_id: InboxId,
        /// When the turn began.
        asked_at: DateTime<Utc>,
        /// When it was closed; none: the customer waits.
        closed_at: Option<DateTime<Utc>>,
        /// answered, flow (it was handed to a flow), ended (the interaction ended without an answer).
        outcome: Option<&'static str>,
        /// The agent who answered; none for an answer in the provider's own app.
        agent_id: Option<AgentId>,
        /// From asked to answered, in milliseconds; none where it was not answered.
        response_ms: Option<i64>,
        /// The part of it since the agent who answered was given the interaction, for the last time, in milliseconds.
        agent_response_ms: Option<i64>,
    }
}

/// Whose turn it is in one interaction. The domain's `Promise` knows turns in the same way.
#[derive(Default)]
pub struct Turns {
    turn: Turn,
    /// What comes next is no first response.
    answered: bool,
}

#[derive(Default)]
enum Turn {
    /// No person has been asked for: the customer wrote and it is on its way, or a flow has it.
    #[default]
    Nobodys,
    Customers,
    Ours(Response),
}

/// What became of a turn.
pub enum Turned {
    Began { first: bool },
    Closed { answered: bool, by: Option<AgentId>, first_ms: Option<i64> },
}

impl Turns {
    /// A turn of the customer is open.
    pub fn asked(&self) -> bool {
        matches!(self.turn, Turn::Ours(_))
    }

    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) -> Option<Turned> {
        match event {
            Event::InteractionOpened { opening, .. } => {
                let received = matches!(opening, Opening::Received);
                let turn = if received { Turn::Nobodys } else { Turn::Customers };
                *self = Self { turn, answered: !received };
                None
            }
            Event::Queued { inbox, .. } if matches!(self.turn, Turn::Nobodys) => {
                Some(self.begun(&scene.in_inbox(*inbox), changes))
            }
            Event::Assigned { .. } if matches!(self.turn, Turn::Nobodys) => Some(self.begun(scene, changes)),
            Event::MessageReceived { .. } if matches!(self.turn, Turn::Customers) => Some(self.begun(scene, changes)),
            Event::ReplyQueued { author: Author::Agent { agent }, .. } => self.answered(Some(*agent), scene, changes),
            Event::MessageEchoed { .. } => self.answered(None, scene, changes),
            Event::HandedToFlow { .. } => self.unanswered(Turn::Nobodys, "flow", scene, changes),
            Event::InteractionEnded { .. } => self.unanswered(Turn::Customers, "ended", scene, changes),
            _ => None,
        }
    }

    fn begun(&mut self, scene: &Scene, changes: &mut Vec<Change>) -> Turned {
        let response = Response {
            conversation_id: scene.conversation,
            sequence: scene.sequence,
            interaction: scene.interaction,
            clock: if self.answered { "next" } else { "first" },
            gateway_id: scene.gateway,
            channel: scene.channel,
            inbox_id: scene.inbox,
            asked_at: scene.at,
            closed_at: None,
            outcome: None,
            agent_id: None,
            response_ms: None,
            agent_response_ms: None,
        };
        changes.push(Change::put(response.clone()));
        self.turn = Turn::Ours(response);
        Turned::Began { first: !self.answered }
    }

    fn answered(&mut self, by: Option<AgentId>, scene: &Scene, changes: &mut Vec<Change>) -> Option<Turned> {
        let first = !std::mem::replace(&mut self.answered, true);
        let mut response = self.closed(Turn::Customers, "answered", scene)?;
        let took = ms(response.asked_at, scene.at);
        (response.agent_id, response.response_ms) = (by, Some(took));
        response.agent_response_ms = match (by, scene.owner) {
            (Some(agent), Owner::Agent { agent: owner, since }) if agent == owner => {
                Some(ms(since.max(response.asked_at), scene.at))
            }
            _ => None,
        };
        changes.push(Change::put(response));
        let counts = if first {
            [("first_responses", 1), ("first_response_ms", took)]
        } else {
            [("next_responses", 1), ("next_response_ms", took)]
        };
        changes.push(scene.count(by, &counts));
        Some(Turned::Closed { answered: true, by, first_ms: first.then_some(took) })
    }

    fn unanswered(
        &mut self,
        next: Turn,
        outcome: &'static str,
        scene: &Scene,
        changes: &mut Vec<Change>,
    ) -> Option<Turned> {
        changes.push(Change::put(self.closed(next, outcome, scene)?));
        Some(Turned::Closed { answered: false, by: None, first_ms: None })
    }

    /// The turn that was open, closed.
    fn closed(&mut self, next: Turn, outcome: &'static str, scene: &Scene) -> Option<Response> {
        let Turn::Ours(mut response) = std::mem::replace(&mut self.turn, next) else { return None };
        (response.closed_at, response.outcome, response.inbox_id) = (Some(scene.at), Some(outcome), scene.inbox);
        Some(response)
    }
}
