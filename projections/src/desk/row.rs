//! One conversation as the desks know it.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Content, Event, OfferTo, Promise, Tag};
use gatehouse_domain::{AgentId, Channel, ContactId, ConversationId, GatewayId, InboxId};

use super::view::{ContactView, Last, OfferView, OwnerView, SlaView, Summary, TransferView};
use crate::setup::Setup;
use crate::timeline::{Direction, told};

/// How a conversation stands.
#[derive(Clone, Debug)]
pub struct Row {
    pub inbox: InboxId,
    pub contact: ContactId,
    gateway: GatewayId,
    channel: Channel,
    interaction: u32,
    priority: u8,
    tags: Vec<Tag>,
    version: u64,
    since: DateTime<Utc>,
    owner: Owner,
    last: Option<Last>,
    window_until: Option<DateTime<Utc>>,
    unanswered: bool,
    promise: Promise,
}

#[derive(Clone, Debug)]
enum Owner {
    Queue,
    Offered { offers: Vec<OfferTo>, until: DateTime<Utc> },
    Agent { agent: AgentId, since: DateTime<Utc>, transfer: Option<TransferView> },
    Flow { since: DateTime<Utc> },
    Nobody { reason: String, at: DateTime<Utc>, last_agent: Option<AgentId> },
}

impl Row {
    /// The row of a conversation whose first event this is.
    pub fn opened_by(event: &Event) -> Option<Self> {
        let Event::InteractionOpened { gateway, channel, contact, inbox, at, interaction, .. } = event else {
            return None;
        };
        Some(Self {
            inbox: *inbox,
            contact: *contact,
            gateway: *gateway,
            channel: *channel,
            interaction: *interaction,
            priority: 0,
            tags: vec![],
            version: 0,
            since: *at,
            owner: Owner::Queue,
            last: None,
            window_until: None,
            unanswered: false,
            promise: Promise::default(),
        })
    }

    /// Agents it concerns whatever inbox it is in.
    pub fn agents(&self) -> Vec<AgentId> {
        match &self.owner {
            Owner::Offered { offers, .. } => offers.iter().map(|one| one.agent).collect(),
            Owner::Agent { agent, transfer, .. } => {
                std::iter::once(*agent).chain(transfer.iter().map(|asked| AgentId(asked.to))).collect()
            }
            Owner::Nobody { last_agent, .. } => last_agent.iter().copied().collect(),
            Owner::Queue | Owner::Flow { .. } => vec![],
        }
    }

    /// The contact was erased: when something was said stays, what was said does not.
    pub fn forget_words(&mut self) {
        if let Some(last) = &mut self.last {
            last.text = None;
        }
        if let Owner::Agent { transfer: Some(asked), .. } = &mut self.owner {
            asked.note = None;
        }
    }

    /// It cannot be read on: nobody is asked to take it.
    pub fn ask_nobody(&mut self) {
        match &mut self.owner {
            Owner::Offered { .. } => self.owner = Owner::Queue,
            Owner::Agent { transfer, .. } => *transfer = None,
            Owner::Queue | Owner::Flow { .. } | Owner::Nobody { .. } => {}
        }
    }

    pub fn fold(&mut self, sequence: u64, event: &Event, setup: &Setup) {
        self.version = sequence;
        self.promise.told(event);
        match event {
            Event::InteractionOpened { interaction, gateway, channel, contact, inbox, at, .. } => {
                (self.gateway, self.channel, self.contact, self.inbox) = (*gateway, *channel, *contact, *inbox);
                (self.interaction, self.since, self.owner) = (*interaction, *at, Owner::Queue);
                self.priority = 0;
                self.tags.clear();
            }
            Event::Queued { inbox, since, .. } => (self.inbox, self.since, self.owner) = (*inbox, *since, Owner::Queue),
            Event::Offered { offers, until, .. } => {
                self.owner = Owner::Offered { offers: offers.clone(), until: *until };
            }
            Event::OfferDeclined { offer, .. }
            | Event::OfferLapsed { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => {
                if let Owner::Offered { offers, .. } = &mut self.owner {
                    offers.retain(|one| one.offer != *offer);
                }
            }
            Event::Assigned { agent, at, .. } => {
                self.owner = Owner::Agent { agent: *agent, since: *at, transfer: None };
            }
            Event::TransferRequested { transfer, from, to, until, personal, .. } => {
                let note = personal.known().map(|note| note.text.clone());
                let asked = TransferView { transfer: transfer.0, from: from.0, to: to.0, note, until: *until };
                self.asked_to_take_over(Some(asked));
            }
            Event::PrioritySet { priority, .. } => self.priority = *priority,
            Event::Tagged { tag, .. } => self.tags.push(tag.clone()),
            Event::Untagged { tag, .. } => self.tags.retain(|one| one.key() != tag.key()),
            Event::TransferDeclined { .. } | Event::TransferLapsed { .. } | Event::TransferWithdrawn { .. } => {
                self.asked_to_take_over(None);
            }
            Event::HandedToFlow { at, .. } => self.owner = Owner::Flow { since: *at },
            Event::InteractionEnded { ending, at, .. } => {
                let last_agent = if let Owner::Agent { agent, .. } = self.owner { Some(agent) } else { None };
                self.owner = Owner::Nobody { reason: told(*ending, setup).1, at: *at, last_agent };
            }
            Event::MessageReceived { content, window_until, at, personal, .. } => {
                self.unanswered = true;
                self.window_until = self.window_until.max(*window_until);
                let text = personal.known().and_then(|words| words.text.clone());
                self.last = Some(Last { at: *at, direction: Direction::Inbound, text: shown(content, text) });
            }
            Event::ReplyQueued { at, personal, content, .. } => {
                self.unanswered = false;
                let text = personal.known().map(|words| words.text.clone());
                self.last = Some(Last { at: *at, direction: Direction::Outbound, text: shown(content, text) });
            }
            Event::Erased { .. } => {
                self.forget_words();
                self.window_until = None;
            }
            _ => {}
        }
    }

    pub fn summary(&self, id: ConversationId, contact: ContactView) -> Summary {
        Summary {
            conversation: id.0,
            interaction: self.interaction,
            version: self.version,
            channel: self.channel.name(),
            gateway: self.gateway.0,
            inbox: self.inbox.0,
            priority: self.priority,
            tags: self.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            contact,
            owner: self.owner_view(),
            last: self.last.clone(),
            window_until: self.window_until,
            unanswered: self.unanswered,
            sla: self.promise.due().map(SlaView::of),
        }
    }

    fn owner_view(&self) -> OwnerView {
        match &self.owner {
            Owner::Queue => OwnerView::Queue { since: self.since },
            Owner::Offered { offers, until } => {
                let offers = offers.iter().map(|one| OfferView { offer: one.offer.0, agent: one.agent.0 }).collect();
                OwnerView::Offered { since: self.since, until: *until, offers }
            }
            Owner::Agent { agent, since, transfer } => {
                OwnerView::Agent { agent: agent.0, since: *since, transfer: transfer.clone() }
            }
            Owner::Flow { since } => OwnerView::Flow { since: *since },
            Owner::Nobody { reason, at, .. } => OwnerView::Nobody { reason: reason.clone(), at: *at },
        }
    }

    fn asked_to_take_over(&mut self, asked: Option<TransferView>) {
        if let Owner::Agent { transfer, .. } = &mut self.owner {
            *transfer = asked;
        }
    }
}

fn shown(content: &Content, text: Option<String>) -> Option<String> {
    match content {
        Content::Text | Content::Template { .. } => text,
        Content::Unsupported { .. } => None,
    }
}
