//! What people and the world do.

use gatehouse_domain::conversation::{Allowance, Author, Command, Content, Inbound, InboundWords, Owner, Route};
use gatehouse_domain::{Address, AddressKind, EndReasonId, MessageId};

use super::super::*;
use super::chance::Chance;
use super::world::{World, moment, routing};

const SOLVED: EndReasonId = EndReasonId(Uuid::from_u128(0xE1));

impl World {
    pub fn happens(&mut self, step: super::Step) -> Result<(), String> {
        let mut chance = Chance::new(step);
        let chance = &mut chance;
        self.now += moment(chance);
        let before = self.trace.len();
        let what = match chance.below(60) {
            0..=3 => self.a_customer_writes(chance),
            4 => {
                self.a_customer_writes(chance);
                self.a_customer_writes(chance);
                self.a_customer_writes(chance)
            }
            5..=6 | 39 => self.an_agent_moves(chance),
            7..=11 => self.an_offer_is_answered(chance),
            12 if chance.one_in(2) => self.time_runs_out(),
            13 => self.an_owner_is_done(chance),
            15 => self.a_priority_is_set(chance),
            14 | 16 | 40 => self.a_transfer_is_accepted(chance),
            17..=20 => self.something_is_asked(chance),
            21 => self.something_is_asked_again(chance)?,
            22 if chance.one_in(3) => self.an_inbox_changes(chance),
            23 if chance.one_in(2) => self.the_process_is_killed(),
            24 => self.an_agent_replies(chance),
            12 | 22..=38 => {
                self.followers_follow()?;
                "followers follow"
            }
            _ => self.a_task_is_done(chance)?,
        };
        let seconds = (self.now - NOON).num_milliseconds() as f64 / 1_000.0;
        if self.tells {
            self.trace.insert(before, format!("  {seconds:>8.3} {what}"));
        }
        Ok(())
    }

    fn a_customer_writes(&mut self, chance: &mut Chance) -> &'static str {
        let id = self.a_conversation(chance);
        let channel = if id.0.as_u128().is_multiple_of(2) { Channel::Sms } else { Channel::Whatsapp };
        let inbox = if chance.one_in(3) { BILLING } else { SALES };
        let (gateway, contact) = (GatewayId(Uuid::nil()), ContactId(Uuid::from_u128(id.0.as_u128() % 3)));
        let promised = |chance: &mut Chance| chance.one_in(3).then(|| 1_000 * (1 + chance.below(60)));
        let sla = inbox::Sla { first_response_ms: promised(chance), next_response_ms: promised(chance) };
        let route = Route { gateway, channel, contact, inbox, flow: None, sla, reply_window: None };
        let words = InboundWords { provider_id: String::new(), text: None, original: None };
        let message = MessageId(Uuid::from_u128(self.log.len() as u128));
        let addresses = vec![Address { kind: AddressKind::Phone, value: "49170".to_owned() }];
        let message = Inbound { message, content: Content::Text, words, sent_at: self.now, addresses };
        self.ask(id, Command::Receive { message, route });
        "a customer writes"
    }

    fn an_agent_moves(&mut self, chance: &mut Chance) -> &'static str {
        let agent = self.an_agent(chance);
        let command = match chance.below(20) {
            0..=9 => agent::Command::GoOnline,
            10..=16 => agent::Command::Connect { socket: DESK },
            17 => agent::Command::Disconnect { socket: DESK },
            18 => agent::Command::TakeBreak { reason: None },
            _ => agent::Command::GoOffline { cause: agent::OfflineCause::Chosen },
        };
        self.ask_agent(agent, command);
        "an agent moves"
    }

    fn an_offer_is_answered(&mut self, chance: &mut Chance) -> &'static str {
        let id = self.one_that(chance, |owner| matches!(owner, Owner::Offered { .. }));
        let Some(Owner::Offered { offers, .. }) = self.owner(id) else { return "nobody answers" };
        let Some(OfferTo { offer, agent, .. }) = chance.of(&offers) else { return "nobody answers" };
        if chance.one_in(3) {
            self.ask(id, Command::DeclineOffer { offer, agent, reason: None });
            return "an offer is declined";
        }
        self.accepted += u64::from(self.ask(id, Command::AcceptOffer { offer, agent }));
        "an offer is accepted"
    }

    /// Nothing happens until the next deadline.
    fn time_runs_out(&mut self) -> &'static str {
        self.now = self.now.max(self.deadlines.wake_at().unwrap_or(self.now).min(self.now + TimeDelta::minutes(5)));
        "time runs out"
    }

    fn an_owner_is_done(&mut self, chance: &mut Chance) -> &'static str {
        let id = self.one_that(chance, |owner| matches!(owner, Owner::Agent { .. }));
        if let Some(Owner::Agent { agent, .. }) = self.owner(id) {
            self.ask(id, Command::End { reason: Some(SOLVED), configured: vec![SOLVED], by: agent });
        }
        "an owner is done"
    }

    fn a_priority_is_set(&mut self, chance: &mut Chance) -> &'static str {
        let id = self.a_conversation(chance);
        self.ask(id, Command::SetPriority { priority: chance.below(3) as u8 });
        "a priority is set"
    }

    fn a_transfer_is_accepted(&mut self, chance: &mut Chance) -> &'static str {
        let pending = |id: &ConversationId| match self.owner(*id) {
            Some(Owner::Agent { transfer: Some(transfer), .. }) => Some((*id, transfer)),
            _ => None,
        };
        let all: Vec<_> = self.conversations.keys().filter_map(pending).collect();
        if let Some((id, transfer)) = chance.of(&all) {
            let command = Command::AcceptTransfer { transfer: transfer.transfer, agent: transfer.to };
            self.transferred += u64::from(self.ask(id, command));
        }
        "a transfer is accepted"
    }

    fn an_agent_replies(&mut self, chance: &mut Chance) -> &'static str {
        let id = self.a_conversation(chance);
        let message = MessageId(Uuid::from_u128(0x3E << 64 | self.log.len() as u128));
        if let Some(Owner::Agent { agent, .. }) = self.owner(id) {
            let (author, text) = (Author::Agent { agent }, "hello".to_owned());
            let allowance = Allowance { reply_window: false, text_chars_max: 100, templates: false, opted_out: false };
            self.ask(id, Command::Reply { message, author, text, allowance });
        }
        "an agent replies"
    }

    fn an_inbox_changes(&mut self, chance: &mut Chance) -> &'static str {
        let inbox = if chance.one_in(2) { SALES } else { BILLING };
        let agent = self.an_agent(chance);
        let command = match chance.below(4) {
            0 => inbox::Command::AddMember { agent },
            1 => inbox::Command::RemoveMember { agent },
            _ => inbox::Command::SetRouting { routing: routing(chance) },
        };
        self.ask_inbox(inbox, command);
        "an inbox changes"
    }

    /// With it goes whatever it asked for and has not been done, or was done and not heard.
    fn the_process_is_killed(&mut self) -> &'static str {
        self.starts();
        self.restarts += 1;
        "the process is killed"
    }

    /// A conversation whose owner is like that, if there is one.
    pub fn one_that(&self, chance: &mut Chance, like: impl Fn(&Owner) -> bool) -> ConversationId {
        let all: Vec<ConversationId> =
            self.conversations.keys().filter(|id| self.owner(**id).as_ref().is_some_and(&like)).copied().collect();
        chance.of(&all).unwrap_or_else(|| self.a_conversation(chance))
    }

    pub fn a_conversation(&self, chance: &mut Chance) -> ConversationId {
        let all: Vec<ConversationId> = self.conversations.keys().copied().collect();
        chance.of(&all).expect("there are some")
    }

    pub fn an_agent(&self, chance: &mut Chance) -> AgentId {
        let all: Vec<AgentId> = self.agents.keys().copied().collect();
        chance.of(&all).expect("there are some")
    }
}
