//! Requests, one at a time per conversation: what is asked is checked, a slot is held where one is needed, the command is
//! sent, and whoever asked is answered. A crash in between leaves at most a hold that serves nothing.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{HowAssigned, Rule};
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId};

use super::by_id::ById;
use super::planning::Plan;
use super::settling::millis;
use super::{
    ASK_AGAIN_AFTER, Act, Answer, Ask, Asked, Done, Granted, Refused, Request, RequestKey, Standing, Subject, Worklist,
};
use crate::journal::Receipt;

/// Requests that wait for one conversation.
const WAITING_MAX: usize = 64;
/// How often a pull looks again after losing what it had chosen.
const PULLS_MAX: u32 = 3;
/// How long a transfer waits where its inbox is not known.
const TRANSFER_DEFAULT_MS: u64 = 60_000;

/// Everything asked and not answered.
#[derive(Debug, Default)]
pub struct Requests {
    open: BTreeMap<RequestKey, Asking>,
    /// Which request has a conversation.
    claims: ById<ConversationId, RequestKey>,
    waiting: ById<ConversationId, VecDeque<RequestKey>>,
    pub fresh: VecDeque<RequestKey>,
    pub answers: Vec<Act>,
}

#[derive(Debug)]
struct Asking {
    ask: Ask,
    step: Step,
    heard: Option<Result<Receipt, Refused>>,
    attempts: u32,
    answered: bool,
    /// Asked again while its answer was on the way.
    again: bool,
    /// The channel it counts on before the conversation itself counts.
    licensed: Option<Channel>,
}

#[derive(Debug)]
enum Step {
    Fresh,
    Holding,
    Doing(ConversationId, Asked),
    /// The answer is on its way.
    Answered(Answer),
}

impl Requests {
    /// Whether a request has this conversation.
    pub fn has(&self, id: ConversationId) -> bool {
        self.claims.contains_key(&id)
    }

    /// The channel a request counts on for this conversation.
    pub fn licensed(&self, id: ConversationId) -> Option<Channel> {
        self.open.get(self.claims.get(&id)?)?.licensed
    }

    /// The next request for a conversation takes its turn.
    pub fn next(&mut self, id: ConversationId) {
        if self.has(id) {
            return;
        }
        if let Some(waiting) = self.waiting.get_mut(&id) {
            self.fresh.extend(waiting.pop_front());
            if waiting.is_empty() {
                self.waiting.remove(&id);
            }
        }
    }

    #[cfg(test)]
    pub fn is_idle(&self) -> bool {
        self.open.is_empty()
    }
}

impl Worklist {
    /// Somebody asks for something. The answer comes as an act.
    pub fn ask(&mut self, request: Request) {
        if let Some(known) = self.requests.open.get_mut(&request.key) {
            known.answered = false;
            known.again = true;
            return;
        }
        let asking = Asking {
            ask: request.ask,
            step: Step::Fresh,
            heard: None,
            attempts: 0,
            answered: false,
            again: false,
            licensed: None,
        };
        self.requests.open.insert(request.key, asking);
        self.requests.fresh.push_back(request.key);
    }

    /// Hears what an aggregate said to a request, before the act is done.
    pub fn heard(&mut self, request: RequestKey, said: Result<Receipt, Refused>) {
        if let Some(asking) = self.requests.open.get_mut(&request) {
            asking.heard = Some(said);
        }
    }

    pub(super) fn take_up_requests(&mut self, acts: &mut Vec<Act>) {
        while let Some(key) = self.requests.fresh.pop_front() {
            let Some(asking) = self.requests.open.get(&key) else { continue };
            let act = match &asking.step {
                Step::Fresh => self.start(key),
                Step::Holding | Step::Answered(_) => None,
                Step::Doing(conversation, command) => {
                    Some(Act::Do { request: key, conversation: *conversation, command: command.clone() })
                }
            };
            if let Some((id, act)) = act.and_then(|act| Some((act.conversation()?, act))) {
                self.begin(id, &act);
                self.index(id);
                acts.push(act);
            }
        }
    }

    fn start(&mut self, key: RequestKey) -> Option<Act> {
        let ask = self.requests.open.get(&key)?.ask.clone();
        if let Some(id) = ask.conversation()
            && (self.under_way.contains_key(&id) || self.requests.has(id))
        {
            let waiting = self.requests.waiting.entry(id).or_default();
            if waiting.len() < WAITING_MAX {
                waiting.push_back(key);
            } else {
                self.finish(key, None, Err(Refused::Overloaded));
            }
            return None;
        }
        let plan = match self.plan(&ask) {
            Ok(plan) => plan,
            Err(refused) => {
                self.finish(key, ask.conversation(), Err(refused));
                return None;
            }
        };
        let asking = self.requests.open.get_mut(&key)?;
        match plan {
            Plan::Slot { conversation, agent, channel, licensed } => {
                asking.step = Step::Holding;
                asking.licensed = licensed.then_some(channel);
                self.requests.claims.insert(conversation, key);
                let hold = self.hold_id(conversation, agent);
                Some(Act::HoldFor { request: key, conversation, agent, channel, hold })
            }
            Plan::Command { conversation, command } => {
                asking.step = Step::Doing(conversation, command.clone());
                self.requests.claims.insert(conversation, key);
                Some(Act::Do { request: key, conversation, command })
            }
        }
    }

    /// The slot was held, or not.
    pub(super) fn slot_asked_for(
        &mut self,
        key: RequestKey,
        id: ConversationId,
        agent: AgentId,
        outcome: Done,
        now: DateTime<Utc>,
    ) {
        let heard = self.requests.open.get_mut(&key).and_then(|asking| asking.heard.take());
        let unsettled = Refused::Unable { agent, reason: gatehouse_domain::conversation::Reason::Unsettled };
        match outcome {
            Done::Committed(_) => match self.hold_of(id, agent) {
                Some(hold) => self.go_on(key, id, agent, hold, now),
                None => self.lost(key, id, unsettled),
            },
            Done::Refused => self.lost(key, id, heard.and_then(Result::err).unwrap_or(unsettled)),
            Done::Failed => self.finish(key, Some(id), Err(Refused::Unavailable)),
        }
    }

    /// With the slot held, the command.
    fn go_on(&mut self, key: RequestKey, id: ConversationId, agent: AgentId, hold: HoldId, now: DateTime<Utc>) {
        if let Some(Standing::Waiting { spent }) = self.open.get_mut(&id).map(|work| &mut work.standing) {
            spent.remove(&hold);
        }
        let why = self.open.get(&id).map(|work| self.why(id, work, Rule::Requested, &[agent]));
        let timeout = || {
            let inbox = self.inboxes.get(&self.open.get(&id)?.inbox)?;
            Some(inbox.routing.transfer_timeout_ms)
        };
        let until = now + millis(timeout().unwrap_or(TRANSFER_DEFAULT_MS));
        let Some(asking) = self.requests.open.get_mut(&key) else { return };
        let assign = |how, only_waiting| Asked::Assign { agent, hold, how, only_waiting, why: why.clone() };
        let command = match &asking.ask {
            Ask::PullOldest { .. } | Ask::Pull { .. } => assign(HowAssigned::Pull, true),
            Ask::Assign { by, .. } => assign(HowAssigned::Supervisor { by: *by }, false),
            Ask::TakeOver { .. } => assign(HowAssigned::TakeOver, false),
            Ask::Transfer { transfer, by, to, note, .. } => {
                let (transfer, by, to, note) = (*transfer, *by, *to, note.clone());
                Asked::Transfer { transfer, by, to, hold, note, until, why: why.clone() }
            }
            Ask::Retake { .. } => Asked::Retake { agent, hold },
            Ask::DeclineTransfer { .. }
            | Ask::WithdrawTransfer { .. }
            | Ask::TransferToInbox { .. }
            | Ask::Move { .. } => return,
        };
        asking.step = Step::Doing(id, command);
        self.requests.fresh.push_back(key);
    }

    /// The command was done, or not.
    pub(super) fn request_done(&mut self, key: RequestKey, id: ConversationId, outcome: Done, now: DateTime<Utc>) {
        let Some(asking) = self.requests.open.get_mut(&key) else { return };
        let heard = asking.heard.take();
        match (outcome, heard) {
            (Done::Committed(position), heard) => {
                let receipt = heard.and_then(Result::ok).unwrap_or(Receipt { position, sequence: 0 });
                self.finish(key, Some(id), Ok(Granted { conversation: id, receipt }));
            }
            (Done::Refused, heard) => {
                let refused = heard.and_then(Result::err).unwrap_or(Refused::Taken { by: self.owner(id) });
                self.lost(key, id, refused);
            }
            // The outcome is not known, so its hold cannot be let go: it is asked again until it is.
            (Done::Failed, _) => {
                if !std::mem::replace(&mut asking.answered, true) {
                    self.requests.answers.push(Act::Answer { request: key, answer: Err(Refused::Unavailable) });
                }
                self.later.insert((now + ASK_AGAIN_AFTER, Subject::Request(key)));
            }
        }
    }

    /// It cannot be this one; a pull takes the next.
    fn lost(&mut self, key: RequestKey, id: ConversationId, refused: Refused) {
        let again = self.requests.open.get_mut(&key).is_some_and(|asking| {
            asking.attempts += 1;
            matches!(asking.ask, Ask::PullOldest { .. }) && asking.attempts < PULLS_MAX
        });
        if !again {
            return self.finish(key, Some(id), Err(refused));
        }
        self.give_up(id);
        if let Some(asking) = self.requests.open.get_mut(&key) {
            (asking.step, asking.licensed) = (Step::Fresh, None);
        }
        self.requests.fresh.push_back(key);
    }

    fn finish(&mut self, key: RequestKey, id: Option<ConversationId>, answer: Answer) {
        if let Some(id) = id.filter(|id| self.requests.claims.get(id) == Some(&key)) {
            self.give_up(id);
        }
        if let Some(asking) = self.requests.open.get_mut(&key) {
            if asking.answered {
                self.requests.open.remove(&key);
            } else {
                (asking.step, asking.again) = (Step::Answered(answer.clone()), false);
                self.requests.answers.push(Act::Answer { request: key, answer });
            }
        }
        if let Some(id) = id {
            self.requests.next(id);
        }
    }

    /// Whoever waited for it has the answer; whoever asked the same meanwhile is told the same.
    pub(super) fn answered(&mut self, key: RequestKey) {
        let Some(asking) = self.requests.open.get_mut(&key) else { return };
        let Step::Answered(answer) = &asking.step else { return };
        if std::mem::take(&mut asking.again) {
            self.requests.answers.push(Act::Answer { request: key, answer: answer.clone() });
        } else {
            self.requests.open.remove(&key);
        }
    }

    /// Lets go of a conversation: whatever was held for the request serves nothing any more, unless it was given.
    fn give_up(&mut self, id: ConversationId) {
        self.requests.claims.remove(&id);
        if let Some(Standing::Waiting { spent }) = self.open.get_mut(&id).map(|work| &mut work.standing) {
            spent.extend(self.holds.get(&id).into_iter().flatten().map(|(hold, _)| *hold));
        }
        self.unsettle(id);
        self.index(id);
    }
}
