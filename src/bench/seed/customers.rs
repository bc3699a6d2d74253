//! What customers do: write in bursts, write again, come back, stay away.

use std::collections::HashMap;

use chrono::TimeDelta;
use gatehouse_domain::conversation::{self, Content, Inbound, InboundWords, Route};
use gatehouse_domain::record::By;
use gatehouse_domain::{Address, AddressKind, Channel, ContactId, ConversationId, MessageId, contact};

use super::agenda::Thing;
use super::month::Month;

/// A person outside, with the conversations they have.
pub struct Customer {
    pub contact: ContactId,
    /// By gateway: one person on several channels has a conversation on each.
    pub conversations: HashMap<usize, ConversationId>,
    phone: String,
    erased: bool,
}

const SENTENCES: [&str; 6] = [
    "Hello, where is my parcel? It should have come on Tuesday.",
    "I would like to return the blue lamp.",
    "My invoice shows the wrong address.",
    "Do you have this in size 42?",
    "Nobody answered my last message!",
    "Thank you, that helped.",
];

impl Month {
    pub async fn somebody_arrives(&mut self) -> anyhow::Result<()> {
        let known = self.customers.len() as u64;
        let number =
            if known == 0 || self.chance.one_in(3) { self.meets().await? } else { self.chance.below(known) as usize };
        if self.customers[number].erased {
            return Ok(());
        }
        let gateway = self.chance.below(self.organisation.gateways.len() as u64) as usize;
        let fresh = ConversationId(self.id());
        let id = *self.customers[number].conversations.entry(gateway).or_insert(fresh);
        self.customer_of.insert(id, number);
        for _ in 0..self.chance.below(3) {
            // People press enter after half a sentence.
            self.later(TimeDelta::seconds(20), Thing::Writes(id));
        }
        self.customer_writes(id).await
    }

    async fn meets(&mut self) -> anyhow::Result<usize> {
        let number = self.customers.len();
        let (contact, phone) = (ContactId(self.id()), format!("4915{number:09}"));
        self.customers.push(Customer { contact, conversations: HashMap::new(), phone, erased: false });
        let meet = contact::Command::Meet {
            channel: Channel::Whatsapp,
            addresses: vec![self.address(number)],
            name: Some(format!("Customer {number}")),
        };
        self.contacts.ask(&mut self.log, contact.0, meet, self.now).await??;
        Ok(number)
    }

    fn address(&self, number: usize) -> Address {
        Address { kind: AddressKind::Phone, value: self.customers[number].phone.clone() }
    }

    /// Where a customer's message leads.
    fn route(&mut self, number: usize, id: ConversationId) -> Option<Route> {
        let customer = &self.customers[number];
        let (of, _) = customer.conversations.iter().find(|(_, conversation)| **conversation == id)?;
        let (gateway, channel, inbox) = self.organisation.gateways[*of];
        let contact = customer.contact;
        let sla = self.organisation.inbox(inbox).map(|(_, routing, _)| routing.sla).unwrap_or_default();
        // On the website a flow speaks first.
        let flow = self.organisation.flow.filter(|_| channel == Channel::WebChat);
        Some(Route { gateway, channel, contact, inbox, flow, sla, reply_window: window(channel) })
    }

    pub async fn customer_writes(&mut self, id: ConversationId) -> anyhow::Result<()> {
        let Some(number) = self.customer_of.get(&id).copied() else { return Ok(()) };
        let Some(route) = self.route(number, id) else { return Ok(()) };
        if self.customers[number].erased {
            return Ok(());
        }
        let message = self.message(number);
        if self.chance.one_in(60) {
            // A colleague answers on the telephone that has the account.
            return self.asks(id, conversation::Command::ReceiveEcho { message }).await;
        }
        let said = message.message;
        self.asks(id, conversation::Command::Receive { message, route }).await?;
        match self.chance.below(50) {
            0 => {
                let words = InboundWords {
                    provider_id: said.to_string(),
                    text: Some("Sorry, I meant the other one.".to_owned()),
                    original: None,
                };
                self.asks(id, conversation::Command::ReceiveEdit { message: said, words }).await
            }
            1 => self.asks(id, conversation::Command::ReceiveRevoke { message: said }).await,
            2 => {
                let emoji = Some("\u{1F44D}".to_owned());
                self.asks(id, conversation::Command::ReceiveReaction { message: said, emoji }).await
            }
            _ => Ok(()),
        }
    }

    fn message(&mut self, number: usize) -> Inbound {
        let message = MessageId(self.id());
        let text = self.chance.of(&SENTENCES).map(str::to_owned);
        let content =
            if self.chance.one_in(40) { Content::Unsupported { kind: "sticker".to_owned() } } else { Content::Text };
        // Providers take a moment, and now and then an hour.
        let late = if self.chance.one_in(200) { TimeDelta::hours(1) } else { TimeDelta::seconds(3) };
        let sent_at = self.now - self.up_to(late);
        let words = InboundWords { provider_id: message.to_string(), text, original: None };
        Inbound { message, content, words, sent_at, addresses: vec![self.address(number)] }
    }

    /// Somebody asks to be forgotten.
    pub async fn is_erased(&mut self, id: ConversationId) -> anyhow::Result<()> {
        let Some(number) = self.customer_of.get(&id).copied() else { return Ok(()) };
        let customer = &mut self.customers[number];
        customer.erased = true;
        let mut theirs: Vec<ConversationId> = customer.conversations.values().copied().collect();
        theirs.sort_unstable();
        let contact = customer.contact;
        self.log.settle().await?;
        let _ =
            self.contacts.ask(&mut self.log, contact.0, contact::Command::Erase { by: By::System }, self.now).await?;
        self.log.settle().await?;
        for id in theirs {
            self.asks(id, conversation::Command::Erase).await?;
        }
        Ok(())
    }
}

/// How long a channel allows free-form replies after a message.
pub fn window(channel: Channel) -> Option<TimeDelta> {
    matches!(channel, Channel::Whatsapp | Channel::Messenger | Channel::Instagram).then(|| TimeDelta::hours(24))
}
