//! The messages a conversation remembers: everything unsettled, and the newest of the rest.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::parts::{Content, OutboundWords, Resolution};
use super::sending::{Report, Sending};
use crate::{GatewayId, MessageId, Personal};

/// How many messages are remembered; unsettled ones are kept beyond it.
pub const REMEMBERED_MAX: usize = 200;

/// One remembered message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Message {
    Inbound,
    /// Apart: most messages are the customer's, and every one of them would take as much room.
    Outbound(Box<Outbound>),
}

/// A message of ours and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    pub gateway: GatewayId,
    pub content: Content,
    /// Kept until the message is settled: what an attempt sends. None also where the words were erased.
    pub words: Option<Personal<OutboundWords>>,
    pub sending: Sending,
}

impl Outbound {
    /// A message that waits for its first attempt.
    pub fn queued(gateway: GatewayId, content: Content, words: Personal<OutboundWords>) -> Self {
        let words = Some(words).filter(|words| words.known().is_some());
        Self { gateway, content, words, sending: Sending::Queued { attempts: 0 } }
    }
}

/// The remembered messages, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Messages {
    order: VecDeque<MessageId>,
    by_id: BTreeMap<MessageId, Message>,
}

impl Messages {
    /// Whether a message is remembered.
    pub fn has(&self, id: MessageId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// A remembered message of ours.
    pub fn outbound(&self, id: MessageId) -> Option<&Outbound> {
        match self.by_id.get(&id)? {
            Message::Outbound(outbound) => Some(outbound),
            Message::Inbound => None,
        }
    }

    /// Our messages that still need something, oldest first.
    pub fn unsettled(&self) -> impl Iterator<Item = (MessageId, &Outbound)> {
        self.order.iter().filter_map(|id| {
            let outbound = self.outbound(*id)?;
            (!outbound.sending.is_settled()).then_some((*id, outbound))
        })
    }

    pub(super) fn add(&mut self, id: MessageId, message: Message) {
        if self.by_id.insert(id, message).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > REMEMBERED_MAX && self.forget_oldest_settled() {}
    }

    pub(super) fn set_sending(&mut self, id: MessageId, to: Sending) {
        if let Some(Message::Outbound(outbound)) = self.by_id.get_mut(&id)
            && !matches!(outbound.sending, Sending::Reported(_))
        {
            outbound.sending = to;
        }
    }

    pub(super) fn resolve(&mut self, id: MessageId, resolution: Resolution) {
        let Some(Sending::Indeterminate { attempt }) = self.outbound(id).map(|outbound| outbound.sending.clone())
        else {
            return;
        };
        self.set_sending(
            id,
            match resolution {
                Resolution::Resend => Sending::Queued { attempts: attempt },
                Resolution::Discard => Sending::Discarded,
            },
        );
        if let (Resolution::Discard, Some(Message::Outbound(outbound))) = (resolution, self.by_id.get_mut(&id)) {
            outbound.words = None;
        }
    }

    pub(super) fn report(&mut self, id: MessageId, report: Report) {
        if let Some(Message::Outbound(outbound)) = self.by_id.get_mut(&id) {
            outbound.sending.report(report);
            outbound.words = None;
        }
    }

    pub(super) fn forget_words(&mut self) {
        for message in self.by_id.values_mut() {
            if let Message::Outbound(outbound) = message {
                outbound.words = None;
            }
        }
    }

    /// Whether there was one to forget.
    fn forget_oldest_settled(&mut self) -> bool {
        let settled = |id: &MessageId| self.outbound(*id).is_none_or(|outbound| outbound.sending.is_settled());
        let Some(id) = self.order.iter().position(settled).and_then(|index| self.order.remove(index)) else {
            return false;
        };
        self.by_id.remove(&id);
        true
    }
}
