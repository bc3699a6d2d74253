//! Sends what the worklist decided to the agent or the conversation it concerns, and answers whoever asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Command, Conversation, HowAssigned, Owner, Refusal, Withdrawn};
use gatehouse_domain::{AgentId, ConversationId, Kind, Recorded, StreamId, agent};
use tokio::sync::{Notify, oneshot, watch};
use uuid::Uuid;

use super::{
    Act, Answer, Ask, Asked, Explanation, Granted, LicenceConfig, Refused, Request, RequestKey, Violation, Worklist,
};
use crate::actors::{Actors, ExecuteError};
use crate::followers::{Done, Effect, Given};
use crate::journal::{CommandKey, Journal, Receipt};

/// Nobody waits longer for an answer; asking again under the same key is safe.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How often the invariants are checked.
const AUDIT_EVERY: Duration = Duration::from_secs(10);

/// The worklist as the rest of the server sees it: what may be asked of it.
pub struct Handle {
    worklist: Arc<Mutex<Worklist>>,
    waiting: Mutex<HashMap<RequestKey, Vec<oneshot::Sender<Answer>>>>,
    wake: Arc<Notify>,
    journal: Arc<Journal>,
    actors: Arc<Actors>,
    violations: watch::Sender<Vec<Violation>>,
}

/// Lends the worklist to the frame, act by act.
struct Shared(Arc<Mutex<Worklist>>);

/// Starts the follower.
pub fn start(given: Given, licence: LicenceConfig) -> (Arc<Handle>, watch::Receiver<u64>) {
    let worklist = Arc::new(Mutex::new(Worklist::new(licence)));
    let handle = Arc::new(Handle {
        worklist: Arc::clone(&worklist),
        waiting: Mutex::default(),
        wake: Arc::new(Notify::new()),
        journal: Arc::clone(&given.journal),
        actors: Arc::clone(&given.actors),
        violations: watch::channel(vec![]).0,
    });
    tokio::spawn(audit(Arc::downgrade(&handle), given.opened.clone()));
    let (performing, wake) = (Arc::clone(&handle), Arc::clone(&handle.wake));
    let perform = move |act| {
        let handle = Arc::clone(&performing);
        async move { handle.perform(act).await }
    };
    (handle, super::super::start_woken(Shared(worklist), given, wake, perform))
}

/// Checks the invariants again and again once the server has opened, for as long as it runs.
async fn audit(handle: Weak<Handle>, mut opened: watch::Receiver<bool>) {
    if opened.wait_for(|open| *open).await.is_err() {
        return;
    }
    loop {
        tokio::time::sleep(AUDIT_EVERY).await;
        let Some(handle) = handle.upgrade() else { return };
        let found = handle.worklist().audit();
        if !found.is_empty() {
            tracing::error!(violations = found.len(), first = ?found.first(), "the worklist breaks its promises");
        }
        handle.violations.send_replace(found);
    }
}

impl Handle {
    /// Asks for something. Under a key it happens once, and is answered as it was the first time.
    pub async fn ask(&self, request: Request) -> Answer {
        let key = request.key;
        if let Some(granted) = self.granted_before(key, request.ask.conversation()).await? {
            return Ok(granted);
        }
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().push(answer);
        self.worklist().ask(request);
        self.wake.notify_one();
        tokio::time::timeout(ANSWER_WITHIN, answered)
            .await
            .ok()
            .and_then(Result::ok)
            .unwrap_or(Err(Refused::Unavailable))
    }

    /// Takes an ended interaction up again; its channel is the conversation's.
    pub async fn retake(&self, key: RequestKey, conversation: ConversationId, agent: AgentId) -> Answer {
        let look = |state: &Conversation, _| state.party.map(|party| party.channel);
        let channel = self.actors.conversations.observe(conversation, look).await.map_err(|error| match error {
            ExecuteError::Unreadable => Refused::Unreadable,
            _ => Refused::Unavailable,
        })?;
        let channel = channel.ok_or(Refused::Conversation(Refusal::NothingToRetake))?;
        self.ask(Request { key, ask: Ask::Retake { conversation, channel, agent } }).await
    }

    /// Why an interaction waits; none where it does not.
    pub fn explain(&self, conversation: ConversationId) -> Option<Explanation> {
        self.worklist().explain(conversation)
    }

    /// Everything the auditor found last that must not be; empty when all is well.
    pub fn violations(&self) -> Vec<Violation> {
        self.violations.borrow().clone()
    }

    fn worklist(&self) -> MutexGuard<'_, Worklist> {
        self.worklist.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, of: Uuid, what: &str) -> CommandKey {
        CommandKey::of_follower(self.journal.installation(), Worklist::NAME, self.journal.log_id(), of, what)
    }

    /// What was granted under this key before, about the conversation it named, if it named one.
    pub async fn granted_before(
        &self,
        key: RequestKey,
        about: Option<ConversationId>,
    ) -> Result<Option<Granted>, Refused> {
        let unavailable = |_| Refused::Unavailable;
        let apart = |id: ConversationId| self.journal.is_apart(StreamId { kind: Kind::Conversation, id: id.0 });
        if about.is_some_and(apart) {
            return Err(Refused::Unreadable);
        }
        let done = self.journal.receipt_of(self.key(key.0, "request")).await.map_err(unavailable)?;
        let Some(receipt) = done else { return Ok(None) };
        let conversation = match about {
            Some(conversation) => conversation,
            None => {
                let found = self.journal.read(receipt.position.saturating_sub(1), 1).await.map_err(unavailable)?;
                ConversationId(found.first().ok_or(Refused::Unavailable)?.stream.id)
            }
        };
        Ok(Some(Granted { conversation, receipt }))
    }

    async fn perform(&self, act: Act) -> Done {
        match act {
            Act::Hold { conversation, agent, channel, hold } => {
                let command = agent::Command::HoldSlot { hold, conversation, channel };
                self.agent(agent, command, hold.0, "hold").await
            }
            Act::HoldFor { request, conversation, agent, channel, hold } => {
                let command = agent::Command::HoldSlot { hold, conversation, channel };
                let key = Some(self.key(hold.0, "hold"));
                let answer = self.actors.agents.execute(agent, command, key).await;
                if let Err(ExecuteError::Refused(refusal)) = &answer {
                    self.worklist().heard(request, Err(Refused::Agent(refusal.clone())));
                }
                Done::of(&answer)
            }
            Act::Offer { conversation, offers, until, why } => {
                let of = offers.first().map_or(conversation.0, |one| one.offer.0);
                self.conversation(conversation, Command::Offer { offers, until, why }, of, "offer").await
            }
            Act::Give { conversation, agent, hold, why } => {
                let Ok(ownership) = self.ownership(conversation, |owner| *owner == Owner::Queue).await else {
                    return Done::Failed;
                };
                let Some(ownership) = ownership else { return Done::Refused };
                let command = Command::Assign { agent, hold, how: HowAssigned::Automatic, ownership, why };
                self.conversation(conversation, command, hold.0, &format!("give/{ownership}")).await
            }
            Act::Withdraw { conversation, offer } => {
                self.conversation(conversation, Command::WithdrawOffer { offer }, offer.0, "withdraw").await
            }
            Act::WithdrawTransfer { conversation, transfer, owner_available } => {
                let command = Command::WithdrawTransfer { transfer, owner_available, why: Withdrawn::AgentGone };
                self.conversation(conversation, command, transfer.0, "withdraw").await
            }
            Act::Return { conversation, agent } => {
                let owns = move |owner: &Owner| matches!(owner, Owner::Agent { agent: owner, .. } if *owner == agent);
                match self.ownership(conversation, owns).await {
                    Ok(Some(ownership)) => {
                        let command = Command::ReturnToInbox { ownership };
                        self.conversation(conversation, command, conversation.0, &format!("return/{ownership}")).await
                    }
                    Ok(None) => Done::Refused,
                    Err(_) => Done::Failed,
                }
            }
            Act::Release { agent, hold, .. } => {
                self.agent(agent, agent::Command::ReleaseSlot { hold }, hold.0, "release").await
            }
            Act::Mark { agent, version } => {
                self.agent(agent, agent::Command::MarkNotResponding, agent.0, &format!("mark/{version}")).await
            }
            Act::Do { request, conversation, command } => {
                let answer = self.asked(request, conversation, command).await;
                let (done, said) = match answer {
                    Ok(receipt) => (Done::Committed(receipt.position), Ok(receipt)),
                    Err(Refused::Unavailable) => return Done::Failed,
                    // Asked again after its outcome was not known: what was done is answered as it was then.
                    Err(refused) => match self.journal.receipt_of(self.key(request.0, "request")).await {
                        Ok(Some(receipt)) => (Done::Committed(receipt.position), Ok(receipt)),
                        Ok(None) => (Done::Refused, Err(refused)),
                        Err(_) => return Done::Failed,
                    },
                };
                self.worklist().heard(request, said);
                done
            }
            Act::Answer { request, answer } => {
                let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&request);
                for one in waiting.into_iter().flatten() {
                    // Whoever asked may have gone away; what happened stays.
                    let _ = one.send(answer.clone());
                }
                Done::Committed(0)
            }
        }
    }

    /// Sends what a request came down to.
    async fn asked(&self, request: RequestKey, id: ConversationId, asked: Asked) -> Result<Receipt, Refused> {
        let command = self.actors.conversations.observe(id, |state: &Conversation, _| asked.command(state)).await;
        let Some(command) = command.map_err(|_| Refused::Unavailable)? else { return Err(self.taken(id).await) };
        match self.actors.conversations.execute(id, command, Some(self.key(request.0, "request"))).await {
            Ok(receipt) => Ok(receipt),
            Err(ExecuteError::Refused(Refusal::StaleOwnership | Refusal::AlreadyOpen)) => Err(self.taken(id).await),
            Err(ExecuteError::Refused(refusal)) => Err(Refused::Conversation(refusal)),
            Err(ExecuteError::Taken(_) | ExecuteError::Broken) => Err(Refused::Taken { by: None }),
            Err(ExecuteError::Unreadable) => Err(Refused::Unreadable),
            Err(ExecuteError::Overloaded | ExecuteError::Unavailable) => Err(Refused::Unavailable),
        }
    }

    /// The ownership to name, if whoever has it now may be asked; none where not, or where nothing is open.
    async fn ownership(
        &self,
        id: ConversationId,
        may: impl Fn(&Owner) -> bool + Send + 'static,
    ) -> Result<Option<u64>, ExecuteError<Refusal>> {
        let look =
            move |state: &Conversation, _| state.open().ok().filter(|open| may(&open.owner)).map(|_| state.ownership);
        self.actors.conversations.observe(id, look).await
    }

    /// Somebody has it: who.
    async fn taken(&self, id: ConversationId) -> Refused {
        let look = |state: &Conversation, _| (state.open().is_ok(), state.owning_agent());
        match self.actors.conversations.observe(id, look).await {
            Ok((true, by)) => Refused::Taken { by },
            Ok((false, _)) => Refused::Conversation(Refusal::NotOpen),
            Err(_) => Refused::Unavailable,
        }
    }

    async fn agent(&self, id: AgentId, command: agent::Command, of: Uuid, what: &str) -> Done {
        Done::of(&self.actors.agents.execute(id, command, Some(self.key(of, what))).await)
    }

    async fn conversation(&self, id: ConversationId, command: Command, of: Uuid, what: &str) -> Done {
        Done::of(&self.actors.conversations.execute(id, command, Some(self.key(of, what))).await)
    }
}

impl Effect for Shared {
    const NAME: &'static str = Worklist::NAME;
    type Act = Act;

    fn fold(&mut self, recorded: &Recorded) {
        self.lent().fold(recorded);
    }

    fn set_apart(&mut self, stream: StreamId) {
        self.lent().set_apart(stream);
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Act> {
        self.lent().due(now)
    }

    fn done(&mut self, act: Act, outcome: Done, now: DateTime<Utc>) {
        self.lent().done(act, outcome, now);
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.lent().wake_at()
    }
}

impl Shared {
    fn lent(&self) -> MutexGuard<'_, Worklist> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
