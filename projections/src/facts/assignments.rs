//! Assignments: from being given to an agent to being released.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Ending, Event, HowAssigned};
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, HoldId, InboxId};

use super::scene::{Scene, how};
use super::time::ms;
use crate::table::Change;

crate::row! {
    /// One time an agent had an interaction.
    pub struct Assignment in ASSIGNMENTS "assignments" key 2
        indexes [["released_at"], ["agent_id", "assigned_at"], ["hold_id"]]
    {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that gave it to the agent.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// Who had it.
        agent_id: AgentId,
        /// The slot it took: see slots.
        hold_id: HoldId,
        /// The inbox it last waited in when it was given.
        inbox_id: InboxId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// How it was given: offer, transfer, automatic, pull, supervisor, take_over, retake, outbound.
        how: &'static str,
        /// When it was given.
        assigned_at: DateTime<Utc>,
        /// When it was released; none: the agent has it.
        released_at: Option<DateTime<Utc>>,
        /// Why it was released: ended, idle, erased, transferred (a colleague accepted it), reassigned (a supervisor or a
        /// colleague took it), moved (to another inbox), returned (to its own), flow.
        released: Option<&'static str>,
        /// From given to released, in milliseconds.
        handled_ms: Option<i64>,
    }
}

/// The assignment of one interaction, while an agent has it.
#[derive(Default)]
pub struct Assignments {
    open: Option<Assignment>,
}

impl Assignments {
    /// How long an agent had it, where one no longer has.
    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) -> i64 {
        match event {
            Event::Assigned { agent, hold, how: by, .. } => {
                let released = if *by == HowAssigned::Transfer { "transferred" } else { "reassigned" };
                let handled = self.released(released, scene, changes);
                let assignment = self.open.insert(Assignment {
                    conversation_id: scene.conversation,
                    sequence: scene.sequence,
                    interaction: scene.interaction,
                    agent_id: *agent,
                    hold_id: *hold,
                    inbox_id: scene.inbox,
                    gateway_id: scene.gateway,
                    channel: scene.channel,
                    how: how(*by),
                    assigned_at: scene.at,
                    released_at: None,
                    released: None,
                    handled_ms: None,
                });
                changes.push(Change::put(assignment.clone()));
                handled
            }
            Event::Queued { inbox, .. } => {
                self.released(if *inbox == scene.inbox { "returned" } else { "moved" }, scene, changes)
            }
            Event::HandedToFlow { .. } => self.released("flow", scene, changes),
            Event::InteractionEnded { ending, .. } => self.released(ended(*ending), scene, changes),
            _ => 0,
        }
    }

    fn released(&mut self, released: &'static str, scene: &Scene, changes: &mut Vec<Change>) -> i64 {
        let Some(mut assignment) = self.open.take() else { return 0 };
        let handled = ms(assignment.assigned_at, scene.at);
        (assignment.released_at, assignment.released) = (Some(scene.at), Some(released));
        assignment.handled_ms = Some(handled);
        changes.push(scene.count(Some(assignment.agent_id), &[("handled", 1), ("handled_ms", handled)]));
        changes.push(Change::put(assignment));
        handled
    }
}

/// The word for why whoever had it no longer has, where the interaction ended.
pub const fn ended(ending: Ending) -> &'static str {
    match ending {
        Ending::Reason { .. } => "ended",
        Ending::Idle => "idle",
        Ending::Erased => "erased",
    }
}
