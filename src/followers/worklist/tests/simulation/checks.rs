//! What must be true: at every moment, and once everything has settled.

use std::collections::BTreeMap;

use gatehouse_domain::Rules;
use gatehouse_domain::agent::Presence;
use gatehouse_domain::conversation::{Owner, Phase};
use gatehouse_domain::inbox::{Mode, OnOffline};

use super::super::*;
use super::world::{Task, World};

/// Rounds after which whatever was begun must have come to rest.
const ROUNDS_MAX: u32 = 500;

impl World {
    /// True at every moment, settled or not.
    pub fn holds_together(&self) -> Result<(), String> {
        let (mut slots, mut licensed) = (BTreeMap::new(), 0);
        for (id, (conversation, _)) in &self.conversations {
            let Phase::Open(open) = &conversation.phase else { continue };
            let mut serving = vec![];
            match &open.owner {
                Owner::Queue => {}
                Owner::Offered { offers, .. } => serving.extend(offers.iter().map(|one| (one.agent, one.hold))),
                Owner::Agent { agent, hold, transfer, .. } => {
                    serving.push((*agent, *hold));
                    serving.extend(transfer.map(|transfer| (transfer.to, transfer.hold)));
                }
                Owner::Flow { .. } => return Err("there are no flows here".to_owned()),
            }
            licensed += u32::from(!serving.is_empty());
            for (agent, hold) in serving {
                let held = self.agents[&agent].0.holds.get(&hold);
                if held.map(|hold| hold.conversation) != Some(*id) {
                    return Err(format!("{agent} keeps no slot for {id}"));
                }
                if let Some(other) = slots.insert((agent, hold), *id) {
                    return Err(format!("one slot of {agent} serves {id} and {other}"));
                }
            }
        }
        if self.licence.is_some_and(|max| licensed > max) {
            return Err(format!("{licensed} are in progress, more than the licence allows"));
        }
        for (id, (agent, _)) in &self.agents {
            let over = |(channel, limit): (&Channel, &u32)| {
                agent.holds.values().filter(|held| held.channel == *channel).count() > *limit as usize
            };
            if agent.holds.len() > agent.capacity.total as usize || agent.capacity.per_channel.iter().any(over) {
                return Err(format!("{id} has too much"));
            }
        }
        Ok(())
    }

    /// Nobody who waits longer, and could be served by this agent, is left standing for `served`.
    pub fn is_first_in_line(&self, served: ConversationId, agent: AgentId) -> Result<(), String> {
        let place = self.waiting(served).map(|(_, place, _)| place);
        for id in self.conversations.keys().filter(|id| **id != served && !self.is_taken(**id)) {
            let Some((inbox, theirs, channel)) = self.waiting(*id) else { continue };
            let known = &self.agents[&agent].0;
            let flows = self.routing(inbox);
            let fits = self.serve(inbox).contains(&agent)
                && flows.mode != Mode::Manual
                && flows.flow_max.is_none()
                && flows.skills_required.is_subset(&known.skills)
                && !known.capacity.per_channel.contains_key(&channel);
            if fits && place.is_none_or(|place| theirs < place) {
                return Err(format!("{id} was first, and {served} is served by {agent}"));
            }
        }
        Ok(())
    }

    /// Whether something is being done about a conversation.
    fn is_taken(&self, id: ConversationId) -> bool {
        let asked = |task: &Task| matches!(task, Task::Worklist(act) if act.conversation() == Some(id));
        self.tasks.iter().any(asked)
            || self.worklist.requests.has(id)
            || self.worklist.under_way.contains_key(&id)
            || self.agents.values().any(|(agent, _)| agent.hold_for(id).is_some())
    }

    /// Everything asked for is done and heard, until nothing more comes.
    pub fn settles(&mut self) -> Result<(), String> {
        self.trace.push("  everything settles".to_owned());
        for _ in 0..ROUNDS_MAX {
            self.followers_follow()?;
            while let Some(task) = self.tasks.pop_front() {
                if let Some(outcome) = self.perform(&task)? {
                    self.answered.push((task, outcome));
                }
            }
            if self.answered.is_empty() && self.folded == self.log.len() {
                let Some(at) = self.worklist.wake_at() else { return Ok(()) };
                self.now = self.now.max(at);
            }
        }
        Err("it never comes to rest".to_owned())
    }

    pub fn is_settled(&self) -> Result<(), String> {
        self.holds_together()?;
        for (id, (agent, _)) in &self.agents {
            for (hold, held) in &agent.holds {
                let serves = match self.owner(held.conversation) {
                    Some(Owner::Offered { offers, .. }) => offers.iter().any(|one| one.hold == *hold),
                    Some(Owner::Agent { hold: owners, transfer, .. }) => {
                        owners == *hold || transfer.is_some_and(|transfer| transfer.hold == *hold)
                    }
                    Some(Owner::Queue | Owner::Flow { .. }) | None => false,
                };
                if !serves {
                    return Err(format!("{id} keeps a slot for nothing of {}", held.conversation));
                }
            }
        }
        for id in self.conversations.keys() {
            let open = self.conversations[id].0.open().ok();
            if let Some(Owner::Agent { agent, .. }) = self.owner(*id) {
                let kept = open.is_some_and(|open| self.routing(open.inbox).on_offline == OnOffline::Keep);
                if self.agents[&agent].0.presence == Presence::Offline && !kept {
                    return Err(format!("{id} waits at an empty desk"));
                }
            }
            self.waits_for_somebody(*id)?;
        }
        match self.worklist.audit()[..] {
            [] if self.worklist.requests.is_idle() => Ok(()),
            [] => Err("somebody was never answered".to_owned()),
            ref violations => Err(format!("the auditor finds {violations:?}")),
        }
    }

    /// Whoever waits, waits because nobody who could take it is free.
    fn waits_for_somebody(&self, id: ConversationId) -> Result<(), String> {
        let Some((inbox, _, channel)) = self.waiting(id) else { return Ok(()) };
        let busy = self.conversations.keys().filter(|id| !matches!(self.owner(**id), None | Some(Owner::Queue)));
        let routing = self.routing(inbox);
        if routing.mode == Mode::Manual || self.licence.is_some_and(|max| busy.count() >= max as usize) {
            return Ok(());
        }
        for agent in self.serve(inbox) {
            let known = &self.agents[&agent].0;
            let hold = HoldId(Uuid::from_u128(0xFFFF));
            let command = agent::Command::HoldSlot { hold, conversation: id, channel };
            let of_inbox = |held: &&agent::Hold| {
                self.conversations[&held.conversation].0.open().is_ok_and(|open| open.inbox == inbox)
            };
            let full =
                routing.flow_max.is_some_and(|max| known.holds.values().filter(of_inbox).count() >= max as usize);
            let skilled = routing.skills_required.is_subset(&known.skills);
            if known.decide(command, self.now).is_ok() && !full && skilled {
                return Err(format!("{id} waits beside {agent}"));
            }
        }
        Ok(())
    }

    fn waiting(&self, id: ConversationId) -> Option<(InboxId, (Place, ConversationId), Channel)> {
        let conversation = &self.conversations[&id].0;
        let Phase::Open(open) = &conversation.phase else { return None };
        let due = conversation.promise.due().map(|due| due.at);
        let place = Place::since(open.since).of_priority(open.priority).due_at(due);
        let channel = conversation.party?.channel;
        matches!(open.owner, Owner::Queue).then_some((open.inbox, (place, id), channel))
    }
}
