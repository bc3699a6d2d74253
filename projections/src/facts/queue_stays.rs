//! Queue stays: from entering an inbox to leaving it.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Ending, Event};
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId};

use super::scene::{Owner, Scene, how};
use super::time::{cut, ms};
use crate::table::Change;

crate::row! {
    /// One stay of an interaction in an inbox. Offers are made during a stay and do not interrupt it.
    pub struct QueueStay in QUEUE_STAYS "queue_stays" key 2 indexes [["left_at"], ["inbox_id", "entered_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that began the stay.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// Where it waited.
        inbox_id: InboxId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// How it came here: opened, from_flow, moved (from another inbox), returned (from an agent).
        came: &'static str,
        /// When it entered this inbox.
        entered_at: DateTime<Utc>,
        /// When it began to wait at first; kept through every return and move.
        waiting_since: DateTime<Utc>,
        /// When it left; none: it waits.
        left_at: Option<DateTime<Utc>>,
        /// How it left: answered (an agent got it), abandoned (ended by the customer's silence with a message
        /// unanswered), flow_out (everything else).
        outcome: Option<&'static str>,
        /// In more detail. Answered: offer, pull, automatic, supervisor, take_over, transfer, retake, outbound. Abandoned:
        /// idle. Flow-out: moved, flow, ended (somebody chose an end reason), idle (nothing was unanswered), erased.
        how: Option<&'static str>,
        /// The agent who got it.
        agent_id: Option<AgentId>,
        /// From entered to left, in milliseconds.
        waited_ms: Option<i64>,
    }
}

/// Within so many milliseconds an answer is in time for the service level.
const IN_TIME_MS: i64 = 60_000;
/// Whoever left in less had hardly come.
const SHORT_MS: i64 = 10_000;

/// The stay of one interaction, while it waits.
#[derive(Default)]
pub struct Stays {
    open: Option<QueueStay>,
}

impl Stays {
    /// How long it waited, where a stay ended.
    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) -> i64 {
        match event {
            Event::Queued { inbox, since, .. } => {
                if self.open.as_ref().is_some_and(|stay| stay.inbox_id == *inbox) {
                    return 0;
                }
                let waited = self.left("flow_out", "moved", None, scene, changes);
                self.entered(*inbox, *since, scene, changes);
                waited
            }
            Event::Assigned { agent, how: by, .. } => self.left("answered", how(*by), Some(*agent), scene, changes),
            Event::HandedToFlow { .. } => self.left("flow_out", "flow", None, scene, changes),
            Event::InteractionEnded { ending, .. } => {
                let (outcome, how) = match ending {
                    Ending::Reason { .. } => ("flow_out", "ended"),
                    Ending::Idle if scene.asked => ("abandoned", "idle"),
                    Ending::Idle => ("flow_out", "idle"),
                    Ending::Erased => ("flow_out", "erased"),
                };
                self.left(outcome, how, None, scene, changes)
            }
            _ => 0,
        }
    }

    fn entered(&mut self, inbox: InboxId, since: DateTime<Utc>, scene: &Scene, changes: &mut Vec<Change>) {
        let came = match scene.owner {
            Owner::Nobody => "opened",
            _ if inbox != scene.inbox => "moved",
            Owner::Flow => "from_flow",
            Owner::Agent { .. } | Owner::Queue => "returned",
        };
        let stay = self.open.insert(QueueStay {
            conversation_id: scene.conversation,
            sequence: scene.sequence,
            interaction: scene.interaction,
            inbox_id: inbox,
            gateway_id: scene.gateway,
            channel: scene.channel,
            came,
            entered_at: scene.at,
            waiting_since: cut(since),
            left_at: None,
            outcome: None,
            how: None,
            agent_id: None,
            waited_ms: None,
        });
        changes.push(Change::put(stay.clone()));
        changes.push(scene.in_inbox(inbox).count(None, &[("offered", 1)]));
    }

    fn left(
        &mut self,
        outcome: &'static str,
        how: &'static str,
        agent: Option<AgentId>,
        scene: &Scene,
        changes: &mut Vec<Change>,
    ) -> i64 {
        let Some(mut stay) = self.open.take() else { return 0 };
        let waited = ms(stay.entered_at, scene.at);
        (stay.left_at, stay.outcome, stay.how) = (Some(scene.at), Some(outcome), Some(how));
        (stay.agent_id, stay.waited_ms) = (agent, Some(waited));
        changes.push(Change::put(stay));
        let counts: &[_] = match outcome {
            "answered" => {
                &[("answered", 1), ("answered_ms", waited), ("answered_in_time", i64::from(waited <= IN_TIME_MS))]
            }
            "abandoned" => {
                &[("abandoned", 1), ("abandoned_ms", waited), ("abandoned_short", i64::from(waited < SHORT_MS))]
            }
            _ => &[("flowed_out", 1)],
        };
        changes.push(scene.count(agent, counts));
        waited
    }
}
