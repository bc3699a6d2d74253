//! Why a conversation refuses.

use thiserror::Error;

use crate::AgentId;

/// Each refusal says why not; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no interaction is open")]
    NotOpen,
    #[error("an interaction is open already")]
    AlreadyOpen,
    #[error("there is no interaction to take up again")]
    NothingToRetake,
    #[error("the interaction does not wait in a queue")]
    NotQueued,
    #[error("an offer needs somebody to be made to")]
    NobodyToOffer,
    #[error("the offer is over")]
    OfferGone { winner: Option<AgentId> },
    #[error("the offer was made to somebody else")]
    NotYourOffer,
    #[error("the offer still has time")]
    OfferStillOpen,
    #[error("the interaction has changed hands since")]
    StaleOwnership,
    #[error("the interaction is not yours")]
    NotOwner { owner: Option<AgentId> },
    #[error("a transfer needs another agent")]
    TransferToSelf,
    #[error("a transfer is waiting already")]
    TransferPending,
    #[error("there is no such transfer")]
    NoSuchTransfer,
    #[error("the transfer still has time")]
    TransferStillOpen,
    #[error("the reply window is closed: only templates may be sent")]
    WindowClosed,
    #[error("the reply window has moved")]
    WindowMoved,
    #[error("the reply window is still open")]
    WindowStillOpen,
    #[error("the customer asked not to be written to")]
    OptedOut,
    #[error("this channel cannot carry {capability}")]
    Unsupported { capability: &'static str },
    #[error("the message is blank")]
    TextBlank,
    #[error("the message is longer than {max} characters")]
    TextTooLong { max: u32 },
    #[error("the customer's address is not known any more")]
    AddressUnknown,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("the earlier attempt has no outcome yet")]
    AttemptUnresolved,
    #[error("attempt {expected} comes next")]
    AttemptOutOfTurn { expected: u32 },
    #[error("the message needs no further attempt")]
    NothingToSend,
    #[error("the outcome of the message is known")]
    NotIndeterminate,
    #[error("a message has come since")]
    NotIdle,
    #[error("the promised time has not passed yet")]
    SlaNotDue,
    #[error("an end needs a reason")]
    ReasonMissing,
    #[error("there is no such end reason")]
    UnknownEndReason,
    #[error("an interaction has {max} tags at most")]
    TooManyTags { max: usize },
    #[error("the contact was erased")]
    Erased,
    #[error("the conversation is another contact's")]
    OtherContact,
}
