//! The invariants, checked on the state as it is. What is being moved at this moment is left out: it is not settled.

use std::collections::BTreeSet;

use gatehouse_domain::inbox::Mode;
use gatehouse_domain::{AgentId, ConversationId, HoldId};
use serde::Serialize;

use super::{Class, Standing, Subject, Work, Worklist};

/// Something that must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Violation {
    /// A slot was taken that was not free.
    CapacityExceeded { agent: AgentId },
    /// It is offered to an agent, or owned by one, without a slot of theirs.
    NoSlotHeld { conversation: ConversationId, agent: AgentId },
    /// A slot is kept for nothing.
    HoldServesNothing { conversation: ConversationId, agent: AgentId },
    /// It waits although somebody who could take it is free.
    WaitsBesideFreeSlot { conversation: ConversationId, agent: AgentId },
    /// It waits and stands in no line, or its owner is offline and it is not given back.
    Orphaned { conversation: ConversationId },
}

impl Worklist {
    /// Everything that must not be; empty when all is well.
    pub fn audit(&self) -> Vec<Violation> {
        let mut found = self.exceeded.clone();
        let later = self.later.iter().filter_map(|(_, subject)| match subject {
            Subject::Conversation(id) if !self.wraps.contains_key(id) => Some(*id),
            _ => None,
        });
        let later: BTreeSet<ConversationId> = later.chain(self.unsettled.iter().copied()).collect();
        for (id, work) in self.open.iter().filter(|(id, _)| !self.moves(**id, &later)) {
            self.audit_one(*id, work, &mut found);
        }
        for (id, holds) in self.holds.iter().filter(|(id, _)| !self.moves(**id, &later)) {
            let idle = holds.iter().filter(|(hold, _)| !self.serves(*id, **hold));
            found.extend(idle.map(|(_, agent)| Violation::HoldServesNothing { conversation: *id, agent: *agent }));
        }
        let settled = self.line.classes().filter(|class| !self.line.is_touched(*class));
        found.extend(settled.filter_map(|class| self.audit_class(class)));
        found
    }

    fn audit_one(&self, id: ConversationId, work: &Work, found: &mut Vec<Violation>) {
        let has_slot = |agent: AgentId, hold: HoldId| {
            self.is_agent_apart(agent) || self.holds.get(&id).and_then(|holds| holds.get(&hold)) == Some(&agent)
        };
        match &work.standing {
            Standing::Waiting { .. } if work.lined.is_none() && !self.holds.contains_key(&id) => {
                found.push(Violation::Orphaned { conversation: id });
            }
            Standing::Waiting { .. } | Standing::Flow => {}
            Standing::Offered(offers) => {
                let without = offers.values().filter(|(agent, hold)| !has_slot(*agent, *hold));
                found.extend(without.map(|(agent, _)| Violation::NoSlotHeld { conversation: id, agent: *agent }));
                if offers.is_empty() {
                    found.push(Violation::Orphaned { conversation: id });
                }
            }
            Standing::Owned { agent, hold, .. } => {
                if !has_slot(*agent, *hold) {
                    found.push(Violation::NoSlotHeld { conversation: id, agent: *agent });
                }
                if self.is_offline(*agent) && self.gives_back(work) {
                    found.push(Violation::Orphaned { conversation: id });
                }
            }
        }
    }

    fn audit_class(&self, class: Class) -> Option<Violation> {
        let (id, channel) = (self.line.inbox(class), self.line.channel(class));
        let inbox = self.inboxes.get(&id)?;
        if inbox.routing.mode == Mode::Manual || self.licence.is_full(channel) {
            return None;
        }
        let (_, conversation) = self.line.head(class)?;
        let free = |agent: &&AgentId| {
            self.agents.get(agent).is_some_and(|agent| agent.unable_in(id, inbox, channel, true).is_none())
        };
        let agent = *inbox.serving.iter().find(free)?;
        Some(Violation::WaitsBesideFreeSlot { conversation, agent })
    }

    fn serves(&self, id: ConversationId, hold: HoldId) -> bool {
        match self.open.get(&id).map(|work| &work.standing) {
            Some(Standing::Offered(offers)) => offers.values().any(|(_, held)| *held == hold),
            Some(Standing::Owned { hold: owners, transfer, .. }) => {
                *owners == hold || transfer.is_some_and(|handover| handover.hold == hold)
            }
            Some(Standing::Waiting { .. } | Standing::Flow) => false,
            None => self.wraps.get(&id).is_some_and(|wrap| wrap.hold == hold),
        }
    }

    /// Whether something is under way or due for a conversation, or nobody knows.
    fn moves(&self, id: ConversationId, later: &BTreeSet<ConversationId>) -> bool {
        self.under_way.contains_key(&id) || self.requests.has(id) || later.contains(&id) || self.is_apart(id)
    }
}
