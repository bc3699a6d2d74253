//! Transfers: from agent to agent, and from inbox to inbox.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::Event;
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId, TransferId};

use super::offers::withdrawn;
use super::scene::{Owner, Scene};
use super::time::ms;
use crate::table::Change;

crate::row! {
    /// One transfer to a colleague, or one move to another inbox.
    pub struct Transfer in TRANSFERS "transfers" key 2
        indexes [["closed_at"], ["from_agent_id", "requested_at"], ["to_agent_id", "requested_at"]]
    {
        /// The conversation.
        conversation_id: ConversationId,
        /// The place in its conversation of the event that asked for it.
        sequence: i64,
        /// The interaction.
        interaction: u32,
        /// agent (to a colleague, who has to accept) or inbox (a move, which is done at once).
        kind: &'static str,
        /// The transfer; none for a move.
        transfer_id: Option<TransferId>,
        /// Who had it; none where it was moved out of a queue or a flow.
        from_agent_id: Option<AgentId>,
        /// The colleague asked; none for a move.
        to_agent_id: Option<AgentId>,
        /// The inbox it was in.
        from_inbox_id: InboxId,
        /// The inbox it was moved to; none for a colleague.
        to_inbox_id: Option<InboxId>,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// When it was asked for.
        requested_at: DateTime<Utc>,
        /// When it was over; none: it waits for its answer.
        closed_at: Option<DateTime<Utc>>,
        /// accepted, declined, lapsed, withdrawn; a move is accepted.
        outcome: Option<&'static str>,
        /// Why it was withdrawn: superseded, agent_gone, ended, requested.
        withdrawn: Option<&'static str>,
        /// From asked to its outcome, in milliseconds; 0 for a move.
        open_ms: Option<i64>,
    }
}

/// The transfer of one interaction that waits for its answer.
#[derive(Default)]
pub struct Transfers {
    open: Option<Transfer>,
}

impl Transfers {
    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) {
        match event {
            Event::TransferRequested { transfer, from, to, .. } => {
                let asked = self.open.insert(Transfer {
                    kind: "agent",
                    transfer_id: Some(*transfer),
                    from_agent_id: Some(*from),
                    to_agent_id: Some(*to),
                    ..moved(scene)
                });
                changes.push(Change::put(asked.clone()));
                changes.push(scene.count(Some(*from), &[("transfers_out", 1)]));
            }
            Event::TransferAccepted { transfer, .. } => self.closed(*transfer, "accepted", None, scene, changes),
            Event::TransferDeclined { transfer, .. } => self.closed(*transfer, "declined", None, scene, changes),
            Event::TransferLapsed { transfer, .. } => self.closed(*transfer, "lapsed", None, scene, changes),
            Event::TransferWithdrawn { transfer, why, .. } => {
                self.closed(*transfer, "withdrawn", Some(withdrawn(*why)), scene, changes);
            }
            Event::Queued { inbox, .. } if *inbox != scene.inbox && scene.owner != Owner::Nobody => {
                changes.push(Change::put(Transfer {
                    from_agent_id: scene.agent(),
                    to_inbox_id: Some(*inbox),
                    closed_at: Some(scene.at),
                    outcome: Some("accepted"),
                    open_ms: Some(0),
                    ..moved(scene)
                }));
                changes.push(scene.count(scene.agent(), &[("moves_out", 1)]));
                changes.push(scene.in_inbox(*inbox).count(scene.agent(), &[("moves_in", 1)]));
            }
            _ => {}
        }
    }

    fn closed(
        &mut self,
        transfer: TransferId,
        outcome: &'static str,
        withdrawn: Option<&'static str>,
        scene: &Scene,
        changes: &mut Vec<Change>,
    ) {
        let Some(mut asked) = self.open.take_if(|asked| asked.transfer_id == Some(transfer)) else { return };
        (asked.closed_at, asked.outcome, asked.withdrawn) = (Some(scene.at), Some(outcome), withdrawn);
        asked.open_ms = Some(ms(asked.requested_at, scene.at));
        let (agent, count) = match outcome {
            "accepted" => (asked.to_agent_id, "transfers_in"),
            "withdrawn" => (asked.from_agent_id, "transfers_withdrawn"),
            _ => (asked.from_agent_id, "transfers_returned"),
        };
        changes.push(scene.count(agent, &[(count, 1)]));
        changes.push(Change::put(asked));
    }
}

/// A move of what nobody had, that is not over.
fn moved(scene: &Scene) -> Transfer {
    Transfer {
        conversation_id: scene.conversation,
        sequence: scene.sequence,
        interaction: scene.interaction,
        kind: "inbox",
        transfer_id: None,
        from_agent_id: None,
        to_agent_id: None,
        from_inbox_id: scene.inbox,
        to_inbox_id: None,
        gateway_id: scene.gateway,
        channel: scene.channel,
        requested_at: scene.at,
        closed_at: None,
        outcome: None,
        withdrawn: None,
        open_ms: None,
    }
}
