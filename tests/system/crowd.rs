//! Ten customers who keep writing and two agents who keep answering, whatever happens to the server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::board::{Board, text};
use crate::desk::{Desk, Lost};
use crate::hook::{From, Hook};
use crate::server::PATIENCE;

/// Replies in an interaction before the agent ends it.
const REPLIES: u32 = 3;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// How far everybody has come, and whether to go on.
#[derive(Default)]
pub struct Progress {
    over: AtomicBool,
    /// Messages of customers that were acknowledged.
    pub taken: AtomicUsize,
    /// Replies of agents that were acknowledged.
    pub answered: AtomicUsize,
    news: Notify,
}

/// What one customer wrote: the texts, and those of them the server said it has.
#[derive(Default)]
pub struct Written {
    pub all: Vec<String>,
    pub acknowledged: Vec<String>,
}

/// What one agent did, and the desk in the end.
pub struct Worked {
    pub desk: Desk,
    /// Replies by message, with the conversation; those never acknowledged too.
    pub all: BTreeMap<String, String>,
    pub acknowledged: BTreeSet<String>,
    /// What the server said no to.
    pub refused: Vec<Value>,
}

impl Progress {
    /// Waits until this many more were taken and answered.
    pub async fn until(&self, taken: usize, answered: usize) {
        let so_far = || (self.taken.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed));
        let (taken, answered) = (so_far().0 + taken, so_far().1 + answered);
        let enough = async {
            loop {
                let news = self.news.notified();
                if so_far().0 >= taken && so_far().1 >= answered {
                    return;
                }
                news.await;
            }
        };
        let come_far = tokio::time::timeout(3 * PATIENCE, enough).await;
        assert!(come_far.is_ok(), "{:?} of {taken} taken and {answered} answered", so_far());
    }

    /// Tells everybody to come to an end.
    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn count(&self, what: &AtomicUsize) {
        what.fetch_add(1, Ordering::Relaxed);
        self.news.notify_waiters();
    }
}

/// Writes one message after the other. What was not acknowledged is sent again every second time, as providers do.
pub async fn writes(hook: Hook, phone: String, progress: Arc<Progress>) -> Written {
    let mut written = Written::default();
    for n in 0.. {
        if progress.is_over() {
            break;
        }
        let words = format!("{phone} says {n}");
        let body = hook.text(&From::phone(&phone), &format!("wamid.{phone}.{n}"), &words);
        written.all.push(words.clone());
        let mut taken = hook.try_post(&body).await.is_ok_and(|status| status == 200);
        while !taken && n % 2 == 0 {
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
            taken = hook.try_post(&body).await.is_ok_and(|status| status == 200);
        }
        if taken {
            written.acknowledged.push(words);
            progress.count(&progress.taken);
        } else {
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }
    written
}

/// Accepts what is offered, answers what is not answered, ends after a few answers; comes back whenever the desk is lost.
pub async fn works(
    base: String,
    token: String,
    desk: Desk,
    end_reason: String,
    ids: u32,
    progress: Arc<Progress>,
) -> Worked {
    let mut worker = Worker {
        worked: Worked { desk, all: BTreeMap::new(), acknowledged: BTreeSet::new(), refused: vec![] },
        minted: u128::from(ids) << 64,
        pending: None,
        seen: BTreeMap::new(),
        replies: BTreeMap::new(),
        end_reason,
        progress,
    };
    while !worker.progress.is_over() || worker.pending.is_some() {
        if worker.step().await.is_err() {
            worker.come_back(&base, &token).await;
        }
    }
    worker.worked
}

struct Worker {
    worked: Worked,
    minted: u128,
    /// The reply whose answer has not come: message, conversation and text.
    pending: Option<(String, String, String)>,
    /// The version of a conversation that was dealt with already.
    seen: BTreeMap<String, u64>,
    replies: BTreeMap<String, u32>,
    end_reason: String,
    progress: Arc<Progress>,
}

/// What to do next.
enum Next {
    Accept { conversation: String, offer: String },
    Reply { conversation: String },
    End { conversation: String },
}

impl Worker {
    async fn step(&mut self) -> Result<(), Lost> {
        if self.pending.is_some() {
            return self.send_pending().await;
        }
        match self.next() {
            Some(Next::Accept { conversation, offer }) => {
                // It may have run out or been withdrawn, and the next notice says so.
                let accept = json!({"conversation": conversation, "offer": offer});
                let _ = self.worked.desk.try_call("offer.accept", accept).await?;
            }
            Some(Next::Reply { conversation }) => {
                self.minted += 1;
                let message = uuid::Uuid::from_u128(self.minted).to_string();
                let words = format!("answer {}", self.minted & 0xffff);
                self.worked.all.insert(message.clone(), conversation.clone());
                *self.replies.entry(conversation.clone()).or_default() += 1;
                self.pending = Some((message, conversation, words));
            }
            Some(Next::End { conversation }) => {
                let end = json!({"conversation": conversation, "reason": self.end_reason});
                if let Ok(receipt) = self.worked.desk.try_call("conversation.end", end).await? {
                    self.saw(&conversation, &receipt);
                    self.replies.remove(&conversation);
                }
            }
            None => {
                // Nothing may come for a while, and then the end has to be noticed.
                let patience = Duration::from_millis(50);
                if let Ok(read) = tokio::time::timeout(patience, self.worked.desk.read()).await {
                    read?;
                }
            }
        }
        Ok(())
    }

    /// Looks at every conversation once for each version of it.
    fn next(&mut self) -> Option<Next> {
        let board: &Board = &self.worked.desk.board;
        let offers = board.offers().into_iter().map(|(conversation, offer)| Next::Accept { conversation, offer });
        let mine = board.mine().filter(|one| one["unanswered"] == true).map(|one| {
            let conversation = text(&one["conversation"]);
            let enough = self.replies.get(&conversation).is_some_and(|replies| *replies >= REPLIES);
            if enough { Next::End { conversation } } else { Next::Reply { conversation } }
        });
        let all: Vec<Next> = offers.chain(mine).collect();
        all.into_iter().find(|next| {
            let (Next::Accept { conversation, .. } | Next::Reply { conversation } | Next::End { conversation }) = next;
            let version = self.worked.desk.board.conversations[conversation]["version"].as_u64().unwrap();
            let new = self.seen.get(conversation).is_none_or(|seen| *seen < version);
            if new {
                self.seen.insert(conversation.clone(), version);
            }
            new
        })
    }

    /// What one did oneself needs no second look.
    fn saw(&mut self, conversation: &str, receipt: &Value) {
        self.seen.insert(conversation.to_owned(), receipt["sequence"].as_u64().unwrap());
    }

    /// The same message again after the desk was lost, as a browser does.
    async fn send_pending(&mut self) -> Result<(), Lost> {
        let Some((message, conversation, words)) = self.pending.clone() else { return Ok(()) };
        let reply = json!({"conversation": conversation, "message": message, "text": words, "key": message});
        match self.worked.desk.try_call("conversation.reply", reply).await? {
            Ok(receipt) => {
                self.saw(&conversation, &receipt);
                self.worked.acknowledged.insert(message);
                self.progress.count(&self.progress.answered);
            }
            Err(error) => self.worked.refused.push(error),
        }
        self.pending = None;
        Ok(())
    }

    async fn come_back(&mut self, base: &str, token: &str) {
        loop {
            let board = self.worked.desk.board.clone();
            if let Ok(desk) = Desk::come_back(base, token, board).await {
                self.worked.desk = desk;
                self.seen.clear();
                return;
            }
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }
}

/// Lets every customer write until it is over.
pub fn everybody_writes(hook: &Hook, phones: &[String], progress: &Arc<Progress>) -> JoinSet<(String, Written)> {
    let mut customers = JoinSet::new();
    for phone in phones {
        let (hook, progress) = (hook.clone(), Arc::clone(progress));
        let phone = phone.clone();
        customers.spawn(async move { (phone.clone(), writes(hook, phone, progress).await) });
    }
    customers
}
