//! Who gets what: the line in order, and for each the member who has been idle longest.

use std::collections::BTreeMap;

use gatehouse_domain::agent::Presence;
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId, InboxId};
use uuid::Uuid;

use super::{Act, Agent, Work, Worklist};

impl Worklist {
    /// Asks for a hold for everybody in the line who can be served now, in order.
    pub(super) fn serve_the_line(&mut self) -> Vec<Act> {
        let mut asked = self.asked();
        let mut free = self.free_slots(&asked);
        let mut acts = vec![];
        for (_, id) in &self.line {
            if free.is_empty() {
                break;
            }
            if self.busy.contains_key(id) || self.holds.contains_key(id) {
                continue;
            }
            let Some(work) = self.open.get(id) else { continue };
            let Some(agent) = self.candidate(work, &free, &asked) else { continue };
            let hold = self.hold_id(*id, work, agent);
            take(&mut free, agent);
            asked.push((agent, work.channel));
            acts.push(Act::Hold { conversation: *id, agent, channel: work.channel, hold });
        }
        self.busy.extend(acts.iter().map(|act| (act.conversation(), *act)));
        acts
    }

    /// Whether an agent could be offered something of this inbox, slots aside.
    pub(super) fn could_take(&self, agent: AgentId, inbox: InboxId) -> bool {
        self.is_on_duty(agent, inbox) && self.agents.get(&agent).is_some_and(Agent::is_routable)
    }

    /// Whether an agent has gone: chosen, or after the grace period.
    pub(super) fn is_offline(&self, agent: AgentId) -> bool {
        self.agents.get(&agent).is_some_and(|agent| agent.presence == Presence::Offline)
    }

    /// Whether an agent serves this inbox now, though their desk may be gone for a moment.
    pub(super) fn is_on_duty(&self, agent: AgentId, inbox: InboxId) -> bool {
        let member = self.inboxes.get(&inbox).is_some_and(|inbox| inbox.members.contains(&agent));
        member && self.agents.get(&agent).is_some_and(|agent| agent.presence == Presence::Online)
    }

    /// Longest idle first, and whoever is just being given something has not been idle; who passed it over before only
    /// when nobody else remains.
    fn candidate(&self, work: &Work, free: &BTreeMap<AgentId, u32>, asked: &[(AgentId, Channel)]) -> Option<AgentId> {
        let members = &self.inboxes.get(&work.inbox)?.members;
        let able = members.iter().filter(|id| free.contains_key(id));
        able.filter_map(|id| self.agents.get(id).map(|agent| (*id, agent)))
            .filter(|(id, agent)| has_room_on(*id, agent, work.channel, asked))
            .min_by_key(|(id, agent)| (work.passed.contains(id), asked_of(*id, asked), agent.idle_since, *id))
            .map(|(id, _)| id)
    }

    /// Free slots of agents who can take work now. Holds asked for count as taken.
    fn free_slots(&self, asked: &[(AgentId, Channel)]) -> BTreeMap<AgentId, u32> {
        let free = |(id, agent): (&AgentId, &Agent)| {
            let taken = agent.holds.len() as u32 + asked_of(*id, asked);
            let left = agent.capacity.total.saturating_sub(taken);
            (agent.is_routable() && left > 0).then_some((*id, left))
        };
        self.agents.iter().filter_map(free).collect()
    }

    fn asked(&self) -> Vec<(AgentId, Channel)> {
        let hold = |act: &Act| match act {
            Act::Hold { agent, channel, .. } => Some((*agent, *channel)),
            Act::Offer { .. } | Act::Withdraw { .. } | Act::Release { .. } | Act::Return { .. } => None,
        };
        self.busy.values().filter_map(hold).collect()
    }

    /// The same decision has the same id, wherever and however often it is made.
    fn hold_id(&self, id: ConversationId, work: &Work, agent: AgentId) -> HoldId {
        let version = self.agents.get(&agent).map_or(0, |agent| agent.version);
        let decision = [agent.0.as_bytes().as_slice(), &work.version.to_be_bytes(), &version.to_be_bytes()].concat();
        HoldId(Uuid::new_v5(&id.0, &decision))
    }
}

impl Agent {
    /// Chosen online, and there.
    pub(super) fn is_routable(&self) -> bool {
        self.presence == Presence::Online && !self.sockets.is_empty()
    }
}

fn has_room_on(id: AgentId, agent: &Agent, channel: Channel, asked: &[(AgentId, Channel)]) -> bool {
    let Some(limit) = agent.capacity.per_channel.get(&channel) else { return true };
    let held = agent.holds.values().filter(|held| **held == channel).count();
    let asked = asked.iter().filter(|asked| **asked == (id, channel)).count();
    held + asked < *limit as usize
}

/// How many holds of theirs are asked for.
fn asked_of(id: AgentId, asked: &[(AgentId, Channel)]) -> u32 {
    asked.iter().filter(|(asked, _)| *asked == id).count() as u32
}

fn take(free: &mut BTreeMap<AgentId, u32>, agent: AgentId) {
    if let Some(left) = free.get_mut(&agent) {
        *left -= 1;
        if *left == 0 {
            free.remove(&agent);
        }
    }
}
