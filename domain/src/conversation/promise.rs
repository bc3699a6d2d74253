//! What the customer was promised about time, and the clock that runs while it is our turn.
//!
//! The conversation, the deadlines and the desks fold the same events with it, so they never disagree.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Author, Event, Opening, SlaClock};
use crate::inbox::Sla;

/// The promise of the newest interaction. It is made when the interaction opens and stays through moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub sla: Sla,
    /// A person of ours has had the word, so that what comes next is no first response.
    answered: bool,
    turn: Turn,
}

/// Whose turn it is to say something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Turn {
    #[default]
    Customers,
    /// A flow speaks; no person has been asked for.
    Flows,
    /// Since the first message nobody answered, or since the flow handed over.
    Ours { since: DateTime<Utc>, breached: bool },
}

/// A clock that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub clock: SlaClock,
    pub at: DateTime<Utc>,
    pub breached: bool,
}

impl Promise {
    /// Takes one event of the conversation in.
    pub fn told(&mut self, event: &Event) {
        match event {
            Event::InteractionOpened { opening, sla, at, .. } => {
                let asked = matches!(opening, Opening::Received);
                let turn = if asked { ours(*at) } else { Turn::Customers };
                *self = Self { sla: *sla, answered: !asked, turn };
            }
            Event::MessageReceived { at, .. } if self.turn == Turn::Customers => self.turn = ours(*at),
            Event::HandedToFlow { .. } => self.turn = Turn::Flows,
            Event::Queued { at, .. } | Event::Assigned { at, .. } if self.turn == Turn::Flows => self.turn = ours(*at),
            // Also one of ours who answered in the provider's own app.
            Event::ReplyQueued { author: Author::Agent { .. }, .. } | Event::MessageEchoed { .. } => {
                (self.answered, self.turn) = (true, Turn::Customers);
            }
            Event::InteractionEnded { .. } => self.turn = Turn::Customers,
            Event::SlaBreached { clock, due, .. }
                if self.due().is_some_and(|one| (one.clock, one.at) == (*clock, *due)) =>
            {
                if let Turn::Ours { breached, .. } = &mut self.turn {
                    *breached = true;
                }
            }
            _ => {}
        }
    }

    /// Since when it is our turn: the customer waits for an answer of a person.
    pub fn owed_since(&self) -> Option<DateTime<Utc>> {
        if let Turn::Ours { since, .. } = self.turn { Some(since) } else { None }
    }

    /// The clock that runs, if one does.
    pub fn due(&self) -> Option<Due> {
        let Turn::Ours { since, breached } = self.turn else { return None };
        let (clock, promised) = if self.answered {
            (SlaClock::NextResponse, self.sla.next_response_ms)
        } else {
            (SlaClock::FirstResponse, self.sla.first_response_ms)
        };
        let promised = TimeDelta::try_milliseconds(i64::try_from(promised?).ok()?)?;
        Some(Due { clock, at: since.checked_add_signed(promised)?, breached })
    }

    /// What `events` break at `now` by ending a clock that had run out unnoticed: told before them.
    pub fn broken_by(&self, events: &[Event], now: DateTime<Utc>) -> Option<Event> {
        let Due { clock, at: due, .. } = self.due().filter(|due| !due.breached && due.at <= now)?;
        let mut later = *self;
        events.iter().for_each(|event| later.told(event));
        let goes_on = later.due().is_some_and(|one| (one.clock, one.at) == (clock, due));
        (!goes_on).then_some(Event::SlaBreached { clock, due, at: now })
    }
}

fn ours(since: DateTime<Utc>) -> Turn {
    Turn::Ours { since, breached: false }
}
