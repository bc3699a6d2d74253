//! The log as the month is written into it: in the order things happened, many on their way at a time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use gatehouse_domain::{Clock, ContactId, Kind, Rules};
use uuid::Uuid;

use crate::journal::{Append, AppendError, Appended, Journal};

/// Appends on their way to the log; the lane takes more, and then says it is overloaded.
const FLYING_MAX: usize = 1_024;

/// The time it is in the month, in microseconds.
#[derive(Default)]
pub struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::Relaxed)).expect("it was a time")
    }
}

impl Told {
    pub fn tell(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_micros(), Ordering::Relaxed);
    }
}

type Flying = Pin<Box<dyn Future<Output = Result<Appended, AppendError>> + Send>>;

pub struct Log {
    journal: Arc<Journal>,
    flying: VecDeque<Flying>,
    /// Their keys are not in the log yet, and nothing of theirs can be sealed.
    arriving: HashSet<ContactId>,
    pub events: u64,
}

impl Log {
    pub fn new(journal: Arc<Journal>) -> Self {
        Self { journal, flying: VecDeque::new(), arriving: HashSet::new(), events: 0 }
    }

    async fn append<A: Rules>(&mut self, append: Append<A>) -> anyhow::Result<()> {
        if append.subject.is_some_and(|contact| self.arriving.contains(&contact)) {
            self.settle().await?;
        }
        if A::KIND == Kind::Contact && append.expected == 0 {
            self.arriving.insert(ContactId(append.id));
        }
        self.events += append.events.len() as u64;
        let journal = Arc::clone(&self.journal);
        let mut flying: Flying = Box::pin(async move { journal.append(append).await });
        // Polled once, it is with the lane: so the log has the order of our calls.
        match poll_fn(|context| Poll::Ready(flying.as_mut().poll(context))).await {
            Poll::Ready(appended) => landed(appended)?,
            Poll::Pending => self.flying.push_back(flying),
        }
        while self.flying.len() > FLYING_MAX {
            self.land().await?;
        }
        Ok(())
    }

    /// Waits until everything is in the log.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        while !self.flying.is_empty() {
            self.land().await?;
        }
        self.arriving.clear();
        Ok(())
    }

    async fn land(&mut self) -> anyhow::Result<()> {
        match self.flying.pop_front() {
            Some(flying) => landed(flying.await),
            None => Ok(()),
        }
    }
}

fn landed(appended: Result<Appended, AppendError>) -> anyhow::Result<()> {
    ensure!(matches!(appended?, Appended::Now(_)), "something had happened before");
    Ok(())
}

/// Every aggregate of a kind, as far as it was written.
pub struct Streams<A>(HashMap<Uuid, (A, u64)>);

impl<A> Default for Streams<A> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<A: Rules> Streams<A> {
    pub fn get(&self, id: Uuid) -> Option<&A> {
        self.0.get(&id).map(|(state, _)| state)
    }

    /// Asks as an actor does: what is decided is written and applied. A refusal is an answer like any other.
    pub async fn ask(
        &mut self,
        log: &mut Log,
        id: Uuid,
        command: A::Command,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Result<Vec<A::Event>, A::Error>> {
        let (state, sequence) = self.0.entry(id).or_default();
        let events = match state.decide(command, now) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if events.is_empty() {
            return Ok(Ok(events));
        }
        let (claims, releases, subject) = (state.claims(&events), state.releases(&events), state.subject(&events));
        let expected = *sequence;
        *sequence += events.len() as u64;
        events.iter().cloned().for_each(|event| state.apply(event));
        log.append(Append::<A> { id, expected, events: events.clone(), claims, releases, subject, key: None }).await?;
        Ok(Ok(events))
    }
}
