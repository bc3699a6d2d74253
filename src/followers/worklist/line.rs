//! Who waits and who is free, kept by class so that a decision looks at heads and never along the line.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use gatehouse_domain::{AgentId, Channel, ConversationId, InboxId};

use super::by_id::ById;

/// What waits in one inbox on one channel: whoever can take one of them can take any. Its number, because a decision looks
/// into a dozen of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class(usize);

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

/// When an agent's turn is: what the strategy counts first, then who has been idle longest, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    first: u64,
    idle_since: i64,
}

impl Turn {
    pub fn new(first: u64, idle_since: DateTime<Utc>) -> Self {
        Self { first, idle_since: idle_since.timestamp_micros() }
    }
}

/// Both sides of every class, first in each first.
#[derive(Debug, Default)]
pub struct Line {
    numbers: ById<(InboxId, Channel), Class>,
    classes: Vec<Sides>,
    /// Classes where somebody may wait beside somebody free.
    dirty: Vec<Class>,
}

#[derive(Debug)]
struct Sides {
    inbox: InboxId,
    channel: Channel,
    /// Who waits and is in nobody's hands.
    waiting: BTreeSet<(Place, ConversationId)>,
    /// Who could take one by itself.
    free: BTreeSet<(Turn, AgentId)>,
    dirty: bool,
}

impl Line {
    /// The class of what waits in an inbox on a channel.
    pub fn class(&mut self, inbox: InboxId, channel: Channel) -> Class {
        *self.numbers.entry((inbox, channel)).or_insert_with(|| {
            let (waiting, free) = (BTreeSet::new(), BTreeSet::new());
            self.classes.push(Sides { inbox, channel, waiting, free, dirty: false });
            Class(self.classes.len() - 1)
        })
    }

    pub fn inbox(&self, class: Class) -> InboxId {
        self.classes[class.0].inbox
    }

    pub fn channel(&self, class: Class) -> Channel {
        self.classes[class.0].channel
    }

    pub fn insert(&mut self, class: Class, place: Place, id: ConversationId) {
        self.classes[class.0].waiting.insert((place, id));
        self.touch(class);
    }

    pub fn remove(&mut self, class: Class, place: Place, id: ConversationId) {
        self.classes[class.0].waiting.remove(&(place, id));
    }

    /// An agent stands among the free of a class, or stands elsewhere among them than they `stood`.
    pub fn comes_free(&mut self, class: Class, stood: Option<Turn>, turn: Turn, agent: AgentId) {
        match stood {
            Some(stood) => self.is_free_no_more(class, stood, agent),
            None => self.touch(class),
        }
        self.classes[class.0].free.insert((turn, agent));
    }

    pub fn is_free_no_more(&mut self, class: Class, stood: Turn, agent: AgentId) {
        self.classes[class.0].free.remove(&(stood, agent));
    }

    /// Who is free for a class, in the order they are asked.
    pub fn free(&self, class: Class) -> &BTreeSet<(Turn, AgentId)> {
        &self.classes[class.0].free
    }

    /// Who waits in a class, in order.
    pub fn waiting(&self, class: Class) -> &BTreeSet<(Place, ConversationId)> {
        &self.classes[class.0].waiting
    }

    /// Who is first in a class.
    pub fn head(&self, class: Class) -> Option<(Place, ConversationId)> {
        self.waiting(class).first().copied()
    }

    /// Every class somebody waits in.
    pub fn classes(&self) -> impl Iterator<Item = Class> + '_ {
        self.classes.iter().enumerate().filter(|(_, sides)| !sides.waiting.is_empty()).map(|(number, _)| Class(number))
    }

    /// Somebody may wait in it beside somebody free.
    pub fn touch(&mut self, class: Class) {
        if !std::mem::replace(&mut self.classes[class.0].dirty, true) {
            self.dirty.push(class);
        }
    }

    /// Touches every class somebody waits in, of one inbox or of all.
    pub fn touch_all(&mut self, inbox: Option<InboxId>) {
        for (number, sides) in self.classes.iter_mut().enumerate() {
            let meant = inbox.is_none_or(|inbox| inbox == sides.inbox) && !sides.waiting.is_empty();
            if meant && !std::mem::replace(&mut sides.dirty, true) {
                self.dirty.push(Class(number));
            }
        }
    }

    pub fn is_touched(&self, class: Class) -> bool {
        self.classes[class.0].dirty
    }

    /// A class that was touched, which it is no more.
    pub fn take_touched(&mut self) -> Option<Class> {
        let class = self.dirty.pop()?;
        self.classes[class.0].dirty = false;
        Some(class)
    }

    /// How many wait in some classes, and how many of them are before a place; the latter counted up to `max`.
    pub fn before(
        &self,
        classes: impl Iterator<Item = Class>,
        place: Place,
        id: ConversationId,
        max: usize,
    ) -> (usize, usize) {
        let (mut waiting, mut earlier) = (0, 0);
        for class in classes.map(|class| self.waiting(class)) {
            waiting += class.len();
            if class.first().is_some_and(|first| *first < (place, id)) {
                earlier += class.range(..(place, id)).take(max).count();
            }
        }
        (waiting, earlier)
    }
}
