//! Followers: actors decide, followers react to what was decided.
//!
//! An effect is a pure state machine (`fold` events, say what is `due`, hear when it is `done`) and this shell, which
//! follows the log, acts only when it has caught up, and sends commands to actors. Every follower can be killed at any
//! moment: its state is a fold of the log, and what it asks for is re-checked by the aggregate it asks.
//!
//! - `worklist`: matches waiting interactions with free slots.
//! - `outbox`: hands replies to providers.
//! - `deadlines`: fires what ran out.
//! - `erasing`: closes the conversations of erased contacts.
//! - `desks`: pushes what changed to agents' browsers.
//! - `watchdog`: raises an alarm when one of them, or of those that keep tables, stands still.
//! - `boards`: pushes what changed on the supervisors' boards.

pub mod boards;
pub mod deadlines;
pub mod desks;
pub mod erasing;
pub mod outbox;
pub mod watchdog;
pub mod worklist;

use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use gatehouse_domain::{Clock, Recorded, StreamId};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::actors::{Actors, ExecuteError};
use crate::journal::{Journal, Piece, Receipt};
use crate::telemetry;

/// Acts one follower has under way at a time.
const ACTS_MAX: usize = 256;
/// A follower whose log cannot be read tries again after this long.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// What could not be done now is due again after this long.
pub const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(1);

/// The pure part of a follower that causes effects.
pub trait Effect: Send + 'static {
    /// Names it in logs and keys.
    const NAME: &'static str;
    /// One thing to be done.
    type Act: Clone + Send + 'static;

    /// Hears both clocks before it is told or asked anything; tells by how much the wall clock has jumped, where it has.
    fn tick(&mut self, _wall: DateTime<Utc>, _monotonic: Duration) -> Option<TimeDelta> {
        None
    }

    /// Takes one event in.
    fn fold(&mut self, recorded: &Recorded);

    /// Hears that a stream cannot be read on: nothing more of it comes, nobody knows how it stands, and nothing may be
    /// done about it. What was set up stays as it stood.
    fn set_apart(&mut self, stream: StreamId);

    /// What has to be done now. Each act is handed out once, and again only after it is `done`.
    fn due(&mut self, now: DateTime<Utc>) -> Vec<Self::Act>;

    /// Hears what became of an act, after everything it committed was folded.
    fn done(&mut self, act: Self::Act, outcome: Done, now: DateTime<Utc>);

    /// Hears whether sending to the outside is paused, whenever that may have changed.
    fn pause(&mut self, _paused: bool) {}

    /// When something becomes due without any event.
    fn wake_at(&self) -> Option<DateTime<Utc>>;
}

/// What every follower is given.
#[derive(Clone)]
pub struct Given {
    pub journal: Arc<Journal>,
    pub actors: Arc<Actors>,
    pub clock: Arc<dyn Clock>,
    /// Until it is true, followers only follow: what a former life left open is settled first.
    pub opened: watch::Receiver<bool>,
    /// Whether sending is paused.
    pub paused: watch::Receiver<bool>,
}

/// What became of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Committed up to this position, or had happened before.
    Committed(u64),
    /// The aggregate said no: things have changed since.
    Refused,
    /// It could not be asked, or not answered, now.
    Failed,
}

impl Done {
    /// What an aggregate's answer means for the follower that asked.
    pub fn of<E: std::fmt::Display>(answer: &Result<Receipt, ExecuteError<E>>) -> Self {
        match answer {
            Ok(receipt) => Self::Committed(receipt.position),
            Err(
                ExecuteError::Refused(_) | ExecuteError::Taken(_) | ExecuteError::Broken | ExecuteError::Unreadable,
            ) => Self::Refused,
            Err(ExecuteError::Overloaded | ExecuteError::Unavailable) => Self::Failed,
        }
    }
}

/// Follows the log from its beginning and, once the server has `opened`, does what is due, for as long as it runs.
/// Tells its position.
pub fn start<E, F>(effect: E, given: Given, perform: impl Fn(E::Act) -> F + Send + 'static) -> watch::Receiver<u64>
where
    E: Effect,
    F: Future<Output = Done> + Send + 'static,
{
    start_woken(effect, given, Arc::new(Notify::new()), perform)
}

/// As `start`, for an effect that is also asked from elsewhere: `wake` says that something may be due.
pub fn start_woken<E, F>(
    mut effect: E,
    Given { journal, clock, mut opened, mut paused, .. }: Given,
    wake: Arc<Notify>,
    perform: impl Fn(E::Act) -> F + Send + 'static,
) -> watch::Receiver<u64>
where
    E: Effect,
    F: Future<Output = Done> + Send + 'static,
{
    let (told, position) = watch::channel(0);
    let mut follow = journal.follow(0);
    let began = Instant::now();
    let tick = move |effect: &mut E, clock: &dyn Clock| {
        if let Some(by) = effect.tick(clock.now(), began.elapsed()) {
            tracing::error!(follower = E::NAME, seconds = by.num_seconds(), "the wall clock has jumped");
            telemetry::clock_jumped();
        }
    };
    tokio::spawn(async move {
        let mut running: JoinSet<(E::Act, Done)> = JoinSet::new();
        let mut waiting: VecDeque<E::Act> = VecDeque::new();
        // Done, but what they committed was not folded yet.
        let mut finished: Vec<(E::Act, Done)> = vec![];
        loop {
            tick(&mut effect, &*clock);
            let open = *opened.borrow_and_update();
            effect.pause(*paused.borrow_and_update());
            let acts = open && follow.caught_up();
            if acts {
                let position = follow.position();
                for (act, outcome) in finished.extract_if(.., |(_, outcome)| is_folded(*outcome, position)) {
                    effect.done(act, outcome, clock.now());
                }
                waiting.extend(effect.due(clock.now()));
                while running.len() < ACTS_MAX
                    && let Some(act) = waiting.pop_front()
                {
                    let work = AssertUnwindSafe(perform(act.clone())).catch_unwind();
                    running.spawn(async move { (act, work.await.unwrap_or(Done::Failed)) });
                }
            }
            // Whoever cannot act yet is not woken: a read that is broken off begins again.
            let nap = effect.wake_at().filter(|_| acts).map(|at| (at - clock.now()).to_std().unwrap_or_default());
            tokio::select! {
                piece = follow.next() => match piece {
                    Ok(piece) => {
                        // Before what was told after a jump is taken for older than it.
                        tick(&mut effect, &*clock);
                        match piece {
                            Piece::Events(events) => events.iter().for_each(|recorded| effect.fold(recorded)),
                            Piece::Unread(unread) => {
                                unread.stream_id().into_iter().for_each(|stream| effect.set_apart(stream));
                            }
                        }
                        told.send_replace(follow.position());
                    }
                    Err(error) => {
                        tracing::error!(follower = E::NAME, %error, "the log cannot be read");
                        tokio::time::sleep(READ_AGAIN_AFTER).await;
                    }
                },
                Some(result) = running.join_next() => match result {
                    Ok(done) => finished.push(done),
                    Err(error) => tracing::error!(follower = E::NAME, %error, "an act broke off"),
                },
                Ok(()) = paused.changed() => {}
                opening = opened.changed(), if !open => if opening.is_err() { return },
                () = wake.notified() => {}
                () = tokio::time::sleep(nap.unwrap_or(Duration::MAX)), if nap.is_some() => {}
            }
        }
    });
    position
}

fn is_folded(outcome: Done, position: u64) -> bool {
    match outcome {
        Done::Committed(at) => at <= position,
        Done::Refused | Done::Failed => true,
    }
}
