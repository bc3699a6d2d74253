//! A story told to the reports: what people ask is decided by the domain's own rules, and the rows are read at the end.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Agent};
use gatehouse_domain::conversation::{
    Allowance, Author, Command, Content, Conversation, Delivery, Inbound, InboundWords, OfferTo, Route,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{
    Address, AddressKind, AgentId, Channel, ContactId, ConversationId, EndReasonId, Fact, FlowId, GatewayId, HoldId,
    InboxId, Kind, MessageId, OfferId, Recorded, Rules, TransferId,
};
use uuid::Uuid;

use crate::facts::Reports;
use crate::fixtures::{NOON, recorded};
use crate::table::batch::{Batch, Edit, Step};
use crate::table::{Change, Projection, Value};

pub const ANNA: AgentId = AgentId(Uuid::from_u128(1));
pub const BORIS: AgentId = AgentId(Uuid::from_u128(2));
pub const SALES: InboxId = InboxId(Uuid::from_u128(3));
pub const SUPPORT: InboxId = InboxId(Uuid::from_u128(4));
pub const LINE: GatewayId = GatewayId(Uuid::from_u128(5));
pub const SOLVED: EndReasonId = EndReasonId(Uuid::from_u128(6));
pub const BOT: FlowId = FlowId(Uuid::from_u128(7));
pub const LENAS: ConversationId = ConversationId(Uuid::from_u128(8));
const LENA: ContactId = ContactId(Uuid::from_u128(9));
pub const DESK: Uuid = Uuid::from_u128(10);

/// Everything that happened so far, and the rules that decide what happens next.
pub struct Story {
    pub now: DateTime<Utc>,
    pub log: Vec<Recorded>,
    pub id_of_conversation: ConversationId,
    pub conversation: Conversation,
    pub agents: BTreeMap<AgentId, Agent>,
    pub sequences: BTreeMap<Uuid, u64>,
    pub ids: u128,
    pub flow_first: bool,
    pub sla: Sla,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            now: NOON,
            log: vec![],
            id_of_conversation: LENAS,
            conversation: Conversation::default(),
            agents: BTreeMap::new(),
            sequences: BTreeMap::new(),
            ids: 0x100,
            flow_first: false,
            sla: Sla::default(),
        }
    }
}

impl Story {
    pub fn after(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    /// Asks for something that has to be possible.
    #[track_caller]
    pub fn asks(&mut self, command: Command) -> &mut Self {
        let decided = self.conversation.decide(command, self.now).expect("it is possible");
        assert!(!decided.is_empty(), "nothing came of it");
        self.happens(decided)
    }

    /// Asks for something that may be refused.
    pub fn tries(&mut self, command: Command) -> &mut Self {
        let decided = self.conversation.decide(command, self.now).unwrap_or_default();
        self.happens(decided)
    }

    fn happens(&mut self, events: Vec<gatehouse_domain::conversation::Event>) -> &mut Self {
        for event in events {
            apply(&mut self.conversation, event.clone());
            self.tell(Kind::Conversation, self.id_of_conversation.0, Fact::Conversation(event));
        }
        self
    }

    pub fn writes(&mut self) -> &mut Self {
        let id = MessageId(self.id());
        self.asks(Command::Receive { message: message(id, self.now), route: self.route() })
    }

    pub fn route(&self) -> Route {
        Route {
            gateway: LINE,
            channel: Channel::Whatsapp,
            contact: LENA,
            inbox: SALES,
            flow: self.flow_first.then_some(BOT),
            sla: self.sla,
            reply_window: Some(TimeDelta::hours(24)),
        }
    }

    /// Rings at these agents for half a minute; returns the offers.
    pub fn offered(&mut self, agents: &[AgentId]) -> Vec<OfferId> {
        let to = |agent: &AgentId| OfferTo { offer: OfferId(self.id()), agent: *agent, hold: HoldId(self.id()) };
        let offers: Vec<OfferTo> = agents.iter().map(to).collect();
        let ids = offers.iter().map(|one| one.offer).collect();
        self.asks(Command::Offer { offers, until: self.now + TimeDelta::seconds(30), why: None });
        ids
    }

    /// An agent is asked and accepts at once.
    pub fn taken_by(&mut self, agent: AgentId) -> &mut Self {
        let offer = self.offered(&[agent])[0];
        self.asks(Command::AcceptOffer { offer, agent })
    }

    pub fn transferred(&mut self, by: AgentId, to: AgentId) -> TransferId {
        let (transfer, hold) = (TransferId(self.id()), HoldId(self.id()));
        let (note, until) = (String::new(), self.now + TimeDelta::seconds(60));
        self.asks(Command::RequestTransfer { transfer, by, to, hold, note, until, why: None });
        transfer
    }

    pub fn answers(&mut self, agent: AgentId) -> MessageId {
        self.says(Author::Agent { agent })
    }

    pub fn says(&mut self, author: Author) -> MessageId {
        let message = MessageId(self.id());
        let allowance = Allowance { reply_window: true, text_chars_max: 100, templates: true, opted_out: false };
        self.asks(Command::Reply { message, author, text: "Good day!".to_owned(), allowance });
        message
    }

    /// The provider takes a message at the first attempt, and delivers it.
    pub fn delivered(&mut self, message: MessageId) -> &mut Self {
        self.asks(Command::BeginSend { message, attempt: 1 });
        let provider_id = format!("m.{message}");
        self.asks(Command::RecordDelivery { message, delivery: Delivery::Submitted { provider_id } });
        self.asks(Command::RecordDelivery { message, delivery: Delivery::Delivered })
    }

    pub fn ends(&mut self, by: AgentId) -> &mut Self {
        self.asks(Command::End { reason: Some(SOLVED), configured: vec![SOLVED], by })
    }

    pub fn moves_to(&mut self, inbox: InboxId) -> &mut Self {
        self.asks(Command::MoveToInbox { inbox, ownership: self.conversation.ownership })
    }

    pub fn falls_silent(&mut self) -> &mut Self {
        let silent_since = self.conversation.silent_since.expect("something was said");
        self.asks(Command::CloseIdle { silent_since })
    }

    /// An agent's own story; what is not possible leaves no trace.
    pub fn agent(&mut self, agent: AgentId, command: agent::Command) -> &mut Self {
        let mut told = vec![];
        let state = self.agents.entry(agent).or_default();
        for event in state.decide(command, self.now).unwrap_or_default() {
            apply(state, event.clone());
            told.push(event);
        }
        for event in told {
            self.tell(Kind::Agent, agent.0, Fact::Agent(event));
        }
        self
    }

    pub fn tell(&mut self, kind: Kind, id: Uuid, fact: Fact) -> &mut Self {
        let sequence = self.sequences.entry(id).or_default();
        *sequence += 1;
        let position = self.log.len() as u64 + 1;
        self.log.push(recorded(position, kind, id, *sequence, fact));
        self
    }

    pub fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// The rows of a table with these columns, in the order of their keys: `"answered offer 30000"`.
    pub fn rows(&self, table: &str, columns: &str) -> Vec<String> {
        kept(&self.log, usize::MAX).rows(table, columns)
    }
}

fn apply<A: Rules>(state: &mut A, event: A::Event) {
    state.apply(event);
}

pub fn message(message: MessageId, at: DateTime<Utc>) -> Inbound {
    let words = InboundWords { provider_id: format!("in.{message}"), text: Some("Hello?".to_owned()), original: None };
    let phone = Address { kind: AddressKind::Phone, value: "491701234567".to_owned() };
    Inbound { message, content: Content::Text, words, sent_at: at, addresses: vec![phone] }
}

/// Tables in memory, written as the keeper of tables writes them.
#[derive(Debug, Default, PartialEq)]
pub struct Kept {
    pub tables: BTreeMap<&'static str, BTreeMap<Vec<Value>, Vec<Value>>>,
}

/// The tables after this log, its changes written so many events at a time.
pub fn kept(log: &[Recorded], at_a_time: usize) -> Kept {
    let (mut reports, mut kept) = (Reports::default(), Kept::default());
    for events in log.chunks(at_a_time.min(log.len().max(1))) {
        let mut changes = vec![];
        events.iter().for_each(|one| reports.fold(one, &mut changes));
        kept.write(changes);
    }
    kept
}

impl Kept {
    pub fn write(&mut self, changes: Vec<Change>) {
        let mut batch = Batch::default();
        changes.into_iter().for_each(|change| batch.take(change));
        for (table, steps) in batch.tables() {
            let rows = self.tables.entry(table.name).or_default();
            for step in steps {
                let Step::Rows(edits) = step else { panic!("reports remove nothing") };
                for (key, edit) in edits.iter() {
                    match edit {
                        Edit::Put(row) => {
                            rows.insert(key.clone(), row.clone());
                        }
                        Edit::Set(set) => {
                            let row = rows.get_mut(key).expect("what is set is there");
                            set.iter().for_each(|(place, value)| row[*place] = value.clone());
                        }
                        Edit::Add(sums) => {
                            let zeros = || [key.clone(), vec![Value::Number(0); sums.len()]].concat();
                            let row = rows.entry(key.clone()).or_insert_with(zeros);
                            for (cell, sum) in row[table.key..].iter_mut().zip(sums) {
                                let Value::Number(known) = cell else { panic!("a sum is a number") };
                                *known += sum;
                            }
                        }
                    }
                }
            }
        }
    }

    pub fn rows(&self, table: &str, columns: &str) -> Vec<String> {
        let told = |row: &Vec<Value>| {
            let cells = columns.split(' ').map(|column| word(cell(table, row, column)));
            cells.collect::<Vec<_>>().join(" ")
        };
        self.tables.get(table).into_iter().flat_map(BTreeMap::values).map(told).collect()
    }

    /// Sums of number columns, grouped by the words of others.
    pub fn sums(&self, table: &str, by: &str, columns: &[&str]) -> BTreeMap<String, Vec<i64>> {
        let mut sums: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for row in self.tables.get(table).into_iter().flat_map(BTreeMap::values) {
            let by: Vec<String> = by.split(' ').map(|column| word(cell(table, row, column))).collect();
            let sum = sums.entry(by.join(" ")).or_insert_with(|| vec![0; columns.len()]);
            for (sum, column) in sum.iter_mut().zip(columns) {
                *sum += number(cell(table, row, column));
            }
        }
        sums
    }
}

pub fn cell<'a>(table: &str, row: &'a [Value], column: &str) -> &'a Value {
    let table = Reports::TABLES.iter().find(|one| one.name == table).expect("there is such a table");
    &row[table.place(column)]
}

pub fn number(value: &Value) -> i64 {
    if let Value::Number(number) = value { *number } else { 0 }
}

/// A cell as one word; times as seconds after noon.
fn word(value: &Value) -> String {
    let names = HashMap::from([
        (ANNA.0, "anna"),
        (BORIS.0, "boris"),
        (SALES.0, "sales"),
        (SUPPORT.0, "support"),
        (LINE.0, "line"),
        (SOLVED.0, "solved"),
        (BOT.0, "bot"),
        (Uuid::nil(), "nobody"),
    ]);
    match value {
        Value::Null => "-".to_owned(),
        Value::Id(id) => names.get(id).map_or_else(|| id.to_string(), |&name| name.to_owned()),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Time(at) => format!("+{}", (*at - NOON).num_seconds()),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
    }
}
