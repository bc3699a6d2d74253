//! Agents who keep answering, whatever happens to the server. Each keeps what they replied and what they were answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::board::{Board, text};
use crate::chance::Chance;
use crate::crowd::{Progress, TRY_AGAIN_AFTER};
use crate::desk::{Desk, Lost};
use crate::history::{Answer, Call, Reply};

/// Replies in an interaction before the agent ends it.
const REPLIES: u32 = 3;

/// What one agent did, and the desk in the end.
pub struct Worked {
    pub name: &'static str,
    pub desk: Desk,
    pub replies: Vec<Reply>,
    /// Whether the desk was told everything there is.
    pub from_the_beginning: bool,
    base: String,
    token: String,
}

/// Accepts what is offered, answers what is not answered, ends after a few answers; comes back whenever the desk is lost.
/// `ids` keeps the messages of two agents apart.
pub fn works(
    name: &'static str,
    base: String,
    token: String,
    desk: Desk,
    end_reason: String,
    ids: u32,
    progress: &Arc<Progress>,
) -> JoinHandle<Worked> {
    let mut worker = Worker {
        worked: Worked::taking_part(name, base, token, desk),
        minted: u128::from(ids) << 64,
        pending: None,
        seen: BTreeMap::new(),
        replies: BTreeMap::new(),
        end_reason,
        progress: Arc::clone(progress),
        chance: Chance::of(u64::from(ids)),
    };
    tokio::spawn(async move {
        while !worker.progress.is_over() || worker.pending.is_some() {
            if worker.step().await.is_err() {
                worker.worked.come_back().await;
                worker.seen.clear();
            }
        }
        worker.worked
    })
}

impl Worked {
    /// Somebody whose desk was there from the beginning.
    pub fn taking_part(name: &'static str, base: String, token: String, desk: Desk) -> Self {
        Self { from_the_beginning: true, ..Self::watching(name, base, token, desk) }
    }

    /// Somebody who only looks, from now on.
    pub fn watching(name: &'static str, base: String, token: String, desk: Desk) -> Self {
        Self { name, desk, replies: vec![], from_the_beginning: false, base, token }
    }

    /// Goes on where the desk was lost, as soon as the server is there.
    pub async fn come_back(&mut self) {
        while self.desk.reopen(&self.base, &self.token).await.is_err() {
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// Takes in what is told until the desk knows everything up to `position`; a desk that is lost comes back.
    pub async fn know(&mut self, position: u64) {
        while self.desk.board.position < position {
            if self.desk.read().await.is_err() {
                self.come_back().await;
            }
        }
    }
}

struct Worker {
    worked: Worked,
    minted: u128,
    /// The reply whose answer has not come, and its text.
    pending: Option<(Reply, String)>,
    /// The version of a conversation that was dealt with already.
    seen: BTreeMap<String, u64>,
    replies: BTreeMap<String, u32>,
    end_reason: String,
    progress: Arc<Progress>,
    chance: Chance,
}

/// What to do next.
enum Next {
    Accept {
        conversation: String,
        offer: String,
    },
    Reply {
        conversation: String,
    },
    End {
        conversation: String,
    },
    /// Asks the colleague to take it.
    HandOver {
        conversation: String,
        to: String,
    },
    /// Accepts or declines what the colleague hands over.
    TakeOver {
        conversation: String,
        transfer: String,
    },
}

impl Worker {
    async fn step(&mut self) -> Result<(), Lost> {
        if self.pending.is_some() {
            return self.send_pending().await;
        }
        if self.is_away() {
            // Whoever was disconnected for long, or did not answer an offer in time, is given nothing.
            let _ = self.worked.desk.try_call("presence.set", json!({"state": "online"})).await?;
        }
        if self.chance.one_in(30) {
            let away = json!({"state": "break", "reason": "a breath of air"});
            let _ = self.worked.desk.try_call("presence.set", away).await?;
            return Ok(());
        }
        let next = self.next();
        match next.map(|next| self.sometimes_handed_over(next)) {
            // Some offers and transfers lapse, some answers are no.
            Some(Next::Accept { .. } | Next::TakeOver { .. }) if self.chance.one_in(10) => {}
            Some(Next::HandOver { conversation, to }) => {
                let ask = json!({"conversation": conversation, "to": to, "note": "Yours?"});
                // The colleague may be away or full: it stays here, and is answered when there is news.
                let asked = self.worked.desk.try_call("transfer.request", ask).await?;
                self.seen.remove(&conversation);
                if let Ok(receipt) = asked {
                    self.saw(&conversation, &receipt);
                }
            }
            Some(Next::TakeOver { conversation, transfer }) => {
                let method = if self.chance.one_in(4) { "transfer.decline" } else { "transfer.accept" };
                let answer = json!({"conversation": conversation, "transfer": transfer});
                let answered = self.worked.desk.try_call(method, answer).await?;
                self.look_again_unless(&conversation, &answered).await;
            }
            Some(Next::Accept { conversation, offer }) => {
                // It may have run out or been withdrawn, and the next notice says so.
                let accept = json!({"conversation": conversation, "offer": offer});
                let accepted = self.worked.desk.try_call("offer.accept", accept).await?;
                self.look_again_unless(&conversation, &accepted).await;
            }
            Some(Next::Reply { conversation }) => {
                self.minted += 1;
                let id = uuid::Uuid::from_u128(self.minted).to_string();
                let words = format!("answer {}", self.minted & 0xffff);
                *self.replies.entry(conversation.clone()).or_default() += 1;
                let call = Call { invoked: self.progress.moments.now(), answer: Answer::Unknown };
                self.pending = Some((Reply { id, conversation, call }, words));
            }
            Some(Next::End { conversation }) => {
                let end = json!({"conversation": conversation, "reason": self.end_reason});
                let ended = self.worked.desk.try_call("conversation.end", end).await?;
                self.look_again_unless(&conversation, &ended).await;
                if let Ok(receipt) = ended {
                    self.saw(&conversation, &receipt);
                    self.replies.remove(&conversation);
                    if self.chance.one_in(2) {
                        // The customer may have written again, or no slot is free.
                        let again = json!({"conversation": conversation});
                        let _ = self.worked.desk.try_call("conversation.retake", again).await?;
                    }
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

    /// One in three that would be answered is handed to the colleague instead.
    fn sometimes_handed_over(&mut self, next: Next) -> Next {
        let Next::Reply { conversation } = next else { return next };
        let board = &self.worked.desk.board;
        let colleague = board.agents.keys().find(|id| **id != board.me).cloned();
        let pending = !board.conversations[&conversation]["owner"]["transfer"].is_null();
        match colleague {
            Some(to) if !pending && self.chance.one_in(3) => Next::HandOver { conversation, to },
            _ => Next::Reply { conversation },
        }
    }

    fn is_away(&self) -> bool {
        let board = &self.worked.desk.board;
        board.agents.get(&board.me).is_some_and(|me| me["presence"] != "online")
    }

    /// What could not be done now is tried again in a moment; what was refused, when there is news.
    async fn look_again_unless(&mut self, conversation: &str, answer: &Result<Value, Value>) {
        if answer.as_ref().is_err_and(is_passing) {
            self.seen.remove(conversation);
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// Looks at every conversation once for each version of it.
    fn next(&mut self) -> Option<Next> {
        let board: &Board = &self.worked.desk.board;
        let offers = board.offers().into_iter().map(|(conversation, offer)| Next::Accept { conversation, offer });
        let asked = board.open().filter(|one| one["owner"]["transfer"]["to"] == board.me).map(|one| Next::TakeOver {
            conversation: text(&one["conversation"]),
            transfer: text(&one["owner"]["transfer"]["transfer"]),
        });
        let mine = board.mine().filter(|one| one["unanswered"] == true).map(|one| {
            let conversation = text(&one["conversation"]);
            let enough = self.replies.get(&conversation).is_some_and(|replies| *replies >= REPLIES);
            if enough { Next::End { conversation } } else { Next::Reply { conversation } }
        });
        let all: Vec<Next> = offers.chain(asked).chain(mine).chain(self.quiet_longest()).collect();
        all.into_iter().find(|next| {
            let (Next::Accept { conversation, .. }
            | Next::Reply { conversation }
            | Next::End { conversation }
            | Next::HandOver { conversation, .. }
            | Next::TakeOver { conversation, .. }) = next;
            let version = self.worked.desk.board.conversations[conversation]["version"].as_u64().unwrap();
            let new = self.seen.get(conversation).is_none_or(|seen| *seen < version);
            if new {
                self.seen.insert(conversation.clone(), version);
            }
            new
        })
    }

    /// Whoever can take no more ends what has been quiet longest: its customer writes no more.
    fn quiet_longest(&self) -> Option<Next> {
        let board: &Board = &self.worked.desk.board;
        let me = board.agents.get(&board.me)?;
        let answered = board.mine().filter(|one| one["unanswered"] == false && me["in_use"] == me["capacity"]);
        let quiet = answered.min_by_key(|one| one["last"]["at"].as_str())?;
        Some(Next::End { conversation: text(&quiet["conversation"]) })
    }

    /// What one did oneself needs no second look.
    fn saw(&mut self, conversation: &str, receipt: &Value) {
        self.seen.insert(conversation.to_owned(), receipt["sequence"].as_u64().unwrap());
    }

    /// The same message again after the desk was lost, as a browser does.
    async fn send_pending(&mut self) -> Result<(), Lost> {
        let Some((mut reply, words)) = self.pending.clone() else { return Ok(()) };
        let params = json!({"conversation": reply.conversation, "message": reply.id, "text": words, "key": reply.id});
        let answer = self.worked.desk.try_call("conversation.reply", params).await?;
        reply.call.answer = match answer {
            Ok(receipt) => {
                self.saw(&reply.conversation, &receipt);
                self.progress.count(&self.progress.answered);
                Answer::Acknowledged { at: self.progress.moments.now(), position: receipt["position"].as_u64() }
            }
            Err(error) if is_passing(&error) => {
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
                return Ok(());
            }
            Err(_) => Answer::Refused,
        };
        self.worked.replies.push(reply);
        self.pending = None;
        Ok(())
    }
}

/// Whether an error says to try again.
fn is_passing(error: &Value) -> bool {
    ["unavailable", "overloaded"].iter().any(|code| error["data"]["code"] == **code)
}
