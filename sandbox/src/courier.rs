//! Carries webhooks to the business: in order for each customer, again when they fail, and wrong when a fault says so.
//!
//! Meta promises no order. The sandbox keeps one while nothing fails, so that a test which does not ask for disorder
//! does not get it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::fault::WebhookFault;
use crate::ids::{PhoneNumberId, WaId, Wamid};
use crate::number::MessageState;
use crate::signature::sign;
use crate::world::{State, World};

/// Meta tries for seven days; whoever is away longer than this here has gone home.
const RETRIES_MAX: u32 = 40;
const RETRY_DELAY_MAX: Duration = Duration::from_secs(30);
/// A webhook kept back to be overtaken comes anyway when nothing overtakes it.
const REORDER_HOLD: Duration = Duration::from_secs(3);

/// A webhook on its way.
#[derive(Clone)]
pub struct Delivery {
    pub number: PhoneNumberId,
    pub customer: WaId,
    pub body: String,
    pub carries: Carries,
}

/// What a webhook tells of.
#[derive(Clone)]
pub enum Carries {
    Message(Wamid),
    Status,
}

/// The webhooks that are not delivered yet.
#[derive(Default)]
pub struct Post {
    /// A lane that exists is being worked on by a task of its own.
    lanes: HashMap<Lane, VecDeque<Delivery>>,
    held: HashMap<PhoneNumberId, Delivery>,
    withheld: Vec<Delivery>,
}

type Lane = (PhoneNumberId, WaId);

impl World {
    /// Sends a webhook on its way, or does with it what a fault says.
    pub fn dispatch(self: &Arc<Self>, state: &mut State, delivery: Delivery) {
        let is_status = matches!(delivery.carries, Carries::Status);
        let overtaken = state.post.held.remove(&delivery.number);
        let lane = (delivery.number.clone(), delivery.customer.clone());
        match state.faults.take_webhook(&delivery.customer, is_status, overtaken.is_some()) {
            None => self.line_up(state, lane.clone(), delivery),
            Some(WebhookFault::Duplicate) => {
                self.line_up(state, lane.clone(), delivery.clone());
                self.line_up(state, lane.clone(), delivery);
            }
            Some(WebhookFault::Reorder) => self.hold(state, delivery),
            Some(WebhookFault::Delay { delay_ms }) => {
                self.delay(lane.clone(), delivery, Duration::from_millis(delay_ms))
            }
            Some(WebhookFault::WithholdStatuses) => state.post.withheld.push(delivery),
        }
        if let Some(overtaken) = overtaken {
            // In the lane of the one that overtook it, so that it really comes after.
            self.line_up(state, lane, overtaken);
        }
    }

    /// Sends on what was withheld.
    pub fn release_withheld(self: &Arc<Self>, state: &mut State) {
        for delivery in std::mem::take(&mut state.post.withheld) {
            self.line_up(state, (delivery.number.clone(), delivery.customer.clone()), delivery);
        }
    }

    fn line_up(self: &Arc<Self>, state: &mut State, lane: Lane, delivery: Delivery) {
        if let Some(waiting) = state.post.lanes.get_mut(&lane) {
            waiting.push_back(delivery);
            return;
        }
        state.post.lanes.insert(lane.clone(), VecDeque::from([delivery]));
        self.runtime.spawn(work_on(self.clone(), lane));
    }

    fn hold(self: &Arc<Self>, state: &mut State, delivery: Delivery) {
        let world = self.clone();
        let number = delivery.number.clone();
        state.post.held.insert(number.clone(), delivery);
        self.runtime.spawn(async move {
            tokio::time::sleep(REORDER_HOLD).await;
            let mut state = world.lock();
            if let Some(delivery) = state.post.held.remove(&number) {
                world.line_up(&mut state, (number, delivery.customer.clone()), delivery);
            }
        });
    }

    fn delay(self: &Arc<Self>, lane: Lane, delivery: Delivery, by: Duration) {
        let world = self.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(by).await;
            world.line_up(&mut world.lock(), lane, delivery);
        });
    }

    fn next_in(&self, lane: &Lane) -> Option<Delivery> {
        let mut state = self.lock();
        let next = state.post.lanes.get_mut(lane).and_then(VecDeque::pop_front);
        if next.is_none() {
            state.post.lanes.remove(lane);
        }
        next
    }

    /// Calls the webhook once. Says whether it was taken, which only 200 means.
    async fn deliver(&self, delivery: &Delivery) -> bool {
        match self.post(&delivery.number, delivery.body.clone(), true).await {
            Ok(200) => {
                self.note_delivered(delivery);
                true
            }
            Ok(status) => {
                tracing::warn!(number = %delivery.number, status, "a webhook was refused");
                false
            }
            Err(error) => {
                tracing::warn!(number = %delivery.number, %error, "a webhook could not be delivered");
                false
            }
        }
    }

    /// Posts a body to the number's callback and says what it answered.
    pub async fn post(&self, number: &PhoneNumberId, body: String, signed: bool) -> Result<u16, PostError> {
        // Looked up at every attempt, so that a callback that moved is found.
        let (callback_url, signature) = {
            let state = self.lock();
            let number = state.numbers.get(number).ok_or(PostError::UnknownNumber)?;
            let registration = &number.registration;
            (registration.callback_url.clone(), sign(&registration.app_secret, body.as_bytes()))
        };
        let mut call = self.http.post(callback_url).header("Content-Type", "application/json").body(body);
        if signed {
            call = call.header("X-Hub-Signature-256", signature);
        }
        Ok(call.send().await?.status().as_u16())
    }

    fn note_delivered(&self, delivery: &Delivery) {
        let Carries::Message(id) = &delivery.carries else { return };
        let mut state = self.lock();
        let message = state
            .numbers
            .get_mut(&delivery.number)
            .and_then(|number| number.customers.get_mut(&delivery.customer))
            .and_then(|customer| customer.find_message(id));
        if let Some(message) = message
            && message.advance(MessageState::Delivered)
        {
            self.announce(&delivery.number, &delivery.customer, message.view());
        }
    }
}

/// Why a body reached nobody.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("no number with this id is registered")]
    UnknownNumber,
    #[error("the callback could not be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
}

/// Delivers what waits in a lane, in order, and ends with it.
async fn work_on(world: Arc<World>, lane: Lane) {
    while let Some(delivery) = world.next_in(&lane) {
        // Meta's first retry comes at once.
        if !world.deliver(&delivery).await && !world.deliver(&delivery).await {
            world.runtime.spawn(retry(world.clone(), delivery));
        }
    }
}

/// Tries again and again, ever more seldom. What comes after does not wait for it.
async fn retry(world: Arc<World>, delivery: Delivery) {
    let mut delay = Duration::from_millis(500);
    for _ in 0..RETRIES_MAX {
        tokio::time::sleep(delay).await;
        if world.deliver(&delivery).await {
            return;
        }
        delay = RETRY_DELAY_MAX.min(delay * 2);
    }
    tracing::warn!(number = %delivery.number, "a webhook was given up");
}
