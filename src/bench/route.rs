//! How long the worklist takes to decide, however many wait, beside a queue that does nothing but hand out its oldest.
//!
//! A slot of one of many agents comes free. Taking that in, as the queue takes in who arrives, is one figure; deciding who
//! goes to whom, until the slot is asked for again, is the other, and is what is held against the queue that pops its
//! oldest. Each is timed by itself, so the clock is in all of them. Who arrives, and holding, offering and accepting, go on
//! between and are not timed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use gatehouse_domain::agent::{self, Capacity};
use gatehouse_domain::conversation::{self, Ending, HowAssigned, Opening};
use gatehouse_domain::inbox::{self, Routing};
use gatehouse_domain::{
    AgentId, Channel, ContactId, ConversationId, Fact, GatewayId, InboxId, Kind, Recorded, StreamId,
};
use serde_json::json;
use uuid::Uuid;

use super::ROUNDS;
use super::report::median;
use crate::followers::worklist::{Act, Worklist};
use crate::followers::{Done, Effect};

const INBOXES: u64 = 20;
/// Inboxes an agent serves.
const SERVED: u64 = 2;
const SLOTS: u32 = 3;
const FEW: u64 = 1_000;
const MANY: u64 = 100_000;
const START: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

#[derive(Args)]
pub struct Route {
    /// Tell as one JSON object, on the last line.
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true, default_value_t = 1_000)]
    agents: u64,
    /// Decisions measured in each round.
    #[arg(long, hide = true, default_value_t = 20_000)]
    decisions: u64,
}

pub fn run(bench: &Route) -> anyhow::Result<()> {
    let (mut few, mut many, mut events, mut queue) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        few.push(per_decision(bench, FEW)?.decision);
        let took = per_decision(bench, MANY)?;
        many.push(took.decision);
        events.push(took.event);
        queue.push(per_pop(bench, MANY));
    }
    let (few, many, event, queue) = (median(few), median(many), median(events), median(queue));
    let (growth, ratio) = (many / few, many / queue);
    println!(
        "{} agents: {few:.2} us per decision with {FEW} waiting, {many:.2} us with {MANY} (and {event:.2} us to hear \
         that a slot is free); a plain queue of {MANY} takes {queue:.3} us",
        bench.agents
    );
    if bench.json {
        let told = json!({
            "bench": "route", "agents": bench.agents, "us_per_decision_1k": few, "us_per_decision_100k": many,
            "us_per_event_100k": event, "us_per_pop_100k": queue, "growth": growth, "ratio_vs_queue": ratio,
        });
        println!("{told}");
    }
    Ok(())
}

/// In microseconds.
struct Took {
    /// Hearing that a slot is free.
    event: f64,
    decision: f64,
}

fn per_decision(bench: &Route, waiting: u64) -> anyhow::Result<Took> {
    let mut floor = Floor::with(bench.agents);
    // Everybody is busy before anybody waits.
    let busy = bench.agents * u64::from(SLOTS);
    while (floor.owned.len() as u64) < busy {
        floor.arrives();
        floor.serves()?;
    }
    (0..waiting).for_each(|_| floor.arrives());
    ensure!(floor.worklist.due(floor.now).is_empty(), "nobody is free");
    let (mut event, mut decision) = (Duration::ZERO, Duration::ZERO);
    for turn in 0..bench.decisions {
        let (conversation, agent, hold) = floor.owned[(turn % busy) as usize];
        let at = floor.now;
        let ended = conversation::Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at };
        floor.conversation(conversation, ended);
        let acts = floor.worklist.due(floor.now);
        ensure!(matches!(acts[..], [Act::Release { .. }]), "a slot is released: {acts:?}");
        let [opened, queued] = floor.writes();
        let released = floor.told(Kind::Agent, agent.0, Fact::Agent(agent::Event::SlotReleased { hold, at }));
        let committed = Done::Committed(released.position);
        let now = floor.now;
        floor.worklist.fold(&opened);
        floor.worklist.fold(&queued);
        ensure!(floor.worklist.due(now).is_empty(), "nobody is free for who arrives");
        let begun = Instant::now();
        floor.worklist.fold(&released);
        for act in acts {
            floor.worklist.done(act, committed, now);
        }
        event += begun.elapsed();
        let begun = Instant::now();
        let decided = floor.worklist.due(now);
        decision += begun.elapsed();
        let [act @ Act::Hold { .. }] = &decided[..] else { anyhow::bail!("one hold is asked for: {decided:?}") };
        floor.owned[(turn % busy) as usize] = floor.gives(act.clone())?;
    }
    let per = |took: Duration| took.as_secs_f64() * 1e6 / bench.decisions as f64;
    Ok(Took { event: per(event), decision: per(decision) })
}

/// Microseconds per pop of an ordered map.
fn per_pop(bench: &Route, waiting: u64) -> f64 {
    let place = |number: u64| (START + TimeDelta::milliseconds(number as i64), id(0xC, number));
    let mut queue: BTreeMap<(DateTime<Utc>, Uuid), ()> = (0..waiting).map(|number| (place(number), ())).collect();
    let mut took = Duration::ZERO;
    for turn in 0..bench.decisions {
        queue.insert(place(waiting + turn), ());
        let begun = Instant::now();
        black_box(queue.pop_first());
        took += begun.elapsed();
    }
    took.as_secs_f64() * 1e6 / bench.decisions as f64
}

/// The worklist with a log that nobody keeps.
struct Floor {
    worklist: Worklist,
    now: DateTime<Utc>,
    position: u64,
    sequences: BTreeMap<StreamId, u64>,
    conversations: u64,
    owned: Vec<(ConversationId, AgentId, gatehouse_domain::HoldId)>,
}

impl Floor {
    fn with(agents: u64) -> Self {
        let mut floor = Self {
            worklist: Worklist::default(),
            now: START,
            position: 0,
            sequences: BTreeMap::new(),
            conversations: 0,
            owned: vec![],
        };
        let at = START;
        for inbox in 0..INBOXES {
            let added = inbox::Event::InboxAdded { name: "Inbox".to_owned(), routing: Routing::default(), at };
            floor.fold(Kind::Inbox, id(0x1, inbox), Fact::Inbox(added));
        }
        for number in 0..agents {
            let agent = AgentId(id(0xA, number));
            let capacity = Capacity { total: SLOTS, per_channel: BTreeMap::new() };
            for served in 0..SERVED {
                let member = inbox::Event::MemberAdded { agent, at };
                floor.fold(Kind::Inbox, id(0x1, (number + served) % INBOXES), Fact::Inbox(member));
            }
            for event in [
                agent::Event::AgentAdded { name: "Agent".to_owned(), at },
                agent::Event::CapacitySet { capacity, at },
                agent::Event::Connected { socket: Uuid::nil(), at },
                agent::Event::WentOnline { at },
            ] {
                floor.fold(Kind::Agent, agent.0, Fact::Agent(event));
            }
        }
        floor
    }

    fn told(&mut self, kind: Kind, id: Uuid, fact: Fact) -> Recorded {
        self.position += 1;
        self.now += TimeDelta::milliseconds(1);
        let stream = StreamId { kind, id };
        let sequence = self.sequences.entry(stream).or_default();
        *sequence += 1;
        Recorded { position: self.position, stream, sequence: *sequence, recorded_at: self.now, fact }
    }

    fn fold(&mut self, kind: Kind, id: Uuid, fact: Fact) {
        let recorded = self.told(kind, id, fact);
        self.worklist.fold(&recorded);
    }

    fn conversation(&mut self, id: ConversationId, event: conversation::Event) {
        self.fold(Kind::Conversation, id.0, Fact::Conversation(event));
    }

    fn arrives(&mut self) {
        self.writes().iter().for_each(|recorded| self.worklist.fold(recorded));
    }

    /// A customer writes: their interaction opens and waits.
    fn writes(&mut self) -> [Recorded; 2] {
        let conversation = ConversationId(id(0xC, self.conversations));
        let inbox = InboxId(id(0x1, self.conversations % INBOXES));
        let channel = if self.conversations.is_multiple_of(3) { Channel::Email } else { Channel::Whatsapp };
        self.conversations += 1;
        let (gateway, contact, at) = (GatewayId(Uuid::nil()), ContactId(conversation.0), self.now);
        let (interaction, opening) = (1, Opening::Received);
        let sla = gatehouse_domain::inbox::Sla::default();
        let opened =
            conversation::Event::InteractionOpened { interaction, gateway, channel, contact, inbox, opening, sla, at };
        let queued = conversation::Event::Queued { inbox, since: at, at };
        [opened, queued].map(|event| self.told(Kind::Conversation, conversation.0, Fact::Conversation(event)))
    }

    /// Whoever is free takes who waits.
    fn serves(&mut self) -> anyhow::Result<()> {
        for act in self.worklist.due(self.now) {
            let given = self.gives(act)?;
            self.owned.push(given);
        }
        Ok(())
    }

    /// A slot asked for is held, offered and accepted.
    fn gives(&mut self, act: Act) -> anyhow::Result<(ConversationId, AgentId, gatehouse_domain::HoldId)> {
        let Act::Hold { conversation, agent, channel, hold } = act else { anyhow::bail!("a hold: {act:?}") };
        let at = self.now;
        let held = agent::Event::SlotHeld { hold, conversation, channel, at };
        self.fold(Kind::Agent, agent.0, Fact::Agent(held));
        self.worklist.done(act, Done::Committed(self.position), self.now);
        for act in self.worklist.due(self.now) {
            if let Act::Offer { offers, until, why, .. } = &act {
                let offered =
                    conversation::Event::Offered { offers: offers.clone(), until: *until, at, why: why.clone() };
                self.conversation(conversation, offered);
            }
            self.worklist.done(act, Done::Committed(self.position), self.now);
        }
        let how = HowAssigned::Automatic;
        self.conversation(conversation, conversation::Event::Assigned { agent, hold, how, at, why: None });
        let acts = self.worklist.due(self.now);
        ensure!(acts.is_empty(), "nothing is left to do: {acts:?}");
        Ok((conversation, agent, hold))
    }
}

fn id(sort: u128, number: u64) -> Uuid {
    // Spread as real ids are.
    Uuid::new_v5(&Uuid::from_u128(sort), &number.to_be_bytes())
}
