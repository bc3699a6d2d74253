//! Roll-ups: sums and counts per quarter of an hour in UTC. Each event is counted in the quarter it happened in.

use chrono::{DateTime, Utc};
use gatehouse_domain::{AgentId, Channel, GatewayId, InboxId};

crate::row! {
    /// Sums and counts of a quarter of an hour, by inbox, agent, channel and gateway.
    pub struct Quarter in QUARTERS "quarters" key 5 indexes [["inbox_id", "began_at"], ["agent_id", "began_at"]] {
        /// When the quarter began, in UTC: minute 0, 15, 30 or 45.
        began_at: DateTime<Utc>,
        /// The inbox at that time.
        inbox_id: InboxId,
        /// The agent it is counted for; 00000000-0000-0000-0000-000000000000: nobody.
        agent_id: AgentId,
        /// The channel.
        channel: Channel,
        /// The account.
        gateway_id: GatewayId,
        /// Interactions opened. Agent: who opened it.
        opened: i64,
        /// Interactions ended, erased ones left out. Agent: who had it then.
        ended: i64,
        /// From opened to ended of those, in milliseconds.
        ended_ms: i64,
        /// Ended with at least one human public message.
        ended_spoken: i64,
        /// Ended with exactly one human public message, and one agent at most.
        ended_one_touch: i64,
        /// Ended after the reply window had closed at least once over an unanswered message.
        ended_window_missed: i64,
        /// Ended after a flow had had it.
        ended_with_flow: i64,
        /// Ended by silence while a flow had it, without any agent.
        ended_contained: i64,
        /// Queue stays begun. Agent: nobody.
        offered: i64,
        /// Queue stays that ended answered. Agent: who got it.
        answered: i64,
        /// Their waits, in milliseconds.
        answered_ms: i64,
        /// Answered within 60 seconds.
        answered_in_time: i64,
        /// Queue stays that ended abandoned. Agent: nobody.
        abandoned: i64,
        /// Their waits, in milliseconds.
        abandoned_ms: i64,
        /// Abandoned after less than 10 seconds.
        abandoned_short: i64,
        /// Queue stays that ended as flow-out. Agent: nobody.
        flowed_out: i64,
        /// Offers accepted. Agent: who was asked.
        offers_accepted: i64,
        /// From offered to accepted, in milliseconds.
        offers_accepted_ms: i64,
        /// Offers declined. Agent: who was asked.
        offers_declined: i64,
        /// Offers lapsed. Agent: who was asked.
        offers_lapsed: i64,
        /// Offers withdrawn. Agent: who was asked.
        offers_withdrawn: i64,
        /// Assignments released. Agent: who had it.
        handled: i64,
        /// Their time, in milliseconds.
        handled_ms: i64,
        /// Transfers to a colleague asked for. Agent: who asked.
        transfers_out: i64,
        /// Transfers accepted. Agent: who accepted.
        transfers_in: i64,
        /// Transfers declined or lapsed. Agent: who asked.
        transfers_returned: i64,
        /// Transfers withdrawn. Agent: who asked.
        transfers_withdrawn: i64,
        /// Moved out of this inbox into another. Agent: who had it, or nobody.
        moves_out: i64,
        /// Moved into this inbox from another. Agent: who had it, or nobody.
        moves_in: i64,
        /// First responses. Agent: who answered, or nobody for an answer in the provider's own app.
        first_responses: i64,
        /// Their times, in milliseconds.
        first_response_ms: i64,
        /// Next responses. Agent: as for first ones.
        next_responses: i64,
        /// Their times, in milliseconds.
        next_response_ms: i64,
        /// Promised first responses met. Agent: who answered, or nobody.
        sla_first_met: i64,
        /// Promised first responses breached. Agent: who had it then, or nobody.
        sla_first_breached: i64,
        /// Promised next responses met. Agent: who answered, or nobody.
        sla_next_met: i64,
        /// Promised next responses breached. Agent: who had it then, or nobody.
        sla_next_breached: i64,
        /// Times the reply window closed over an unanswered message. Agent: who had it then, or nobody.
        windows_missed: i64,
        /// Messages of customers. Agent: who had it then, or nobody.
        messages_received: i64,
        /// Messages of agents. Agent: the author.
        messages_written: i64,
        /// Messages of people of ours in the provider's own app while an interaction was open. Agent: nobody.
        messages_echoed: i64,
        /// Messages of flows and programs. Agent: nobody.
        messages_automatic: i64,
        /// Messages of agents, flows and programs that the provider took, also after they had failed or were given up. Inbox:
        /// where they were written. Agent: the author, or nobody.
        messages_submitted: i64,
        /// Messages that failed before the provider took them, erased ones left out. Inbox: where they were written. Agent: the
        /// author, or nobody.
        messages_unsent: i64,
    }
}

crate::row! {
    /// Sums of a quarter of an hour of an agent's time. What they have gathered since their newest event of
    /// presence, desks, slots or capacity is in the open row of agent_state_intervals. Offline time is not summed.
    pub struct AgentQuarter in AGENT_QUARTERS "agent_quarters" key 2 indexes [["agent_id", "began_at"]] {
        /// When the quarter began, in UTC.
        began_at: DateTime<Utc>,
        /// The agent.
        agent_id: AgentId,
        /// Online with no slot taken, in milliseconds.
        available_ms: i64,
        /// Online with a slot taken, in milliseconds.
        busy_ms: i64,
        /// On break, in milliseconds.
        break_ms: i64,
        /// Not responding, in milliseconds.
        not_responding_ms: i64,
        /// Online without a desk, in milliseconds.
        disconnected_ms: i64,
        /// Slots taken while available or busy, in slot-milliseconds.
        slot_ms: i64,
        /// Slots they have while available or busy, in slot-milliseconds.
        capacity_ms: i64,
    }
}
