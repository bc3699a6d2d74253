//! What is tried: by callers who looked at the state, mostly.

use chrono::TimeDelta;
use gatehouse_domain::agent::{self, Capacity, OfflineCause};
use gatehouse_domain::conversation::{
    Allowance, Author, Command as C, Content, Delivery, HowAssigned, Inbound, InboundWords, OfferTo, Owner, Resolution,
    Route, Sending, Template, Window, Withdrawn,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{Address, AddressKind, AgentId, Channel, FlowId, Rules};
use uuid::Uuid;

use super::{World, id};

const CHANNELS: [Channel; 3] = [Channel::Whatsapp, Channel::Email, Channel::Telegram];

impl World {
    /// Everybody is there, and mostly at work.
    pub fn begin(&mut self) {
        for number in 0..3 {
            let total = number as u32 + 1;
            for command in [
                agent::Command::Add { name: "Anna".to_owned() },
                agent::Command::SetCapacity { capacity: Capacity { total, ..Capacity::default() } },
                agent::Command::GoOnline,
                agent::Command::Connect { socket: id(0xD0, 0) },
            ] {
                self.ask_agent(number, command);
            }
        }
    }

    pub fn work(&mut self, what: u8, which: usize, dice: u32) {
        use agent::Command as A;
        let socket: Uuid = id(0xD0, dice as usize % 2);
        let command = match what {
            54..57 => A::GoOnline,
            57 => A::TakeBreak { reason: (dice.is_multiple_of(2)).then(|| "lunch".to_owned()) },
            58 => A::GoOffline { cause: OfflineCause::Chosen },
            59..61 => A::Connect { socket },
            61 => A::Disconnect { socket },
            62 => A::SetCapacity { capacity: Capacity { total: dice % 4, ..Capacity::default() } },
            63..66 => {
                let conversation = id(0xC0, dice as usize % 7);
                A::HoldSlot { hold: self.fresh(), conversation, channel: Channel::Email }
            }
            66..68 => {
                let Some(hold) = one_of(self.agents[which].holds.keys().copied(), dice) else { return };
                A::ReleaseSlot { hold }
            }
            68 => A::MarkNotResponding,
            _ => A::GrantSkill { skill: format!("skill {dice}") },
        };
        self.ask_agent(which, command);
    }

    fn ask_agent(&mut self, which: usize, command: agent::Command) {
        let mut state = std::mem::take(&mut self.agents[which]);
        let events = state.decide(command, self.now).unwrap_or_default();
        self.record(id(0xA0, which), &mut state, events);
        self.agents[which] = state;
    }

    pub fn converse(&mut self, what: u8, which: usize, dice: u32) {
        let Some(command) = self.asked(what, which, dice) else { return };
        let mut state = std::mem::take(&mut self.conversations[which]);
        let events = state.decide(command, self.now).unwrap_or_default();
        self.record(id(0xC0, which), &mut state, events);
        self.conversations[which] = state;
    }

    fn asked(&mut self, what: u8, which: usize, dice: u32) -> Option<C> {
        let number = dice as usize;
        let agent: AgentId = id(0xA0, number % 3);
        let later = self.now + TimeDelta::seconds(i64::from(dice % 60));
        let state = self.conversations[which].clone();
        let ownership = state.ownership;
        let owner = state.open().ok().map(|open| open.owner.clone());
        let offers = if let Some(Owner::Offered { offers, .. }) = &owner { offers.clone() } else { vec![] };
        let transfer = if let Some(Owner::Agent { transfer, .. }) = &owner { *transfer } else { None };
        let offer = one_of(offers, dice);
        let unsettled = one_of(state.messages.unsettled(), dice >> 8);
        let attempt = unsettled.map_or(1, |(_, one)| match one.sending {
            Sending::Queued { attempts } => attempts + 1,
            Sending::Attempted { attempt } | Sending::Indeterminate { attempt } => attempt,
            Sending::Discarded | Sending::Reported(_) => 1,
        });
        let owner_available = !dice.is_multiple_of(3);
        Some(match what {
            0..8 => C::Receive { message: self.inbound(), route: route(which, dice) },
            // An account that nothing came in by is not known yet.
            8 if state.party.is_none() => return None,
            8 => {
                let message = self.inbound();
                self.sent.push(message.message);
                C::ReceiveEcho { message }
            }
            9..12 => {
                let to =
                    |world: &mut Self, agent| OfferTo { offer: world.fresh(), agent, hold: world.held(agent, which) };
                let offers = (0..=number % 3).map(|nth| to(self, id(0xA0, nth))).collect();
                C::Offer { offers, until: later, why: None }
            }
            12..15 => C::AcceptOffer { offer: offer?.offer, agent: offer?.agent },
            15 => C::DeclineOffer { offer: offer?.offer, agent: offer?.agent, reason: None },
            16 => C::LapseOffer { offer: offer?.offer },
            17 => C::WithdrawOffer { offer: offer?.offer },
            18..20 => {
                let how = [HowAssigned::Automatic, HowAssigned::Pull, HowAssigned::TakeOver][number / 7 % 3];
                C::Assign { agent, hold: self.held(agent, which), how, ownership, why: None }
            }
            20..22 => C::RequestTransfer {
                transfer: self.fresh(),
                by: state.owning_agent()?,
                to: agent,
                hold: self.held(agent, which),
                note: "please".to_owned(),
                until: later,
                why: None,
            },
            22 => C::AcceptTransfer { transfer: transfer?.transfer, agent: transfer?.to },
            23 => C::DeclineTransfer { transfer: transfer?.transfer, agent: transfer?.to, owner_available },
            24 => C::LapseTransfer { transfer: transfer?.transfer, owner_available },
            25 => C::WithdrawTransfer { transfer: transfer?.transfer, owner_available, why: Withdrawn::Requested },
            26 => C::MoveToInbox { inbox: id(0x10, number % 2), ownership },
            27 => C::ReturnToInbox { ownership },
            28 => C::HandToFlow { flow: flow(dice), ownership },
            29 => match owner? {
                Owner::Flow { flow } => C::EndFlow { flow, ownership },
                _ => return None,
            },
            30..36 => {
                let author = match owner? {
                    Owner::Agent { agent, .. } if !dice.is_multiple_of(8) => Author::Agent { agent },
                    Owner::Flow { flow } if !dice.is_multiple_of(8) => Author::Flow { flow },
                    _ => Author::Api,
                };
                let (message, reply_window) = (self.fresh(), false);
                self.sent.push(message);
                let allowance = Allowance { reply_window, text_chars_max: 100, templates: true, opted_out: false };
                match what {
                    35 => C::SendTemplate { message, author, template: template(), allowance },
                    _ => C::Reply { message, author, text: "Good day!".to_owned(), allowance },
                }
            }
            36..39 => C::BeginSend { message: unsettled?.0, attempt },
            39 => C::DeferSend { message: unsettled?.0, attempt, until: later, reason: "429".to_owned() },
            40 => C::RecordDelivery { message: unsettled?.0, delivery: Delivery::Indeterminate { attempt } },
            41..45 => {
                let known: Vec<_> = self.sent.iter().copied().filter(|one| state.messages.has(*one)).collect();
                C::RecordDelivery { message: one_of(known, dice >> 8)?, delivery: delivery(dice) }
            }
            45 => {
                let resolution = if dice.is_multiple_of(2) { Resolution::Resend } else { Resolution::Discard };
                C::ResolveIndeterminate { message: unsettled?.0, resolution, by: agent }
            }
            46 => C::DoubtSend { message: unsettled?.0 },
            47 => match state.window {
                Window::OpenUntil(until) => C::ExpireWindow { until },
                Window::Closed => return None,
            },
            48 => C::CloseIdle { silent_since: state.silent_since? },
            49 => {
                let reason = id(0xE0, number % 2);
                let by = state.owning_agent().unwrap_or(agent);
                C::End { reason: Some(reason), configured: vec![reason], by }
            }
            50 => {
                C::StartOutbound { agent, hold: self.held(agent, which), route: route(which, dice), address: address() }
            }
            51 => C::Retake { agent, hold: self.held(agent, which) },
            52 => {
                let due = state.promise.due()?;
                C::BreachSla { clock: due.clock, due: due.at }
            }
            _ if dice.is_multiple_of(12) => C::Erase,
            _ => C::CloseIdle { silent_since: state.silent_since? },
        })
    }

    /// A slot of the agent for the conversation, taken if it can be had.
    fn held(&mut self, agent: AgentId, which: usize) -> gatehouse_domain::HoldId {
        let hold = self.fresh();
        let (conversation, channel) = (id(0xC0, which), CHANNELS[which]);
        let place = (0..3).find(|number| id::<AgentId>(0xA0, *number) == agent).unwrap_or_default();
        self.ask_agent(place, agent::Command::HoldSlot { hold, conversation, channel });
        hold
    }

    fn inbound(&mut self) -> Inbound {
        let words = InboundWords { provider_id: "in".to_owned(), text: None, original: None };
        let message = self.fresh();
        let sent_at = self.now - TimeDelta::microseconds(1_500) + TimeDelta::microseconds((self.ids % 4_000) as i64);
        Inbound { message, content: Content::Text, words, sent_at, addresses: vec![address()] }
    }
}

fn route(which: usize, dice: u32) -> Route {
    let promised = |bits: u32| match bits % 3 {
        0 => None,
        1 => Some(u64::from(bits % 4 + 1)),
        _ => Some(u64::from(bits % 50_000 + 1)),
    };
    Route {
        gateway: id(0x60, which),
        channel: CHANNELS[which],
        contact: id(0xCC, which),
        inbox: id(0x10, dice as usize % 2),
        flow: (dice.is_multiple_of(5)).then(|| flow(dice)),
        sla: Sla { first_response_ms: promised(dice >> 3), next_response_ms: promised(dice >> 5) },
        reply_window: (dice % 7 > 1).then(|| TimeDelta::minutes(10)),
    }
}

fn flow(dice: u32) -> FlowId {
    id(0xF0, dice as usize / 5 % 2)
}

fn address() -> Address {
    Address { kind: AddressKind::Phone, value: "491701234567".to_owned() }
}

fn template() -> Template {
    Template {
        name: "order_delayed".to_owned(),
        language: "de".to_owned(),
        text: "Late.".to_owned(),
        parameters: vec![],
    }
}

fn delivery(dice: u32) -> Delivery {
    match dice % 6 {
        0 => Delivery::Sent,
        1 => Delivery::Delivered,
        2 => Delivery::Read,
        3 => Delivery::Failed { reason: "undeliverable".to_owned() },
        _ => Delivery::Submitted { provider_id: "out".to_owned() },
    }
}

fn one_of<T>(all: impl IntoIterator<Item = T>, dice: u32) -> Option<T> {
    let mut all: Vec<T> = all.into_iter().collect();
    let count = all.len();
    (count > 0).then(|| all.swap_remove(dice as usize % count))
}
