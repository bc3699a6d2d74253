//! Histories as the real aggregates tell them: a few conversations, agents and inboxes, whatever anybody asks of them.

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Agent, Capacity, OfflineCause};
use gatehouse_domain::conversation::{
    Allowance, Author, Command, Content, Conversation, Delivery, HowAssigned, Inbound, InboundWords, OfferTo, Owner,
    Phase, Route, Sending,
};
use gatehouse_domain::inbox::{self, Sla};
use gatehouse_domain::{
    Address, AddressKind, AgentId, Channel, ContactId, ConversationId, EndReasonId, Fact, FlowId, GatewayId, HoldId,
    Kind, MessageId, OfferId, Recorded, Rules, TransferId,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::setting::{INBOXES, setting};
use crate::fixtures::NOON;

const CONVERSATIONS: usize = 4;
const AGENTS: usize = 3;
/// Most happens in one of them.
const TALKATIVE: [usize; 12] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3];

/// One request: of what sort, about whom, with what, and so long after the one before.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    after: TimeDelta,
    sort: u8,
    who: usize,
    what: usize,
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let after = prop_oneof![
        12 => (0_i64..12_000).prop_map(TimeDelta::milliseconds),
        4 => (0_i64..90).prop_map(TimeDelta::minutes),
        1 => (1_i64..30).prop_map(TimeDelta::hours),
    ];
    let step = (after, 0_u8..35, 0..12_usize, 0..12_usize);
    prop::collection::vec(step.prop_map(|(after, sort, who, what)| Step { after, sort, who, what }), 1..120)
}

/// What the log holds after the steps, the set-up first.
pub fn told(steps: &[Step]) -> Vec<Recorded> {
    let mut town = Town { log: setting(), now: NOON, ..Town::default() };
    for who in 0..2 {
        [(5, 3), (3, 0), (0, 0), (6, who)].into_iter().for_each(|(sort, what)| town.asks_agent(sort, who, what));
    }
    steps.iter().for_each(|step| town.does(*step));
    town.log
}

pub fn agent(number: usize) -> AgentId {
    AgentId(Uuid::from_u128(0xA0 + number as u128 % AGENTS as u128))
}

#[derive(Default)]
struct Town {
    log: Vec<Recorded>,
    now: DateTime<Utc>,
    conversations: [Conversation; CONVERSATIONS],
    agents: [Agent; AGENTS],
    minted: u128,
}

impl Town {
    fn does(&mut self, Step { after, sort, who, what }: Step) {
        self.now += after;
        match sort {
            0..8 => self.asks_agent(sort, who % AGENTS, what),
            8 => self.regroups(who, what),
            _ => self.asks_conversation(sort, TALKATIVE[who % 12], what),
        }
    }

    fn asks_agent(&mut self, sort: u8, who: usize, what: usize) {
        let command = match sort {
            0 | 1 => agent::Command::GoOnline,
            2 if what < 4 => agent::Command::TakeBreak { reason: (what < 2).then(|| "lunch".to_owned()) },
            2 => agent::Command::GoOffline { cause: OfflineCause::Chosen },
            3 => agent::Command::Connect { socket: Uuid::from_u128(what as u128 % 2) },
            4 if what < 6 => agent::Command::Disconnect { socket: Uuid::from_u128(what as u128 % 2) },
            4 => agent::Command::MarkNotResponding,
            5 => agent::Command::SetCapacity { capacity: Capacity { total: what as u32 % 4, ..Capacity::default() } },
            6 => {
                let (conversation, channel) = (conversation(what), Channel::Whatsapp);
                agent::Command::HoldSlot { hold: HoldId(self.mint()), conversation, channel }
            }
            _ => {
                let Some(hold) = self.agents[who].holds.keys().next().copied() else { return };
                agent::Command::ReleaseSlot { hold }
            }
        };
        let this = &mut self.agents[who];
        if this.name.is_none() {
            // They were added before anything else.
            let added = agent::Event::AgentAdded { name: format!("Agent {who}"), at: NOON };
            apply(this, added);
        }
        let events = this.decide(command, self.now).unwrap_or_default();
        for event in events {
            apply(&mut self.agents[who], event.clone());
            self.tell(Kind::Agent, agent(who).0, Fact::Agent(event));
        }
    }

    fn regroups(&mut self, who: usize, what: usize) {
        let (agent, at) = (agent(who), self.now);
        let event = if what.is_multiple_of(2) {
            inbox::Event::MemberAdded { agent, at }
        } else {
            inbox::Event::MemberRemoved { agent, at }
        };
        self.tell(Kind::Inbox, INBOXES[what / 2 % 2].0, Fact::Inbox(event));
    }

    fn asks_conversation(&mut self, sort: u8, who: usize, what: usize) {
        let Some(command) = self.command(sort, who, what) else { return };
        let events = self.conversations[who].decide(command, self.now).unwrap_or_default();
        for event in events {
            apply(&mut self.conversations[who], event.clone());
            self.tell(Kind::Conversation, conversation(who).0, Fact::Conversation(event));
        }
    }

    /// What a caller asks who has looked at the conversation.
    fn command(&mut self, sort: u8, who: usize, what: usize) -> Option<Command> {
        let (now, id) = (self.now, self.mint());
        let this = &self.conversations[who];
        let (ownership, hold) = (this.ownership, HoldId(id));
        let owner = if let Phase::Open(open) = &this.phase { Some(open.owner.clone()) } else { None };
        let offered = match &owner {
            Some(Owner::Offered { offers, .. }) => offers.get(what % offers.len()).copied(),
            _ => None,
        };
        let (has, transfer) = match &owner {
            Some(Owner::Agent { agent, transfer, .. }) => (Some(*agent), *transfer),
            _ => (None, None),
        };
        let newest = this.messages.unsettled().next().map(|(message, one)| (message, one.sending.clone()));
        let by = agent(what);
        Some(match sort {
            9..14 => Command::Receive { message: inbound(id, now), route: route(who, what) },
            14..17 => {
                let count = 1 + what % 2;
                let offer = |number| OfferTo {
                    offer: OfferId(Uuid::from_u128(id.as_u128() + number as u128)),
                    agent: agent(what + number),
                    hold,
                };
                let until = now + TimeDelta::seconds(30);
                Command::Offer { offers: (0..count).map(offer).collect(), until, why: None }
            }
            17 | 18 => offered.map(|one| Command::AcceptOffer { offer: one.offer, agent: one.agent })?,
            19 if what < 6 => {
                offered.map(|one| Command::DeclineOffer { offer: one.offer, agent: one.agent, reason: None })?
            }
            19 => Command::LapseOffer { offer: offered?.offer },
            20 => Command::Assign { agent: by, hold, how: HowAssigned::Automatic, ownership, why: None },
            21 => {
                let (transfer, until, note) = (TransferId(id), now + TimeDelta::minutes(1), String::new());
                Command::RequestTransfer { transfer, by: has?, to: by, hold, note, until, why: None }
            }
            22 => Command::AcceptTransfer { transfer: transfer?.transfer, agent: transfer?.to },
            23 => Command::DeclineTransfer {
                transfer: transfer?.transfer,
                agent: transfer?.to,
                owner_available: what < 6,
            },
            24 if what < 6 => Command::MoveToInbox { inbox: INBOXES[what % 2], ownership },
            24 => Command::ReturnToInbox { ownership },
            25 if what < 6 => Command::HandToFlow { flow: FlowId(Uuid::from_u128(1)), ownership },
            25 => Command::EndFlow { flow: FlowId(Uuid::from_u128(1)), ownership },
            26 | 27 => {
                let allowance =
                    Allowance { reply_window: true, text_chars_max: 4_096, templates: false, opted_out: false };
                let (message, author, text) = (MessageId(id), Author::Agent { agent: has? }, "Good day".to_owned());
                Command::Reply { message, author, text, allowance }
            }
            28..31 => match newest? {
                (message, Sending::Queued { attempts }) => Command::BeginSend { message, attempt: attempts + 1 },
                (message, Sending::Attempted { attempt }) if what < 3 => {
                    let (until, reason) = (now + TimeDelta::minutes(1), "busy".to_owned());
                    Command::DeferSend { message, attempt, until, reason }
                }
                (message, Sending::Attempted { attempt }) => {
                    let delivery = match what {
                        3..6 => Delivery::Failed { reason: "no".to_owned() },
                        6 => Delivery::Indeterminate { attempt },
                        _ => Delivery::Submitted { provider_id: id.to_string() },
                    };
                    Command::RecordDelivery { message, delivery }
                }
                _ => return None,
            },
            31 => match this.window {
                gatehouse_domain::conversation::Window::OpenUntil(until) => Command::ExpireWindow { until },
                gatehouse_domain::conversation::Window::Closed => return None,
            },
            32 if what < 8 => Command::CloseIdle { silent_since: this.silent_since? },
            32 if what < 11 => {
                let reason = EndReasonId(Uuid::from_u128(1));
                Command::End { reason: Some(reason), configured: vec![reason], by: has.unwrap_or(by) }
            }
            32 => Command::Erase,
            33 if what < 9 => Command::CloseIdle { silent_since: this.silent_since? },
            _ if what < 6 => Command::Retake { agent: by, hold },
            _ => Command::ReceiveEcho { message: inbound(id, now) },
        })
    }

    fn tell(&mut self, kind: Kind, id: Uuid, fact: Fact) {
        let position = self.log.len() as u64 + 1;
        let mut recorded = crate::fixtures::recorded(position, kind, id, position, fact);
        recorded.recorded_at = self.now;
        self.log.push(recorded);
    }

    fn mint(&mut self) -> Uuid {
        self.minted += 16;
        Uuid::from_u128(self.minted)
    }
}

fn apply<A: Rules>(state: &mut A, event: A::Event) {
    state.apply(event);
}

fn conversation(number: usize) -> ConversationId {
    ConversationId(Uuid::from_u128(0xC0 + (number % CONVERSATIONS) as u128))
}

fn inbound(id: Uuid, now: DateTime<Utc>) -> Inbound {
    let address = Address { kind: AddressKind::Phone, value: "4915112345678".to_owned() };
    let words = InboundWords { provider_id: id.to_string(), text: Some("Hello?".to_owned()), original: None };
    Inbound { message: MessageId(id), content: Content::Text, words, sent_at: now, addresses: vec![address] }
}

fn route(who: usize, what: usize) -> Route {
    let promised = [None, Some(45_000), Some(20 * 60_000), Some(3_600_000)];
    let gateway = GatewayId(Uuid::from_u128(0x60 + who as u128 % 2));
    Route {
        gateway,
        channel: if who.is_multiple_of(2) { Channel::Whatsapp } else { Channel::Sms },
        contact: ContactId(Uuid::from_u128(0xE0 + who as u128)),
        inbox: INBOXES[what % 2],
        flow: (what == 11).then(|| FlowId(Uuid::from_u128(1))),
        sla: Sla { first_response_ms: promised[what % 4], next_response_ms: promised[(what + 1) % 4] },
        reply_window: (who != 3).then(|| TimeDelta::hours(24)),
    }
}
