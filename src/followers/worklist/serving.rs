//! A head of the line meets who is first among the free. The best head goes first, whatever its class.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{Rule, Why};
use gatehouse_domain::inbox::{Mode, Strategy};
use gatehouse_domain::{AgentId, ConversationId, HoldId};
use uuid::Uuid;

use super::{Act, Class, Place, Work, Worklist};

/// Desks that ring for one interaction at most.
const RING_MAX: usize = 50;

impl Worklist {
    /// Asks for a hold for everybody in the line who can be served now, in order.
    pub(super) fn serve(&mut self, acts: &mut Vec<Act>, now: DateTime<Utc>) {
        let mut heads: BinaryHeap<Reverse<(Place, ConversationId, Class)>> = BinaryHeap::new();
        while let Some(class) = self.dirty.pop_first() {
            heads.extend(self.head(class).map(Reverse));
            // What one class is given may have been the last another waits for, so all of them are looked at together.
            if !self.dirty.is_empty() {
                continue;
            }
            while let Some(Reverse((_, id, class))) = heads.pop() {
                let Some((agents, why)) = self.choose(id, class, now) else { continue };
                for agent in &agents {
                    let hold = self.hold_id(id, *agent);
                    let act = Act::Hold { conversation: id, agent: *agent, channel: class.1, hold };
                    self.begin(id, &act);
                    acts.push(act);
                }
                if let Some(work) = self.open.get_mut(&id) {
                    work.why = Some(why);
                }
                self.index(id);
                heads.extend(self.head(class).map(Reverse));
            }
        }
    }

    /// Who is first of a class that somebody is free for.
    fn head(&self, class: Class) -> Option<(Place, ConversationId, Class)> {
        self.free.get(&class).filter(|free| !free.is_empty())?;
        #[cfg(test)]
        if self.bug == Some(super::tests::Bug::NewestFirst) {
            return self
                .line
                .of_inbox(class.0)
                .filter_map(|set| set.last())
                .map(|(place, id)| (*place, *id, class))
                .next();
        }
        self.line.head(class).map(|(place, id)| (place, id, class))
    }

    /// Who is asked for the head of a class, and why; nobody, where nobody is free or the licence is used up.
    fn choose(&self, id: ConversationId, class: Class, now: DateTime<Utc>) -> Option<(Vec<AgentId>, Why)> {
        let free = self.free.get(&class).filter(|free| !free.is_empty())?;
        let routing = &self.inboxes.get(&class.0)?.routing;
        if routing.mode == Mode::Manual || self.licence.is_full(class.1) {
            return None;
        }
        let work = self.open.get(&id)?;
        if let Some(agent) = self.preferred(work, now).filter(|agent| self.is_free(*agent, class)) {
            let why = self.why(id, work, Rule::PreferredAgent, &[agent]);
            return Some((vec![agent], why));
        }
        let new = || free.iter().map(|(_, agent)| *agent).filter(|agent| !work.passed.contains(agent));
        let many = if routing.strategy == Strategy::RingAll && routing.mode == Mode::Offer { RING_MAX } else { 1 };
        let mut agents: Vec<AgentId> = new().take(many).collect();
        if agents.is_empty() {
            agents.extend(free.iter().map(|(_, agent)| *agent).take(many));
        }
        let why = self.why(id, work, rule(routing.strategy), &agents);
        Some((agents, why))
    }

    /// Who had this customer last, where the inbox asks them first and they have not passed it over.
    pub(super) fn preferred(&self, work: &Work, now: DateTime<Utc>) -> Option<AgentId> {
        let days = self.inboxes.get(&work.inbox)?.routing.preferred_agent_days?;
        let (agent, at) = self.customers.get(&work.contact)?;
        (*at + TimeDelta::days(i64::from(days)) >= now && !work.passed.contains(agent)).then_some(*agent)
    }

    fn is_free(&self, agent: AgentId, class: Class) -> bool {
        self.agents.get(&agent).is_some_and(|agent| agent.indexed.iter().any(|(of, _)| *of == class))
    }

    /// The same decision has the same id, wherever and however often it is made.
    pub(super) fn hold_id(&self, id: ConversationId, agent: AgentId) -> HoldId {
        let work = self.open.get(&id).map_or(0, |work| work.version);
        let version = self.agents.get(&agent).map_or(0, |agent| agent.version);
        let mut decision = [0; 32];
        decision[..16].copy_from_slice(agent.0.as_bytes());
        decision[16..24].copy_from_slice(&work.to_be_bytes());
        decision[24..].copy_from_slice(&version.to_be_bytes());
        HoldId(Uuid::new_v5(&id.0, &decision))
    }
}

pub(super) const fn rule(strategy: Strategy) -> Rule {
    match strategy {
        Strategy::LongestIdle => Rule::LongestIdle,
        Strategy::LeastBusy => Rule::LeastBusy,
        Strategy::RoundRobin => Rule::RoundRobin,
        Strategy::Ordered => Rule::Ordered,
        Strategy::RingAll => Rule::RingAll,
    }
}
