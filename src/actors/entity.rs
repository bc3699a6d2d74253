//! The actor around one aggregate: hydrates, decides one command at a time, appends, and only then applies.
//!
//! Owns: the newest state of one stream. Restart: reads the stream again, from its newest snapshot on; every so many
//! events it leaves one. A conflict, an unknown outcome or a panic drops the state; the log is the truth.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use gatehouse_domain::{Clock, Rules};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::ExecuteError;
use crate::journal::{Append, AppendError, Appended, CommandKey, Hydration, Journal, Receipt};

/// Commands that may wait for one actor; more are refused as overload.
pub const MAILBOX_MAX: usize = 256;
/// An actor nobody asks for this long makes room.
const IDLE_AFTER: Duration = Duration::from_secs(120);
/// Events after which a stream is worth a new snapshot.
pub const SNAPSHOT_EVERY: u64 = 100;
/// How often a decision is made again on fresh state after losing a race.
const CONFLICT_RETRIES_MAX: u32 = 3;

pub type Answer<A> = Result<Receipt, ExecuteError<<A as cqrs_es::Aggregate>::Error>>;

/// Asks for one command.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Execute<A: Rules> {
    pub command: A::Command,
    pub key: Option<CommandKey>,
    pub answer: oneshot::Sender<Answer<A>>,
}

/// Reads the state as it is after everything asked before.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Observe<A: Rules> {
    #[expect(clippy::type_complexity, reason = "a boxed question is what it is")]
    pub question: Box<dyn FnOnce(Result<(&A, u64), ExecuteError<A::Error>>) + Send>,
}

/// One aggregate's actor.
pub struct Entity<A: Rules> {
    core: Option<Core<A>>,
    asked_at: Instant,
}

struct Core<A: Rules> {
    id: Uuid,
    journal: Arc<Journal>,
    clock: Arc<dyn Clock>,
    cached: Option<Cached<A>>,
}

struct Cached<A> {
    state: A,
    sequence: u64,
    epoch: u64,
    /// Of the newest snapshot we used or left behind; one that failed is not tried again before the next is due.
    snapshot: u64,
}

impl<A: Rules> Entity<A> {
    pub fn new(id: Uuid, journal: Arc<Journal>, clock: Arc<dyn Clock>) -> Self {
        Self { core: Some(Core { id, journal, clock, cached: None }), asked_at: Instant::now() }
    }

    /// Lends the core to a future; `AtomicResponse` keeps the mailbox waiting until it is back.
    fn lend(&mut self) -> Core<A> {
        self.asked_at = Instant::now();
        self.core.take().expect("the mailbox waits while the core is lent")
    }
}

impl<A: Rules + Unpin> Actor for Entity<A> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(IDLE_AFTER / 2, |this, context| {
            if this.asked_at.elapsed() >= IDLE_AFTER {
                context.stop();
            }
        });
    }
}

impl<A: Rules + Unpin> Handler<Execute<A>> for Entity<A> {
    type Result = AtomicResponse<Self, ()>;

    fn handle(&mut self, ask: Execute<A>, _: &mut Self::Context) -> Self::Result {
        let mut core = self.lend();
        let work = async move {
            let answer = core.execute(ask.command, ask.key).await;
            (core, answer)
        };
        AtomicResponse::new(Box::pin(work.into_actor(self).map(|(mut core, answer), this, _| {
            // Whoever asked may have gone away; what is committed stays.
            let _ = ask.answer.send(answer);
            core.leave_snapshot();
            this.core = Some(core);
        })))
    }
}

impl<A: Rules + Unpin> Handler<Observe<A>> for Entity<A> {
    type Result = AtomicResponse<Self, ()>;

    fn handle(&mut self, ask: Observe<A>, _: &mut Self::Context) -> Self::Result {
        let mut core = self.lend();
        let work = async move {
            match core.fresh().await {
                Ok(cached) => (ask.question)(Ok((&cached.state, cached.sequence))),
                Err(error) => (ask.question)(Err(error)),
            }
            core
        };
        AtomicResponse::new(Box::pin(work.into_actor(self).map(|core, this, _| this.core = Some(core))))
    }
}

impl<A: Rules> Core<A> {
    async fn execute(&mut self, command: A::Command, key: Option<CommandKey>) -> Answer<A> {
        for _ in 0..CONFLICT_RETRIES_MAX {
            match self.attempt(command.clone(), key).await {
                Err(AppendError::Conflict) => self.cached = None,
                Err(AppendError::Overloaded) => return Err(ExecuteError::Overloaded),
                Err(AppendError::Unavailable) => {
                    self.cached = None;
                    return Err(ExecuteError::Unavailable);
                }
                Err(AppendError::Taken { owner }) => return Err(ExecuteError::Taken(owner)),
                Ok(answer) => return answer,
            }
        }
        Err(ExecuteError::Unavailable)
    }

    /// One decision and its append. The outer result is the log's, the inner one the rules'.
    async fn attempt(&mut self, command: A::Command, key: Option<CommandKey>) -> Result<Answer<A>, AppendError> {
        let (id, journal, now) = (self.id, Arc::clone(&self.journal), self.clock.now());
        let cached = match self.fresh().await {
            Ok(cached) => cached,
            Err(error) => return Ok(Err(error)),
        };
        let expected = cached.sequence;
        let Ok(decision) = catch_unwind(AssertUnwindSafe(|| cached.state.decide(command, now))) else {
            return Ok(Err(self.broken()));
        };
        let events = match decision {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(ExecuteError::Refused(refusal))),
        };
        if events.is_empty() && key.is_none() {
            return Ok(Ok(Receipt { position: journal.head(), sequence: expected }));
        }
        let state = &cached.state;
        let (claims, releases, subject) = (state.claims(&events), state.releases(&events), state.subject(&events));
        let applied = events.clone();
        let receipt = match journal.append(Append::<A> { id, expected, events, claims, releases, subject, key }).await?
        {
            Appended::Now(receipt) => receipt,
            // What was decided now is not what happened.
            Appended::Before(receipt) => return Ok(Ok(receipt)),
        };
        let folded = catch_unwind(AssertUnwindSafe(|| {
            for event in applied {
                cached.state.apply(event);
            }
        }));
        if folded.is_err() {
            return Ok(Err(self.broken()));
        }
        cached.sequence = receipt.sequence;
        Ok(Ok(receipt))
    }

    /// The state, read again where there is none or it may be out of step with the log.
    async fn fresh(&mut self) -> Result<&mut Cached<A>, ExecuteError<A::Error>> {
        let epoch = self.journal.epoch();
        if self.cached.as_ref().is_none_or(|cached| cached.epoch != epoch) {
            self.cached = None;
            let Hydration { state, sequence, tail } = self.journal.hydrate::<A>(self.id).await?;
            let folded = catch_unwind(AssertUnwindSafe(|| {
                let mut cached = Cached { state, sequence, epoch, snapshot: sequence };
                for envelope in tail {
                    cached.state.apply(envelope.payload);
                    cached.sequence = envelope.sequence as u64;
                }
                cached
            }));
            self.cached = Some(folded.map_err(|_| self.broken())?);
        }
        Ok(self.cached.as_mut().expect("filled above"))
    }

    /// Has a snapshot written when one is due. Whoever asked has their answer by now, and nobody waits for it.
    fn leave_snapshot(&mut self) {
        let Some(cached) = &mut self.cached else { return };
        if cached.sequence - cached.snapshot >= SNAPSHOT_EVERY {
            cached.snapshot = cached.sequence;
            self.journal.keep_snapshot(self.id, &cached.state, cached.sequence);
        }
    }

    fn broken(&mut self) -> ExecuteError<A::Error> {
        tracing::error!(stream.kind = A::KIND.name(), stream.id = %self.id, "a rule panicked; the state is dropped");
        self.cached = None;
        ExecuteError::Broken
    }
}
