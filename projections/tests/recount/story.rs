//! One conversation, as a list of events that is looked back on.

use std::collections::BTreeSet;

use gatehouse_domain::conversation::{Author, Ending, Event, Opening};
use gatehouse_domain::{Channel, GatewayId};
use uuid::Uuid;

use super::Whose;

/// An event, and when it counts as having happened, in milliseconds.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub at: i64,
    pub event: &'a Event,
}

/// Everything that happened in a conversation. Events are named by their place in it.
pub struct Story<'a> {
    pub told: Vec<Told<'a>>,
    gateway: GatewayId,
    channel: Channel,
}

/// From the event that opened it to the one that ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interaction {
    pub opened: usize,
    pub ended: Option<usize>,
}

/// Who has an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Nobody,
    Queue(Uuid),
    Agent(Uuid),
    Flow,
}

/// A part of an interaction, from one event of it to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub from: usize,
    pub to: Option<usize>,
}

impl<'a> Story<'a> {
    /// None where nothing ever opened in it: nothing of it is counted.
    pub fn new(told: Vec<Told<'a>>) -> Option<Self> {
        let (gateway, channel) = told.iter().find_map(|one| match one.event {
            Event::InteractionOpened { gateway, channel, .. } => Some((*gateway, *channel)),
            _ => None,
        })?;
        Some(Self { told, gateway, channel })
    }

    pub fn event(&self, place: usize) -> &'a Event {
        self.told[place].event
    }

    pub fn at(&self, place: usize) -> i64 {
        self.told[place].at
    }

    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.told.len()
    }

    pub fn interactions(&self) -> Vec<Interaction> {
        let opened = self.places().filter(|place| matches!(self.event(*place), Event::InteractionOpened { .. }));
        let ends = |place: &usize| matches!(self.event(*place), Event::InteractionEnded { .. });
        opened.map(|opened| Interaction { opened, ended: (opened..self.told.len()).find(ends) }).collect()
    }

    /// The interaction an event is part of, its opening and its end included.
    pub fn interaction(&self, place: usize) -> Option<Interaction> {
        let within = |one: &Interaction| one.opened <= place && one.ended.is_none_or(|ended| place <= ended);
        self.interactions().into_iter().find(within)
    }

    /// The events of an interaction.
    pub fn within(&self, one: Interaction) -> std::ops::RangeInclusive<usize> {
        one.opened..=one.ended.unwrap_or(self.told.len() - 1)
    }

    /// Where an interaction was just before an event: where it opened, last waited or was handed to a flow from.
    pub fn inbox_before(&self, one: Interaction, place: usize) -> Uuid {
        let told = (one.opened..place).rev().find_map(|earlier| match self.event(earlier) {
            Event::InteractionOpened { inbox, .. }
            | Event::Queued { inbox, .. }
            | Event::HandedToFlow { inbox, .. } => Some(inbox.0),
            _ => None,
        });
        told.expect("an interaction opens somewhere")
    }

    /// Who had an interaction just before an event.
    pub fn holder_before(&self, one: Interaction, place: usize) -> Holder {
        let told = (one.opened..place).rev().find_map(|earlier| match self.event(earlier) {
            Event::Queued { inbox, .. } => Some(Holder::Queue(inbox.0)),
            Event::Assigned { agent, .. } => Some(Holder::Agent(agent.0)),
            Event::HandedToFlow { .. } => Some(Holder::Flow),
            _ => None,
        });
        told.unwrap_or(Holder::Nobody)
    }

    /// Every agent who had it.
    pub fn agents(&self, one: Interaction) -> BTreeSet<Uuid> {
        let given = self.within(one).filter_map(|place| match self.event(place) {
            Event::Assigned { agent, .. } => Some(agent.0),
            _ => None,
        });
        given.collect()
    }

    /// Whether a flow had it when it went idle, and no agent ever did.
    pub fn is_contained(&self, one: Interaction, end: usize) -> bool {
        matches!(self.event(end), Event::InteractionEnded { ending: Ending::Idle, .. })
            && self.holder_before(one, end) == Holder::Flow
            && self.agents(one).is_empty()
    }

    /// The agent who had it just before an event; nil where nobody or no person did.
    pub fn agent_before(&self, one: Interaction, place: usize) -> Uuid {
        match self.holder_before(one, place) {
            Holder::Agent(agent) => agent,
            Holder::Nobody | Holder::Queue(_) | Holder::Flow => Uuid::nil(),
        }
    }

    /// The first event after `place`, of the same interaction, that gives it to somebody else or ends it.
    fn changes_hands(&self, one: Interaction, place: usize) -> Option<usize> {
        self.within(one).filter(|later| *later > place).find(|later| {
            use Event as E;
            matches!(
                self.event(*later),
                E::Queued { .. } | E::Assigned { .. } | E::HandedToFlow { .. } | E::InteractionEnded { .. }
            )
        })
    }

    /// Every stay in an inbox. Queued again where it waits already is the same stay.
    pub fn stays(&self, one: Interaction) -> Vec<Part> {
        let waits = |place: &usize| match self.event(*place) {
            Event::Queued { inbox, .. } => self.holder_before(one, *place) != Holder::Queue(inbox.0),
            _ => false,
        };
        self.within(one).filter(waits).map(|from| Part { from, to: self.leaves(one, from) }).collect()
    }

    fn leaves(&self, one: Interaction, entered: usize) -> Option<usize> {
        let Event::Queued { inbox: here, .. } = self.event(entered) else { unreachable!("a stay begins with queued") };
        let mut next = self.changes_hands(one, entered)?;
        while matches!(self.event(next), Event::Queued { inbox, .. } if inbox == here) {
            next = self.changes_hands(one, next)?;
        }
        Some(next)
    }

    /// Every time an agent had it.
    pub fn assignments(&self, one: Interaction) -> Vec<Part> {
        let given = self.within(one).filter(|place| matches!(self.event(*place), Event::Assigned { .. }));
        given.map(|from| Part { from, to: self.changes_hands(one, from) }).collect()
    }

    /// Every time a flow had it.
    pub fn flow_turns(&self, one: Interaction) -> Vec<Part> {
        let handed = self.within(one).filter(|place| matches!(self.event(*place), Event::HandedToFlow { .. }));
        handed.map(|from| Part { from, to: self.changes_hands(one, from) }).collect()
    }

    /// Whether an event is a human public message.
    pub fn is_human(&self, place: usize) -> bool {
        matches!(
            self.event(place),
            Event::ReplyQueued { author: Author::Agent { .. }, .. } | Event::MessageEchoed { .. }
        )
    }

    /// Every turn of the customer. Between one thing said or done and the next there is at most one turn; it depends on
    /// the first of the two what begins it.
    pub fn turns(&self, one: Interaction) -> Vec<Part> {
        let bounds: Vec<usize> = self.within(one).filter(|place| self.bounds_a_turn(*place)).collect();
        let turn = |(nth, bound): (usize, &usize)| {
            let to = bounds.get(nth + 1).copied();
            let last = to.unwrap_or(*self.within(one).end() + 1);
            let from = (bound + 1..last).find(|place| self.begins_a_turn_after(*bound, *place))?;
            Some(Part { from, to })
        };
        bounds.iter().enumerate().filter_map(turn).collect()
    }

    fn bounds_a_turn(&self, place: usize) -> bool {
        let told = self.event(place);
        self.is_human(place)
            || matches!(
                told,
                Event::InteractionOpened { .. } | Event::HandedToFlow { .. } | Event::InteractionEnded { .. }
            )
    }

    fn begins_a_turn_after(&self, bound: usize, place: usize) -> bool {
        match self.event(bound) {
            Event::InteractionOpened { opening: Opening::Received, .. } | Event::HandedToFlow { .. } => {
                matches!(self.event(place), Event::Queued { .. } | Event::Assigned { .. })
            }
            _ => matches!(self.event(place), Event::MessageReceived { .. }),
        }
    }

    /// Whether a turn was open just before an event.
    pub fn turn_before(&self, one: Interaction, place: usize) -> bool {
        self.turns(one).iter().any(|turn| turn.from < place && turn.to.is_none_or(|to| to >= place))
    }

    /// Whether a turn is a first one.
    pub fn is_first(&self, one: Interaction, turn: Part) -> bool {
        let by_customer = matches!(self.event(one.opened), Event::InteractionOpened { opening: Opening::Received, .. });
        by_customer && !(one.opened..turn.from).any(|place| self.is_human(place))
    }

    pub fn whose(&self, inbox: Uuid, agent: Uuid) -> Whose {
        Whose { inbox, agent, gateway: self.gateway.0, channel: Some(self.channel) }
    }

    /// Milliseconds from one event to another.
    pub fn between(&self, from: usize, to: usize) -> i64 {
        self.at(to) - self.at(from)
    }
}
