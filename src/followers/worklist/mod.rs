//! Matches waiting interactions with free slots: holds a slot first, then offers, and records nothing of its own. Every
//! hold is its: pulls, transfers, retakes and what supervisors ask for go through it.
//!
//! Owns: who waits, who could take it, and every hold, folded from the log. Restart: folds the log again; a hold that
//! serves nothing is offered on or released. It acts on what happened, never on a tick.
//!
//! - `fold`, `fold_people`: what happened.
//! - `line`: who waits and who is free, by class. `people`: what somebody is free for, and when it is their turn.
//! - `serving`: a head of the line meets who is first among the free. `settling`: every hold serves something.
//! - `asking`: requests, one at a time per conversation: hold, command, answer.
//! - `apart`: what cannot be read on is left alone.
//! - `licence`, `why`, `audit`: the cap, the explanation, the invariants. `by_id`: maps that are fast to look in.

mod act;
mod apart;
mod asking;
mod audit;
mod by_id;
mod fold;
mod fold_people;
mod licence;
mod line;
mod people;
mod planning;
mod request;
mod serving;
mod settling;
mod shell;
#[cfg(test)]
mod tests;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Promise, Why};
use gatehouse_domain::{
    AgentId, Channel, ContactId, ConversationId, Fact, HoldId, InboxId, OfferId, Recorded, StreamId, TeamId, TransferId,
};

use super::{ASK_AGAIN_AFTER, Done, Effect};

pub use act::{Act, Asked};
pub use audit::Violation;
pub use licence::LicenceConfig;
pub use request::{Answer, Ask, Granted, Refused, Request, RequestKey};
pub use shell::{Handle, start};
pub use why::{Explanation, HeldBy};

use asking::Requests;
use by_id::ById;
use licence::Licence;
use line::{Class, Line, Place};
use people::{Agent, Inbox};

/// The engine's whole state.
#[derive(Debug, Default)]
pub struct Worklist {
    inboxes: ById<InboxId, Inbox>,
    teams: BTreeMap<TeamId, BTreeSet<AgentId>>,
    agents: ById<AgentId, Agent>,
    /// Boxed, so that the many who wait are found in a small table and lie in the order they came.
    open: ById<ConversationId, Box<Work>>,
    /// Who waits and is in nobody's hands, and who could take it by itself.
    line: Line,
    /// Holds by what they are for.
    holds: ById<ConversationId, BTreeMap<HoldId, AgentId>>,
    /// Slots that stay taken for a while after the end.
    wraps: ById<ConversationId, Wrap>,
    /// Who had a customer last.
    customers: ById<ContactId, (AgentId, DateTime<Utc>)>,
    customers_by_time: BTreeSet<(DateTime<Utc>, ContactId)>,
    licence: Licence,
    /// Conversations whose holds and offers have to be looked at; some more than once.
    unsettled: Vec<ConversationId>,
    /// Acts asked for and not answered, by what they are about.
    under_way: ById<ConversationId, Vec<Act>>,
    /// Agents to be marked as not responding, and whether that is under way.
    marks: BTreeMap<AgentId, bool>,
    requests: Requests,
    later: BTreeSet<(DateTime<Utc>, Subject)>,
    /// Conversations and agents that cannot be read on: nobody knows how they stand.
    apart: BTreeSet<StreamId>,
    /// Capacity seen exceeded when a slot was taken.
    exceeded: Vec<Violation>,
    #[cfg(test)]
    bug: Option<tests::Bug>,
}

/// What is looked at again after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Conversation(ConversationId),
    Agent(AgentId),
    Request(RequestKey),
}

/// One open interaction.
#[derive(Debug)]
struct Work {
    inbox: InboxId,
    channel: Channel,
    contact: ContactId,
    place: Place,
    /// What is due, and so its place, follows from it.
    promise: Promise,
    /// The sequence of its newest event.
    version: u64,
    standing: Standing,
    /// Agents who let it lapse, declined or gave it back: asked again only when nobody else remains.
    passed: BTreeSet<AgentId>,
    /// Where it stands in the line, if it does.
    lined: Option<(Class, Place)>,
    /// Why it goes to whom a slot is being held of.
    why: Option<Why>,
}

#[derive(Debug)]
enum Standing {
    /// Holds from before it began to wait serve nothing any more: whoever declined, lapsed or gave it back stands in
    /// line with everybody else.
    Waiting {
        spent: BTreeSet<HoldId>,
    },
    Offered(BTreeMap<OfferId, (AgentId, HoldId)>),
    /// An agent owns it; a pending transfer keeps a hold too.
    Owned {
        agent: AgentId,
        hold: HoldId,
        transfer: Option<Handover>,
    },
    Flow,
}

/// A transfer that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Handover {
    transfer: TransferId,
    to: AgentId,
    hold: HoldId,
}

/// A slot kept after the end.
#[derive(Clone, Copy, Debug)]
struct Wrap {
    agent: AgentId,
    hold: HoldId,
    inbox: InboxId,
    ended_at: DateTime<Utc>,
}

impl Worklist {
    pub fn new(licence: LicenceConfig) -> Self {
        Self { licence: Licence::new(licence), ..Self::default() }
    }

    /// Puts a conversation where it stands: in the line or out of it, counted by the licence or not.
    fn index(&mut self, id: ConversationId) {
        let moves = self.under_way.contains_key(&id) || self.requests.has(id);
        let taken = self.requests.licensed(id);
        let held = self.holds.contains_key(&id);
        let Some(work) = self.open.get_mut(&id) else {
            let more = self.licence.count(id, taken.or_else(|| self.kept_apart(id)));
            return self.licence_moved(more);
        };
        let (stands, counts) = match &work.standing {
            // A hold that serves nothing any more needs no licence.
            Standing::Waiting { spent } => {
                let kept = self.holds.get(&id).is_some_and(|holds| holds.keys().any(|hold| !spent.contains(hold)));
                (!moves && !held, kept || work.why.is_some())
            }
            Standing::Offered(_) | Standing::Owned { .. } => (false, true),
            Standing::Flow => (false, false),
        };
        let (inbox, channel) = (work.inbox, work.channel);
        let lined = stands.then(|| (self.line.class(inbox, channel), work.place));
        let counted = if counts { Some(work.channel) } else { taken };
        if work.lined != lined {
            if let Some((class, place)) = std::mem::replace(&mut work.lined, lined) {
                self.line.remove(class, place, id);
            }
            if let Some((class, place)) = lined {
                self.line.insert(class, place, id);
                if let Some(known) = self.inboxes.get_mut(&inbox)
                    && !known.channels.contains(&(channel, class))
                {
                    known.channels.push((channel, class));
                    self.reindex_inbox(inbox);
                }
            }
        }
        let more = self.licence.count(id, counted);
        self.licence_moved(more);
    }

    /// Whoever the licence held may go on.
    fn licence_moved(&mut self, more: bool) {
        if more {
            self.line.touch_all(None);
        }
    }

    /// An act is asked for.
    fn begin(&mut self, id: ConversationId, act: &Act) {
        self.under_way.entry(id).or_insert_with(|| Vec::with_capacity(1)).push(act.clone());
        if let Act::Hold { agent, channel, .. } | Act::HoldFor { agent, channel, .. } = act {
            let inbox = self.open.get(&id).map(|work| work.inbox);
            if let Some(agent) = self.agents.get_mut(agent) {
                agent.pending.push((id, *channel, inbox));
            }
            self.reindex(*agent);
        }
    }

    /// An act was answered, however.
    fn end(&mut self, id: ConversationId, act: &Act) {
        if let Some(acts) = self.under_way.get_mut(&id) {
            acts.retain(|one| one != act);
            if acts.is_empty() {
                self.under_way.remove(&id);
            }
        }
        if let Act::Hold { agent, .. } | Act::HoldFor { agent, .. } = act {
            if let Some(agent) = self.agents.get_mut(agent)
                && let Some(index) = agent.pending.iter().position(|(of, _, _)| *of == id)
            {
                agent.pending.swap_remove(index);
            }
            self.reindex(*agent);
        }
    }

    /// Its holds and offers have to be looked at, unless nothing is left of it.
    fn unsettle(&mut self, id: ConversationId) {
        if self.open.contains_key(&id) || self.holds.contains_key(&id) {
            self.unsettled.push(id);
        }
    }

    /// The slot an agent keeps for a conversation.
    fn hold_of(&self, id: ConversationId, agent: AgentId) -> Option<HoldId> {
        self.holds.get(&id)?.iter().find(|(_, of)| **of == agent).map(|(hold, _)| *hold)
    }

    fn wake(&mut self, subject: Subject) {
        match subject {
            Subject::Conversation(id) => self.unsettle(id),
            Subject::Agent(id) => {
                if let Some(agent) = self.agents.get_mut(&id) {
                    agent.rests = false;
                }
                if let Some(under_way) = self.marks.get_mut(&id) {
                    *under_way = false;
                }
                self.reindex(id);
            }
            Subject::Request(key) => self.requests.fresh.push_back(key),
        }
    }

    #[cfg(test)]
    fn is_planted_to_release(&self) -> bool {
        self.bug == Some(tests::Bug::ReleasesRequested)
    }

    #[cfg(not(test))]
    const fn is_planted_to_release(&self) -> bool {
        false
    }

    /// A slot could not be had: things have changed since, and what changed is on its way here; a moment's pause keeps
    /// it from spinning.
    fn rest(&mut self, id: AgentId, now: DateTime<Utc>) {
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.rests = true;
        }
        self.later.insert((now + ASK_AGAIN_AFTER, Subject::Agent(id)));
        self.reindex(id);
    }
}

impl Effect for Worklist {
    const NAME: &'static str = "worklist";
    type Act = Act;

    fn fold(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id;
        match &recorded.fact {
            Fact::Conversation(event) => self.fold_conversation(ConversationId(id), recorded.sequence, event),
            Fact::Agent(event) => self.fold_agent(AgentId(id), recorded, event),
            Fact::Inbox(event) => self.fold_inbox(InboxId(id), event),
            Fact::Team(event) => self.fold_team(TeamId(id), event),
            _ => {}
        }
    }

    fn set_apart(&mut self, stream: StreamId) {
        self.set_apart(stream);
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Act> {
        while let Some((at, subject)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, subject));
            self.wake(subject);
        }
        let mut acts = vec![];
        self.take_up_requests(&mut acts);
        let mut unsettled = std::mem::take(&mut self.unsettled);
        unsettled.sort_unstable();
        unsettled.dedup();
        for id in unsettled.drain(..) {
            if !self.under_way.contains_key(&id) && (!self.requests.has(id) || self.is_planted_to_release()) {
                let due = self.settle(id, now);
                if !due.is_empty() {
                    due.iter().for_each(|act| self.begin(id, act));
                    acts.extend(due);
                    self.index(id);
                }
            }
        }
        // Settling unsettles nothing: what it asks for is heard of later.
        debug_assert!(self.unsettled.is_empty());
        self.unsettled = unsettled;
        self.serve(&mut acts, now);
        for (agent, under_way) in &mut self.marks {
            if !std::mem::replace(under_way, true) {
                let version = self.agents.get(agent).map_or(0, |agent| agent.version);
                acts.push(Act::Mark { agent: *agent, version });
            }
        }
        acts.append(&mut self.requests.answers);
        acts
    }

    fn done(&mut self, act: Act, outcome: Done, now: DateTime<Utc>) {
        let Some(id) = act.conversation() else {
            return match act {
                Act::Answer { request, .. } => self.answered(request),
                Act::Mark { agent, .. } if !matches!(outcome, Done::Committed(_)) => {
                    self.later.insert((now + ASK_AGAIN_AFTER, Subject::Agent(agent)));
                }
                _ => {}
            };
        };
        self.end(id, &act);
        let mut now_again = true;
        match (&act, outcome) {
            (Act::HoldFor { request, agent, .. }, _) => self.slot_asked_for(*request, id, *agent, outcome, now),
            (Act::Do { request, .. }, _) => self.request_done(*request, id, outcome, now),
            (_, Done::Committed(_)) => {}
            (Act::Hold { agent, .. }, Done::Refused | Done::Failed) => self.rest(*agent, now),
            (_, Done::Refused | Done::Failed) => {
                self.later.insert((now + ASK_AGAIN_AFTER, Subject::Conversation(id)));
                now_again = false;
            }
        }
        if !self.under_way.contains_key(&id) {
            // What was asked for came to nothing: it stands in line again.
            if !self.holds.contains_key(&id)
                && let Some(work) = self.open.get_mut(&id)
            {
                work.why = None;
            }
            self.requests.next(id);
        }
        if now_again {
            self.unsettle(id);
        }
        self.index(id);
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.later.first().map(|(at, _)| *at)
    }
}
