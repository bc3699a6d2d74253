//! What is to happen, and when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Resolution, SlaClock};
use gatehouse_domain::{AgentId, ConversationId, FlowId, HoldId, InboxId, MessageId, OfferId, TransferId};

/// One thing to happen. What has become impossible meanwhile is refused by the rules and does not.
#[derive(Clone, Debug)]
pub enum Thing {
    /// Somebody wants something.
    Arrives,
    /// A customer goes on writing.
    Writes(ConversationId),
    /// Who waits in an inbox is served, as far as somebody is free.
    Serves(InboxId),
    AnswersOffer(ConversationId, OfferId, AgentId),
    OfferLapses(ConversationId, OfferId),
    Replies(ConversationId, AgentId),
    Asides(ConversationId, AgentId),
    AsksTransfer(ConversationId, AgentId),
    AnswersTransfer(ConversationId, TransferId, AgentId),
    TransferLapses(ConversationId, TransferId),
    HandsToFlow(ConversationId, AgentId),
    FlowSpeaks(ConversationId, FlowId),
    FlowEnds(ConversationId, FlowId),
    Ends(ConversationId, AgentId),
    Retakes(ConversationId, AgentId),
    Releases(AgentId, HoldId),
    Sends(ConversationId, MessageId, u32),
    SendAnswered(ConversationId, MessageId, u32),
    Receipts(ConversationId, MessageId),
    Resolves(ConversationId, MessageId, Resolution),
    WindowExpires(ConversationId, DateTime<Utc>),
    GoesIdle(ConversationId, DateTime<Utc>),
    SlaBreaches(ConversationId, SlaClock, DateTime<Utc>),
    ShiftBegins(AgentId),
    BreakBegins(AgentId),
    BreakEnds(AgentId),
    DeskIsLost(AgentId),
    DeskIsBack(AgentId),
    GraceEnds(AgentId),
    ShiftEnds(AgentId),
    IsErased(ConversationId),
    GatewayParks,
    GatewayConnects,
}

/// In order of time, and then of entry.
#[derive(Default)]
pub struct Agenda {
    things: BTreeMap<(DateTime<Utc>, u64), Thing>,
    entered: u64,
}

impl Agenda {
    pub fn enter(&mut self, at: DateTime<Utc>, thing: Thing) {
        self.entered += 1;
        self.things.insert((at, self.entered), thing);
    }

    pub fn next(&mut self) -> Option<(DateTime<Utc>, Thing)> {
        self.things.pop_first().map(|((at, _), thing)| (at, thing))
    }
}
