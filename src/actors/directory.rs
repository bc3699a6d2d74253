//! The directory: from an id to its living actor, starting one where there is none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix::dev::SendError;
use actix::dev::channel::channel;
use actix::prelude::*;
use gatehouse_domain::{Clock, Rules};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::ExecuteError;
use super::entity::{Answer, Entity, Execute, MAILBOX_MAX, Observe};
use crate::journal::{CommandKey, Journal};
use crate::telemetry;

const SHARDS: usize = 64;
/// An actor that stops while a message is on its way is replaced and asked again, this often.
const CLOSED_RETRIES_MAX: u32 = 3;
/// Dead addresses are swept when a shard has doubled since the last sweep, not below this size, and when it is full.
const SWEEP_FROM: usize = 256;
/// Actors of one kind that may live in a shard, a quarter of a million in all: more are refused as overload, before they
/// take the machine's memory.
const LIVING_MAX: usize = 4_096;

/// The threads actors live on, chosen by hash of the id.
pub struct Spread {
    arbiters: Vec<ArbiterHandle>,
    /// Kept so that the threads live as long as the directories.
    _running: Vec<Arbiter>,
}

impl Spread {
    /// Starts `threads` arbiters of their own.
    pub fn start(threads: usize) -> Self {
        let running: Vec<Arbiter> = (0..threads.max(1)).map(|_| Arbiter::new()).collect();
        Self { arbiters: running.iter().map(Arbiter::handle).collect(), _running: running }
    }

    fn of(&self, id: Uuid) -> &ArbiterHandle {
        &self.arbiters[usize::from(id.as_bytes()[14]) % self.arbiters.len()]
    }
}

/// All living actors of one kind.
pub struct Directory<A: Rules + Unpin> {
    journal: Arc<Journal>,
    clock: Arc<dyn Clock>,
    spread: Arc<Spread>,
    shards: Vec<Mutex<Shard<A>>>,
}

struct Shard<A: Rules + Unpin> {
    living: HashMap<Uuid, Addr<Entity<A>>>,
    sweep_at: usize,
}

impl<A: Rules + Unpin> Directory<A> {
    pub fn new(journal: Arc<Journal>, clock: Arc<dyn Clock>, spread: Arc<Spread>) -> Self {
        let shard = |_| Mutex::new(Shard { living: HashMap::new(), sweep_at: SWEEP_FROM });
        Self { journal, clock, spread, shards: (0..SHARDS).map(shard).collect() }
    }

    /// Asks an aggregate for `command`; under `key` it happens once however often it is asked.
    pub async fn execute(&self, id: impl Into<Uuid>, command: A::Command, key: Option<CommandKey>) -> Answer<A> {
        let id = id.into();
        for _ in 0..CLOSED_RETRIES_MAX {
            let (answer, answered) = oneshot::channel();
            let ask = Execute { command: command.clone(), key, answer };
            match self.at(id, |address| address.try_send(ask)) {
                None | Some(Err(SendError::Full(_))) => return Err(overloaded()),
                Some(Err(SendError::Closed(_))) => continue,
                Some(Ok(())) => {}
            }
            // An actor that stops answers what it has begun; what it dropped unread is safe to ask again.
            if let Ok(answer) = answered.await {
                return answer;
            }
        }
        Err(ExecuteError::Unavailable)
    }

    /// Looks at an aggregate's state, as it is after everything asked before. With it comes its sequence.
    pub async fn observe<T: Send + 'static>(
        &self,
        id: impl Into<Uuid>,
        look: impl FnOnce(&A, u64) -> T + Send + 'static,
    ) -> Result<T, ExecuteError<A::Error>> {
        let id = id.into();
        let (answer, answered) = oneshot::channel();
        let question = Box::new(move |state: Result<(&A, u64), ExecuteError<A::Error>>| {
            let _ = answer.send(state.map(|(state, sequence)| look(state, sequence)));
        });
        match self.at(id, |address| address.try_send(Observe { question })) {
            None | Some(Err(SendError::Full(_))) => Err(overloaded()),
            Some(Err(SendError::Closed(_))) => Err(ExecuteError::Unavailable),
            Some(Ok(())) => answered.await.unwrap_or(Err(ExecuteError::Unavailable)),
        }
    }

    /// How many actors live here, those included that have just gone.
    pub fn living(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).living.len()).sum()
    }

    /// Lends the one address of the living actor. Never a clone of it: every clone brings a place of its own in the
    /// mailbox, and would lift its bound. None where too many live already.
    fn at<T>(&self, id: Uuid, send: impl FnOnce(&Addr<Entity<A>>) -> T) -> Option<T> {
        let shard = &self.shards[usize::from(id.as_bytes()[15]) % SHARDS];
        // A panic cannot leave the map half changed, so a poisoned lock still guards good data.
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = shard.living.get(&id).filter(|address| address.connected()) {
            return Some(send(address));
        }
        if shard.living.len() >= shard.sweep_at {
            shard.living.retain(|_, address| address.connected());
            shard.sweep_at = (shard.living.len() * 2).clamp(SWEEP_FROM, LIVING_MAX);
        }
        if shard.living.len() >= LIVING_MAX {
            return None;
        }
        let (journal, clock) = (Arc::clone(&self.journal), Arc::clone(&self.clock));
        // As `start_in_arbiter` does, but with our bound instead of room for 16 until the actor has started.
        let (sender, receiver) = channel(MAILBOX_MAX);
        self.spread.of(id).spawn_fn(move || {
            let actor = Entity::new(id, journal, clock);
            actix_rt::spawn(Context::with_receiver(receiver).into_future(actor));
        });
        Some(send(shard.living.entry(id).insert_entry(Addr::new(sender)).get()))
    }
}

fn overloaded<E>() -> ExecuteError<E> {
    telemetry::overloaded("actor");
    ExecuteError::Overloaded
}
