//! What follows from what happened in a conversation: who is offered what, which slots are let go, what runs out when.

use chrono::TimeDelta;
use gatehouse_domain::conversation::{Command, Event, HowAssigned, OfferTo, Owner};
use gatehouse_domain::inbox::{Mode, Strategy};
use gatehouse_domain::{AgentId, ConversationId, HoldId, InboxId};

use super::agenda::Thing;
use super::agents::offer_id;
use super::month::Month;

const OFFER_TIMEOUT: TimeDelta = TimeDelta::seconds(30);
const IDLE_CLOSE: TimeDelta = TimeDelta::hours(24);
/// Desks that ring for one interaction.
const RING: usize = 3;

impl Month {
    pub async fn follows(&mut self, id: ConversationId, events: &[Event]) -> anyhow::Result<()> {
        for event in events {
            match event {
                Event::InteractionOpened { at, .. } => self.agenda.enter(*at + IDLE_CLOSE, Thing::GoesIdle(id, *at)),
                Event::MessageReceived { at, window_until, .. } => {
                    self.agenda.enter(*at + IDLE_CLOSE, Thing::GoesIdle(id, *at));
                    if let Some(until) = window_until {
                        self.agenda.enter(*until, Thing::WindowExpires(id, *until));
                    }
                    if let Some(agent) = self.conversations.get(id.0).and_then(|known| known.owning_agent()) {
                        self.will_reply(id, agent);
                    }
                }
                Event::Queued { inbox, since, at } => {
                    let waiting = self.waiting.entry(*inbox).or_default();
                    // Back at its original age.
                    if since < at {
                        waiting.push_front(id)
                    } else {
                        waiting.push_back(id)
                    }
                    self.later(TimeDelta::milliseconds(800), Thing::Serves(*inbox));
                }
                Event::Offered { offers, until, .. } => self.will_answer(id, offers, *until),
                Event::Assigned { agent, .. } => self.will_work(id, *agent),
                Event::TransferRequested { transfer, to, until, .. } => {
                    if self.chance.one_in(5) {
                        self.agenda.enter(*until, Thing::TransferLapses(id, *transfer));
                    } else {
                        self.later(TimeDelta::seconds(55), Thing::AnswersTransfer(id, *transfer, *to));
                    }
                }
                Event::HandedToFlow { flow, .. } => {
                    self.later(TimeDelta::seconds(3), Thing::FlowSpeaks(id, *flow));
                    if !self.chance.one_in(4) {
                        self.later(TimeDelta::minutes(3), Thing::FlowEnds(id, *flow));
                    }
                }
                Event::ReplyQueued { message, .. } => {
                    self.later(TimeDelta::milliseconds(400), Thing::Sends(id, *message, 1))
                }
                Event::InteractionEnded { .. } => self.may_come_back(id),
                _ => {}
            }
        }
        let promised = self.conversations.get(id.0).and_then(|known| known.promise.due()).filter(|due| !due.breached);
        if let Some(due) = promised {
            self.agenda.enter(due.at.max(self.now), Thing::SlaBreaches(id, due.clock, due.at));
        }
        let ended = events.iter().any(|event| matches!(event, Event::InteractionEnded { .. }));
        let wrap_up = if ended { TimeDelta::seconds(20) } else { TimeDelta::zero() };
        self.lets_go(id, wrap_up);
        Ok(())
    }

    fn will_answer(&mut self, id: ConversationId, offers: &[OfferTo], until: chrono::DateTime<chrono::Utc>) {
        for one in offers {
            if self.chance.one_in(9) {
                self.agenda.enter(until, Thing::OfferLapses(id, one.offer));
            } else {
                self.later(TimeDelta::seconds(25), Thing::AnswersOffer(id, one.offer, one.agent));
            }
        }
    }

    fn will_work(&mut self, id: ConversationId, agent: AgentId) {
        self.will_reply(id, agent);
        match self.chance.below(40) {
            0..=3 => self.later(TimeDelta::minutes(10), Thing::AsksTransfer(id, agent)),
            4 => self.later(TimeDelta::minutes(10), Thing::HandsToFlow(id, agent)),
            5..=12 => self.later(TimeDelta::minutes(10), Thing::Asides(id, agent)),
            _ => {}
        }
    }

    fn will_reply(&mut self, id: ConversationId, agent: AgentId) {
        let longest = if self.chance.one_in(6) { TimeDelta::hours(2) } else { TimeDelta::minutes(4) };
        self.later(longest, Thing::Replies(id, agent));
    }

    fn may_come_back(&mut self, id: ConversationId) {
        match self.chance.below(100) {
            0..=7 => self.later(TimeDelta::hours(30), Thing::Writes(id)),
            8..=10 => {
                if let Some(agent) = self.chance.of(&self.organisation.agents) {
                    self.later(TimeDelta::hours(4), Thing::Retakes(id, agent));
                }
            }
            11 if self.chance.one_in(3) => self.later(TimeDelta::days(3), Thing::IsErased(id)),
            _ => {}
        }
    }

    /// Lets go of every slot that serves nothing any more.
    pub fn lets_go(&mut self, id: ConversationId, after: TimeDelta) {
        let owner = self.conversations.get(id.0).and_then(|known| known.open().ok()).map(|open| open.owner.clone());
        let kept: Vec<HoldId> = match owner {
            Some(Owner::Offered { offers, .. }) => offers.iter().map(|one| one.hold).collect(),
            Some(Owner::Agent { hold, transfer, .. }) => {
                std::iter::once(hold).chain(transfer.map(|pending| pending.hold)).collect()
            }
            Some(Owner::Queue | Owner::Flow { .. }) | None => vec![],
        };
        let Some(holds) = self.holds.get_mut(&id) else { return };
        let gone: Vec<(AgentId, HoldId)> = holds.extract_if(.., |(_, hold)| !kept.contains(hold)).collect();
        for (agent, hold) in gone {
            self.later(after + TimeDelta::milliseconds(10), Thing::Releases(agent, hold));
        }
    }

    /// Gives whoever waits in an inbox to whoever is free, in order.
    pub async fn serves(&mut self, inbox: InboxId) -> anyhow::Result<()> {
        let Some((_, routing, serving)) = self.organisation.inbox(inbox).cloned() else { return Ok(()) };
        while let Some(id) = self.waiting.get(&inbox).and_then(|waiting| waiting.front()).copied() {
            let Some(conversation) = self.conversations.get(id.0) else { return Ok(()) };
            let waits = conversation.open().is_ok_and(|open| open.owner == Owner::Queue && open.inbox == inbox);
            let ownership = conversation.ownership;
            if waits {
                let rings = routing.mode == Mode::Offer && routing.strategy == Strategy::RingAll;
                let held = self.holds_slots(id, inbox, &serving, if rings { RING } else { 1 }).await?;
                let Some((agent, hold)) = held.first().copied() else { return Ok(()) };
                let how = if routing.mode == Mode::Manual { HowAssigned::Pull } else { HowAssigned::Automatic };
                let command = match routing.mode {
                    Mode::Offer => {
                        let offers = held.iter().map(|(agent, hold)| OfferTo {
                            offer: offer_id(*hold),
                            agent: *agent,
                            hold: *hold,
                        });
                        Command::Offer { offers: offers.collect(), until: self.now + OFFER_TIMEOUT, why: None }
                    }
                    Mode::Assign | Mode::Manual => Command::Assign { agent, hold, how, ownership, why: None },
                };
                self.asks(id, command).await?;
            }
            if let Some(waiting) = self.waiting.get_mut(&inbox) {
                waiting.retain(|other| *other != id);
            }
            if routing.mode == Mode::Manual {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Slots of agents whose turn it is, one each, as many as are free up to `count`.
    async fn holds_slots(
        &mut self,
        id: ConversationId,
        inbox: InboxId,
        serving: &[AgentId],
        count: usize,
    ) -> anyhow::Result<Vec<(AgentId, HoldId)>> {
        let mut held = vec![];
        let first = self.turns.get(&inbox).copied().unwrap_or_default();
        for step in 0..serving.len() {
            let place = (first + step) % serving.len();
            let agent = serving[place];
            if let Some(hold) = self.holds_slot(id, agent).await? {
                held.push((agent, hold));
                self.turns.insert(inbox, place + 1);
                if held.len() == count {
                    break;
                }
            }
        }
        Ok(held)
    }
}
