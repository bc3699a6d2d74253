//! The sums of one board: each conversation is counted in as what it counts as, and out again when that changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::{Channel, ConversationId};

use super::row::{Place, Standing};
use super::stays::Counted;
use super::view::{
    AgentState, BoardAgent, BoardTiles, InProgress, People, Promises, Service, ServiceLevel, Waiting, Windows,
};

/// What is counted, of everything or of one inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    waiting: u32,
    offered: u32,
    past_target: u32,
    /// Waiting and not being offered, by channel: what the licence can hold.
    held_back: BTreeMap<Channel, u32>,
    /// Offered or with an agent, by channel: what the licence counts.
    under_way: BTreeMap<Channel, u32>,
    came: BTreeSet<(DateTime<Utc>, ConversationId)>,
    since: BTreeSet<(DateTime<Utc>, ConversationId)>,
    progress: InProgress,
    promises: Promises,
    windows: Windows,
    people: People,
    pub today: Counted,
    pub recent: Counted,
}

/// How many may be under way at a time, as the licence says; none: as many as there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenceMax {
    pub total: Option<u32>,
    pub per_channel: BTreeMap<Channel, u32>,
}

/// Whether something is counted in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    In,
    Out,
}

impl Way {
    pub fn count(self, sum: &mut u32, counts: bool) {
        let by = u32::from(counts);
        *sum = match self {
            Self::In => *sum + by,
            Self::Out => sum.saturating_sub(by),
        };
    }
}

impl Tally {
    pub fn count(&mut self, way: Way, id: ConversationId, standing: &Standing) {
        let Standing { channel, place, unanswered, overdue, due_soon, closing_soon, .. } = standing;
        way.count(&mut self.promises.unanswered, *unanswered);
        way.count(&mut self.promises.overdue, *overdue);
        way.count(&mut self.promises.due_soon, *due_soon);
        way.count(&mut self.windows.closing_soon, *closing_soon);
        let under_way = match place {
            Place::Waiting { offered, past_target, came, since } => {
                way.count(&mut self.waiting, true);
                way.count(&mut self.offered, *offered);
                way.count(&mut self.past_target, *past_target);
                way.count(self.held_back.entry(*channel).or_default(), !offered);
                for (line, at) in [(&mut self.came, *came), (&mut self.since, *since)] {
                    match way {
                        Way::In => line.insert((at, id)),
                        Way::Out => line.remove(&(at, id)),
                    };
                }
                *offered
            }
            Place::Active | Place::InTransfer => {
                way.count(&mut self.progress.active, *place == Place::Active);
                way.count(&mut self.progress.in_transfer, *place == Place::InTransfer);
                true
            }
            Place::Flow => {
                way.count(&mut self.progress.with_flow, true);
                false
            }
            Place::Nowhere => false,
        };
        way.count(self.under_way.entry(*channel).or_default(), under_way);
    }

    pub fn count_agent(&mut self, way: Way, agent: &BoardAgent) {
        let People {
            available,
            offered,
            busy,
            wrapping_up,
            disconnected,
            on_break,
            not_responding,
            offline,
            slots,
            free_slots,
        } = &mut self.people;
        let (state, takes_work) = match agent.state {
            AgentState::Available => (available, true),
            AgentState::Offered => (offered, true),
            AgentState::Busy => (busy, true),
            AgentState::WrappingUp => (wrapping_up, true),
            AgentState::Disconnected => (disconnected, false),
            AgentState::Break => (on_break, false),
            AgentState::NotResponding => (not_responding, false),
            AgentState::Offline => (offline, false),
        };
        way.count(state, true);
        if takes_work {
            let free = agent.slots.saturating_sub(agent.slots_in_use);
            match way {
                Way::In => (*slots, *free_slots) = (*slots + agent.slots, *free_slots + free),
                Way::Out => (*slots, *free_slots) = (*slots - agent.slots, *free_slots - free),
            }
        }
    }

    /// The channels on which as many are under way as the licence allows, by this tally of everything.
    pub fn full<'a>(&'a self, licence: &'a LicenceMax) -> impl Fn(Channel) -> bool + use<'a> {
        let all: u32 = self.under_way.values().sum();
        let total = licence.total.is_some_and(|max| all >= max);
        move |channel| {
            let used = self.under_way.get(&channel).copied().unwrap_or_default();
            total || licence.per_channel.get(&channel).is_some_and(|max| used >= *max)
        }
    }

    pub fn tiles(&self, is_full: impl Fn(Channel) -> bool) -> BoardTiles {
        let held = self.held_back.iter().filter(|(channel, _)| is_full(**channel));
        BoardTiles {
            waiting: Waiting {
                count: self.waiting,
                offered: self.offered,
                past_target: self.past_target,
                held_by_licence: held.map(|(_, count)| count).sum(),
                oldest_in_inbox: self.came.first().map(|(at, _)| *at),
                oldest_customer: self.since.first().map(|(at, _)| *at),
            },
            progress: self.progress.clone(),
            people: self.people.clone(),
            service: Service { today: self.level(self.today), recent: self.level(self.recent) },
            promises: self.promises.clone(),
            windows: self.windows.clone(),
        }
    }

    fn level(&self, counted: Counted) -> ServiceLevel {
        let Counted { answered, answered_within, abandoned, short_abandoned } = counted;
        let counts = answered + abandoned - short_abandoned;
        let share = |of: u32| (of > 0).then(|| f64::from(answered_within) / f64::from(of));
        let (level, live) = (share(counts), share(counts + self.past_target));
        ServiceLevel { answered, answered_within, abandoned, short_abandoned, level, live }
    }
}
