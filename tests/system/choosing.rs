//! What an agent in a storm does next. Mostly they take and answer what comes; but every so many times they let it lapse,
//! hand it over, decline or rest, in turn rather than by chance, so that a short run sees everything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::board::{Board, text};

/// Replies in an interaction before the agent ends it.
const REPLIES: u32 = 2;
/// Whoever has so many ends one: fewer than there are slots, so that one can take over what a colleague hands over.
const OWN_MAX: usize = 3;

/// What to do next.
pub enum Next {
    Accept {
        conversation: String,
        offer: String,
    },
    /// A break, just when something is offered.
    Rest,
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
    Answer {
        conversation: String,
        transfer: String,
        takes: bool,
    },
    /// Takes an ended one up again.
    Retake {
        conversation: String,
    },
}

pub struct Choosing {
    /// How often each kind of thing came up.
    turns: BTreeMap<&'static str, u32>,
    /// Offers, transfers and ended interactions that were dealt with.
    met: BTreeSet<String>,
    /// The version of an own conversation that was dealt with.
    seen: BTreeMap<String, u64>,
    replies: BTreeMap<String, u32>,
    /// Where the turns begin: two agents do not do the same.
    first: u32,
}

impl Choosing {
    pub fn beginning_at(first: u32) -> Self {
        let (turns, met, seen, replies) = Default::default();
        Self { turns, met, seen, replies, first }
    }

    pub fn next(&mut self, board: &Board) -> Option<Next> {
        let offered = self.offered(board).or_else(|| self.asked(board));
        offered.or_else(|| self.unanswered(board)).or_else(|| self.quiet_longest(board)).or_else(|| self.ended(board))
    }

    /// Nobody knows what became of anything when the desk is lost.
    pub fn look_at_everything_again(&mut self) {
        self.met.clear();
        self.seen.clear();
    }

    pub fn look_again(&mut self, id: &str) {
        self.met.remove(id);
        self.seen.remove(id);
    }

    /// What one did oneself needs no second look.
    pub fn saw(&mut self, conversation: &str, receipt: &Value) {
        self.seen.insert(conversation.to_owned(), receipt["sequence"].as_u64().unwrap());
    }

    /// Every other ended interaction is taken up again at once.
    pub fn takes_up_again(&mut self, conversation: &str) -> bool {
        self.replies.remove(conversation);
        self.turn("end").is_multiple_of(2)
    }

    fn turn(&mut self, of: &'static str) -> u32 {
        let turn = self.turns.entry(of).or_insert(self.first);
        *turn += 1;
        *turn
    }

    fn offered(&mut self, board: &Board) -> Option<Next> {
        for (conversation, offer) in board.offers() {
            if self.met.insert(offer.clone()) {
                match self.turn("offer") % 6 {
                    3 => {}
                    5 => return Some(Next::Rest),
                    _ => return Some(Next::Accept { conversation, offer }),
                }
            }
        }
        None
    }

    fn asked(&mut self, board: &Board) -> Option<Next> {
        for row in board.open().filter(|row| row["owner"]["transfer"]["to"] == board.me) {
            let (conversation, transfer) = (text(&row["conversation"]), text(&row["owner"]["transfer"]["transfer"]));
            if self.met.insert(transfer.clone()) {
                match self.turn("transfer") % 3 {
                    0 => {}
                    turn => return Some(Next::Answer { conversation, transfer, takes: turn == 1 }),
                }
            }
        }
        None
    }

    fn unanswered(&mut self, board: &Board) -> Option<Next> {
        for row in board.mine().filter(|row| row["unanswered"] == true) {
            let (conversation, is_asked) = (text(&row["conversation"]), !row["owner"]["transfer"].is_null());
            if !self.is_news(row) {
                continue;
            }
            if !is_asked && self.replies.get(&conversation).is_some_and(|replies| *replies >= REPLIES) {
                return Some(Next::End { conversation });
            }
            if let Some(to) = colleague(board).filter(|_| !is_asked)
                && self.turn("reply").is_multiple_of(3)
            {
                return Some(Next::HandOver { conversation, to });
            }
            *self.replies.entry(conversation.clone()).or_default() += 1;
            return Some(Next::Reply { conversation });
        }
        None
    }

    /// Whoever has some ends what has been quiet longest, so that there is room: its customer may write no more.
    fn quiet_longest(&mut self, board: &Board) -> Option<Next> {
        if board.mine().count() < OWN_MAX {
            return None;
        }
        let answered = board.mine().filter(|row| row["unanswered"] == false && row["owner"]["transfer"].is_null());
        let quiet = answered.min_by_key(|row| row["last"]["at"].as_str())?;
        self.is_news(quiet).then(|| Next::End { conversation: text(&quiet["conversation"]) })
    }

    fn ended(&mut self, board: &Board) -> Option<Next> {
        if free_slots(board, &board.me) == 0 {
            return None;
        }
        for row in board.conversations.values().filter(|row| row["owner"]["is"] == "nobody") {
            let conversation = text(&row["conversation"]);
            if self.met.insert(format!("{conversation} {}", row["interaction"])) && self.turn("ended").is_multiple_of(2)
            {
                return Some(Next::Retake { conversation });
            }
        }
        None
    }

    /// Whether something happened since this was looked at.
    fn is_news(&mut self, row: &Value) -> bool {
        let version = row["version"].as_u64().unwrap();
        let before = self.seen.insert(text(&row["conversation"]), version);
        before.is_none_or(|seen| seen < version)
    }
}

/// Who could take something over, as far as one sees.
fn colleague(board: &Board) -> Option<String> {
    let mut others = board.agents.iter().filter(|(id, agent)| **id != board.me && agent["presence"] == "online");
    others.find(|(id, _)| free_slots(board, id) > 0).map(|(id, _)| id.clone())
}

fn free_slots(board: &Board, agent: &str) -> u64 {
    let Some(agent) = board.agents.get(agent) else { return 0 };
    agent["capacity"].as_u64().unwrap_or(0).saturating_sub(agent["in_use"].as_u64().unwrap_or(0))
}
