//! Events and time in, acts out.

mod apart;
mod asking;
mod bugs;
mod holding;
mod releasing;
mod serving;
mod simulation;

pub use bugs::Bug;
use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Capacity};
use gatehouse_domain::conversation::{Author, Ending, HowAssigned, OfferTo, Opening, Withdrawn};
use gatehouse_domain::inbox::{self, Routing};
use gatehouse_domain::{ContactId, GatewayId, Kind, MessageId, StreamId, conversation};
use uuid::Uuid;

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const BORIS: AgentId = AgentId(Uuid::from_u128(0xA2));
const SALES: InboxId = InboxId(Uuid::from_u128(0x11));
const BILLING: InboxId = InboxId(Uuid::from_u128(0x12));
const LENAS: ConversationId = ConversationId(Uuid::from_u128(0xC1));
const MARKS: ConversationId = ConversationId(Uuid::from_u128(0xC2));
const OLGAS: ConversationId = ConversationId(Uuid::from_u128(0xC3));
const DESK: Uuid = Uuid::from_u128(0xD1);
const FOREIGN: HoldId = HoldId(Uuid::from_u128(0x81));
const TIMEOUT: TimeDelta = TimeDelta::seconds(30);

/// The worklist with the log it follows, one second after the other.
struct Floor {
    worklist: Worklist,
    log: Vec<Recorded>,
    now: DateTime<Utc>,
}

impl Floor {
    /// Sales and billing, each with the members named.
    fn with(sales: &[AgentId], billing: &[AgentId]) -> Self {
        let mut floor = Self { worklist: Worklist::default(), log: vec![], now: NOON };
        for (inbox, members) in [(SALES, sales), (BILLING, billing)] {
            let at = floor.now;
            let routing = Routing::default();
            floor.inbox(inbox, inbox::Event::InboxAdded { name: "Inbox".to_owned(), routing, at });
            for agent in members {
                floor.inbox(inbox, inbox::Event::MemberAdded { agent: *agent, at });
            }
        }
        floor
    }

    /// Anna alone, in sales, with so many slots.
    fn with_anna(slots: u32) -> Self {
        let mut floor = Self::with(&[ANNA], &[]);
        floor.comes(ANNA, slots);
        floor
    }

    /// Anna, then Boris, in sales, one slot each.
    fn with_both() -> Self {
        let mut floor = Self::with(&[ANNA, BORIS], &[]);
        floor.comes(ANNA, 1);
        floor.comes(BORIS, 1);
        floor
    }

    fn tell(&mut self, kind: Kind, id: Uuid, fact: Fact) {
        self.now += TimeDelta::seconds(1);
        let stream = StreamId { kind, id };
        let sequence = self.log.iter().filter(|recorded| recorded.stream == stream).count() as u64 + 1;
        let position = self.log.len() as u64 + 1;
        let recorded = Recorded { position, stream, sequence, recorded_at: self.now, fact };
        self.worklist.fold(&recorded);
        self.log.push(recorded);
    }

    fn conversation(&mut self, id: ConversationId, event: conversation::Event) {
        self.tell(Kind::Conversation, id.0, Fact::Conversation(event));
    }

    fn agent(&mut self, id: AgentId, event: agent::Event) {
        self.tell(Kind::Agent, id.0, Fact::Agent(event));
    }

    fn inbox(&mut self, id: InboxId, event: inbox::Event) {
        self.tell(Kind::Inbox, id.0, Fact::Inbox(event));
    }

    /// Comes to their desk with so many slots.
    fn comes(&mut self, agent: AgentId, total: u32) {
        self.comes_with(agent, Capacity { total, ..Capacity::default() });
    }

    fn comes_with(&mut self, agent: AgentId, capacity: Capacity) {
        let at = self.now;
        self.agent(agent, agent::Event::AgentAdded { name: "Agent".to_owned(), at });
        self.agent(agent, agent::Event::CapacitySet { capacity, at });
        self.agent(agent, agent::Event::Connected { socket: DESK, at });
        let at = self.now;
        self.agent(agent, agent::Event::WentOnline { at });
    }

    fn takes_a_break(&mut self, agent: AgentId) {
        let at = self.now;
        self.agent(agent, agent::Event::TookBreak { reason: None, at });
    }

    fn goes_offline(&mut self, agent: AgentId) {
        let (cause, at) = (agent::OfflineCause::Chosen, self.now);
        self.agent(agent, agent::Event::WentOffline { cause, at });
    }

    /// A customer writes: their interaction opens and waits.
    fn waits(&mut self, id: ConversationId, inbox: InboxId) {
        self.opens(id, inbox);
        self.queues(id, inbox, self.now);
    }

    fn waits_on(&mut self, id: ConversationId, inbox: InboxId, channel: Channel, sla: inbox::Sla) {
        self.opens_on(id, inbox, channel, sla);
        self.queues(id, inbox, self.now);
    }

    /// A customer writes and is promised an answer within so many seconds.
    fn waits_promised(&mut self, id: ConversationId, seconds: u64) {
        let sla = inbox::Sla { first_response_ms: Some(seconds * 1_000), next_response_ms: Some(seconds * 1_000) };
        self.waits_on(id, SALES, Channel::Whatsapp, sla);
    }

    fn opens(&mut self, id: ConversationId, inbox: InboxId) {
        self.opens_on(id, inbox, Channel::Whatsapp, inbox::Sla::default());
    }

    fn opens_on(&mut self, id: ConversationId, inbox: InboxId, channel: Channel, sla: inbox::Sla) {
        let (interaction, opening, at) = (1, Opening::Received, self.now);
        let (gateway, contact) = (GatewayId(Uuid::nil()), ContactId(Uuid::nil()));
        let opened =
            conversation::Event::InteractionOpened { interaction, gateway, channel, contact, inbox, opening, at, sla };
        self.conversation(id, opened);
    }

    /// The customer writes once more.
    fn writes(&mut self, id: ConversationId) {
        let (content, at) = (conversation::Content::Text, self.now);
        let (message, personal) = (MessageId(Uuid::nil()), gatehouse_domain::Personal::Erased);
        let received =
            conversation::Event::MessageReceived { message, content, sent_at: at, window_until: None, at, personal };
        self.conversation(id, received);
    }

    /// An agent answers.
    fn is_answered_by(&mut self, id: ConversationId, agent: AgentId) {
        let (author, content, at) = (Author::Agent { agent }, conversation::Content::Text, self.now);
        let (message, gateway) = (MessageId(Uuid::nil()), GatewayId(Uuid::nil()));
        let personal = gatehouse_domain::Personal::Erased;
        let queued =
            conversation::Event::ReplyQueued { message, interaction: 1, author, gateway, content, at, personal };
        self.conversation(id, queued);
    }

    fn queues(&mut self, id: ConversationId, inbox: InboxId, since: DateTime<Utc>) {
        let at = self.now;
        self.conversation(id, conversation::Event::Queued { inbox, since, at });
    }

    fn assigned(&mut self, id: ConversationId, agent: AgentId, hold: HoldId) {
        let (how, at) = (HowAssigned::TakeOver, self.now);
        self.conversation(id, conversation::Event::Assigned { agent, hold, how, at, why: None });
    }

    fn ends(&mut self, id: ConversationId) {
        let at = self.now;
        self.conversation(id, conversation::Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at });
    }

    fn declines(&mut self, id: ConversationId, offer: OfferId, agent: AgentId) {
        let (reason, at) = (None, self.now);
        self.conversation(id, conversation::Event::OfferDeclined { offer, agent, reason, at });
        self.queues(id, SALES, self.since(id));
    }

    fn lapses(&mut self, id: ConversationId, offer: OfferId, agent: AgentId) {
        let at = self.now;
        self.conversation(id, conversation::Event::OfferLapsed { offer, agent, at });
        self.queues(id, SALES, self.since(id));
    }

    fn accepts(&mut self, id: ConversationId, offer: OfferId, agent: AgentId, hold: HoldId) {
        let (how, at) = (HowAssigned::Offer { offer }, self.now);
        self.conversation(id, conversation::Event::OfferAccepted { offer, agent, at });
        self.conversation(id, conversation::Event::Assigned { agent, hold, how, at, why: None });
    }

    fn since(&self, id: ConversationId) -> DateTime<Utc> {
        let since = |recorded: &Recorded| match &recorded.fact {
            Fact::Conversation(conversation::Event::Queued { since, .. }) if recorded.stream.id == id.0 => Some(*since),
            _ => None,
        };
        self.log.iter().rev().find_map(since).expect("it waited")
    }

    fn due(&mut self) -> Vec<Act> {
        self.worklist.due(self.now)
    }

    /// The one hold that is due.
    fn one_hold(&mut self) -> (ConversationId, AgentId, HoldId) {
        match &self.due()[..] {
            [Act::Hold { conversation, agent, hold, .. }] => (*conversation, *agent, *hold),
            other => panic!("one hold was expected: {other:?}"),
        }
    }

    /// Who is to be held for whom.
    fn holds(&mut self) -> Vec<(ConversationId, AgentId)> {
        let hold = |act| match act {
            Act::Hold { conversation, agent, .. } => (conversation, agent),
            other => panic!("only holds were expected: {other:?}"),
        };
        self.due().into_iter().map(hold).collect()
    }

    /// Does an act as its aggregate would, and tells the worklist.
    fn does(&mut self, act: Act) {
        let at = self.now;
        match act.clone() {
            Act::Hold { conversation, agent, channel, hold }
            | Act::HoldFor { conversation, agent, channel, hold, .. } => {
                self.agent(agent, agent::Event::SlotHeld { hold, conversation, channel, at });
            }
            Act::Offer { conversation, offers, until, why } => {
                self.conversation(conversation, conversation::Event::Offered { offers, until, at, why });
            }
            Act::Give { conversation, agent, hold, why } => {
                let how = HowAssigned::Automatic;
                self.conversation(conversation, conversation::Event::Assigned { agent, hold, how, at, why });
            }
            Act::Mark { agent, .. } => self.agent(agent, agent::Event::MarkedNotResponding { at }),
            Act::WithdrawTransfer { conversation, transfer, .. } => {
                let why = Withdrawn::AgentGone;
                self.conversation(conversation, conversation::Event::TransferWithdrawn { transfer, why, at });
            }
            Act::Do { conversation, command, .. } => self.does_asked(conversation, command),
            Act::Answer { .. } => {}
            Act::Withdraw { conversation, offer } => {
                let (agent, why) = (ANNA, Withdrawn::AgentGone);
                self.conversation(conversation, conversation::Event::OfferWithdrawn { offer, agent, why, at });
                self.queues(conversation, SALES, self.since(conversation));
            }
            Act::Release { agent, hold, .. } => self.agent(agent, agent::Event::SlotReleased { hold, at }),
            Act::Return { conversation, .. } => self.queues(conversation, SALES, self.since(conversation)),
        }
        let position = self.log.len() as u64;
        self.worklist.done(act, Done::Committed(position), self.now);
    }

    fn does_asked(&mut self, id: ConversationId, command: Asked) {
        let at = self.now;
        match command {
            Asked::Assign { agent, hold, how, why, .. } => {
                self.conversation(id, conversation::Event::Assigned { agent, hold, how, at, why });
            }
            Asked::Transfer { transfer, by: from, to, hold, until, why, .. } => {
                let personal = gatehouse_domain::Personal::Erased;
                let asked =
                    conversation::Event::TransferRequested { transfer, from, to, hold, until, at, personal, why };
                self.conversation(id, asked);
            }
            other => panic!("nobody does {other:?} here"),
        }
    }

    /// Goes on until the conversation is offered; the offer and its hold.
    fn until_offered(&mut self, id: ConversationId) -> (AgentId, OfferId, HoldId) {
        for _ in 0..10 {
            for act in self.due() {
                self.does(act.clone());
                if let Act::Offer { conversation, offers, .. } = act
                    && conversation == id
                {
                    return (offers[0].agent, offers[0].offer, offers[0].hold);
                }
            }
        }
        panic!("nothing is offered")
    }

    /// A new worklist that has read the same log.
    fn restarted(&self) -> Self {
        let mut worklist = Worklist::default();
        self.log.iter().for_each(|recorded| worklist.fold(recorded));
        Self { worklist, log: self.log.clone(), now: self.now }
    }
}
