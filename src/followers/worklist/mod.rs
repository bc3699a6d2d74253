//! Matches waiting interactions with free slots: holds a slot first, then offers, and records nothing of its own.
//!
//! Owns: who waits, who could take it, and every hold, folded from the log. Restart: folds the log again; a hold that
//! serves nothing is offered on or released. It acts on what happened, never on a tick.

mod candidates;
mod shell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Capacity, Presence};
use gatehouse_domain::inbox::{self, Routing};
use gatehouse_domain::{AgentId, Channel, ConversationId, Fact, HoldId, InboxId, OfferId, Recorded, conversation};
use uuid::Uuid;

use super::{ASK_AGAIN_AFTER, Done, Effect};

pub use shell::start;

/// No offer is open longer than a day, whatever an inbox says.
const OFFER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// One thing the worklist asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Hold {
        conversation: ConversationId,
        agent: AgentId,
        channel: Channel,
        hold: HoldId,
    },
    Offer {
        conversation: ConversationId,
        agent: AgentId,
        hold: HoldId,
        offer: OfferId,
        until: DateTime<Utc>,
    },
    Withdraw {
        conversation: ConversationId,
        offer: OfferId,
    },
    Release {
        conversation: ConversationId,
        agent: AgentId,
        hold: HoldId,
    },
    /// Back to its inbox: its owner is offline.
    Return {
        conversation: ConversationId,
        agent: AgentId,
    },
}

impl Act {
    fn conversation(self) -> ConversationId {
        match self {
            Self::Hold { conversation, .. }
            | Self::Offer { conversation, .. }
            | Self::Withdraw { conversation, .. }
            | Self::Release { conversation, .. }
            | Self::Return { conversation, .. } => conversation,
        }
    }
}

/// The engine's whole state.
#[derive(Debug, Default)]
pub struct Worklist {
    inboxes: BTreeMap<InboxId, Inbox>,
    agents: BTreeMap<AgentId, Agent>,
    open: BTreeMap<ConversationId, Work>,
    /// Who waits, oldest first within a priority.
    line: BTreeSet<(Place, ConversationId)>,
    /// Holds by what they are for: more than one only for a moment.
    holds: BTreeMap<ConversationId, BTreeMap<HoldId, AgentId>>,
    /// Conversations whose holds and offers have to be looked at.
    unsettled: BTreeSet<ConversationId>,
    /// Acts under way: one per conversation. A hold asked for counts as taken.
    busy: BTreeMap<ConversationId, Act>,
    later: BTreeSet<(DateTime<Utc>, ConversationId)>,
    /// Something changed that could let somebody in the line be served.
    stirred: bool,
}

/// A place in the line: priority first, then age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    priority: std::cmp::Reverse<u8>,
    since: DateTime<Utc>,
}

#[derive(Debug)]
struct Inbox {
    routing: Routing,
    members: BTreeSet<AgentId>,
}

#[derive(Debug)]
struct Agent {
    presence: Presence,
    sockets: BTreeSet<Uuid>,
    capacity: Capacity,
    holds: BTreeMap<HoldId, Channel>,
    /// Since when nothing was given to them or taken off them.
    idle_since: DateTime<Utc>,
    /// The sequence of their newest event: tells one decision about them from the next.
    version: u64,
}

/// One open interaction.
#[derive(Debug)]
struct Work {
    inbox: InboxId,
    channel: Channel,
    place: Place,
    /// The sequence of its newest event.
    version: u64,
    standing: Standing,
    /// Agents who let it lapse or declined: asked again only when nobody else remains.
    passed: BTreeSet<AgentId>,
}

#[derive(Debug)]
enum Standing {
    /// Holds from before it began to wait serve nothing any more: whoever declined, lapsed or gave it back stands in
    /// line with everybody else.
    Waiting {
        spent: BTreeSet<HoldId>,
    },
    Offered(BTreeMap<OfferId, (AgentId, HoldId)>),
    /// An agent owns it; a pending transfer keeps a hold too.
    Owned {
        agent: AgentId,
        hold: HoldId,
        transfer: Option<HoldId>,
    },
    Flow,
}

impl Worklist {
    fn fold_conversation(&mut self, id: ConversationId, version: u64, event: &conversation::Event) {
        use conversation::Event as E;
        if let E::InteractionOpened { inbox, channel, at, .. } = event {
            let place = Place { priority: std::cmp::Reverse(0), since: *at };
            let standing = Standing::Flow;
            let passed = BTreeSet::new();
            self.open.insert(id, Work { inbox: *inbox, channel: *channel, place, version, standing, passed });
        }
        let Some(work) = self.open.get_mut(&id) else { return };
        work.version = version;
        match event {
            E::Queued { inbox, since, .. } => {
                if work.inbox != *inbox {
                    work.passed.clear();
                }
                self.line.remove(&(work.place, id));
                (work.inbox, work.place.since) = (*inbox, *since);
                let held = self.holds.get(&id).into_iter().flatten();
                work.standing = Standing::Waiting { spent: held.map(|(hold, _)| *hold).collect() };
                self.line.insert((work.place, id));
                self.stirred = true;
            }
            E::PrioritySet { priority, .. } => {
                let waits = self.line.remove(&(work.place, id));
                work.place.priority = std::cmp::Reverse(*priority);
                if waits {
                    self.line.insert((work.place, id));
                }
            }
            E::Offered { offers, .. } => {
                self.line.remove(&(work.place, id));
                work.standing =
                    Standing::Offered(offers.iter().map(|one| (one.offer, (one.agent, one.hold))).collect());
            }
            E::OfferDeclined { offer, agent, .. } | E::OfferLapsed { offer, agent, .. } => {
                work.passed.insert(*agent);
                if let Standing::Offered(offers) = &mut work.standing {
                    offers.remove(offer);
                }
            }
            E::OfferWithdrawn { offer, .. } => {
                if let Standing::Offered(offers) = &mut work.standing {
                    offers.remove(offer);
                }
            }
            E::Assigned { agent, hold, .. } => {
                self.line.remove(&(work.place, id));
                work.passed.clear();
                work.standing = Standing::Owned { agent: *agent, hold: *hold, transfer: None };
            }
            E::TransferRequested { hold, .. } => {
                if let Standing::Owned { transfer, .. } = &mut work.standing {
                    *transfer = Some(*hold);
                }
            }
            E::TransferDeclined { .. } | E::TransferLapsed { .. } | E::TransferWithdrawn { .. } => {
                if let Standing::Owned { transfer, .. } = &mut work.standing {
                    *transfer = None;
                }
            }
            E::HandedToFlow { .. } => {
                self.line.remove(&(work.place, id));
                work.standing = Standing::Flow;
            }
            E::InteractionEnded { .. } => {
                self.line.remove(&(work.place, id));
                self.open.remove(&id);
            }
            _ => return,
        }
        self.unsettled.insert(id);
    }

    fn fold_agent(&mut self, id: AgentId, recorded: &Recorded, event: &agent::Event) {
        let agent = self.agents.entry(id).or_insert_with(|| Agent {
            presence: Presence::Offline,
            sockets: BTreeSet::new(),
            capacity: Capacity::default(),
            holds: BTreeMap::new(),
            idle_since: recorded.recorded_at,
            version: 0,
        });
        agent.version = recorded.sequence;
        match event {
            agent::Event::WentOnline { at } => (agent.presence, agent.idle_since) = (Presence::Online, *at),
            agent::Event::TookBreak { reason, .. } => agent.presence = Presence::OnBreak { reason: reason.clone() },
            agent::Event::WentOffline { .. } => agent.presence = Presence::Offline,
            agent::Event::MarkedNotResponding { .. } => agent.presence = Presence::NotResponding,
            agent::Event::Connected { socket, .. } => {
                agent.sockets.insert(*socket);
            }
            agent::Event::Disconnected { socket, .. } => {
                agent.sockets.remove(socket);
            }
            agent::Event::CapacitySet { capacity, .. } => agent.capacity = capacity.clone(),
            agent::Event::SlotHeld { hold, conversation, channel, at } => {
                agent.holds.insert(*hold, *channel);
                agent.idle_since = *at;
                self.holds.entry(*conversation).or_default().insert(*hold, id);
                self.unsettled.insert(*conversation);
                return;
            }
            agent::Event::SlotReleased { hold, at } => {
                agent.holds.remove(hold);
                agent.idle_since = *at;
                self.holds.retain(|_, holds| {
                    holds.remove(hold);
                    !holds.is_empty()
                });
            }
            agent::Event::AgentAdded { .. } | agent::Event::SkillGranted { .. } | agent::Event::SkillRevoked { .. } => {
            }
        }
        self.stirred = true;
        if !matches!(event, agent::Event::SlotReleased { .. }) {
            // Their offers may have to be withdrawn, their idle holds released, their work given back.
            self.look_at_holds_of(id);
        }
    }

    fn look_at_holds_of(&mut self, agent: AgentId) {
        let theirs = self.holds.iter().filter(|(_, holds)| holds.values().any(|held| *held == agent));
        self.unsettled.extend(theirs.map(|(id, _)| *id));
    }

    fn fold_inbox(&mut self, id: InboxId, event: &inbox::Event) {
        self.stirred = true;
        if let inbox::Event::InboxAdded { routing, .. } = event {
            self.inboxes.insert(id, Inbox { routing: routing.clone(), members: BTreeSet::new() });
        }
        let Some(inbox) = self.inboxes.get_mut(&id) else { return };
        match event {
            inbox::Event::RoutingSet { routing, .. } => inbox.routing.clone_from(routing),
            inbox::Event::MemberAdded { agent, .. } => {
                inbox.members.insert(*agent);
            }
            inbox::Event::MemberRemoved { agent, .. } => {
                inbox.members.remove(agent);
                self.look_at_holds_of(*agent);
            }
            inbox::Event::InboxAdded { .. }
            | inbox::Event::InboxRenamed { .. }
            | inbox::Event::MadePrimary { .. }
            | inbox::Event::TeamAdded { .. }
            | inbox::Event::TeamRemoved { .. } => {}
        }
    }

    /// What a conversation's holds and offers need, so that every hold serves something and every offer can be taken.
    fn settle(&self, id: ConversationId, now: DateTime<Utc>) -> Option<Act> {
        let none = BTreeMap::new();
        let holds = self.holds.get(&id).unwrap_or(&none);
        let release =
            |(hold, agent): (&HoldId, &AgentId)| Act::Release { conversation: id, agent: *agent, hold: *hold };
        let Some(work) = self.open.get(&id) else { return holds.iter().next().map(release) };
        match &work.standing {
            Standing::Waiting { spent } => {
                let useless =
                    |(hold, agent): &(&HoldId, &AgentId)| spent.contains(hold) || !self.could_take(**agent, work.inbox);
                if let Some(useless) = holds.iter().find(useless) {
                    return Some(release(useless));
                }
                let (hold, agent) = holds.iter().next()?;
                let timeout = self.inboxes.get(&work.inbox)?.routing.offer_timeout_ms;
                let until = now + TimeDelta::milliseconds(timeout.min(OFFER_MS_MAX).try_into().unwrap_or_default());
                let offer = OfferId(Uuid::new_v5(&hold.0, &work.version.to_be_bytes()));
                Some(Act::Offer { conversation: id, agent: *agent, hold: *hold, offer, until })
            }
            Standing::Offered(offers) => {
                // A desk that reconnects keeps its offers; whoever went on break or offline does not.
                let gone = offers.iter().find(|(_, (agent, _))| !self.is_on_duty(*agent, work.inbox));
                if let Some((offer, _)) = gone {
                    return Some(Act::Withdraw { conversation: id, offer: *offer });
                }
                let serves = |hold: &HoldId| offers.values().any(|(_, held)| held == hold);
                holds.iter().find(|(hold, _)| !serves(hold)).map(release)
            }
            Standing::Owned { agent, .. } if self.is_offline(*agent) => {
                Some(Act::Return { conversation: id, agent: *agent })
            }
            Standing::Owned { hold, transfer, .. } => {
                holds.iter().find(|(held, _)| *held != hold && Some(**held) != *transfer).map(release)
            }
            Standing::Flow => holds.iter().next().map(release),
        }
    }
}

impl Effect for Worklist {
    const NAME: &'static str = "worklist";
    type Act = Act;

    fn fold(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id;
        match &recorded.fact {
            Fact::Conversation(event) => self.fold_conversation(ConversationId(id), recorded.sequence, event),
            Fact::Agent(event) => self.fold_agent(AgentId(id), recorded, event),
            Fact::Inbox(event) => self.fold_inbox(InboxId(id), event),
            _ => {}
        }
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Act> {
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            self.unsettled.insert(id);
            self.stirred = true;
        }
        let mut acts = vec![];
        for id in std::mem::take(&mut self.unsettled) {
            if self.busy.contains_key(&id) {
                continue;
            }
            if let Some(act) = self.settle(id, now) {
                self.busy.insert(id, act);
                acts.push(act);
            }
        }
        if std::mem::take(&mut self.stirred) {
            acts.extend(self.serve_the_line());
        }
        acts
    }

    fn done(&mut self, act: Act, outcome: Done, now: DateTime<Utc>) {
        let id = act.conversation();
        self.busy.remove(&id);
        match outcome {
            Done::Committed(_) => {
                self.unsettled.insert(id);
                self.stirred = true;
            }
            // Things have changed since, and what changed is on its way here; a moment's pause keeps it from spinning.
            Done::Refused | Done::Failed => {
                self.later.insert((now + ASK_AGAIN_AFTER, id));
            }
        }
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.later.first().map(|(at, _)| *at)
    }
}
