//! Customers who keep writing, whatever happens to the server. Each keeps what they sent and whether it was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use gatehouse_sandbox::{CustomerMessage, PhoneNumberId, Sandbox, WaId};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::history::{Answer, Call, Message, Moments};
use crate::hook::{From, Hook};
use crate::server::PATIENCE;

pub const TRY_AGAIN_AFTER: Duration = Duration::from_millis(20);
/// Between two messages of somebody who has time.
const CALM: Duration = Duration::from_secs(1);
/// Every so many messages, an old one is delivered once more, as providers do.
const REDELIVER_EVERY: usize = 4;
/// The old one is this fraction of the way here.
const OLD: usize = 8;

/// How far everybody has come, and whether to go on.
#[derive(Default)]
pub struct Progress {
    over: AtomicBool,
    calm: AtomicBool,
    /// Messages of customers that were acknowledged.
    pub taken: AtomicUsize,
    /// Replies of agents that were acknowledged.
    pub answered: AtomicUsize,
    pub moments: Moments,
    /// Agents who have not given up.
    at_work: AtomicUsize,
    news: Notify,
}

/// An agent at work, until it is dropped: one who was told nonsense gives up.
pub struct AtWork(Arc<Progress>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.at_work.fetch_sub(1, Ordering::Relaxed);
        self.0.news.notify_waiters();
    }
}

impl Progress {
    /// An agent begins.
    pub fn begins(self: &Arc<Self>) -> AtWork {
        self.at_work.fetch_add(1, Ordering::Relaxed);
        AtWork(Arc::clone(self))
    }

    /// Waits until this many more were taken, and answered while there is anybody to answer.
    pub async fn until(&self, taken: usize, answered: usize) {
        let so_far = || (self.taken.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed));
        let (taken, answered) = (so_far().0 + taken, so_far().1 + answered);
        let enough = async {
            loop {
                let news = self.news.notified();
                let nobody = self.at_work.load(Ordering::Relaxed) == 0;
                if so_far().0 >= taken && (so_far().1 >= answered || nobody) {
                    return;
                }
                news.await;
            }
        };
        let come_far = tokio::time::timeout(3 * PATIENCE, enough).await;
        assert!(come_far.is_ok(), "{:?} of {taken} taken and {answered} answered", so_far());
    }

    /// From now on customers leave agents time for everything.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Tells everybody to come to an end.
    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub fn count(&self, what: &AtomicUsize) {
        what.fetch_add(1, Ordering::Relaxed);
        self.news.notify_waiters();
    }
}

/// The customers and the ways their messages take.
#[derive(Clone)]
pub struct Customers {
    pub hook: Hook,
    pub sandbox: Arc<Sandbox>,
    pub number: PhoneNumberId,
    /// How many write at a time.
    pub phones: usize,
    /// Messages of a writer before another customer takes their place.
    pub stay: usize,
}

impl Customers {
    /// Lets as many writers as are said write until it is over, in turn over the phones.
    pub fn write(&self, writers: usize, progress: &Arc<Progress>) -> JoinSet<Vec<Message>> {
        let tasks = (0..writers).map(|writer| self.clone().writes(writer, Arc::clone(progress)));
        tasks.collect()
    }

    /// Writes one message after the other. Whoever resends does so until it is acknowledged, and sometimes once more
    /// later.
    async fn writes(self, writer: usize, progress: Arc<Progress>) -> Vec<Message> {
        // Half of those of each phone, wherever there are several.
        let resends = (writer / self.phones + writer % self.phones).is_multiple_of(2);
        let mut messages = vec![];
        for n in 0.. {
            if progress.is_over() {
                break;
            }
            if n % self.stay == 0 {
                messages.push(self.says_hello(writer, n, &progress));
            }
            let invoked = progress.moments.now();
            let mut taken = self.deliver(writer, n).await;
            while !taken && resends {
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
                taken = self.deliver(writer, n).await;
            }
            let mut answer = Answer::Unknown;
            if taken {
                answer = Answer::Acknowledged { at: progress.moments.now(), position: None };
                progress.count(&progress.taken);
            } else {
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
            }
            messages.push(Message { words: self.words(writer, n), call: Call { invoked, answer } });
            if progress.calm.load(Ordering::Relaxed) {
                tokio::time::sleep(CALM).await;
            }
            if resends && n % REDELIVER_EVERY == 0 {
                self.deliver(writer, n / OLD).await;
            }
        }
        messages
    }

    /// By way of the provider, who has to know somebody before they can be answered; and who tells us some time.
    fn says_hello(&self, writer: usize, n: usize, progress: &Progress) -> Message {
        let (phone, invoked) = (self.phone(writer, n), progress.moments.now());
        let words = format!("{phone} says hello through {writer}");
        let message =
            CustomerMessage { text: Some(words.clone()), name: Some("Clara".to_owned()), ..CustomerMessage::default() };
        self.sandbox.write(&self.number, &WaId::from(phone.as_str()), message).unwrap();
        Message { words, call: Call { invoked, answer: Answer::Unknown } }
    }

    async fn deliver(&self, writer: usize, n: usize) -> bool {
        let (phone, words) = (self.phone(writer, n), self.words(writer, n));
        let body = self.hook.text(&From::phone(&phone), &format!("wamid.{phone}.{writer}.{n}"), &words);
        self.hook.try_post(&body).await.is_ok_and(|status| status == 200)
    }

    fn phone(&self, writer: usize, n: usize) -> String {
        format!("49157{:07}", n / self.stay * self.phones + writer % self.phones)
    }

    fn words(&self, writer: usize, n: usize) -> String {
        format!("{} says {n} through {writer}", self.phone(writer, n))
    }
}
