//! A conversation: everything said between one contact and one gateway, and who answers for it now.
//!
//! ```text
//! Idle ──Receive / StartOutbound / Retake──► Open(interaction n) ──End──► Idle ... ──Erase──► Erased
//! owner of an open interaction:  Queue ⇄ Offered{offers, until} → Agent{agent, transfer?} ⇄ Flow{flow}
//! ```
//! The rules are in `decide`; here is only what they remember, and how events change it.

pub mod command;
mod decide;
pub mod error;
pub mod event;
pub mod messages;
pub mod parts;
pub mod promise;
pub mod sending;
pub mod why;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Allowance, Command, Inbound, Route, Template};
pub use error::Refusal;
pub use event::Event;
pub use messages::{Message, Messages, Outbound};
pub use parts::*;
pub use promise::{Due, Promise};
pub use sending::{Report, Sending};
pub use why::{PassedOver, Reason, Rule, Why};

use crate::aggregate::aggregate;
use crate::{
    Address, AgentId, Channel, Claim, ContactId, Fact, FlowId, GatewayId, HoldId, InboxId, Kind, OfferId, Personal,
    Rules, TransferId, Words,
};

aggregate!(Conversation);

/// What the rules remember of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Between whom; none before the first event.
    pub party: Option<Party>,
    /// Where the customer can be written to, best first.
    pub addresses: Vec<Address>,
    pub window: Window,
    /// Our time of the last received message, or of the opening where none has come since: what idle is counted from.
    pub silent_since: Option<DateTime<Utc>>,
    pub last_interaction: u32,
    pub promise: Promise,
    pub phase: Phase,
    /// Grows whenever the interaction changes hands; a request that names an older one is stale.
    pub ownership: u64,
    pub messages: Messages,
}

/// The two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub gateway: GatewayId,
    pub channel: Channel,
    pub contact: ContactId,
    /// The inbox the last interaction waited in.
    pub inbox: InboxId,
}

/// Whether free-form replies are allowed on a channel that limits them. Counted from the provider's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "until", rename_all = "snake_case")]
pub enum Window {
    #[default]
    Closed,
    OpenUntil(DateTime<Utc>),
}

/// Whether an interaction is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Phase {
    #[default]
    Idle,
    Open(Interaction),
    /// The contact was erased: closed for ever. Only news of messages already on their way is still taken in.
    Erased,
}

/// One episode, while it is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    pub number: u32,
    pub inbox: InboxId,
    /// When it first began to wait: its age in every queue it returns to.
    pub since: DateTime<Utc>,
    pub owner: Owner,
    pub priority: u8,
    /// In the order they were put on.
    pub tags: Vec<Tag>,
}

/// Who has an open interaction. Exactly one of them, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Owner {
    Queue,
    Offered { offers: Vec<OfferTo>, until: DateTime<Utc> },
    Agent { agent: AgentId, hold: HoldId, how: HowAssigned, transfer: Option<Transfer> },
    Flow { flow: FlowId },
}

/// A transfer that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub transfer: TransferId,
    pub to: AgentId,
    pub hold: HoldId,
    pub until: DateTime<Utc>,
}

impl Conversation {
    /// The open interaction, or why there is none.
    pub fn open(&self) -> Result<&Interaction, Refusal> {
        match &self.phase {
            Phase::Open(interaction) => Ok(interaction),
            Phase::Idle => Err(Refusal::NotOpen),
            Phase::Erased => Err(Refusal::Erased),
        }
    }

    /// The agent who owns the open interaction, if one does.
    pub fn owning_agent(&self) -> Option<AgentId> {
        match self.open().ok()?.owner {
            Owner::Agent { agent, .. } => Some(agent),
            Owner::Queue | Owner::Offered { .. } | Owner::Flow { .. } => None,
        }
    }

    fn evolve(&mut self, event: Event) {
        self.promise.told(&event);
        match event {
            Event::InteractionOpened { interaction, gateway, channel, contact, inbox, at, .. } => {
                self.party = Some(Party { gateway, channel, contact, inbox });
                self.last_interaction = interaction;
                self.silent_since = Some(at);
                self.ownership += 1;
                let owner = Owner::Queue;
                self.phase = Phase::Open(Interaction {
                    number: interaction,
                    inbox,
                    since: at,
                    owner,
                    priority: 0,
                    tags: vec![],
                });
            }
            Event::Queued { inbox, since, .. } => {
                let changed = self.with_open(|open| {
                    let moved = open.inbox != inbox || matches!(open.owner, Owner::Agent { .. } | Owner::Flow { .. });
                    (open.inbox, open.since, open.owner) = (inbox, since, Owner::Queue);
                    moved
                });
                self.ownership += u64::from(changed == Some(true));
                if let Some(party) = &mut self.party {
                    party.inbox = inbox;
                }
            }
            Event::Offered { offers, until, .. } => self.own(Owner::Offered { offers, until }),
            Event::OfferDeclined { offer, .. }
            | Event::OfferLapsed { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => {
                self.drop_offer(offer);
            }
            Event::Assigned { agent, hold, how, .. } => {
                self.ownership += 1;
                self.own(Owner::Agent { agent, hold, how, transfer: None });
            }
            Event::TransferRequested { transfer, to, hold, until, .. } => {
                self.set_transfer(Some(Transfer { transfer, to, hold, until }));
            }
            Event::TransferDeclined { .. } | Event::TransferLapsed { .. } | Event::TransferWithdrawn { .. } => {
                self.set_transfer(None);
            }
            Event::HandedToFlow { flow, .. } => {
                self.ownership += 1;
                self.own(Owner::Flow { flow });
            }
            Event::InteractionEnded { .. } => {
                self.ownership += 1;
                self.phase = Phase::Idle;
            }
            Event::Erased { .. } => {
                self.phase = Phase::Erased;
                self.addresses.clear();
                self.window = Window::Closed;
                self.messages.forget_words();
            }
            Event::AddressAdded { personal, .. } => self.addresses.extend(personal.known().cloned()),
            Event::MessageReceived { message, window_until, at, .. } => {
                self.silent_since = Some(at);
                self.messages.add(message, Message::Inbound);
                self.reopen_window(window_until, at);
            }
            Event::MessageEchoed { message, .. } => self.messages.add(message, Message::Inbound),
            Event::WindowExpired { .. } => self.window = Window::Closed,
            Event::ReplyQueued { message, gateway, content, personal, .. } => {
                let outbound = Outbound::queued(gateway, content, personal);
                self.messages.add(message, Message::Outbound(Box::new(outbound)));
            }
            Event::SendAttempted { message, attempt, .. } => {
                self.messages.set_sending(message, Sending::Attempted { attempt });
            }
            Event::SendDeferred { message, attempt, .. } => {
                self.messages.set_sending(message, Sending::Queued { attempts: attempt });
            }
            Event::ReplyIndeterminate { message, attempt, .. } => {
                self.messages.set_sending(message, Sending::Indeterminate { attempt });
            }
            Event::SendResolved { message, resolution, .. } => self.messages.resolve(message, resolution),
            Event::ReplySubmitted { message, .. } => self.messages.report(message, Report::Submitted),
            Event::ReplySent { message, .. } => self.messages.report(message, Report::Sent),
            Event::ReplyDelivered { message, .. } => self.messages.report(message, Report::Delivered),
            Event::ReplyRead { message, .. } => self.messages.report(message, Report::Read),
            Event::ReplyFailed { message, .. } => self.messages.report(message, Report::Failed),
            Event::Tagged { tag, .. } => {
                self.with_open(|open| open.tags.push(tag));
            }
            Event::Untagged { tag, .. } => {
                self.with_open(|open| open.tags.retain(|one| one.key() != tag.key()));
            }
            Event::PrioritySet { priority, .. } => {
                self.with_open(|open| open.priority = priority);
            }
            // Told in the timeline and counted in reports; no rule asks for them, or `promise` folds them.
            Event::OfferAccepted { .. }
            | Event::TransferAccepted { .. }
            | Event::FlowEnded { .. }
            | Event::MessageEdited { .. }
            | Event::MessageRevoked { .. }
            | Event::ReactionReceived { .. }
            | Event::NoteAdded { .. }
            | Event::SlaBreached { .. }
            | Event::AttachmentRecorded { .. } => {}
        }
    }

    fn with_open<T>(&mut self, change: impl FnOnce(&mut Interaction) -> T) -> Option<T> {
        match &mut self.phase {
            Phase::Open(open) => Some(change(open)),
            Phase::Idle | Phase::Erased => None,
        }
    }

    fn own(&mut self, owner: Owner) {
        self.with_open(|open| open.owner = owner);
    }

    fn drop_offer(&mut self, gone: OfferId) {
        self.with_open(|open| {
            if let Owner::Offered { offers, .. } = &mut open.owner {
                offers.retain(|one| one.offer != gone);
            }
        });
    }

    fn set_transfer(&mut self, to: Option<Transfer>) {
        self.with_open(|open| {
            if let Owner::Agent { transfer, .. } = &mut open.owner {
                *transfer = to;
            }
        });
    }

    /// A message that arrives late, or out of order, never shortens the window.
    fn reopen_window(&mut self, until: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let Some(until) = until.filter(|until| *until > now) else { return };
        if !matches!(self.window, Window::OpenUntil(current) if current >= until) {
            self.window = Window::OpenUntil(until);
        }
    }
}

impl Rules for Conversation {
    const KIND: Kind = Kind::Conversation;
    const FOLD_VERSION: u32 = 4;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Conversation(event)
    }

    fn claims(&self, events: &[Event]) -> Vec<Claim> {
        let claim = |event: &Event| match event {
            Event::ReplySubmitted { gateway, personal: Personal::Known(reference), .. } => {
                Some(Claim::ProviderMessage(*gateway, reference.provider_id.clone()))
            }
            _ => None,
        };
        events.iter().filter_map(claim).collect()
    }

    fn subject(&self, events: &[Event]) -> Option<ContactId> {
        let opened = events.iter().find_map(|event| match event {
            Event::InteractionOpened { contact, .. } => Some(*contact),
            _ => None,
        });
        opened.or(self.party.map(|party| party.contact))
    }

    fn words(&self, _: Uuid) -> Words {
        self.party.map_or(Words::Unknown, |party| Words::Of(party.contact))
    }
}
