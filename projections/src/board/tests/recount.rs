//! The board counted anew from the whole log, slowly, by what docs/METRICS.md says: it keeps nothing and shares no code with
//! the fold.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Presence};
use gatehouse_domain::conversation::{Ending, Event, Promise};
use gatehouse_domain::gateway;
use gatehouse_domain::inbox;
use gatehouse_domain::{AgentId, Channel, ConversationId, Fact, GatewayId, InboxId, Kind, Recorded};

use super::setting::{AGENTS, GATEWAYS};
use crate::board::*;

type Time = DateTime<Utc>;

/// Everything that was told, and when it is.
pub struct Recount<'a> {
    pub log: &'a [Recorded],
    pub now: Time,
    pub definitions: &'a Definitions,
}

/// Who has an open interaction, as the newest event that says so.
#[derive(Debug)]
pub enum Has {
    Inbox { offered: Vec<AgentId> },
    Agent { agent: AgentId, asked: Option<AgentId> },
    Flow,
}

/// One open interaction.
#[derive(Debug)]
pub struct Open {
    inbox: InboxId,
    channel: Channel,
    has: Has,
    came: Time,
    since: Time,
    owed: bool,
    due: Option<Time>,
    window: Option<Time>,
}

impl Recount<'_> {
    pub fn tiles(&self, scope: Scope) -> BoardTiles {
        let everything = self.open();
        let all: Vec<&Open> = everything.iter().filter(|one| scope.is_none_or(|inbox| one.inbox == inbox)).collect();
        let now = self.now;
        let waits = |one: &&&Open| matches!(one.has, Has::Inbox { .. });
        let is_offered = |one: &&&Open| matches!(&one.has, Has::Inbox { offered } if !offered.is_empty());
        let with_agent = |asked: bool| move |one: &&&Open| matches!(one.has, Has::Agent { asked: who, .. } if who.is_some() == asked);
        let past = |one: &&&Open| waits(one) && now - one.came > self.definitions.answer_within;
        let overdue = |one: &&&Open| one.owed && one.due.is_some_and(|due| due <= now);
        let soon = |one: &&&Open| one.due.is_some_and(|due| due > now && due - now <= TimeDelta::minutes(15));
        let closing = |one: &&&Open| one.window.is_some_and(|until| until > now && until - now <= TimeDelta::hours(2));
        let held = |one: &&&Open| waits(one) && !is_offered(one) && self.is_full(&everything, one.channel);
        BoardTiles {
            waiting: Waiting {
                count: count(&all, waits),
                offered: count(&all, is_offered),
                past_target: count(&all, past),
                held_by_licence: count(&all, held),
                oldest_in_inbox: all.iter().filter(waits).map(|one| one.came).min(),
                oldest_customer: all.iter().filter(waits).map(|one| one.since).min(),
            },
            progress: InProgress {
                active: count(&all, with_agent(false)),
                in_transfer: count(&all, with_agent(true)),
                with_flow: count(&all, |one| matches!(one.has, Has::Flow)),
            },
            people: self.people(scope),
            service: Service {
                today: self.level(scope, midnight_in_berlin(now), count(&all, past)),
                recent: self.level(scope, now - TimeDelta::minutes(30) + TimeDelta::nanoseconds(1), count(&all, past)),
            },
            promises: Promises {
                unanswered: count(&all, |one| one.owed),
                overdue: count(&all, overdue),
                due_soon: count(&all, |one| one.owed && soon(one)),
            },
            windows: Windows { closing_soon: count(&all, |one| one.owed && closing(one)) },
        }
    }

    pub fn agents(&self, scope: Scope) -> Vec<BoardAgent> {
        let is_there = |agent: &AgentId| self.log.iter().any(|one| one.stream.id == agent.0);
        let serves = |agent: &AgentId| scope.is_none_or(|inbox| self.is_member(inbox, *agent));
        AGENTS.into_iter().filter(is_there).filter(serves).map(|agent| self.agent(agent)).collect()
    }

    pub fn gateways(&self) -> Vec<BoardGateway> {
        let is_there = |gateway: &GatewayId| self.log.iter().any(|one| one.stream.id == gateway.0);
        GATEWAYS.into_iter().filter(is_there).map(|gateway| self.gateway(gateway)).collect()
    }

    /// The events of one conversation.
    fn conversation(&self, id: ConversationId) -> Vec<(&Event, &Recorded)> {
        let of = |recorded: &&Recorded| recorded.stream.id == id.0 && recorded.stream.kind == Kind::Conversation;
        let told = self.log.iter().filter(of);
        told.map(|one| if let Fact::Conversation(event) = &one.fact { (event, one) } else { unreachable!() }).collect()
    }

    fn conversations(&self) -> BTreeSet<ConversationId> {
        let ids = self.log.iter().filter(|one| one.stream.kind == Kind::Conversation);
        ids.map(|one| ConversationId(one.stream.id)).collect()
    }

    fn open(&self) -> Vec<Open> {
        self.conversations().into_iter().filter_map(|id| self.open_one(id)).collect()
    }

    fn open_one(&self, id: ConversationId) -> Option<Open> {
        let told = self.conversation(id);
        let opened = told.iter().rposition(|(event, _)| matches!(event, Event::InteractionOpened { .. }))?;
        let Event::InteractionOpened { inbox: mut at_first, channel, .. } = *told[opened].0 else { unreachable!() };
        let this: Vec<&Event> = told[opened + 1..].iter().map(|(event, _)| *event).collect();
        if this.iter().any(|event| matches!(event, Event::InteractionEnded { .. })) {
            return None;
        }
        let moved = this.iter().rposition(|event| {
            matches!(
                event,
                Event::Queued { .. } | Event::Offered { .. } | Event::Assigned { .. } | Event::HandedToFlow { .. }
            )
        })?;
        let has = match this[moved] {
            Event::Assigned { agent, .. } => Has::Agent { agent: *agent, asked: asked(&this[moved..]) },
            Event::HandedToFlow { .. } => Has::Flow,
            Event::Offered { offers, .. } => {
                let gone = |one: &&gatehouse_domain::conversation::OfferTo| {
                    this[moved..].iter().any(|event| {
                        matches!(event, Event::OfferDeclined { offer, .. } | Event::OfferLapsed { offer, .. }
                            | Event::OfferWithdrawn { offer, .. } if *offer == one.offer)
                    })
                };
                Has::Inbox { offered: offers.iter().filter(|one| !gone(one)).map(|one| one.agent).collect() }
            }
            _ => Has::Inbox { offered: vec![] },
        };
        let (mut came, mut since) = (self.now, self.now);
        for stay in stays(&this) {
            (at_first, came, since) = (stay.inbox, stay.came, stay.since);
        }
        let mut promise = Promise::default();
        told.iter().for_each(|(event, _)| promise.told(event));
        let window = told.iter().fold(None, |until, (event, _)| match event {
            Event::MessageReceived { window_until, .. } => until.max(*window_until),
            Event::WindowExpired { .. } => None,
            _ => until,
        });
        let (owed, due) = (promise.owed_since().is_some(), promise.due().map(|due| due.at));
        Some(Open { inbox: at_first, channel, has, came, since, owed, due, window })
    }

    fn is_full(&self, open: &[Open], channel: Channel) -> bool {
        let counts = |one: &&Open| match &one.has {
            Has::Inbox { offered } => !offered.is_empty(),
            Has::Agent { .. } => true,
            Has::Flow => false,
        };
        let all = open.iter().filter(counts).count() as u32;
        let on_channel = open.iter().filter(counts).filter(|one| one.channel == channel).count() as u32;
        let LicenceMax { total, per_channel } = &self.definitions.licence;
        total.is_some_and(|max| all >= max) || per_channel.get(&channel).is_some_and(|max| on_channel >= *max)
    }

    fn level(&self, scope: Scope, from: Time, past_target: u32) -> ServiceLevel {
        let mut level = ServiceLevel::default();
        for id in self.conversations() {
            let told: Vec<&Event> = self.conversation(id).into_iter().map(|(event, _)| event).collect();
            for stay in stays(&told) {
                let Some((left, how)) = stay.left.filter(|(left, _)| *left >= from) else { continue };
                if scope.is_some_and(|inbox| inbox != stay.inbox) {
                    continue;
                }
                match how {
                    Left::Answered => {
                        level.answered += 1;
                        level.answered_within += u32::from(left - stay.came <= self.definitions.answer_within);
                    }
                    Left::Abandoned => {
                        level.abandoned += 1;
                        level.short_abandoned += u32::from(left - stay.came < self.definitions.short_abandon);
                    }
                    Left::Otherwise => {}
                }
            }
        }
        let counts = level.answered + level.abandoned - level.short_abandoned;
        let share = |of: u32| if of == 0 { None } else { Some(f64::from(level.answered_within) / f64::from(of)) };
        (level.level, level.live) = (share(counts), share(counts + past_target));
        level
    }

    fn people(&self, scope: Scope) -> People {
        let mut people = People::default();
        for agent in self.agents(scope) {
            let sum = match agent.state {
                AgentState::Offline => &mut people.offline,
                AgentState::Break => &mut people.on_break,
                AgentState::NotResponding => &mut people.not_responding,
                AgentState::Disconnected => &mut people.disconnected,
                AgentState::Available => &mut people.available,
                AgentState::Busy => &mut people.busy,
                AgentState::Offered => &mut people.offered,
                AgentState::WrappingUp => &mut people.wrapping_up,
            };
            *sum += 1;
            use AgentState::{Available, Busy, Offered, WrappingUp};
            if [Available, Busy, Offered, WrappingUp].contains(&agent.state) {
                people.slots += agent.slots;
                people.free_slots += agent.slots.saturating_sub(agent.slots_in_use);
            }
        }
        people
    }

    /// The agent's row; since when is found by looking at every moment before.
    fn agent(&self, id: AgentId) -> BoardAgent {
        let mut row = self.agent_now(id);
        for length in (1..=self.log.len()).rev() {
            let earlier = Recount { log: &self.log[..length], ..*self };
            if length < self.log.len() && earlier.agent_now(id).state != row.state {
                break;
            }
            row.since = self.log[length - 1].recorded_at;
            if self.log[length - 1].stream.id == id.0 && self.log[length - 1].fact.name() == "agent_added" {
                break;
            }
        }
        row
    }

    fn agent_now(&self, id: AgentId) -> BoardAgent {
        let told = self.log.iter().filter_map(|one| match &one.fact {
            Fact::Agent(event) if one.stream.id == id.0 => Some(event),
            _ => None,
        });
        let (mut name, mut presence, mut slots) = (String::new(), Presence::Offline, 0);
        let (mut sockets, mut holds) = (BTreeSet::new(), BTreeSet::new());
        for event in told {
            match event {
                agent::Event::AgentAdded { name: known, .. } => name.clone_from(known),
                agent::Event::WentOnline { .. } => presence = Presence::Online,
                agent::Event::TookBreak { reason, .. } => presence = Presence::OnBreak { reason: reason.clone() },
                agent::Event::WentOffline { .. } => presence = Presence::Offline,
                agent::Event::MarkedNotResponding { .. } => presence = Presence::NotResponding,
                agent::Event::Connected { socket, .. } => drop(sockets.insert(*socket)),
                agent::Event::Disconnected { socket, .. } => drop(sockets.remove(socket)),
                agent::Event::CapacitySet { capacity, .. } => slots = capacity.total,
                agent::Event::SlotHeld { hold, .. } => drop(holds.insert(*hold)),
                agent::Event::SlotReleased { hold, .. } => drop(holds.remove(hold)),
                agent::Event::SkillGranted { .. } | agent::Event::SkillRevoked { .. } => {}
            }
        }
        let open = self.open();
        let has = open.iter().filter(|one| matches!(one.has, Has::Agent { agent, .. } if agent == id)).count();
        let is_asked = |one: &&Open| match &one.has {
            Has::Inbox { offered } => offered.contains(&id),
            Has::Agent { asked, .. } => *asked == Some(id),
            Has::Flow => false,
        };
        let asks = open.iter().filter(is_asked);
        let asked: usize =
            asks.map(|one| {
                if let Has::Inbox { offered } = &one.has { offered.iter().filter(|to| **to == id).count() } else { 1 }
            })
            .sum();
        let (reason, state) = match presence {
            Presence::Offline => (None, AgentState::Offline),
            Presence::OnBreak { reason } => (reason, AgentState::Break),
            Presence::NotResponding => (None, AgentState::NotResponding),
            Presence::Online if sockets.is_empty() => (None, AgentState::Disconnected),
            Presence::Online if holds.is_empty() => (None, AgentState::Available),
            Presence::Online if has > 0 => (None, AgentState::Busy),
            Presence::Online if asked > 0 => (None, AgentState::Offered),
            Presence::Online => (None, AgentState::WrappingUp),
        };
        let (interactions, asked, slots_in_use) = (has as u32, asked as u32, holds.len() as u32);
        BoardAgent { id: id.0, name, state, reason, since: self.now, interactions, asked, slots, slots_in_use }
    }

    fn is_member(&self, inbox: InboxId, agent: AgentId) -> bool {
        let told = self.log.iter().filter(|one| one.stream.id == inbox.0);
        told.fold(false, |member, one| match &one.fact {
            Fact::Inbox(inbox::Event::MemberAdded { agent: who, .. }) if *who == agent => true,
            Fact::Inbox(inbox::Event::MemberRemoved { agent: who, .. }) if *who == agent => false,
            _ => member,
        })
    }

    fn gateway(&self, id: GatewayId) -> BoardGateway {
        let (mut taken, mut troubled, mut received_at) = (0, 0, None);
        for conversation in self.conversations() {
            let told = self.conversation(conversation);
            let of_this = |(event, _): &&(&Event, &Recorded)| matches!(event, Event::InteractionOpened { gateway, .. } if *gateway == id);
            if told.iter().find(of_this).is_none() {
                continue;
            }
            for (place, (event, recorded)) in told.iter().enumerate() {
                let recent = self.now - recorded.recorded_at < TimeDelta::minutes(15);
                let counts = u32::from(recent && is_remembered(&told[..place], recorded.recorded_at));
                match event {
                    Event::MessageReceived { at, .. } => received_at = received_at.max(Some(*at)),
                    Event::ReplySubmitted { .. } => taken += counts,
                    Event::ReplyFailed { .. } | Event::SendDeferred { .. } | Event::ReplyIndeterminate { .. } => {
                        troubled += counts;
                    }
                    _ => {}
                }
            }
        }
        let of = |one: &&Recorded| one.stream.id == id.0;
        let mut view = BoardGateway {
            id: id.0,
            name: String::new(),
            channel: "",
            light_in: LightIn::Parked,
            light_out: LightOut::Idle,
            taken,
            troubled,
            received_at,
        };
        for one in self.log.iter().filter(of) {
            match &one.fact {
                Fact::Gateway(gateway::Event::GatewayAdded { name, account, .. }) => {
                    (view.name, view.channel) = (name.clone(), account.channel.name());
                }
                Fact::Gateway(gateway::Event::GatewayConnected { .. }) => view.light_in = LightIn::Connected,
                _ => {}
            }
        }
        view.light_out = match (taken > 0, troubled > 0) {
            (false, false) => LightOut::Idle,
            (true, false) => LightOut::Good,
            (false, true) => LightOut::Failing,
            (true, true) => LightOut::Trouble,
        };
        view
    }
}

/// What becomes of replies is told to the lights while the interaction is open and for a day after it, or until its window
/// has closed; and never of somebody who was erased.
fn is_remembered(before: &[(&Event, &Recorded)], at: Time) -> bool {
    if before.iter().any(|(event, _)| matches!(event, Event::Erased { .. })) {
        return false;
    }
    let last = before.iter().rev().find_map(|(event, _)| match event {
        Event::InteractionOpened { .. } => Some(None),
        Event::InteractionEnded { at, .. } => Some(Some(*at)),
        _ => None,
    });
    let Some(Some(ended)) = last else { return true };
    let window = before.iter().fold(None, |until: Option<Time>, (event, _)| match event {
        Event::MessageReceived { window_until, .. } => until.max(*window_until),
        Event::WindowExpired { .. } => None,
        _ => until,
    });
    at < (ended + TimeDelta::hours(24)).max(window.unwrap_or(ended))
}

/// A stay in an inbox.
struct Stay {
    inbox: InboxId,
    came: Time,
    since: Time,
    left: Option<(Time, Left)>,
}

#[derive(Clone, Copy)]
enum Left {
    Answered,
    Abandoned,
    Otherwise,
}

/// Every stay these events tell of, in order.
fn stays(told: &[&Event]) -> Vec<Stay> {
    let mut stays: Vec<Stay> = vec![];
    let mut promise = Promise::default();
    for event in told {
        let owed = promise.owed_since().is_some();
        promise.told(event);
        let open = stays.last_mut().filter(|stay| stay.left.is_none());
        match (event, open) {
            (Event::Queued { inbox, .. }, Some(stay)) if stay.inbox == *inbox => {}
            (Event::Queued { inbox, since, at }, open) => {
                if let Some(stay) = open {
                    stay.left = Some((*at, Left::Otherwise));
                }
                stays.push(Stay { inbox: *inbox, came: *at, since: *since, left: None });
            }
            (Event::Assigned { at, .. }, Some(stay)) => stay.left = Some((*at, Left::Answered)),
            (Event::HandedToFlow { at, .. }, Some(stay)) => stay.left = Some((*at, Left::Otherwise)),
            (Event::InteractionEnded { at, ending, .. }, Some(stay)) => {
                let gave_up = *ending == Ending::Idle && owed;
                stay.left = Some((*at, if gave_up { Left::Abandoned } else { Left::Otherwise }));
            }
            _ => {}
        }
    }
    stays
}

/// Whom a transfer that is not over asks.
fn asked(told: &[&Event]) -> Option<AgentId> {
    told.iter().fold(None, |asked, event| match event {
        Event::TransferRequested { to, .. } => Some(*to),
        Event::TransferDeclined { .. } | Event::TransferLapsed { .. } | Event::TransferWithdrawn { .. } => None,
        _ => asked,
    })
}

fn count(all: &[&Open], what: impl Fn(&&&Open) -> bool) -> u32 {
    all.iter().filter(what).count() as u32
}

/// The test's days are summer days, two hours ahead of UTC.
fn midnight_in_berlin(now: Time) -> Time {
    let ahead = TimeDelta::hours(2);
    (now + ahead).date_naive().and_time(chrono::NaiveTime::MIN).and_utc() - ahead
}
