//! The waiting line, kept by class so that a decision looks at heads and never along the line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::{Channel, ConversationId, InboxId};

/// What waits in one inbox on one channel: whoever can take one of them can take any.
pub type Class = (InboxId, Channel);

/// Earlier ones are counted up to here when a place is told on the way; asked for it, the whole line is counted.
pub const EARLIER_COUNTED_MAX: usize = 100;

/// A place in the line: priority, then what is due first, then age. Plain numbers, because lines compare them all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    priority: Reverse<u8>,
    /// In microseconds; what nothing was promised of comes last.
    due: i64,
    since: i64,
}

impl Place {
    /// Of no priority, with nothing promised.
    pub fn since(since: DateTime<Utc>) -> Self {
        Self { priority: Reverse(0), due: i64::MAX, since: since.timestamp_micros() }
    }

    pub fn of_priority(self, priority: u8) -> Self {
        Self { priority: Reverse(priority), ..self }
    }

    pub fn due_at(self, due: Option<DateTime<Utc>>) -> Self {
        Self { due: due.map_or(i64::MAX, |due| due.timestamp_micros()), ..self }
    }

    pub fn waiting_since(self, since: DateTime<Utc>) -> Self {
        Self { since: since.timestamp_micros(), ..self }
    }
}

/// Who waits and can be served: first in each class first.
#[derive(Debug, Default)]
pub struct Line {
    classes: BTreeMap<Class, BTreeSet<(Place, ConversationId)>>,
}

impl Line {
    pub fn insert(&mut self, class: Class, place: Place, id: ConversationId) {
        self.classes.entry(class).or_default().insert((place, id));
    }

    pub fn remove(&mut self, class: Class, place: Place, id: ConversationId) {
        if let Some(waiting) = self.classes.get_mut(&class) {
            waiting.remove(&(place, id));
            if waiting.is_empty() {
                self.classes.remove(&class);
            }
        }
    }

    /// Who is first in a class.
    pub fn head(&self, class: Class) -> Option<(Place, ConversationId)> {
        self.classes.get(&class)?.first().copied()
    }

    /// Every class somebody waits in.
    pub fn classes(&self) -> impl Iterator<Item = Class> + '_ {
        self.classes.keys().copied()
    }

    /// Everybody who waits in an inbox, class by class.
    pub fn of_inbox(&self, inbox: InboxId) -> impl Iterator<Item = &BTreeSet<(Place, ConversationId)>> + '_ {
        self.classes.range((inbox, Channel::ALL[0])..).take_while(move |((of, _), _)| *of == inbox).map(|(_, set)| set)
    }

    /// How many wait in an inbox, and how many of them are before a place; the latter counted up to `max`.
    pub fn before(&self, inbox: InboxId, place: Place, id: ConversationId, max: usize) -> (usize, usize) {
        let (mut waiting, mut earlier) = (0, 0);
        for class in self.of_inbox(inbox) {
            waiting += class.len();
            if class.first().is_some_and(|first| *first < (place, id)) {
                earlier += class.range(..(place, id)).take(max).count();
            }
        }
        (waiting, earlier)
    }
}
