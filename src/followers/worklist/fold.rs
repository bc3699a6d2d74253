//! What happened in conversations.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{Event, HowAssigned, Promise};
use gatehouse_domain::{AgentId, ContactId, ConversationId, HoldId};

use super::{Handover, Place, Standing, Work, Worklist, Wrap};

/// Nobody is preferred for longer than an inbox may say.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

impl Worklist {
    pub(super) fn fold_conversation(&mut self, id: ConversationId, version: u64, event: &Event) {
        if let Event::InteractionOpened { inbox, channel, contact, at, .. } = event {
            let work = Work {
                inbox: *inbox,
                channel: *channel,
                contact: *contact,
                place: Place::since(*at),
                promise: Promise::default(),
                version,
                standing: Standing::Flow,
                passed: BTreeSet::new(),
                lined: None,
                why: None,
            };
            let work = self.open.entry(id).insert_entry(Box::new(work)).into_mut();
            work.is_told(event);
            // The customer is back: what was left to do after the end is over. Where it waits, the next event says.
            self.wraps.remove(&id);
            self.unsettle(id);
            return;
        }
        if !matters(event) {
            if let Some(work) = self.open.get_mut(&id) {
                work.version = version;
                if work.is_told(event) {
                    self.index(id);
                }
            }
            return;
        }
        match event {
            Event::OfferLapsed { agent, .. } => self.let_lapse(id, *agent),
            Event::OfferAccepted { agent, .. } | Event::OfferDeclined { agent, .. } => self.responds(*agent),
            Event::Assigned { agent, hold, how, at, .. } => self.assigned(id, *agent, *hold, *how, *at),
            Event::InteractionEnded { at, .. } => self.ended(id, *at),
            _ => {}
        }
        let Some(work) = self.open.get_mut(&id) else { return };
        work.version = version;
        work.is_told(event);
        match event {
            Event::Queued { inbox, since, .. } => {
                if work.inbox != *inbox {
                    work.passed.clear();
                } else if let Standing::Owned { agent, .. } = work.standing {
                    work.passed.insert(agent);
                }
                (work.inbox, work.place, work.why) = (*inbox, work.place.waiting_since(*since), None);
                let held = self.holds.get(&id).into_iter().flatten();
                work.standing = Standing::Waiting { spent: held.map(|(hold, _)| *hold).collect() };
            }
            Event::PrioritySet { priority, .. } => work.place = work.place.of_priority(*priority),
            Event::Offered { offers, .. } => {
                work.standing =
                    Standing::Offered(offers.iter().map(|one| (one.offer, (one.agent, one.hold))).collect());
            }
            Event::OfferDeclined { offer, agent, .. } | Event::OfferLapsed { offer, agent, .. } => {
                work.passed.insert(*agent);
                if let Standing::Offered(offers) = &mut work.standing {
                    offers.remove(offer);
                }
            }
            Event::OfferWithdrawn { offer, .. } => {
                if let Standing::Offered(offers) = &mut work.standing {
                    offers.remove(offer);
                }
            }
            Event::Assigned { agent, hold, .. } => {
                work.passed.clear();
                work.why = None;
                work.standing = Standing::Owned { agent: *agent, hold: *hold, transfer: None };
            }
            Event::TransferRequested { transfer: asked, to, hold, .. } => {
                if let Standing::Owned { transfer, .. } = &mut work.standing {
                    *transfer = Some(Handover { transfer: *asked, to: *to, hold: *hold });
                }
            }
            Event::TransferDeclined { .. } | Event::TransferLapsed { .. } | Event::TransferWithdrawn { .. } => {
                if let Standing::Owned { transfer, .. } = &mut work.standing {
                    *transfer = None;
                }
            }
            Event::HandedToFlow { .. } => work.standing = Standing::Flow,
            _ => {}
        }
        self.unsettle(id);
        self.index(id);
    }

    fn let_lapse(&mut self, id: ConversationId, agent: AgentId) {
        let Some(known) = self.agents.get_mut(&agent) else { return };
        known.lapses += 1;
        let inbox = self.open.get(&id).and_then(|work| self.inboxes.get(&work.inbox));
        let allowed = inbox.and_then(|inbox| inbox.routing.not_responding_after);
        if allowed.is_some_and(|allowed| known.lapses >= allowed) && known.absent().is_none() {
            self.marks.entry(agent).or_insert(false);
        }
    }

    fn responds(&mut self, agent: AgentId) {
        if let Some(known) = self.agents.get_mut(&agent) {
            known.lapses = 0;
        }
    }

    fn assigned(&mut self, id: ConversationId, agent: AgentId, hold: HoldId, how: HowAssigned, at: DateTime<Utc>) {
        // Whoever asked for it is there, and so is who answered.
        if !matches!(how, HowAssigned::Automatic | HowAssigned::Supervisor { .. }) {
            self.responds(agent);
        }
        let Some(work) = self.open.get(&id) else { return };
        let (inbox, contact) = (work.inbox, work.contact);
        if let Some(held) = self.agents.get_mut(&agent).and_then(|agent| agent.holds.get_mut(&hold)) {
            held.inbox = Some(inbox);
        }
        self.had(contact, agent, at);
        self.reindex(agent);
    }

    fn ended(&mut self, id: ConversationId, at: DateTime<Utc>) {
        let Some(work) = self.open.remove(&id) else { return };
        if let Some((class, place)) = work.lined {
            self.line.remove(class, place, id);
        }
        if let Standing::Owned { agent, hold, .. } = work.standing {
            self.had(work.contact, agent, at);
            let wraps_up = self.inboxes.get(&work.inbox).is_some_and(|inbox| inbox.routing.wrap_up_ms.is_some());
            if wraps_up {
                self.wraps.insert(id, Wrap { agent, hold, inbox: work.inbox, ended_at: at });
            }
        }
        self.unsettle(id);
        self.index(id);
    }

    /// Remembers who had a customer last.
    fn had(&mut self, contact: ContactId, agent: AgentId, at: DateTime<Utc>) {
        if let Some((_, before)) = self.customers.insert(contact, (agent, at)) {
            self.customers_by_time.remove(&(before, contact));
        }
        self.customers_by_time.insert((at, contact));
        while let Some((before, contact)) = self.customers_by_time.first().copied()
            && before + REMEMBERED < at
        {
            self.customers_by_time.remove(&(before, contact));
            self.customers.remove(&contact);
        }
    }
}

impl Work {
    /// Takes in what an event means for the promise; whether its place changes with it.
    fn is_told(&mut self, event: &Event) -> bool {
        self.promise.told(event);
        let place = self.place.due_at(self.promise.due().map(|due| due.at));
        std::mem::replace(&mut self.place, place) != place
    }
}

/// Whether an event changes who waits, who has it, or what is held.
fn matters(event: &Event) -> bool {
    matches!(
        event,
        Event::Queued { .. }
            | Event::PrioritySet { .. }
            | Event::Offered { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferDeclined { .. }
            | Event::OfferLapsed { .. }
            | Event::OfferWithdrawn { .. }
            | Event::Assigned { .. }
            | Event::TransferRequested { .. }
            | Event::TransferAccepted { .. }
            | Event::TransferDeclined { .. }
            | Event::TransferLapsed { .. }
            | Event::TransferWithdrawn { .. }
            | Event::HandedToFlow { .. }
            | Event::InteractionEnded { .. }
    )
}
