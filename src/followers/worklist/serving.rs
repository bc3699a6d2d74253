//! A head of the line meets who is first among the free. The best head goes first, whatever its class.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{Rule, Why};
use gatehouse_domain::inbox::{Mode, Strategy};
use gatehouse_domain::{AgentId, ConversationId, HoldId};
use uuid::Builder;

use super::{Act, Class, Place, Work, Worklist};

/// Desks that ring for one interaction at most.
const RING_MAX: usize = 50;
/// Odd, with bits all over it: 2 to the power of 128, divided by the golden ratio.
const SPREAD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

impl Worklist {
    /// Asks for a hold for everybody in the line who can be served now, in order.
    pub(super) fn serve(&mut self, acts: &mut Vec<Act>, now: DateTime<Utc>) {
        let mut heads: BinaryHeap<Reverse<(Place, ConversationId, Class)>> = BinaryHeap::new();
        loop {
            // What one class is given may have been the last another waits for, so all of them are looked at together.
            while let Some(class) = self.line.take_touched() {
                heads.extend(self.head(class).map(Reverse));
            }
            let Some(Reverse(head)) = heads.pop() else { return };
            let (_, id, class) = head;
            // Touched twice, a class has put forward the same one twice.
            if self.head(class) != Some(head) {
                continue;
            }
            let Some((agents, why)) = self.choose(id, class, now) else { continue };
            for agent in &agents {
                let hold = self.hold_id(id, *agent);
                let act = Act::Hold { conversation: id, agent: *agent, channel: self.line.channel(class), hold };
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

    /// Who is first of a class that somebody is free for.
    fn head(&self, class: Class) -> Option<(Place, ConversationId, Class)> {
        if self.line.free(class).is_empty() {
            return None;
        }
        #[cfg(test)]
        if self.bug == Some(super::tests::Bug::NewestFirst) {
            return self.line.waiting(class).last().map(|(place, id)| (*place, *id, class));
        }
        self.line.head(class).map(|(place, id)| (place, id, class))
    }

    /// Who is asked for the head of a class, and why; nobody, where nobody is free or the licence is used up.
    fn choose(&self, id: ConversationId, class: Class, now: DateTime<Utc>) -> Option<(Vec<AgentId>, Why)> {
        let free = self.line.free(class);
        let work = self.open.get(&id)?;
        let routing = &self.inboxes.get(&work.inbox)?.routing;
        if routing.mode == Mode::Manual || self.licence.is_full(work.channel) {
            return None;
        }
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

    /// The same decision has the same id, however often it is made. Nobody has to find it out again in another life: what
    /// was held is in the log, and what was not is decided anew.
    pub(super) fn hold_id(&self, id: ConversationId, agent: AgentId) -> HoldId {
        let work = self.open.get(&id).map_or(0, |work| work.version);
        let version = self.agents.get(&agent).map_or(0, |agent| agent.version);
        // Nobody chooses these ids, so spreading their bits is enough; each step can be turned back, so nothing is lost.
        let spread = |so_far: u128, word: u128| (so_far ^ word).rotate_left(61).wrapping_mul(SPREAD);
        let versions = u128::from(work) << 64 | u128::from(version);
        let decision = [id.0.as_u128(), agent.0.as_u128(), versions, 0].into_iter().fold(SPREAD, spread);
        HoldId(Builder::from_custom_bytes(decision.to_be_bytes()).into_uuid())
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
