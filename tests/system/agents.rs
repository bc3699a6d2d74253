//! Agents who keep answering, whatever happens to the server. Each keeps what they replied and what they were answered.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::chance::Chance;
use crate::choosing::{Choosing, Next};
use crate::crowd::{Progress, TRY_AGAIN_AFTER};
use crate::desk::{Desk, Lost, Outcome};
use crate::history::{Answer, Call, Deed, Reply};

/// How long an agent rests, at most.
const BREAK_MAX: Duration = Duration::from_millis(300);

/// What one agent did, and the desk in the end.
pub struct Worked {
    pub name: &'static str,
    pub desk: Desk,
    pub replies: Vec<Reply>,
    /// Everything else that was acknowledged.
    pub deeds: Vec<Deed>,
    /// Whether the desk was told everything there is.
    pub from_the_beginning: bool,
    base: String,
    token: String,
}

/// Works as `choosing` says until it is over; comes back whenever the desk is lost.
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
        choosing: Choosing::beginning_at(ids),
        end_reason,
        progress: Arc::clone(progress),
        chance: Chance::of(u64::from(ids)),
    };
    let at_work = progress.begins();
    tokio::spawn(async move {
        let _at_work = at_work;
        while !worker.progress.is_over() || worker.pending.is_some() {
            if worker.step().await.is_err() {
                worker.worked.come_back().await;
                worker.choosing.look_at_everything_again();
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
        Self { name, desk, replies: vec![], deeds: vec![], from_the_beginning: false, base, token }
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
    choosing: Choosing,
    end_reason: String,
    progress: Arc<Progress>,
    chance: Chance,
}

impl Worker {
    async fn step(&mut self) -> Result<(), Lost> {
        if self.pending.is_some() {
            return self.send_pending().await;
        }
        // Decides by the newest there is.
        while self.hears(Duration::ZERO).await? {}
        if self.is_away() {
            // Whoever was disconnected for long, or did not answer an offer in time, is given nothing.
            let _ = self.worked.desk.try_call("presence.set", json!({"state": "online"})).await?;
        }
        match self.choosing.next(&self.worked.desk.board) {
            Some(Next::Accept { conversation, offer }) => {
                // It may have run out or been withdrawn, and the next notice says so.
                let accept = json!({"conversation": conversation, "offer": offer});
                let done = self.does("offer.accept", accept, &conversation, "assigned").await?;
                self.again_unless(&done, &offer).await;
            }
            Some(Next::Rest) => {
                let me = self.worked.desk.board.me.clone();
                let rest = json!({"state": "break", "reason": "a breath of air"});
                if self.does("presence.set", rest, &me, "took_break").await?.is_ok() {
                    self.chance.pause(BREAK_MAX).await;
                    let _ = self.worked.desk.try_call("presence.set", json!({"state": "online"})).await?;
                }
            }
            Some(Next::HandOver { conversation, to }) => {
                let ask = json!({"conversation": conversation, "to": to, "note": "Yours?"});
                // The colleague may be away or full by now: it stays here, and is answered when there is news.
                let asked = self.does("transfer.request", ask, &conversation, "transfer_requested").await?;
                match asked {
                    Ok(receipt) => self.choosing.saw(&conversation, &receipt),
                    Err(_) => self.choosing.look_again(&conversation),
                }
            }
            Some(Next::Answer { conversation, transfer, takes }) => {
                let (method, leaves) =
                    if takes { ("transfer.accept", "assigned") } else { ("transfer.decline", "transfer_declined") };
                let answer = json!({"conversation": conversation, "transfer": transfer});
                let done = self.does(method, answer, &conversation, leaves).await?;
                self.again_unless(&done, &transfer).await;
            }
            Some(Next::Reply { conversation }) => {
                self.minted += 1;
                let id = uuid::Uuid::from_u128(self.minted).to_string();
                let words = format!("answer {}", self.minted & 0xffff);
                let call = Call { invoked: self.progress.moments.now(), answer: Answer::Unknown };
                self.pending = Some((Reply { id, conversation, call }, words));
            }
            Some(Next::End { conversation }) => {
                let end = json!({"conversation": conversation, "reason": self.end_reason});
                let ended = self.does("conversation.end", end, &conversation, "interaction_ended").await?;
                self.again_unless(&ended, &conversation).await;
                if let Ok(receipt) = ended {
                    self.choosing.saw(&conversation, &receipt);
                    if self.choosing.takes_up_again(&conversation) {
                        self.retakes(&conversation).await?;
                    }
                }
            }
            Some(Next::Retake { conversation }) => self.retakes(&conversation).await?,
            // Nothing may come for a while, and then the end has to be noticed.
            None => drop(self.hears(Duration::from_millis(50)).await?),
        }
        Ok(())
    }

    /// Takes in the next of what is told, if it comes in time.
    async fn hears(&mut self, within: Duration) -> Result<bool, Lost> {
        match tokio::time::timeout(within, self.worked.desk.read()).await {
            Ok(read) => read.map(|_| true),
            Err(_) => Ok(false),
        }
    }

    /// The customer may have written again, or no slot is free.
    async fn retakes(&mut self, conversation: &str) -> Result<(), Lost> {
        let again = json!({"conversation": conversation});
        self.does("conversation.retake", again, conversation, "assigned").await.map(drop)
    }

    /// Asks for something; when it is done, it leaves an event of this name at the position that is told.
    async fn does(&mut self, method: &str, params: Value, stream: &str, leaves: &'static str) -> Result<Outcome, Lost> {
        let answer = self.worked.desk.try_call(method, params).await?;
        if let Ok(receipt) = &answer {
            let position = receipt["position"].as_u64().unwrap();
            self.worked.deeds.push(Deed { stream: stream.to_owned(), leaves, position });
        }
        Ok(answer)
    }

    fn is_away(&self) -> bool {
        let board = &self.worked.desk.board;
        board.agents.get(&board.me).is_some_and(|me| me["presence"] != "online")
    }

    /// What could not be done now is tried again in a moment; what was refused, when there is news.
    async fn again_unless(&mut self, answer: &Outcome, id: &str) {
        if answer.as_ref().is_err_and(is_passing) {
            self.choosing.look_again(id);
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }

    /// The same message again after the desk was lost, as a browser does.
    async fn send_pending(&mut self) -> Result<(), Lost> {
        let Some((mut reply, words)) = self.pending.clone() else { return Ok(()) };
        let params = json!({"conversation": reply.conversation, "message": reply.id, "text": words, "key": reply.id});
        let answer = self.worked.desk.try_call("conversation.reply", params).await?;
        reply.call.answer = match answer {
            Ok(receipt) => {
                self.choosing.saw(&reply.conversation, &receipt);
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
