//! Flow turns: each time a flow had an interaction.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Event};
use gatehouse_domain::{Channel, ConversationId, FlowId, GatewayId, InboxId};

use super::assignments::ended;
use super::scene::Scene;
use super::time::ms;
use crate::table::Change;

crate::row! {
    /// One time a flow had an interaction.
    pub struct FlowTurn in FLOW_TURNS "flow_turns" key 2 indexes [["ended_at"], ["flow_id", "began_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that handed it over.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// The flow.
        flow_id: FlowId,
        /// The inbox the interaction belonged to.
        inbox_id: InboxId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// When the flow got it.
        began_at: DateTime<Utc>,
        /// When the flow no longer had it; none: it has it.
        ended_at: Option<DateTime<Utc>>,
        /// handed_over (the flow ended, people go on), taken (an agent got it), moved (put into an inbox), flow (another
        /// flow got it), ended, idle, erased.
        outcome: Option<&'static str>,
        /// Messages the flow wrote meanwhile.
        messages: Option<u32>,
        /// From its beginning to its end, in milliseconds.
        turn_ms: Option<i64>,
    }
}

/// The turn of a flow in one interaction, while a flow has it.
#[derive(Default)]
pub struct FlowTurns {
    open: Option<FlowTurn>,
    messages: u32,
}

impl FlowTurns {
    /// How long a flow had it, where one no longer has.
    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) -> i64 {
        match event {
            Event::HandedToFlow { flow, inbox, .. } => {
                let had = self.ended("flow", scene, changes);
                self.messages = 0;
                let turn = self.open.insert(FlowTurn {
                    conversation_id: scene.conversation,
                    sequence: scene.sequence,
                    interaction: scene.interaction,
                    flow_id: *flow,
                    inbox_id: *inbox,
                    gateway_id: scene.gateway,
                    channel: scene.channel,
                    began_at: scene.at,
                    ended_at: None,
                    outcome: None,
                    messages: None,
                    turn_ms: None,
                });
                changes.push(Change::put(turn.clone()));
                had
            }
            Event::ReplyQueued { author: Author::Flow { .. }, .. } => {
                self.messages += 1;
                0
            }
            Event::FlowEnded { .. } => self.ended("handed_over", scene, changes),
            Event::Assigned { .. } => self.ended("taken", scene, changes),
            Event::Queued { .. } => self.ended("moved", scene, changes),
            Event::InteractionEnded { ending, .. } => self.ended(ended(*ending), scene, changes),
            _ => 0,
        }
    }

    fn ended(&mut self, outcome: &'static str, scene: &Scene, changes: &mut Vec<Change>) -> i64 {
        let Some(mut turn) = self.open.take() else { return 0 };
        let had = ms(turn.began_at, scene.at);
        (turn.ended_at, turn.outcome) = (Some(scene.at), Some(outcome));
        (turn.messages, turn.turn_ms) = (Some(self.messages), Some(had));
        changes.push(Change::put(turn));
        had
    }
}
