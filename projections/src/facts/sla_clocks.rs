//! SLA clocks: promises about time, and whether they were kept.

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{Event, SlaClock as Clock};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId};

use super::responses::Turned;
use super::scene::Scene;
use super::time::cut;
use crate::table::Change;

crate::row! {
    /// One promised response: a turn of the customer for which the interaction has a promise.
    pub struct SlaClock in SLA_CLOCKS "sla_clocks" key 2 indexes [["decided_at"], ["due_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that began the turn: the one of its row in responses.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// first or next.
        clock: &'static str,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// The inbox when it was decided, and until then when it began.
        inbox_id: InboxId,
        /// When the turn began.
        started_at: DateTime<Utc>,
        /// Until when an answer was promised.
        due_at: DateTime<Utc>,
        /// When it was met, breached or cancelled; none: it runs, or its breach is not told yet.
        decided_at: Option<DateTime<Utc>>,
        /// met (answered before due_at), breached, cancelled (handed to a flow or ended before due_at without an answer).
        outcome: Option<&'static str>,
        /// The agent who met it, or who had the interaction at the breach.
        agent_id: Option<AgentId>,
        /// When the turn was closed, in time or late.
        stopped_at: Option<DateTime<Utc>>,
    }
}

/// What one interaction was promised, and the clock that runs.
#[derive(Default)]
pub struct Clocks {
    promised: Sla,
    open: Option<SlaClock>,
}

impl Clocks {
    pub fn told(&mut self, event: &Event, turned: Option<&Turned>, scene: &Scene, changes: &mut Vec<Change>) {
        match event {
            Event::InteractionOpened { sla, .. } => self.promised = *sla,
            Event::SlaBreached { clock, due, .. } => self.breached(*clock, *due, scene, changes),
            _ => {}
        }
        match turned {
            Some(Turned::Began { first }) => {
                let inbox = if let Event::Queued { inbox, .. } = event { *inbox } else { scene.inbox };
                self.started(*first, &scene.in_inbox(inbox), changes);
            }
            Some(Turned::Closed { answered, by, .. }) => self.stopped(*answered, *by, scene, changes),
            None => {}
        }
    }

    fn started(&mut self, first: bool, scene: &Scene, changes: &mut Vec<Change>) {
        let promised = if first { self.promised.first_response_ms } else { self.promised.next_response_ms };
        let promised = promised.and_then(|ms| TimeDelta::try_milliseconds(i64::try_from(ms).ok()?));
        let Some(due_at) = promised.and_then(|promised| scene.at.checked_add_signed(promised)) else { return };
        let clock = self.open.insert(SlaClock {
            conversation_id: scene.conversation,
            sequence: scene.sequence,
            interaction: scene.interaction,
            clock: if first { "first" } else { "next" },
            gateway_id: scene.gateway,
            channel: scene.channel,
            inbox_id: scene.inbox,
            started_at: scene.at,
            due_at,
            decided_at: None,
            outcome: None,
            agent_id: None,
            stopped_at: None,
        });
        changes.push(Change::put(clock.clone()));
    }

    fn breached(&mut self, told: Clock, due: DateTime<Utc>, scene: &Scene, changes: &mut Vec<Change>) {
        let (word, count) = match told {
            Clock::FirstResponse => ("first", "sla_first_breached"),
            Clock::NextResponse => ("next", "sla_next_breached"),
        };
        let Some(clock) = self.open.as_mut().filter(|one| one.clock == word && one.outcome.is_none()) else { return };
        clock.due_at = cut(due);
        clock.decide("breached", scene.agent(), scene);
        changes.push(Change::put(clock.clone()));
        changes.push(scene.count(scene.agent(), &[(count, 1)]));
    }

    fn stopped(&mut self, answered: bool, by: Option<AgentId>, scene: &Scene, changes: &mut Vec<Change>) {
        let Some(mut clock) = self.open.take() else { return };
        clock.stopped_at = Some(scene.at);
        if clock.outcome.is_none() && answered {
            clock.decide("met", by, scene);
            let count = if clock.clock == "first" { "sla_first_met" } else { "sla_next_met" };
            changes.push(scene.count(by, &[(count, 1)]));
        } else if clock.outcome.is_none() {
            clock.decide("cancelled", None, scene);
        }
        changes.push(Change::put(clock));
    }
}

impl SlaClock {
    fn decide(&mut self, outcome: &'static str, agent: Option<AgentId>, scene: &Scene) {
        (self.decided_at, self.outcome) = (Some(scene.at), Some(outcome));
        (self.agent_id, self.inbox_id) = (agent, scene.inbox);
    }
}
