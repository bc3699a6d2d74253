//! Everything the sandbox knows, behind one lock, and the news of what happens in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::broadcast;

use crate::courier::Post;
use crate::fault::Faults;
use crate::handshake::{HandshakeError, Registration, shake_hands};
use crate::http;
use crate::ids::{PhoneNumberId, WaId};
use crate::number::{MessageView, Number};

/// How long a webhook may take to answer.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(10);
/// How far a reader of the news may fall behind before it has to look at everything again.
const NEWS_MAX: usize = 1024;

/// Everything the sandbox knows and works with.
pub struct World {
    state: Mutex<State>,
    news: broadcast::Sender<News>,
    pub http: reqwest::Client,
    /// Webhooks are called from where the sandbox was started, whichever thread accepted the message.
    pub runtime: Handle,
}

/// What the lock guards.
#[derive(Default)]
pub struct State {
    pub numbers: BTreeMap<PhoneNumberId, Number>,
    pub faults: Faults,
    pub post: Post,
}

/// A message is new, or has come further.
#[derive(Clone)]
pub struct News {
    pub number: PhoneNumberId,
    pub customer: WaId,
    pub message: MessageView,
}

impl World {
    /// Makes an empty world, whose background work belongs to the runtime it is made on.
    pub fn new() -> Result<Self, reqwest::Error> {
        let http = http::client(CALLBACK_TIMEOUT)?;
        let (news, _) = broadcast::channel(NEWS_MAX);
        Ok(Self { state: Mutex::default(), news, http, runtime: Handle::current() })
    }

    /// Takes the lock. Never held over an await.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a number once its callback has proven itself. Who wrote to it before is still known after.
    pub async fn register(&self, id: PhoneNumberId, registration: Registration) -> Result<(), HandshakeError> {
        shake_hands(&self.http, &registration).await?;
        let mut state = self.lock();
        match state.numbers.get_mut(&id) {
            Some(number) => number.registration = registration,
            None => {
                state.numbers.insert(id.clone(), Number::new(id, registration));
            }
        }
        Ok(())
    }

    /// Forgets every fault, and delivers the statuses that were withheld.
    pub fn clear_faults(self: &Arc<Self>) {
        let mut state = self.lock();
        state.faults.clear();
        self.release_withheld(&mut state);
    }

    /// Lets whoever watches know.
    pub fn announce(&self, number: &PhoneNumberId, customer: &WaId, message: MessageView) {
        // It fails when nobody watches, and then nobody has to know.
        let _ = self.news.send(News { number: number.clone(), customer: customer.clone(), message });
    }

    /// Everything that happens from now on.
    pub fn watch(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }
}
