//! Fires what ran out: offers, transfers, reply windows, promised answers, silent customers, agents who lost their
//! connection.
//!
//! Owns: the deadlines of everything open, folded from the log. Restart: folds the log again, so a crash delays a
//! deadline and never loses one. The aggregate re-checks: firing twice, or too late, changes nothing. `line` keeps them in
//! order and knows a clock that jumps.

mod line;
mod shell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Presence};
use gatehouse_domain::conversation::{self, Promise, SlaClock};
use gatehouse_domain::{
    AgentId, ConversationId, Fact, GatewayId, Kind, OfferId, Recorded, StreamId, TransferId, gateway,
};

use self::line::Line;
use super::{ASK_AGAIN_AFTER, Done, Effect};

pub use shell::start;

/// How long an agent may be without a desk before they count as offline.
const DISCONNECT_GRACE: TimeDelta = TimeDelta::seconds(30);

/// What can run out. One deadline each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Offer(ConversationId, OfferId),
    Transfer(ConversationId, TransferId),
    Window(ConversationId),
    Idle(ConversationId),
    Sla(ConversationId, SlaClock),
    Grace(AgentId),
}

/// Something ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapsed {
    pub subject: Subject,
    /// What the deadline was set for: when the window closes, when the last message was received, ...
    pub about: DateTime<Utc>,
    /// Whether the owner of a transfer could take the interaction back.
    pub owner_available: bool,
    /// The wall clock jumped over it: it has waited in case the clock jumps back.
    pub jumped: bool,
}

/// Every deadline, and what they depend on.
#[derive(Debug, Default)]
pub struct Deadlines {
    line: Line,
    open: BTreeMap<ConversationId, Open>,
    agents: BTreeMap<AgentId, Agent>,
    /// Where a gateway says otherwise than the default, in milliseconds.
    idle_close: BTreeMap<GatewayId, Option<u64>>,
}

#[derive(Debug)]
struct Open {
    gateway: GatewayId,
    owner: Option<AgentId>,
    offers: Vec<OfferId>,
    transfer: Option<TransferId>,
    promise: Promise,
}

#[derive(Debug, Default)]
struct Agent {
    presence: Presence,
    sockets: BTreeSet<uuid::Uuid>,
}

impl Deadlines {
    fn set(&mut self, subject: Subject, at: DateTime<Utc>, about: DateTime<Utc>) {
        self.line.set(subject, at, about);
    }

    fn clear(&mut self, subject: Subject) {
        self.line.clear(subject);
    }

    fn fold_conversation(&mut self, id: ConversationId, event: &conversation::Event) {
        use conversation::Event as E;
        match event {
            E::InteractionOpened { gateway, at, .. } => {
                let promise = Promise::default();
                self.open.insert(id, Open { gateway: *gateway, owner: None, offers: vec![], transfer: None, promise });
                self.set_idle(id, *at);
            }
            E::MessageReceived { window_until, at, .. } => {
                self.set_idle(id, *at);
                // What it is about, because a firing that failed is due again at another time.
                let running = self.line.about(Subject::Window(id));
                // As the conversation folds it: a late or reordered message never shortens the window.
                if let Some(until) = window_until.filter(|until| *until > *at && running.is_none_or(|now| now < *until))
                {
                    self.set(Subject::Window(id), until, until);
                }
            }
            E::WindowExpired { .. } => self.clear(Subject::Window(id)),
            E::Offered { offers, until, .. } => {
                for one in offers {
                    self.set(Subject::Offer(id, one.offer), *until, *until);
                }
                self.with_open(id, |open| open.offers = offers.iter().map(|one| one.offer).collect());
            }
            E::OfferAccepted { offer, .. }
            | E::OfferDeclined { offer, .. }
            | E::OfferLapsed { offer, .. }
            | E::OfferWithdrawn { offer, .. } => self.clear(Subject::Offer(id, *offer)),
            E::Assigned { agent, .. } => {
                self.settle(id);
                self.with_open(id, |open| open.owner = Some(*agent));
            }
            E::Queued { .. } | E::HandedToFlow { .. } => {
                self.settle(id);
                self.with_open(id, |open| open.owner = None);
            }
            E::TransferRequested { transfer, until, .. } => {
                self.set(Subject::Transfer(id, *transfer), *until, *until);
                self.with_open(id, |open| open.transfer = Some(*transfer));
            }
            E::TransferAccepted { transfer, .. }
            | E::TransferDeclined { transfer, .. }
            | E::TransferLapsed { transfer, .. }
            | E::TransferWithdrawn { transfer, .. } => self.clear(Subject::Transfer(id, *transfer)),
            E::InteractionEnded { .. } => {
                self.settle(id);
                self.clear(Subject::Idle(id));
                self.open.remove(&id);
            }
            _ => {}
        }
        self.fold_promise(id, event);
    }

    fn fold_promise(&mut self, id: ConversationId, event: &conversation::Event) {
        let running = self.open.get_mut(&id).and_then(|open| {
            open.promise.told(event);
            open.promise.due().filter(|due| !due.breached)
        });
        for clock in [SlaClock::FirstResponse, SlaClock::NextResponse] {
            let subject = Subject::Sla(id, clock);
            match running.filter(|due| due.clock == clock) {
                // As it was, and perhaps under way.
                Some(due) if self.line.about(subject) == Some(due.at) => {}
                Some(due) => self.set(subject, due.at, due.at),
                None => self.clear(subject),
            }
        }
    }

    fn fold_agent(&mut self, id: AgentId, event: &agent::Event) {
        let agent = self.agents.entry(id).or_default();
        match event {
            agent::Event::WentOnline { .. } => agent.presence = Presence::Online,
            agent::Event::TookBreak { reason, .. } => agent.presence = Presence::OnBreak { reason: reason.clone() },
            agent::Event::WentOffline { .. } => agent.presence = Presence::Offline,
            agent::Event::MarkedNotResponding { .. } => agent.presence = Presence::NotResponding,
            agent::Event::Connected { socket, .. } => {
                agent.sockets.insert(*socket);
            }
            agent::Event::Disconnected { socket, at } => {
                agent.sockets.remove(socket);
                if agent.sockets.is_empty() && agent.presence != Presence::Offline {
                    self.set(Subject::Grace(id), *at + DISCONNECT_GRACE, *at);
                }
                return;
            }
            _ => return,
        }
        // Offline already, or back at a desk.
        if agent.presence == Presence::Offline || !agent.sockets.is_empty() {
            self.clear(Subject::Grace(id));
        }
    }

    /// Idle is the organisation's rule, per gateway, and counted from our own time.
    fn set_idle(&mut self, id: ConversationId, received_at: DateTime<Utc>) {
        let Some(open) = self.open.get(&id) else { return };
        match self.idle_close.get(&open.gateway).copied().unwrap_or(Some(gateway::IDLE_CLOSE_DEFAULT_MS)) {
            Some(after) => self.set(Subject::Idle(id), received_at + millis(after), received_at),
            None => self.clear(Subject::Idle(id)),
        }
    }

    /// Whatever waited for an answer is over.
    fn settle(&mut self, id: ConversationId) {
        let Some(open) = self.open.get_mut(&id) else { return };
        let (offers, transfer) = (std::mem::take(&mut open.offers), open.transfer.take());
        for offer in offers {
            self.clear(Subject::Offer(id, offer));
        }
        if let Some(transfer) = transfer {
            self.clear(Subject::Transfer(id, transfer));
        }
    }

    fn with_open(&mut self, id: ConversationId, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.open.get_mut(&id) {
            change(open);
        }
    }

    fn owner_available(&self, subject: Subject) -> bool {
        let Subject::Transfer(conversation, _) = subject else { return true };
        let owner = self.open.get(&conversation).and_then(|open| open.owner);
        owner.and_then(|owner| self.agents.get(&owner)).is_some_and(|agent| agent.presence == Presence::Online)
    }
}

impl Effect for Deadlines {
    const NAME: &'static str = "deadlines";
    type Act = Lapsed;

    fn fold(&mut self, recorded: &Recorded) {
        match &recorded.fact {
            Fact::Conversation(event) => self.fold_conversation(ConversationId(recorded.stream.id), event),
            Fact::Agent(event) => self.fold_agent(AgentId(recorded.stream.id), event),
            Fact::Gateway(gateway::Event::IdleCloseSet { after_ms, .. }) => {
                self.idle_close.insert(GatewayId(recorded.stream.id), *after_ms);
            }
            _ => {}
        }
    }

    fn set_apart(&mut self, stream: StreamId) {
        match stream.kind {
            Kind::Conversation => {
                let id = ConversationId(stream.id);
                self.settle(id);
                let clocks = [SlaClock::FirstResponse, SlaClock::NextResponse].map(|clock| Subject::Sla(id, clock));
                clocks.into_iter().chain([Subject::Window(id), Subject::Idle(id)]).for_each(|one| self.clear(one));
                self.open.remove(&id);
            }
            Kind::Agent => self.clear(Subject::Grace(AgentId(stream.id))),
            _ => {}
        }
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Lapsed> {
        let ran_out = self.line.ran_out(now).into_iter();
        let lapsed = ran_out.map(|line::RanOut { subject, about, jumped }| {
            let owner_available = self.owner_available(subject);
            Lapsed { subject, about, owner_available, jumped }
        });
        lapsed.collect()
    }

    fn tick(&mut self, wall: DateTime<Utc>, monotonic: Duration) -> Option<TimeDelta> {
        self.line.tick(wall, monotonic)
    }

    fn done(&mut self, act: Lapsed, outcome: Done, now: DateTime<Utc>) {
        let current = self.line.about(act.subject) == Some(act.about);
        match outcome {
            // Refused although nothing has changed: the aggregate's clock is a moment behind ours.
            Done::Failed | Done::Refused if current => self.set(act.subject, now + ASK_AGAIN_AFTER, act.about),
            Done::Committed(_) if current => self.clear(act.subject),
            Done::Failed | Done::Committed(_) | Done::Refused => {}
        }
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.line.first()
    }
}

fn millis(ms: u64) -> TimeDelta {
    // Longer than anybody waits is as good as never, and must not leave the calendar.
    const NEVER: TimeDelta = TimeDelta::days(100 * 365);
    i64::try_from(ms).ok().and_then(TimeDelta::try_milliseconds).unwrap_or(NEVER).min(NEVER)
}
