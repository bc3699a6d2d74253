//! Agent states: one at a time per agent, with the slots used and offered meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::agent::{Event, Presence};
use gatehouse_domain::{AgentId, HoldId};
use uuid::Uuid;

use super::quarters::AGENT_QUARTERS;
use super::scene::add;
use super::slots::Slot;
use super::time::{cut, ms, quarters};
use crate::table::{Cell, Change};

crate::row! {
    /// One time an agent was in one state. Sums reach to counted_until; what an open row has gathered since is read as
    /// (now - counted_until), times slots, times capacity.
    pub struct AgentStateInterval in AGENT_STATE_INTERVALS "agent_state_intervals" key 2
        indexes [["began_at"], ["ended_at"]]
    {
        /// The agent.
        agent_id: AgentId,
        /// The place in the agent's stream of the event that began it.
        sequence: i64,
        /// The first that holds: offline, break, not_responding, disconnected (online without a desk), busy (online with a
        /// slot taken), available (online with none taken).
        state: &'static str,
        /// Why they are on break, if they said.
        reason: Option<String>,
        /// When it began.
        began_at: DateTime<Utc>,
        /// When it ended; none: it is their state now.
        ended_at: Option<DateTime<Utc>>,
        /// Their newest event of presence, desks, slots or capacity: how far the sums reach.
        counted_until: DateTime<Utc>,
        /// Slots taken at counted_until, by offers, work and wrap-up.
        slots: i64,
        /// Slots they have at counted_until.
        capacity: i64,
        /// How long it lasted up to counted_until, in milliseconds.
        duration_ms: i64,
        /// The sum of time and slots taken, in slot-milliseconds.
        slot_ms: i64,
        /// The sum of time and slots they have, in slot-milliseconds.
        capacity_ms: i64,
    }
}

/// One agent, as far as their time is counted.
pub struct Shift {
    /// The newest time that was told.
    now: DateTime<Utc>,
    presence: Presence,
    sockets: BTreeSet<Uuid>,
    slots: BTreeMap<HoldId, Slot>,
    capacity: i64,
    open: AgentStateInterval,
}

impl Shift {
    /// Their first day begins, offline.
    pub fn begun(agent: AgentId, sequence: i64, at: DateTime<Utc>, changes: &mut Vec<Change>) -> Self {
        let at = cut(at);
        let this = Self {
            now: at,
            presence: Presence::Offline,
            sockets: BTreeSet::new(),
            slots: BTreeMap::new(),
            capacity: 0,
            open: AgentStateInterval {
                agent_id: agent,
                sequence,
                state: "offline",
                reason: None,
                began_at: at,
                ended_at: None,
                counted_until: at,
                slots: 0,
                capacity: 0,
                duration_ms: 0,
                slot_ms: 0,
                capacity_ms: 0,
            },
        };
        changes.push(Change::put(this.open.clone()));
        this
    }

    pub fn told(&mut self, event: &Event, sequence: i64, changes: &mut Vec<Change>) {
        self.now = self.now.max(cut(event.at()));
        match event {
            Event::WentOnline { .. } => self.presence = Presence::Online,
            Event::TookBreak { reason, .. } => self.presence = Presence::OnBreak { reason: reason.clone() },
            Event::WentOffline { .. } => self.presence = Presence::Offline,
            Event::MarkedNotResponding { .. } => self.presence = Presence::NotResponding,
            Event::Connected { socket, .. } => {
                self.sockets.insert(*socket);
            }
            Event::Disconnected { socket, .. } => {
                self.sockets.remove(socket);
            }
            Event::CapacitySet { capacity, .. } => self.capacity = i64::from(capacity.total),
            Event::SlotHeld { hold, conversation, channel, .. } => {
                let slot = Slot {
                    agent_id: self.open.agent_id,
                    hold_id: *hold,
                    conversation_id: *conversation,
                    channel: *channel,
                    held_at: self.now,
                    released_at: None,
                    held_ms: None,
                };
                changes.push(Change::put(slot.clone()));
                self.slots.insert(*hold, slot);
            }
            Event::SlotReleased { hold, .. } => {
                changes.extend(self.slots.remove(hold).map(|slot| Change::put(slot.released(self.now))));
            }
            Event::AgentAdded { .. } | Event::SkillGranted { .. } | Event::SkillRevoked { .. } => return,
        }
        self.counted(changes);
        self.moved_on(sequence, changes);
    }

    /// Counts the time since their last event, in which nothing changed.
    fn counted(&mut self, changes: &mut Vec<Change>) {
        let open = &mut self.open;
        let passed = ms(open.counted_until, self.now);
        open.duration_ms += passed;
        open.slot_ms += passed * open.slots;
        open.capacity_ms += passed * open.capacity;
        let (column, at_work) = match open.state {
            "available" => ("available_ms", 1),
            "busy" => ("busy_ms", 1),
            "break" => ("break_ms", 0),
            "not_responding" => ("not_responding_ms", 0),
            "disconnected" => ("disconnected_ms", 0),
            // Nights and holidays of everybody: nothing is computed from them.
            _ => ("", 0),
        };
        if !column.is_empty() {
            for (quarter, part) in quarters(open.counted_until, self.now) {
                let (slots, capacity) = (part * open.slots * at_work, part * open.capacity * at_work);
                let counts = [(column, part), ("slot_ms", slots), ("capacity_ms", capacity)];
                changes.push(add(&AGENT_QUARTERS, vec![quarter.value(), open.agent_id.value()], &counts));
            }
        }
        open.counted_until = self.now;
    }

    /// Goes on in the same state, or begins another.
    fn moved_on(&mut self, sequence: i64, changes: &mut Vec<Change>) {
        let state = self.state();
        let reason = if let Presence::OnBreak { reason } = &self.presence { reason.clone() } else { None };
        if (state, &reason) != (self.open.state, &self.open.reason) {
            self.open.ended_at = Some(self.now);
            changes.push(Change::put(self.open.clone()));
            self.open = AgentStateInterval {
                agent_id: self.open.agent_id,
                sequence,
                state,
                reason,
                began_at: self.now,
                ended_at: None,
                counted_until: self.now,
                slots: 0,
                capacity: 0,
                duration_ms: 0,
                slot_ms: 0,
                capacity_ms: 0,
            };
        }
        self.open.slots = i64::try_from(self.slots.len()).unwrap_or(i64::MAX);
        self.open.capacity = self.capacity;
        changes.push(Change::put(self.open.clone()));
    }

    fn state(&self) -> &'static str {
        match self.presence {
            Presence::Offline => "offline",
            Presence::OnBreak { .. } => "break",
            Presence::NotResponding => "not_responding",
            Presence::Online if self.sockets.is_empty() => "disconnected",
            Presence::Online if self.slots.is_empty() => "available",
            Presence::Online => "busy",
        }
    }
}
