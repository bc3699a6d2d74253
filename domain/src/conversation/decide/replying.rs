//! Who may write to the customer, and when. The reply window is the provider's rule about sending: on WhatsApp,
//! free-form messages are allowed for 24 hours after the customer's last one, and only templates afterwards.

use chrono::{DateTime, Utc};

use super::Decision;
use crate::conversation::{
    Allowance, Author, Content, Conversation, Event, OutboundWords, Owner, Refusal, SlaClock, Template, Window,
};
use crate::{MessageId, Personal};

/// A free-form reply: refused after the window, for every author alike.
pub fn reply(
    this: &Conversation,
    message: MessageId,
    author: Author,
    text: String,
    allowance: Allowance,
    now: DateTime<Utc>,
) -> Decision {
    if this.messages.has(message) {
        return Ok(vec![]);
    }
    owned_by(this, author)?;
    if allowance.reply_window && !window_is_open(this, now) {
        return Err(Refusal::WindowClosed);
    }
    if text.trim().is_empty() {
        return Err(Refusal::TextBlank);
    }
    if text.chars().count() > allowance.text_chars_max as usize {
        return Err(Refusal::TextTooLong { max: allowance.text_chars_max });
    }
    queue(this, message, author, Content::Text, (text, vec![]), allowance, now)
}

/// A template may be sent in and out of the window, where the channel has templates.
pub fn send_template(
    this: &Conversation,
    message: MessageId,
    author: Author,
    template: Template,
    allowance: Allowance,
    now: DateTime<Utc>,
) -> Decision {
    if this.messages.has(message) {
        return Ok(vec![]);
    }
    owned_by(this, author)?;
    if !allowance.templates {
        return Err(Refusal::Unsupported { capability: "templates" });
    }
    let content = Content::Template { name: template.name, language: template.language };
    queue(this, message, author, content, (template.text, template.parameters), allowance, now)
}

/// The window closed: re-checked, because a message may have moved it since the deadline was set.
pub fn expire_window(this: &Conversation, until: DateTime<Utc>, now: DateTime<Utc>) -> Decision {
    match this.window {
        Window::Closed => Ok(vec![]),
        Window::OpenUntil(current) if current != until => Err(Refusal::WindowMoved),
        Window::OpenUntil(_) if now < until => Err(Refusal::WindowStillOpen),
        Window::OpenUntil(_) => Ok(vec![Event::WindowExpired { until, at: now }]),
    }
}

/// A promise ran out: re-checked, because somebody may have answered since the deadline was set.
pub fn breach_sla(this: &Conversation, clock: SlaClock, due: DateTime<Utc>, now: DateTime<Utc>) -> Decision {
    match this.promise.due() {
        Some(running) if (running.clock, running.at) != (clock, due) || running.breached => Ok(vec![]),
        None => Ok(vec![]),
        Some(_) if now < due => Err(Refusal::SlaNotDue),
        Some(_) => Ok(vec![Event::SlaBreached { clock, due, at: now }]),
    }
}

fn queue(
    this: &Conversation,
    message: MessageId,
    author: Author,
    content: Content,
    (text, parameters): (String, Vec<String>),
    allowance: Allowance,
    at: DateTime<Utc>,
) -> Decision {
    if allowance.opted_out {
        return Err(Refusal::OptedOut);
    }
    let to = this.addresses.first().cloned().ok_or(Refusal::AddressUnknown)?;
    let gateway = this.party.ok_or(Refusal::NotOpen)?.gateway;
    let interaction = this.open()?.number;
    let personal = Personal::Known(OutboundWords { to, text, parameters });
    Ok(vec![Event::ReplyQueued { message, interaction, author, gateway, content, at, personal }])
}

/// Agents and flows write only in what they own; a program of the organisation in whatever is open.
fn owned_by(this: &Conversation, author: Author) -> Result<(), Refusal> {
    let owner = &this.open()?.owner;
    match (author, owner) {
        (Author::Agent { agent }, Owner::Agent { agent: owner, .. }) if agent == *owner => Ok(()),
        (Author::Flow { flow }, Owner::Flow { flow: owner }) if flow == *owner => Ok(()),
        (Author::Api, _) => Ok(()),
        (Author::Agent { .. } | Author::Flow { .. }, _) => Err(Refusal::NotOwner { owner: this.owning_agent() }),
    }
}

fn window_is_open(this: &Conversation, now: DateTime<Utc>) -> bool {
    matches!(this.window, Window::OpenUntil(until) if now < until)
}
