//! What may be asked of a conversation.

use chrono::{DateTime, TimeDelta, Utc};

use super::parts::{
    AttachmentOutcome, Author, Content, Delivery, HowAssigned, InboundWords, OfferTo, Resolution, SlaClock, Tag,
    Withdrawn,
};
use super::why::Why;
use crate::inbox::Sla;
use crate::{
    Address, AgentId, Channel, ContactId, EndReasonId, FlowId, GatewayId, HoldId, InboxId, MessageId, OfferId,
    TransferId,
};

/// A request. Ids and everything a rule needs from elsewhere come with it; the time is told beside it.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Receive {
        message: Inbound,
        route: Route,
    },
    ReceiveEdit {
        message: MessageId,
        words: InboundWords,
    },
    ReceiveRevoke {
        message: MessageId,
    },
    ReceiveReaction {
        message: MessageId,
        emoji: Option<String>,
    },
    ReceiveEcho {
        message: Inbound,
    },
    RecordAddressChange {
        address: Address,
    },

    Offer {
        offers: Vec<OfferTo>,
        until: DateTime<Utc>,
        why: Option<Why>,
    },
    AcceptOffer {
        offer: OfferId,
        agent: AgentId,
    },
    DeclineOffer {
        offer: OfferId,
        agent: AgentId,
        reason: Option<String>,
    },
    LapseOffer {
        offer: OfferId,
    },
    WithdrawOffer {
        offer: OfferId,
    },
    Assign {
        agent: AgentId,
        hold: HoldId,
        how: HowAssigned,
        ownership: u64,
        why: Option<Why>,
    },

    RequestTransfer {
        transfer: TransferId,
        by: AgentId,
        to: AgentId,
        hold: HoldId,
        note: String,
        until: DateTime<Utc>,
        why: Option<Why>,
    },
    AcceptTransfer {
        transfer: TransferId,
        agent: AgentId,
    },
    DeclineTransfer {
        transfer: TransferId,
        agent: AgentId,
        owner_available: bool,
    },
    LapseTransfer {
        transfer: TransferId,
        owner_available: bool,
    },
    WithdrawTransfer {
        transfer: TransferId,
        owner_available: bool,
        why: Withdrawn,
    },

    MoveToInbox {
        inbox: InboxId,
        ownership: u64,
    },
    ReturnToInbox {
        ownership: u64,
    },
    HandToFlow {
        flow: FlowId,
        ownership: u64,
    },
    EndFlow {
        flow: FlowId,
        ownership: u64,
    },

    Reply {
        message: MessageId,
        author: Author,
        text: String,
        allowance: Allowance,
    },
    SendTemplate {
        message: MessageId,
        author: Author,
        template: Template,
        allowance: Allowance,
    },
    BeginSend {
        message: MessageId,
        attempt: u32,
    },
    DeferSend {
        message: MessageId,
        attempt: u32,
        until: DateTime<Utc>,
        reason: String,
    },
    RecordDelivery {
        message: MessageId,
        delivery: Delivery,
    },
    /// The log was restored from a backup: what it says is unsent may have been sent in the time that was lost.
    DoubtSend {
        message: MessageId,
    },
    ResolveIndeterminate {
        message: MessageId,
        resolution: Resolution,
        by: AgentId,
    },

    ExpireWindow {
        until: DateTime<Utc>,
    },
    CloseIdle {
        silent_since: DateTime<Utc>,
    },
    /// `configured` are the reasons that may be chosen now.
    End {
        reason: Option<EndReasonId>,
        configured: Vec<EndReasonId>,
        by: AgentId,
    },
    /// Ends the open interaction, fails what was not sent and closes the conversation for ever: the contact is erased.
    Erase,
    StartOutbound {
        agent: AgentId,
        hold: HoldId,
        route: Route,
        address: Address,
    },
    Retake {
        agent: AgentId,
        hold: HoldId,
    },

    AddNote {
        by: AgentId,
        text: String,
    },
    Tag {
        tag: Tag,
        by: AgentId,
    },
    Untag {
        tag: Tag,
        by: AgentId,
    },
    SetPriority {
        priority: u8,
    },
    BreachSla {
        clock: SlaClock,
        due: DateTime<Utc>,
    },
    RecordAttachment {
        message: MessageId,
        attachment: u32,
        outcome: AttachmentOutcome,
    },
}

/// A message from the customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Inbound {
    pub message: MessageId,
    pub content: Content,
    pub words: InboundWords,
    /// The provider's time.
    pub sent_at: DateTime<Utc>,
    /// Every address the provider gave for the customer, the one to answer to first.
    pub addresses: Vec<Address>,
}

/// Where a message that opens an interaction goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub gateway: GatewayId,
    pub channel: Channel,
    pub contact: ContactId,
    pub inbox: InboxId,
    /// The flow that speaks first, where the inbox has one.
    pub flow: Option<FlowId>,
    /// What the customer is promised.
    pub sla: Sla,
    /// How long free-form replies are allowed after a message; none where the channel has no such rule.
    pub reply_window: Option<TimeDelta>,
}

/// What the gateway's channel and the contact allow us to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Whether the channel refuses free-form messages outside its reply window.
    pub reply_window: bool,
    pub text_chars_max: u32,
    pub templates: bool,
    pub opted_out: bool,
}

/// An approved template with its parameters, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub name: String,
    pub language: String,
    /// What the customer will read.
    pub text: String,
    pub parameters: Vec<String>,
}
