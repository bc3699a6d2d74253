//! Agents and inboxes as the worklist knows them, and who is free for what, in the order they are asked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::agent::{Capacity, Presence};
use gatehouse_domain::conversation::Reason;
use gatehouse_domain::inbox::{Routing, Strategy};
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId, InboxId, TeamId};
use uuid::Uuid;

use super::Worklist;
use super::line::{Class, Turn};

#[derive(Debug)]
pub struct Inbox {
    pub routing: Routing,
    pub members: BTreeSet<AgentId>,
    pub teams: BTreeSet<TeamId>,
    /// Members and whoever is in its teams.
    pub serving: BTreeSet<AgentId>,
    /// Channels something ever waited on, and their classes.
    pub channels: Vec<(Channel, Class)>,
    /// When each was last given something of it.
    pub given: BTreeMap<AgentId, u64>,
    /// The order the organisation wrote down.
    pub ranks: BTreeMap<AgentId, u64>,
}

#[derive(Debug)]
pub struct Agent {
    pub presence: Presence,
    pub sockets: BTreeSet<Uuid>,
    pub capacity: Capacity,
    pub skills: BTreeSet<String>,
    pub holds: BTreeMap<HoldId, Held>,
    /// Holds asked for and not answered: they count as taken.
    pub pending: Vec<(ConversationId, Channel, Option<InboxId>)>,
    /// Since when nothing was given to them or taken off them.
    pub idle_since: DateTime<Utc>,
    /// The sequence of their newest event: tells one decision about them from the next.
    pub version: u64,
    pub serves: BTreeSet<InboxId>,
    /// Offers lapsed in a row.
    pub lapses: u32,
    /// A slot could not be had a moment ago.
    pub rests: bool,
    /// Where they stand among the free.
    pub indexed: Vec<(Class, Turn)>,
}

#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub conversation: ConversationId,
    pub channel: Channel,
    pub inbox: Option<InboxId>,
}

impl Inbox {
    pub fn new(routing: Routing) -> Self {
        let mut inbox = Self {
            routing: Routing::default(),
            members: BTreeSet::new(),
            teams: BTreeSet::new(),
            serving: BTreeSet::new(),
            channels: vec![],
            given: BTreeMap::new(),
            ranks: BTreeMap::new(),
        };
        inbox.set_routing(routing);
        inbox
    }

    pub fn set_routing(&mut self, routing: Routing) {
        self.ranks = routing.order.iter().copied().zip(0..).collect();
        self.routing = routing;
    }
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            presence: Presence::Offline,
            sockets: BTreeSet::new(),
            capacity: Capacity::default(),
            skills: BTreeSet::new(),
            holds: BTreeMap::new(),
            pending: vec![],
            idle_since: DateTime::UNIX_EPOCH,
            version: 0,
            serves: BTreeSet::new(),
            lapses: 0,
            rests: false,
            indexed: vec![],
        }
    }
}

impl Agent {
    /// Why they are not there, if they are not.
    pub fn absent(&self) -> Option<Reason> {
        match self.presence {
            Presence::Offline => Some(Reason::Offline),
            Presence::OnBreak { .. } => Some(Reason::OnBreak),
            Presence::NotResponding => Some(Reason::NotResponding),
            Presence::Online if self.sockets.is_empty() => Some(Reason::NotConnected),
            Presence::Online => None,
        }
    }

    /// Why they cannot take anything at all, if they cannot. Holds asked for count as taken.
    fn busy(&self) -> Option<Reason> {
        let full = || self.holds.len() + self.pending.len() >= self.capacity.total as usize;
        self.absent().or_else(|| full().then_some(Reason::NoFreeSlot))
    }

    /// Why they cannot take anything on this channel, if they cannot.
    pub fn unable(&self, channel: Channel) -> Option<Reason> {
        if let Some(reason) = self.busy() {
            return Some(reason);
        }
        let limit = *self.capacity.per_channel.get(&channel)? as usize;
        let held = self.holds.values().filter(|held| held.channel == channel).count();
        let pending = self.pending.iter().filter(|(_, on, _)| *on == channel).count();
        (held + pending >= limit).then_some(Reason::NoFreeSlotOnChannel)
    }

    /// Why they cannot take what waits in this inbox, if they cannot; `flows`: by itself.
    pub fn unable_in(&self, id: InboxId, inbox: &Inbox, channel: Channel, flows: bool) -> Option<Reason> {
        if let Some(reason) = self.unable(channel) {
            return Some(reason);
        }
        if !inbox.routing.skills_required.is_subset(&self.skills) {
            return Some(Reason::LacksSkill);
        }
        if !flows {
            return None;
        }
        if self.rests {
            return Some(Reason::Unsettled);
        }
        let limit = inbox.routing.flow_max? as usize;
        let held = self.holds.values().filter(|held| held.inbox == Some(id)).count();
        let pending = self.pending.iter().filter(|(_, _, of)| *of == Some(id)).count();
        (held + pending >= limit).then_some(Reason::FlowFull)
    }

    fn turn(&self, id: AgentId, inbox: &Inbox) -> Turn {
        let pending = self.pending.len() as u64;
        let first = match inbox.routing.strategy {
            // Whoever is just being given something has not been idle.
            Strategy::LongestIdle | Strategy::RingAll => pending,
            Strategy::LeastBusy => self.holds.len() as u64 + pending,
            Strategy::RoundRobin if pending > 0 => u64::MAX - 1_000 + pending.min(1_000),
            Strategy::RoundRobin => inbox.given.get(&id).copied().unwrap_or_default(),
            Strategy::Ordered => inbox.ranks.get(&id).copied().unwrap_or(u64::MAX),
        };
        Turn::new(first, self.idle_since)
    }
}

impl Worklist {
    /// Puts an agent where they stand among the free, after something about them changed.
    pub(super) fn reindex(&mut self, id: AgentId) {
        let Some(agent) = self.agents.get_mut(&id) else { return };
        let mut before = std::mem::take(&mut agent.indexed);
        let mut indexed = Vec::with_capacity(before.len());
        let serves = agent.busy().is_none().then_some(&agent.serves);
        for inbox_id in serves.into_iter().flatten() {
            let Some(inbox) = self.inboxes.get(inbox_id) else { continue };
            let turn = agent.turn(id, inbox);
            for (channel, class) in &inbox.channels {
                if agent.unable_in(*inbox_id, inbox, *channel, true).is_some() {
                    continue;
                }
                indexed.push((*class, turn));
                let stood = before.iter().position(|(of, _)| of == class).map(|index| before.swap_remove(index).1);
                if stood != Some(turn) {
                    self.line.comes_free(*class, stood, turn, id);
                }
            }
        }
        for (class, turn) in before {
            self.line.is_free_no_more(class, turn, id);
        }
        agent.indexed = indexed;
    }

    /// Everybody who serves an inbox is put where they stand now.
    pub(super) fn reindex_inbox(&mut self, id: InboxId) {
        let serving = self.inboxes.get(&id).map(|inbox| inbox.serving.clone()).unwrap_or_default();
        serving.into_iter().for_each(|agent| self.reindex(agent));
        self.line.touch_all(Some(id));
    }

    /// Works out who serves an inbox, after its members or teams changed.
    pub(super) fn regroup(&mut self, id: InboxId) {
        let Some(inbox) = self.inboxes.get_mut(&id) else { return };
        let mut serving = inbox.members.clone();
        serving.extend(inbox.teams.iter().filter_map(|team| self.teams.get(team)).flatten());
        let before = std::mem::replace(&mut inbox.serving, serving.clone());
        for agent in before.symmetric_difference(&serving) {
            let known = self.agents.entry(*agent).or_default();
            if serving.contains(agent) {
                known.serves.insert(id);
            } else {
                known.serves.remove(&id);
            }
            self.reindex(*agent);
            self.look_at_holds_of(*agent);
        }
    }

    /// Their offers may have to be withdrawn, their idle holds released, their work given back.
    pub(super) fn look_at_holds_of(&mut self, id: AgentId) {
        if let Some(agent) = self.agents.get(&id) {
            self.unsettled.extend(agent.holds.values().map(|held| held.conversation));
        }
    }

    /// Whether an agent could be offered something of this inbox, slots aside.
    pub(super) fn could_take(&self, agent: AgentId, inbox: InboxId) -> bool {
        let skilled = |known: &Agent| {
            self.inboxes.get(&inbox).is_some_and(|inbox| inbox.routing.skills_required.is_subset(&known.skills))
        };
        self.is_on_duty(agent, inbox)
            && self.agents.get(&agent).is_some_and(|agent| agent.absent().is_none() && skilled(agent))
    }

    /// Whether an agent serves this inbox now, though their desk may be gone for a moment.
    pub(super) fn is_on_duty(&self, agent: AgentId, inbox: InboxId) -> bool {
        let serves = self.inboxes.get(&inbox).is_some_and(|inbox| inbox.serving.contains(&agent));
        serves && self.is_online(agent)
    }

    pub(super) fn is_online(&self, agent: AgentId) -> bool {
        !self.is_agent_apart(agent) && self.agents.get(&agent).is_some_and(|agent| agent.presence == Presence::Online)
    }

    /// Whether an agent has gone: chosen, or after the grace period.
    pub(super) fn is_offline(&self, agent: AgentId) -> bool {
        !self.is_agent_apart(agent) && self.agents.get(&agent).is_some_and(|agent| agent.presence == Presence::Offline)
    }
}
