//! The aggregates, the log, and the process that follows it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;
use cqrs_es::Aggregate;
use gatehouse_domain::agent::Agent;
use gatehouse_domain::conversation::{Conversation, Owner};
use gatehouse_domain::inbox::{Inbox, Mode, OnOffline, Strategy};
use gatehouse_domain::{MessageId, Rules, team};

use super::super::*;
use super::chance::Chance;
use crate::followers::deadlines::{Deadlines, Lapsed};
use crate::followers::outbox::{self, Outbox};

const AGENTS: u64 = 4;
const CONVERSATIONS: u64 = 7;
pub const GERMAN: &str = "german";
const BOTH: TeamId = TeamId(Uuid::from_u128(0xB1));

/// Something the process has under way.
#[derive(Clone, Debug)]
pub enum Task {
    Worklist(Act),
    Deadline(Lapsed),
    Outbox(outbox::Act),
    /// The provider has answered; the outcome is not recorded yet.
    Record(outbox::Act),
}

pub struct World {
    pub now: DateTime<Utc>,
    pub agents: BTreeMap<AgentId, (Agent, u64)>,
    pub conversations: BTreeMap<ConversationId, (Conversation, u64)>,
    pub inboxes: BTreeMap<InboxId, (Inbox, u64)>,
    pub log: Vec<Recorded>,
    /// Commands done, by key, and where.
    pub done: BTreeMap<(Uuid, String), (u64, ConversationId)>,
    pub licence: Option<u32>,
    pub worklist: Worklist,
    pub deadlines: Deadlines,
    pub outbox: Outbox,
    pub folded: usize,
    pub tasks: VecDeque<Task>,
    /// Done, and not heard by its follower yet.
    pub answered: Vec<(Task, Done)>,
    /// Every request ever made, and what it was granted.
    pub requests: BTreeMap<RequestKey, (Ask, Option<Granted>)>,
    /// What providers were handed.
    pub sent: BTreeSet<(MessageId, u32)>,
    pub bug: Option<Bug>,
    /// Whether what happens is written down, to be told.
    pub tells: bool,
    pub trace: Vec<String>,
    pub accepted: u64,
    pub restarts: u64,
    pub granted: u64,
    pub refused: u64,
    pub transferred: u64,
}

impl World {
    pub fn new(seed: u64, bug: Option<Bug>) -> Self {
        let mut chance = Chance::new(seed ^ 0x5EED);
        let ids =
            |sort: u128, count: u64| (1..=count).map(move |number| Uuid::from_u128(sort << 64 | u128::from(number)));
        let everybody: Vec<AgentId> = ids(0xA, AGENTS).map(AgentId).collect();
        let conversations = ids(0xC, CONVERSATIONS).map(|id| (ConversationId(id), (Conversation::default(), 0)));
        let licence = chance.one_in(4).then(|| 2 + chance.below(2) as u32);
        let mut world = Self {
            now: NOON,
            agents: everybody.iter().map(|id| (*id, (Agent::default(), 0))).collect(),
            conversations: conversations.collect(),
            inboxes: [SALES, BILLING].map(|id| (id, (Inbox::default(), 0))).into(),
            log: vec![],
            done: BTreeMap::new(),
            licence,
            worklist: Worklist::default(),
            deadlines: Deadlines::default(),
            outbox: Outbox::default(),
            folded: 0,
            tasks: VecDeque::new(),
            answered: vec![],
            requests: BTreeMap::new(),
            sent: BTreeSet::new(),
            bug,
            tells: false,
            trace: vec![],
            accepted: 0,
            restarts: 0,
            granted: 0,
            refused: 0,
            transferred: 0,
        };
        world.starts();
        for inbox in [SALES, BILLING] {
            let routing = routing(&mut chance);
            world.ask_inbox(inbox, inbox::Command::Add { name: "Inbox".to_owned(), routing });
        }
        for agent in &everybody[..3] {
            world.ask_inbox(SALES, inbox::Command::AddMember { agent: *agent });
        }
        world.ask_inbox(BILLING, inbox::Command::AddMember { agent: everybody[2] });
        world.ask_inbox(BILLING, inbox::Command::AddTeam { team: BOTH });
        let joined = team::Event::MemberAdded { agent: everybody[3], at: world.now };
        world.record(Kind::Team, BOTH.0, 1, Fact::Team(joined));
        for agent in everybody {
            let per_channel = if chance.one_in(3) { BTreeMap::from([(Channel::Sms, 1)]) } else { BTreeMap::new() };
            let capacity = Capacity { total: 1 + chance.below(3) as u32, per_channel };
            world.ask_agent(agent, agent::Command::Add { name: "Agent".to_owned() });
            world.ask_agent(agent, agent::Command::SetCapacity { capacity });
            world.ask_agent(agent, agent::Command::Connect { socket: DESK });
            world.ask_agent(agent, agent::Command::GoOnline);
            if chance.one_in(2) {
                world.ask_agent(agent, agent::Command::GrantSkill { skill: GERMAN.to_owned() });
            }
        }
        world
    }

    /// The process starts: it knows nothing but the log.
    pub fn starts(&mut self) {
        let config = LicenceConfig { interactions_max: self.licence, per_channel_max: BTreeMap::new() };
        self.worklist = Worklist { bug: self.bug, ..Worklist::new(config) };
        (self.deadlines, self.outbox, self.folded) = (Deadlines::default(), Outbox::default(), 0);
        self.tasks.clear();
        self.answered.clear();
    }

    pub fn seen(&self) -> [u64; 6] {
        [self.accepted, self.restarts, self.granted, self.refused, self.transferred, self.sent.len() as u64]
    }

    /// Who serves an inbox, themselves or with the team.
    pub fn serve(&self, inbox: InboxId) -> Vec<AgentId> {
        let Inbox::Known(known) = &self.inboxes[&inbox].0 else { return vec![] };
        let team = self.agents.keys().last().filter(|_| known.teams.contains(&BOTH));
        known.members.iter().chain(team.filter(|agent| !known.members.contains(agent))).copied().collect()
    }

    pub fn routing(&self, inbox: InboxId) -> Routing {
        match &self.inboxes[&inbox].0 {
            Inbox::Known(known) => known.routing.clone(),
            Inbox::Unknown => Routing::default(),
        }
    }

    pub fn owner(&self, id: ConversationId) -> Option<Owner> {
        self.conversations[&id].0.open().ok().map(|open| open.owner.clone())
    }

    /// Asks as a person does, who gives no key.
    pub fn ask(&mut self, id: ConversationId, command: conversation::Command) -> bool {
        let before = self.log.len();
        let _ = self.execute(id, command, None);
        self.log.len() > before
    }

    pub fn ask_agent(&mut self, id: AgentId, command: agent::Command) {
        let _ = self.execute_agent(id, command, None);
    }

    pub fn ask_inbox(&mut self, id: InboxId, command: inbox::Command) {
        let events = self.inboxes[&id].0.decide(command, self.now).unwrap_or_default();
        for event in events {
            let (state, sequence) = self.inboxes.get_mut(&id).expect("it is known");
            state.apply(event.clone());
            *sequence += 1;
            let sequence = *sequence;
            self.record(Kind::Inbox, id.0, sequence, Fact::Inbox(event));
        }
    }

    /// As an actor does: decides, and appends unless the key was used.
    pub fn execute(
        &mut self,
        id: ConversationId,
        command: conversation::Command,
        key: Option<(Uuid, String)>,
    ) -> Result<u64, conversation::Refusal> {
        let events = self.conversations[&id].0.decide(command, self.now)?;
        if let Some((position, _)) = key.as_ref().and_then(|key| self.done.get(key)) {
            return Ok(*position);
        }
        for event in events {
            let (state, sequence) = self.conversations.get_mut(&id).expect("it is known");
            state.apply(event.clone());
            *sequence += 1;
            let sequence = *sequence;
            self.record(Kind::Conversation, id.0, sequence, Fact::Conversation(event));
        }
        Ok(self.committed(key, id))
    }

    pub fn execute_agent(
        &mut self,
        id: AgentId,
        command: agent::Command,
        key: Option<(Uuid, String)>,
    ) -> Result<u64, agent::Refusal> {
        let events = self.agents[&id].0.decide(command, self.now)?;
        if let Some((position, _)) = key.as_ref().and_then(|key| self.done.get(key)) {
            return Ok(*position);
        }
        for event in events {
            let (state, sequence) = self.agents.get_mut(&id).expect("they are known");
            state.apply(event.clone());
            *sequence += 1;
            let sequence = *sequence;
            self.record(Kind::Agent, id.0, sequence, Fact::Agent(event));
        }
        Ok(self.committed(key, ConversationId(id.0)))
    }

    fn committed(&mut self, key: Option<(Uuid, String)>, id: ConversationId) -> u64 {
        let position = self.log.len() as u64;
        if let Some(key) = key {
            self.done.insert(key, (position, id));
        }
        position
    }

    fn record(&mut self, kind: Kind, id: Uuid, sequence: u64, fact: Fact) {
        let position = self.log.len() as u64 + 1;
        let stream = StreamId { kind, id };
        if self.tells {
            self.trace.push(format!("    {stream} {fact:?}"));
        }
        self.log.push(Recorded { position, stream, sequence, recorded_at: self.now, fact });
    }

    /// From now on what happens is written down, beginning with how everything is set up.
    pub fn tells(mut self) -> Self {
        let set_up = |(id, (inbox, _)): (&InboxId, &(Inbox, u64))| format!("  inbox {id}: {inbox:?}");
        self.trace = self.inboxes.iter().map(set_up).collect();
        self.trace.extend(self.agents.iter().map(|(id, (agent, _))| format!("  agent {id}: {agent:?}")));
        self.tells = true;
        self
    }

    pub fn told(&self) -> String {
        self.trace.join("\n")
    }
}

/// Any way to route.
pub fn routing(chance: &mut Chance) -> Routing {
    let strategies =
        [Strategy::LongestIdle, Strategy::LeastBusy, Strategy::RoundRobin, Strategy::Ordered, Strategy::RingAll];
    let modes = [Mode::Offer, Mode::Offer, Mode::Offer, Mode::Offer, Mode::Assign, Mode::Manual];
    Routing {
        mode: chance.of(&modes).expect("there are some"),
        strategy: chance.of(&strategies).expect("there are some"),
        flow_max: chance.one_in(4).then_some(1),
        preferred_agent_days: chance.one_in(3).then_some(1),
        not_responding_after: chance.one_in(3).then_some(2),
        on_offline: if chance.one_in(4) { OnOffline::Keep } else { OnOffline::Return },
        wrap_up_ms: chance.one_in(3).then_some(5_000),
        skills_required: if chance.one_in(4) { [GERMAN.to_owned()].into() } else { BTreeSet::new() },
        ..Routing::default()
    }
}

/// Seconds nobody notices.
pub fn moment(chance: &mut Chance) -> TimeDelta {
    TimeDelta::milliseconds(1 + chance.below(3_000) as i64)
}
