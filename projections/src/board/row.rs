//! One conversation as the board counts it: what it remembers, and what it counts as at a moment.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use gatehouse_domain::conversation::{Ending, Event, OfferTo, Promise};
use gatehouse_domain::{AgentId, Channel, GatewayId, InboxId};

use super::Definitions;

/// Promises that run out within this are told before.
pub const DUE_SOON: TimeDelta = TimeDelta::minutes(15);
/// Windows that close within this are told before.
pub const CLOSING_SOON: TimeDelta = TimeDelta::hours(2);
/// Up to the target is in time; times are whole milliseconds.
const JUST_MORE: TimeDelta = TimeDelta::milliseconds(1);
/// What became of a reply is told to the gateway's lights for this long after the interaction has ended.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug)]
pub struct Row {
    pub inbox: InboxId,
    pub gateway: GatewayId,
    channel: Channel,
    owner: Owner,
    /// When it first began to wait: its age in every inbox it comes to.
    since: DateTime<Utc>,
    /// When it came to the inbox it waits in.
    came: DateTime<Utc>,
    promise: Promise,
    window_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
enum Owner {
    /// Opened; who has it is told next.
    Opening,
    /// It has ended.
    Nobody {
        since: DateTime<Utc>,
    },
    Queue,
    Offered(Vec<OfferTo>),
    Agent {
        agent: AgentId,
        asked: Option<AgentId>,
    },
    Flow,
}

/// How a stay in an inbox ended, as far as the service level counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stayed {
    Answered { within: bool },
    Abandoned { short: bool },
}

/// What a conversation counts as at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub inbox: InboxId,
    pub channel: Channel,
    pub place: Place,
    /// It is our turn to say something.
    pub unanswered: bool,
    pub overdue: bool,
    pub due_soon: bool,
    pub closing_soon: bool,
    /// Who has it, and who is asked for it.
    pub owner: Option<AgentId>,
    pub asked: Vec<AgentId>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Waiting { offered: bool, past_target: bool, came: DateTime<Utc>, since: DateTime<Utc> },
    Active,
    InTransfer,
    Flow,
    Nowhere,
}

impl Row {
    /// The row of a conversation whose first event this is.
    pub fn opened_by(event: &Event) -> Option<Self> {
        let Event::InteractionOpened { gateway, channel, inbox, at, .. } = event else { return None };
        Some(Self {
            inbox: *inbox,
            gateway: *gateway,
            channel: *channel,
            owner: Owner::Opening,
            since: *at,
            came: ms(*at),
            promise: Promise::default(),
            window_until: None,
        })
    }

    /// Takes one event in; tells how a stay has ended with it, where one has, in which inbox.
    pub fn fold(&mut self, event: &Event, definitions: &Definitions) -> Option<(InboxId, DateTime<Utc>, Stayed)> {
        let owed = self.promise.owed_since().is_some();
        self.promise.told(event);
        let waits = matches!(self.owner, Owner::Queue | Owner::Offered(_));
        let mut stayed = None;
        match event {
            Event::InteractionOpened { gateway, channel, inbox, .. } => {
                (self.gateway, self.channel, self.inbox, self.owner) = (*gateway, *channel, *inbox, Owner::Opening);
            }
            Event::Queued { inbox, since, at } => {
                if !waits || self.inbox != *inbox {
                    self.came = ms(*at);
                }
                (self.inbox, self.since, self.owner) = (*inbox, *since, Owner::Queue);
            }
            Event::Offered { offers, .. } => self.owner = Owner::Offered(offers.clone()),
            Event::OfferDeclined { offer, .. }
            | Event::OfferLapsed { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => {
                if let Owner::Offered(offers) = &mut self.owner {
                    offers.retain(|one| one.offer != *offer);
                }
            }
            Event::Assigned { agent, at, .. } => {
                let within = ms(*at) - self.came <= definitions.answer_within;
                stayed = waits.then_some((self.inbox, ms(*at), Stayed::Answered { within }));
                self.owner = Owner::Agent { agent: *agent, asked: None };
            }
            Event::TransferRequested { to, .. } => self.asked(Some(*to)),
            Event::TransferDeclined { .. } | Event::TransferLapsed { .. } | Event::TransferWithdrawn { .. } => {
                self.asked(None);
            }
            Event::HandedToFlow { .. } => self.owner = Owner::Flow,
            Event::InteractionEnded { ending, at, .. } => {
                // Silence while nothing was owed is no giving up.
                if waits && owed && *ending == Ending::Idle {
                    let short = ms(*at) - self.came < definitions.short_abandon;
                    stayed = Some((self.inbox, ms(*at), Stayed::Abandoned { short }));
                }
                self.owner = Owner::Nobody { since: *at };
            }
            Event::MessageReceived { window_until, .. } => self.window_until = self.window_until.max(*window_until),
            Event::WindowExpired { .. } => self.window_until = None,
            _ => {}
        }
        stayed
    }

    /// When it first began to wait.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// Whether it can be forgotten: nothing it could still tell counts any more.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.forgotten_at().is_some_and(|at| at <= now)
    }

    /// What it counts as at `now`, and when that may change by itself.
    pub fn standing(&self, now: DateTime<Utc>, definitions: &Definitions) -> (Standing, Option<DateTime<Utc>>) {
        let mut next: Option<DateTime<Utc>> = self.forgotten_at();
        // Tells whether a moment has come; where it has not, that it will.
        let mut reached = |at: Option<DateTime<Utc>>| {
            let ahead = at.filter(|at| *at > now);
            next = next.into_iter().chain(ahead).min();
            at.is_some_and(|at| at <= now)
        };
        let place = match &self.owner {
            Owner::Opening | Owner::Nobody { .. } => Place::Nowhere,
            Owner::Queue | Owner::Offered(_) => Place::Waiting {
                offered: matches!(&self.owner, Owner::Offered(offers) if !offers.is_empty()),
                past_target: reached(Some(self.came + definitions.answer_within + JUST_MORE)),
                came: self.came,
                since: self.since,
            },
            Owner::Agent { asked: None, .. } => Place::Active,
            Owner::Agent { asked: Some(_), .. } => Place::InTransfer,
            Owner::Flow => Place::Flow,
        };
        let is_open = place != Place::Nowhere;
        let unanswered = is_open && self.promise.owed_since().is_some();
        let due = self.promise.due().filter(|_| is_open).map(|due| due.at);
        let overdue = reached(due);
        let due_soon = reached(due.map(|due| due - DUE_SOON)) && !overdue;
        let window = self.window_until.filter(|_| unanswered);
        let closed = reached(window);
        let closing_soon = reached(window.map(|until| until - CLOSING_SOON)) && !closed;
        let owner = if let Owner::Agent { agent, .. } = self.owner { Some(agent) } else { None };
        let asked = match &self.owner {
            Owner::Offered(offers) => offers.iter().map(|one| one.agent).collect(),
            Owner::Agent { asked, .. } => asked.iter().copied().collect(),
            Owner::Opening | Owner::Nobody { .. } | Owner::Queue | Owner::Flow => vec![],
        };
        let (inbox, channel) = (self.inbox, self.channel);
        (Standing { inbox, channel, place, unanswered, overdue, due_soon, closing_soon, owner, asked }, next)
    }

    fn asked(&mut self, who: Option<AgentId>) {
        if let Owner::Agent { asked, .. } = &mut self.owner {
            *asked = who;
        }
    }

    fn forgotten_at(&self) -> Option<DateTime<Utc>> {
        let Owner::Nobody { since } = self.owner else { return None };
        // A window may still be open when the interaction is taken up again.
        Some((since + REMEMBERED_FOR).max(self.window_until.unwrap_or(since)))
    }
}

/// Whole milliseconds, as every figure counts.
pub fn ms(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(3)
}
