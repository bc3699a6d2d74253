//! Providers: the services that carry channels. Nothing outside a provider's folder knows its types, URLs or codes.
//!
//! Adding a provider:
//! 1. a folder of its name with `config.rs` (settings and the schema the wizard shows), `wire.rs` (its JSON, private),
//!    `receive.rs` (verify and translate, pure over raw bytes), `send.rs` (hand over, and what the answer means) and
//!    `mod.rs` (what it is and can do);
//! 2. one line in `ALL`.
//!
//! A provider never retries by itself and never looks at the log: it verifies, translates, and says what an answer means.

pub mod meta;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use gatehouse_domain::conversation::{Allowance, Content, Delivery};
use gatehouse_domain::{Address, Channel};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::outbound::Outbound as Client;

pub use meta::sample::call as sample_call;

/// Every provider there is.
pub const ALL: &[&dyn Provider] = &[&meta::Meta];

/// The provider called `name`.
pub fn find(name: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|provider| provider.name() == name)
}

/// One service that carries messages.
pub trait Provider: Sync {
    /// Its name in the API.
    fn name(&self) -> &'static str;

    /// The channels it carries, and what each can do.
    fn capabilities(&self, channel: Channel) -> Option<Capabilities>;

    /// What a connection to it needs to be told.
    fn configuration(&self) -> &'static [Field];

    /// Verifies a webhook call and translates it. Pure: the raw bytes decide, nothing is fetched.
    fn receive(&self, call: &HttpCall<'_>, secrets: &Secrets) -> Received;

    /// Translates what was verified when it came, and kept: an element's `original`, or a whole body.
    fn translate(&self, body: &[u8]) -> Received;

    /// Hands one message to the service and says what its answer means for the next step.
    fn send<'a>(&'a self, client: &'a Client, access: &'a Access, message: &'a Outbound) -> BoxFuture<'a, SendOutcome>;
}

/// What a channel of a provider can do. Obeyed everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub text_chars_max: u32,
    pub templates: bool,
    /// How long free-form replies are allowed after the customer's last message; none where there is no such rule.
    pub reply_window: Option<TimeDelta>,
}

impl Capabilities {
    /// What the rules of a conversation ask of it.
    pub fn allowance(self, opted_out: bool) -> Allowance {
        Allowance {
            reply_window: self.reply_window.is_some(),
            text_chars_max: self.text_chars_max,
            templates: self.templates,
            opted_out,
        }
    }
}

/// One thing a connection needs to be told.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub secret: bool,
    /// Used when nothing is given; a field without one is required.
    pub default: Option<&'static str>,
}

/// A connection's credentials, by field name.
pub type Secrets = BTreeMap<String, SecretString>;

/// A call to a webhook, raw.
pub struct HttpCall<'a> {
    pub method: &'a str,
    pub query: &'a str,
    pub header: &'a dyn Fn(&str) -> Option<String>,
    pub body: &'a [u8],
}

/// What a webhook call turned out to be.
#[derive(Debug, PartialEq)]
pub enum Received {
    /// The provider asks whether the URL is ours; this is the answer.
    Handshake(String),
    Elements(Vec<Element>),
    /// Not from the provider: nothing of it is stored.
    Forged,
    /// Signed, but not understood: kept whole.
    NotUnderstood {
        why: String,
    },
}

/// One thing a webhook call tells, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    Message(Box<InboundMessage>),
    Receipt(Receipt),
    /// Not understood; kept whole while the rest goes on.
    NotUnderstood {
        original: String,
        why: String,
    },
}

/// A message from a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundMessage {
    /// The provider's id of our account.
    pub account: String,
    pub channel: Channel,
    pub provider_id: String,
    pub sent_at: DateTime<Utc>,
    /// The one to answer to first.
    pub addresses: Vec<Address>,
    /// Whether the provider counts it as the customer's word, which opens the reply window.
    pub opens_window: bool,
    /// What the channel shows as the customer's name.
    pub name: Option<String>,
    pub content: Content,
    pub text: Option<String>,
    /// A call with this element alone: what is kept of it, and translated again on a re-drive.
    pub original: String,
}

/// News of a message of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    pub account: String,
    /// Whom the message was sent to, where the provider says so.
    pub to: Option<(Channel, Address)>,
    pub provider_id: String,
    /// Our own id of the message, where the provider gives it back.
    pub ours: Option<String>,
    pub delivery: Delivery,
    pub original: String,
}

/// How to reach a gateway's account.
pub struct Access {
    pub settings: BTreeMap<String, String>,
    pub secrets: Secrets,
    /// The provider's id of our account.
    pub account: String,
}

/// A message to a customer.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Our id, which comes back in receipts.
    pub ours: String,
    pub to: Address,
    pub content: Content,
    pub text: String,
    pub parameters: Vec<String>,
}

/// What a provider's answer means for the next step.
#[derive(Clone, Debug, PartialEq)]
pub enum SendOutcome {
    Submitted {
        provider_id: String,
    },
    /// Not taken: may be tried again, not before `after` where the provider says so.
    Retry {
        after: Option<Duration>,
        reason: String,
    },
    /// Never to be taken; the agent reads why.
    Rejected {
        reason: String,
    },
    /// Our credentials are refused: tried again like a passing failure, and an administrator has to mend them.
    Credentials {
        reason: String,
    },
    WindowClosed,
    /// Perhaps it went through, perhaps not.
    Indeterminate {
        reason: String,
    },
}

/// A text from a customer, for a bench that plays the service.
pub struct SampleMessage<'a> {
    pub account: &'a str,
    pub phone: &'a str,
    pub provider_id: &'a str,
    pub sent_at: DateTime<Utc>,
    pub text: &'a str,
}

/// A webhook call as the service makes it.
pub struct SampleCall {
    /// What proves who it is from.
    pub header: (&'static str, String),
    pub body: String,
}
