//! Meta: WhatsApp through its Cloud API. Facts as of Graph v25.0 (Meta's developer pages, 2026).

mod config;
mod receive;
pub mod sample;
mod send;
mod wire;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use gatehouse_domain::Channel;

use super::{Access, Capabilities, Client, Field, HttpCall, Outbound, Provider, Received, Secrets, SendOutcome};

/// A text's limit on WhatsApp.
const WHATSAPP_TEXT_CHARS_MAX: u32 = 4_096;
/// The customer service window: free-form messages are taken for 24 hours after the customer's last one.
const WHATSAPP_REPLY_WINDOW: TimeDelta = TimeDelta::hours(24);

pub struct Meta;

impl Provider for Meta {
    fn name(&self) -> &'static str {
        "meta"
    }

    fn capabilities(&self, channel: Channel) -> Option<Capabilities> {
        (channel == Channel::Whatsapp).then_some(Capabilities {
            text_chars_max: WHATSAPP_TEXT_CHARS_MAX,
            templates: true,
            reply_window: Some(WHATSAPP_REPLY_WINDOW),
        })
    }

    fn configuration(&self) -> &'static [Field] {
        config::FIELDS
    }

    fn receive(&self, call: &HttpCall<'_>, secrets: &Secrets) -> Received {
        receive::receive(call, secrets)
    }

    fn translate(&self, body: &[u8]) -> Received {
        receive::translate(body)
    }

    fn send<'a>(&'a self, client: &'a Client, access: &'a Access, message: &'a Outbound) -> BoxFuture<'a, SendOutcome> {
        Box::pin(send::send(client, access, message))
    }
}
