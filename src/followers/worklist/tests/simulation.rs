//! The worklist with real agents and real conversations: people come and go, customers write, answers get lost, the
//! follower is killed at any moment. Each seed is one history, the same in every run.

use std::collections::VecDeque;

use gatehouse_domain::agent::Agent;
use gatehouse_domain::conversation::{Command, Content, Conversation, Inbound, InboundWords, Owner, Phase, Route};
use gatehouse_domain::{EndReasonId, MessageId, Rules};

use super::*;

const SEEDS: u64 = 300;
const STEPS: u32 = 400;
const AGENTS: u64 = 4;
const CONVERSATIONS: u64 = 7;
const SOLVED: EndReasonId = EndReasonId(Uuid::from_u128(0xE1));

#[test]
fn whatever_happens_everybody_is_served_in_order_and_nobody_gets_too_much() {
    let (mut served, mut restarts) = (0, 0);
    for seed in 1..=SEEDS {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.something_happens();
            world.holds_together();
        }
        world.settles();
        world.is_settled();
        served += world.accepted;
        restarts += world.restarts;
    }
    // It was not quiet only because nothing happened.
    assert!(served > SEEDS * 5 && restarts > SEEDS, "{served} served, {restarts} restarts");
}

struct World {
    seed: u64,
    chance: u64,
    now: DateTime<Utc>,
    agents: BTreeMap<AgentId, (Agent, u64)>,
    conversations: BTreeMap<ConversationId, (Conversation, u64)>,
    members: BTreeMap<InboxId, Vec<AgentId>>,
    log: Vec<Recorded>,
    /// Commands done, by key.
    done: BTreeSet<(Uuid, String)>,
    worklist: Worklist,
    folded: usize,
    /// Asked for by the worklist, not answered yet.
    asked: VecDeque<Act>,
    answered: Vec<(Act, Done)>,
    accepted: u64,
    restarts: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let ids =
            |sort: u128, count: u64| (1..=count).map(move |number| Uuid::from_u128(sort << 64 | u128::from(number)));
        let agents: BTreeMap<_, _> = ids(0xA, AGENTS).map(|id| (AgentId(id), (Agent::default(), 0))).collect();
        let conversations = ids(0xC, CONVERSATIONS).map(|id| (ConversationId(id), (Conversation::default(), 0)));
        let everybody: Vec<AgentId> = agents.keys().copied().collect();
        let members = BTreeMap::from([(SALES, everybody[..3].to_vec()), (BILLING, everybody[2..].to_vec())]);
        let mut world = Self {
            seed,
            chance: seed,
            now: NOON,
            agents,
            conversations: conversations.collect(),
            members,
            log: vec![],
            done: BTreeSet::new(),
            worklist: Worklist::default(),
            folded: 0,
            asked: VecDeque::new(),
            answered: vec![],
            accepted: 0,
            restarts: 0,
        };
        for (inbox, members) in world.members.clone() {
            let at = world.now;
            let routing = Routing::default();
            world.record(
                Kind::Inbox,
                inbox.0,
                1,
                Fact::Inbox(inbox::Event::InboxAdded { name: String::new(), routing, at }),
            );
            for (agent, sequence) in members.into_iter().zip(2..) {
                world.record(Kind::Inbox, inbox.0, sequence, Fact::Inbox(inbox::Event::MemberAdded { agent, at }));
            }
        }
        for agent in everybody {
            let per_channel = if world.one_in(3) { BTreeMap::from([(Channel::Sms, 1)]) } else { BTreeMap::new() };
            let capacity = Capacity { total: 1 + world.below(3) as u32, per_channel };
            world.ask_agent(agent, agent::Command::Add { name: "Agent".to_owned() });
            world.ask_agent(agent, agent::Command::SetCapacity { capacity });
            world.ask_agent(agent, agent::Command::Connect { socket: DESK });
        }
        world
    }

    fn something_happens(&mut self) {
        let passes = TimeDelta::milliseconds(1 + self.below(3_000) as i64);
        self.now += passes;
        match self.below(40) {
            0..=3 => self.a_customer_writes(),
            4..=5 => self.an_agent_moves(),
            6..=11 => self.an_offer_is_answered(),
            12 => self.time_runs_out(),
            13..=15 => self.an_owner_is_done(),
            16 => self.an_interaction_is_moved(),
            17 => self.the_follower_is_killed(),
            18..=27 => self.the_follower_follows(),
            _ => self.an_act_is_done(),
        }
    }

    fn a_customer_writes(&mut self) {
        let id = self.a_conversation();
        let channel = if id.0.as_u128().is_multiple_of(2) { Channel::Sms } else { Channel::Whatsapp };
        let inbox = if self.one_in(3) { BILLING } else { SALES };
        let (gateway, contact) = (GatewayId(Uuid::nil()), ContactId(Uuid::nil()));
        let route = Route {
            gateway,
            channel,
            contact,
            inbox,
            flow: None,
            sla: gatehouse_domain::inbox::Sla::default(),
            reply_window: None,
        };
        let words = InboundWords { provider_id: String::new(), text: None, original: None };
        let message = MessageId(Uuid::from_u128(self.log.len() as u128));
        let message = Inbound { message, content: Content::Text, words, sent_at: self.now, addresses: vec![] };
        self.ask(id, Command::Receive { message, route });
    }

    fn an_agent_moves(&mut self) {
        let agent = self.an_agent();
        let command = match self.below(12) {
            0..=4 => agent::Command::GoOnline,
            5..=8 => agent::Command::Connect { socket: DESK },
            9 => agent::Command::Disconnect { socket: DESK },
            10 => agent::Command::TakeBreak { reason: None },
            _ => agent::Command::GoOffline { cause: agent::OfflineCause::Chosen },
        };
        self.ask_agent(agent, command);
    }

    fn an_offer_is_answered(&mut self) {
        let id = self.a_conversation();
        let Some(Owner::Offered { offers, .. }) = self.owner(id) else { return };
        let OfferTo { offer, agent, .. } = offers[0];
        if self.one_in(3) {
            self.ask(id, Command::DeclineOffer { offer, agent, reason: None });
        } else if self.ask(id, Command::AcceptOffer { offer, agent }) {
            self.accepted += 1;
        }
    }

    fn time_runs_out(&mut self) {
        let id = self.a_conversation();
        let Some(Owner::Offered { offers, until }) = self.owner(id) else { return };
        self.now = self.now.max(until);
        self.ask(id, Command::LapseOffer { offer: offers[0].offer });
    }

    fn an_owner_is_done(&mut self) {
        let id = self.a_conversation();
        let Some(Owner::Agent { agent, .. }) = self.owner(id) else { return };
        self.ask(id, Command::End { reason: Some(SOLVED), configured: vec![SOLVED], by: agent });
    }

    fn an_interaction_is_moved(&mut self) {
        let id = self.a_conversation();
        let ownership = self.conversations[&id].0.ownership;
        let command = match self.below(3) {
            0 => Command::MoveToInbox { inbox: BILLING, ownership },
            1 => Command::ReturnToInbox { ownership },
            _ => Command::SetPriority { priority: self.below(3) as u8 },
        };
        self.ask(id, command);
    }

    /// With it goes whatever it asked for and has not been done, or was done and not heard.
    fn the_follower_is_killed(&mut self) {
        self.worklist = Worklist::default();
        (self.folded, self.restarts) = (0, self.restarts + 1);
        self.asked.clear();
        self.answered.clear();
    }

    /// Reads to the end of the log, hears what became of its acts, and asks for more.
    fn the_follower_follows(&mut self) {
        self.log[self.folded..].iter().for_each(|recorded| self.worklist.fold(recorded));
        self.folded = self.log.len();
        for (act, outcome) in std::mem::take(&mut self.answered) {
            self.worklist.done(act, outcome, self.now);
        }
        for act in self.worklist.due(self.now) {
            assert!(self.asked.iter().all(|asked| asked.conversation() != act.conversation()), "{}", self.told());
            if let Act::Hold { conversation, agent, .. } = act {
                self.is_first_in_line(conversation, agent);
            }
            self.asked.push_back(act);
        }
    }

    /// The first or the last of what was asked for; sometimes the answer is lost, with or without its effect.
    fn an_act_is_done(&mut self) {
        let act = if self.one_in(2) { self.asked.pop_front() } else { self.asked.pop_back() };
        let Some(act) = act else { return };
        let outcome = match self.below(8) {
            0 => Done::Failed,
            1 => {
                self.perform(act);
                Done::Failed
            }
            _ => self.perform(act),
        };
        self.answered.push((act, outcome));
    }

    fn perform(&mut self, act: Act) -> Done {
        let (key, done) = match act {
            Act::Hold { conversation, agent, channel, hold } => {
                let command = agent::Command::HoldSlot { hold, conversation, channel };
                ((hold.0, "hold".to_owned()), self.decide_agent(agent, command))
            }
            Act::Return { conversation, agent } => {
                let state = &self.conversations[&conversation].0;
                let owns = state.owning_agent() == Some(agent);
                let ownership = if owns { state.ownership } else { return Done::Refused };
                (
                    (conversation.0, format!("return/{ownership}")),
                    self.decide(conversation, Command::ReturnToInbox { ownership }),
                )
            }
            Act::Release { agent, hold, .. } => {
                ((hold.0, "release".to_owned()), self.decide_agent(agent, agent::Command::ReleaseSlot { hold }))
            }
            Act::Offer { conversation, agent, hold, offer, until } => {
                let command = Command::Offer { offers: vec![OfferTo { offer, agent, hold }], until, why: None };
                ((offer.0, "offer".to_owned()), self.decide(conversation, command))
            }
            Act::Withdraw { conversation, offer } => {
                ((offer.0, "withdraw".to_owned()), self.decide(conversation, Command::WithdrawOffer { offer }))
            }
        };
        let Some(facts) = done else { return Done::Refused };
        if self.done.insert(key) {
            self.commit(facts);
        }
        Done::Committed(self.log.len() as u64)
    }

    /// True at every moment, settled or not.
    fn holds_together(&self) {
        let mut work: BTreeMap<AgentId, u32> = BTreeMap::new();
        for (id, (conversation, _)) in &self.conversations {
            let Phase::Open(open) = &conversation.phase else { continue };
            let serving = match &open.owner {
                Owner::Queue => vec![],
                Owner::Offered { offers, .. } => offers.iter().map(|one| (one.agent, one.hold)).collect(),
                Owner::Agent { agent, hold, .. } => vec![(*agent, *hold)],
                Owner::Flow { .. } => panic!("there are no flows here: {}", self.told()),
            };
            for (agent, hold) in serving {
                let held = self.agents[&agent].0.holds.get(&hold);
                assert_eq!(held.map(|hold| hold.conversation), Some(*id), "no slot is kept for it: {}", self.told());
                *work.entry(agent).or_default() += 1;
            }
        }
        for (agent, work) in work {
            assert!(work <= self.agents[&agent].0.capacity.total, "{agent} has too much: {}", self.told());
        }
    }

    /// Nobody who waits longer, and could be served by this agent, is left standing for `served`.
    fn is_first_in_line(&self, served: ConversationId, agent: AgentId) {
        let place = self.waiting(served).map(|(_, place, _)| place);
        let taken = |id: ConversationId| {
            self.asked.iter().any(|act| act.conversation() == id)
                || self.agents.values().any(|(agent, _)| agent.hold_for(id).is_some())
        };
        for id in self.conversations.keys().filter(|id| **id != served && !taken(**id)) {
            let Some((inbox, theirs, channel)) = self.waiting(*id) else { continue };
            let limited = self.agents[&agent].0.capacity.per_channel.contains_key(&channel);
            let fits = self.members[&inbox].contains(&agent) && !limited;
            assert!(!fits || place.is_some_and(|place| place <= theirs), "{id} was first: {}", self.told());
        }
    }

    /// Everything asked for is done and heard, until nothing more comes.
    fn settles(&mut self) {
        for _ in 0..500 {
            self.the_follower_follows();
            while let Some(act) = self.asked.pop_front() {
                let outcome = self.perform(act);
                self.answered.push((act, outcome));
            }
            if self.answered.is_empty() {
                let Some(at) = self.worklist.wake_at() else { return };
                self.now = self.now.max(at);
            }
        }
        panic!("it never comes to rest: {}", self.told());
    }

    fn is_settled(&self) {
        self.holds_together();
        for (id, (agent, _)) in &self.agents {
            for (hold, held) in &agent.holds {
                let serves = match self.owner(held.conversation) {
                    Some(Owner::Offered { offers, .. }) => offers.iter().any(|one| one.hold == *hold),
                    Some(Owner::Agent { hold: owners, .. }) => owners == *hold,
                    Some(Owner::Queue | Owner::Flow { .. }) | None => false,
                };
                assert!(serves, "{id} keeps a slot for nothing: {}", self.told());
            }
        }
        for id in self.conversations.keys() {
            if let Some(Owner::Agent { agent, .. }) = self.owner(*id) {
                assert_ne!(
                    self.agents[&agent].0.presence,
                    Presence::Offline,
                    "{id} waits at an empty desk: {}",
                    self.told()
                );
            }
            let Some((inbox, _, channel)) = self.waiting(*id) else { continue };
            for agent in &self.members[&inbox] {
                let hold = HoldId(Uuid::from_u128(0xFFFF));
                let command = agent::Command::HoldSlot { hold, conversation: *id, channel };
                let refused = self.agents[agent].0.decide(command, self.now);
                assert!(refused.is_err(), "{id} waits beside {agent}: {}", self.told());
            }
        }
    }

    fn waiting(&self, id: ConversationId) -> Option<(InboxId, Place, Channel)> {
        let conversation = &self.conversations[&id].0;
        let Phase::Open(open) = &conversation.phase else { return None };
        let place = Place { priority: std::cmp::Reverse(open.priority), since: open.since };
        let channel = conversation.party?.channel;
        matches!(open.owner, Owner::Queue).then_some((open.inbox, place, channel))
    }

    fn owner(&self, id: ConversationId) -> Option<Owner> {
        self.conversations[&id].0.open().ok().map(|open| open.owner.clone())
    }

    /// Whether it had any effect.
    fn ask(&mut self, id: ConversationId, command: Command) -> bool {
        let facts = self.decide(id, command).unwrap_or_default();
        let effect = !facts.is_empty();
        self.commit(facts);
        effect
    }

    fn ask_agent(&mut self, id: AgentId, command: agent::Command) {
        let facts = self.decide_agent(id, command).unwrap_or_default();
        self.commit(facts);
    }

    fn decide(&self, id: ConversationId, command: Command) -> Option<Vec<(Uuid, Fact)>> {
        let events = self.conversations[&id].0.decide(command, self.now).ok()?;
        Some(events.into_iter().map(|event| (id.0, Fact::Conversation(event))).collect())
    }

    fn decide_agent(&self, id: AgentId, command: agent::Command) -> Option<Vec<(Uuid, Fact)>> {
        let events = self.agents[&id].0.decide(command, self.now).ok()?;
        Some(events.into_iter().map(|event| (id.0, Fact::Agent(event))).collect())
    }

    fn commit(&mut self, facts: Vec<(Uuid, Fact)>) {
        use cqrs_es::Aggregate;
        for (id, fact) in facts {
            let (kind, sequence) = match &fact {
                Fact::Conversation(event) => {
                    let (state, sequence) = self.conversations.get_mut(&ConversationId(id)).expect("it is known");
                    state.apply(event.clone());
                    *sequence += 1;
                    (Kind::Conversation, *sequence)
                }
                Fact::Agent(event) => {
                    let (state, sequence) = self.agents.get_mut(&AgentId(id)).expect("they are known");
                    state.apply(event.clone());
                    *sequence += 1;
                    (Kind::Agent, *sequence)
                }
                other => panic!("nobody decides {other:?} here"),
            };
            self.record(kind, id, sequence, fact);
        }
    }

    fn record(&mut self, kind: Kind, id: Uuid, sequence: u64, fact: Fact) {
        let position = self.log.len() as u64 + 1;
        let stream = StreamId { kind, id };
        self.log.push(Recorded { position, stream, sequence, recorded_at: self.now, fact });
    }

    fn told(&self) -> String {
        let newest = self.log.iter().rev().take(12).rev();
        let told: Vec<String> = newest.map(|recorded| format!("{} {:?}", recorded.stream, recorded.fact)).collect();
        format!("seed {} after {} events:\n{}", self.seed, self.log.len(), told.join("\n"))
    }

    fn a_conversation(&mut self) -> ConversationId {
        let index = self.below(CONVERSATIONS) as usize;
        *self.conversations.keys().nth(index).expect("there are as many")
    }

    fn an_agent(&mut self) -> AgentId {
        let index = self.below(AGENTS) as usize;
        *self.agents.keys().nth(index).expect("there are as many")
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// Knuth's linear congruential generator; the high bits are the good ones.
    fn below(&mut self, count: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % count
    }
}
