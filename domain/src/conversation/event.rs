//! What can have happened in a conversation. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use super::parts::{
    AttachmentOutcome, Author, Content, Ending, HowAssigned, InboundWords, Note, OfferTo, Opening, OutboundWords,
    ProviderReference, Reaction, Resolution, SlaClock, Tag, Withdrawn,
};
use super::why::Why;
use crate::aggregate::events;
use crate::inbox::Sla;
use crate::{
    Address, AgentId, Channel, ContactId, FlowId, GatewayId, HoldId, InboxId, MessageId, OfferId, Personal, TransferId,
};

events! {
    pub enum Event {
        "interaction_opened" => InteractionOpened {
            interaction: u32, gateway: GatewayId, channel: Channel, contact: ContactId, inbox: InboxId,
            opening: Opening, at: DateTime<Utc>,
            /// What the customer is promised, as it stood then.
            #[serde(default, skip_serializing_if = "Sla::promises_nothing")]
            sla: Sla,
        },
        /// Waits in `inbox`; `since` is the original queue time, which a return keeps.
        "queued" => Queued { inbox: InboxId, since: DateTime<Utc>, at: DateTime<Utc> },
        "offered" => Offered {
            offers: Vec<OfferTo>, until: DateTime<Utc>, at: DateTime<Utc>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            why: Option<Why>,
        },
        "offer_accepted" => OfferAccepted { offer: OfferId, agent: AgentId, at: DateTime<Utc> },
        "offer_declined" => OfferDeclined {
            offer: OfferId, agent: AgentId, reason: Option<String>, at: DateTime<Utc>,
        },
        "offer_lapsed" => OfferLapsed { offer: OfferId, agent: AgentId, at: DateTime<Utc> },
        "offer_withdrawn" => OfferWithdrawn { offer: OfferId, agent: AgentId, why: Withdrawn, at: DateTime<Utc> },
        "assigned" => Assigned {
            agent: AgentId, hold: HoldId, how: HowAssigned, at: DateTime<Utc>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            why: Option<Why>,
        },
        "transfer_requested" => TransferRequested {
            transfer: TransferId, from: AgentId, to: AgentId, hold: HoldId, until: DateTime<Utc>,
            at: DateTime<Utc>, personal: Personal<Note>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            why: Option<Why>,
        },
        "transfer_accepted" => TransferAccepted { transfer: TransferId, at: DateTime<Utc> },
        "transfer_declined" => TransferDeclined { transfer: TransferId, at: DateTime<Utc> },
        "transfer_lapsed" => TransferLapsed { transfer: TransferId, at: DateTime<Utc> },
        "transfer_withdrawn" => TransferWithdrawn { transfer: TransferId, why: Withdrawn, at: DateTime<Utc> },
        "handed_to_flow" => HandedToFlow { flow: FlowId, inbox: InboxId, at: DateTime<Utc> },
        "flow_ended" => FlowEnded { flow: FlowId, at: DateTime<Utc> },
        "interaction_ended" => InteractionEnded { interaction: u32, ending: Ending, at: DateTime<Utc> },

        /// The customer was seen under an address new to this conversation.
        "address_added" => AddressAdded { at: DateTime<Utc>, personal: Personal<Address> },
        /// `sent_at` is the provider's time and moves the reply window; `at` is ours and moves the idle clock.
        "message_received" => MessageReceived {
            message: MessageId, content: Content, sent_at: DateTime<Utc>, window_until: Option<DateTime<Utc>>,
            at: DateTime<Utc>, personal: Personal<InboundWords>,
        },
        "message_edited" => MessageEdited { message: MessageId, at: DateTime<Utc>, personal: Personal<InboundWords> },
        "message_revoked" => MessageRevoked { message: MessageId, at: DateTime<Utc> },
        /// No emoji takes the reaction back.
        "reaction_received" => ReactionReceived { message: MessageId, at: DateTime<Utc>, personal: Personal<Reaction> },
        /// A person of ours answered outside Gatehouse, in the provider's own app.
        "message_echoed" => MessageEchoed {
            message: MessageId, content: Content, sent_at: DateTime<Utc>, at: DateTime<Utc>,
            personal: Personal<InboundWords>,
        },
        "window_expired" => WindowExpired { until: DateTime<Utc>, at: DateTime<Utc> },

        "reply_queued" => ReplyQueued {
            message: MessageId, interaction: u32, author: Author, gateway: GatewayId, content: Content,
            at: DateTime<Utc>, personal: Personal<OutboundWords>,
        },
        "send_attempted" => SendAttempted { message: MessageId, attempt: u32, at: DateTime<Utc> },
        "send_deferred" => SendDeferred {
            message: MessageId, attempt: u32, until: DateTime<Utc>, reason: String, at: DateTime<Utc>,
        },
        "reply_submitted" => ReplySubmitted {
            message: MessageId, gateway: GatewayId, at: DateTime<Utc>, personal: Personal<ProviderReference>,
        },
        "reply_sent" => ReplySent { message: MessageId, at: DateTime<Utc> },
        "reply_delivered" => ReplyDelivered { message: MessageId, at: DateTime<Utc> },
        "reply_read" => ReplyRead { message: MessageId, at: DateTime<Utc> },
        "reply_failed" => ReplyFailed { message: MessageId, reason: String, at: DateTime<Utc> },
        /// An attempt whose outcome nobody knows: perhaps sent, perhaps not. After a restore it may be one that only the
        /// lost end of the log knew of.
        "reply_indeterminate" => ReplyIndeterminate { message: MessageId, attempt: u32, at: DateTime<Utc> },
        "send_resolved" => SendResolved {
            message: MessageId, resolution: Resolution, by: AgentId, at: DateTime<Utc>,
        },

        "note_added" => NoteAdded { by: AgentId, at: DateTime<Utc>, personal: Personal<Note> },
        "tagged" => Tagged { tag: Tag, by: AgentId, at: DateTime<Utc> },
        /// Taken off again, as it had been put on.
        "untagged" => Untagged { tag: Tag, by: AgentId, at: DateTime<Utc> },
        "priority_set" => PrioritySet { priority: u8, at: DateTime<Utc> },
        "sla_breached" => SlaBreached { clock: SlaClock, due: DateTime<Utc>, at: DateTime<Utc> },
        /// The contact was erased: nothing is said here any more.
        "conversation_erased" => Erased { at: DateTime<Utc> },
        "attachment_recorded" => AttachmentRecorded {
            message: MessageId, attachment: u32, outcome: AttachmentOutcome, at: DateTime<Utc>,
        },
    }
}
