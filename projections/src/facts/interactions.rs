//! Interactions: one row when it opens, told again, whole, when it ends.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Author, Ending, Event, Opening};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{AgentId, Channel, ContactId, ConversationId, EndReasonId, GatewayId, InboxId};

use super::responses::Turned;
use super::scene::{Owner, Scene};
use super::time::ms;
use crate::table::Change;

crate::row! {
    /// One interaction: a row when it opens; what is only known at its end is empty until then.
    pub struct Interaction in INTERACTIONS "interactions" key 2 indexes [["opened_at"], ["ended_at"], ["contact_id"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its number in the conversation: 1, 2, 3.
        interaction: u32,
        /// The person outside. An id only: after an erasure it leads to nobody.
        contact_id: ContactId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// How it began: received (the customer wrote), outbound (an agent wrote first), retaken (an agent took the one
        /// before up again).
        opening: &'static str,
        /// The agent who opened it; none where the customer did.
        opened_by: Option<AgentId>,
        /// When it opened.
        opened_at: DateTime<Utc>,
        /// The inbox it opened in.
        opened_inbox_id: InboxId,
        /// The promised first response, in milliseconds.
        promised_first_ms: Option<i64>,
        /// The promised next response, in milliseconds.
        promised_next_ms: Option<i64>,
        /// The inbox it ended in; the one it opened in until then.
        inbox_id: InboxId,
        /// When it ended; none: it is open.
        ended_at: Option<DateTime<Utc>>,
        /// How it ended: reason (somebody chose one), idle (the customer was silent too long), erased.
        ending: Option<&'static str>,
        /// The end reason somebody chose.
        end_reason_id: Option<EndReasonId>,
        /// Who chose it.
        ended_by: Option<AgentId>,
        /// The agent who had it when it ended.
        agent_id: Option<AgentId>,
        /// From opened to ended, in milliseconds.
        duration_ms: Option<i64>,
        /// The sum of its queue stays, in milliseconds.
        waited_ms: Option<i64>,
        /// The sum of its assignments, in milliseconds.
        handled_ms: Option<i64>,
        /// The sum of its flow turns, in milliseconds.
        flow_ms: Option<i64>,
        /// The first response time, where one was asked for and given, in milliseconds.
        first_response_ms: Option<i64>,
        /// How many different agents had it.
        agents: Option<u32>,
        /// How often it was given to an agent.
        assignments: Option<u32>,
        /// How often a flow had it.
        flow_turns: Option<u32>,
        /// Messages of the customer.
        received: Option<u32>,
        /// Human public messages: of agents, and of people of ours in the provider's own app.
        written: Option<u32>,
        /// Messages of flows and of programs.
        automatic: Option<u32>,
        /// How often the reply window closed while a message of the customer was unanswered.
        windows_missed: Option<u32>,
        /// A flow had it when it ended by silence, and no agent ever had it.
        contained: Option<bool>,
    }
}

/// What an open interaction has come to.
pub struct Sums {
    row: Interaction,
    agents: BTreeSet<AgentId>,
    pub waited_ms: i64,
    pub handled_ms: i64,
    pub flow_ms: i64,
    assignments: u32,
    flow_turns: u32,
    received: u32,
    written: u32,
    automatic: u32,
    windows_missed: u32,
}

impl Sums {
    /// The interaction opens.
    pub fn opened(
        scene: &Scene,
        contact: ContactId,
        opening: Opening,
        promised: Sla,
        changes: &mut Vec<Change>,
    ) -> Self {
        let (opening, opened_by) = match opening {
            Opening::Received => ("received", None),
            Opening::Outbound { agent } => ("outbound", Some(agent)),
            Opening::Retaken { agent, .. } => ("retaken", Some(agent)),
        };
        let row = Interaction {
            conversation_id: scene.conversation,
            interaction: scene.interaction,
            contact_id: contact,
            gateway_id: scene.gateway,
            channel: scene.channel,
            opening,
            opened_by,
            opened_at: scene.at,
            opened_inbox_id: scene.inbox,
            promised_first_ms: promised.first_response_ms.and_then(|ms| i64::try_from(ms).ok()),
            promised_next_ms: promised.next_response_ms.and_then(|ms| i64::try_from(ms).ok()),
            inbox_id: scene.inbox,
            ended_at: None,
            ending: None,
            end_reason_id: None,
            ended_by: None,
            agent_id: None,
            duration_ms: None,
            waited_ms: None,
            handled_ms: None,
            flow_ms: None,
            first_response_ms: None,
            agents: None,
            assignments: None,
            flow_turns: None,
            received: None,
            written: None,
            automatic: None,
            windows_missed: None,
            contained: None,
        };
        changes.push(Change::put(row.clone()));
        changes.push(scene.count(opened_by, &[("opened", 1)]));
        Self {
            row,
            agents: BTreeSet::new(),
            waited_ms: 0,
            handled_ms: 0,
            flow_ms: 0,
            assignments: 0,
            flow_turns: 0,
            received: 0,
            written: 0,
            automatic: 0,
            windows_missed: 0,
        }
    }

    pub fn told(&mut self, event: &Event, turned: Option<&Turned>, scene: &Scene, changes: &mut Vec<Change>) {
        if let Some(Turned::Closed { first_ms: Some(first), .. }) = turned {
            self.row.first_response_ms = Some(*first);
        }
        match event {
            Event::Assigned { agent, .. } => {
                self.assignments += 1;
                self.agents.insert(*agent);
            }
            Event::HandedToFlow { .. } => self.flow_turns += 1,
            Event::MessageReceived { .. } => self.received += 1,
            Event::ReplyQueued { author: Author::Agent { .. }, .. } | Event::MessageEchoed { .. } => self.written += 1,
            Event::ReplyQueued { author: Author::Flow { .. } | Author::Api, .. } => self.automatic += 1,
            // A turn may be open while a flow has it: the customer wrote after an answer in the provider's own app.
            Event::WindowExpired { .. } if scene.asked && scene.owner != Owner::Flow => {
                self.windows_missed += 1;
                changes.push(scene.count(scene.agent(), &[("windows_missed", 1)]));
            }
            Event::InteractionEnded { ending, .. } => self.ended(*ending, scene, changes),
            _ => {}
        }
    }

    fn ended(&mut self, ending: Ending, scene: &Scene, changes: &mut Vec<Change>) {
        let agents = u32::try_from(self.agents.len()).unwrap_or(u32::MAX);
        let contained = ending == Ending::Idle && scene.owner == Owner::Flow && agents == 0;
        let (word, reason, by) = match ending {
            Ending::Reason { reason, by } => ("reason", Some(reason), Some(by)),
            Ending::Idle => ("idle", None, None),
            Ending::Erased => ("erased", None, None),
        };
        let duration = ms(self.row.opened_at, scene.at);
        changes.push(Change::put(Interaction {
            inbox_id: scene.inbox,
            ended_at: Some(scene.at),
            ending: Some(word),
            end_reason_id: reason,
            ended_by: by,
            agent_id: scene.agent(),
            duration_ms: Some(duration),
            waited_ms: Some(self.waited_ms),
            handled_ms: Some(self.handled_ms),
            flow_ms: Some(self.flow_ms),
            agents: Some(agents),
            assignments: Some(self.assignments),
            flow_turns: Some(self.flow_turns),
            received: Some(self.received),
            written: Some(self.written),
            automatic: Some(self.automatic),
            windows_missed: Some(self.windows_missed),
            contained: Some(contained),
            ..self.row.clone()
        }));
        if ending == Ending::Erased {
            return;
        }
        let counts = [
            ("ended", 1),
            ("ended_ms", duration),
            ("ended_spoken", i64::from(self.written > 0)),
            ("ended_one_touch", i64::from(self.written == 1 && agents <= 1)),
            ("ended_window_missed", i64::from(self.windows_missed > 0)),
            ("ended_with_flow", i64::from(self.flow_turns > 0)),
            ("ended_contained", i64::from(contained)),
        ];
        changes.push(scene.count(scene.agent(), &counts));
    }
}
