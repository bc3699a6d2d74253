//! In: a verified webhook call becomes commands, in order, each acknowledged only when it is durable.

mod meet;

use std::sync::Arc;

use gatehouse_domain::conversation::{self, Delivery, Inbound, InboundWords, Route};
use gatehouse_domain::gateway::State;
use gatehouse_domain::{
    Address, Channel, Claim, ConnectionId, ContactId, ConversationId, Kind, MessageId, Personal, StreamId,
};
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use crate::actors::ExecuteError;
use crate::app::App;
use crate::cabinet::CabinetError;
use crate::journal::{CommandKey, StoreError};
use crate::providers::{self, Element, HttpCall, InboundMessage, Receipt, Received};
use crate::set_aside::{Aside, Item};
use meet::Met;

/// How often the owner is looked for again after somebody else came first.
const REROUTES_MAX: u32 = 4;

/// Why something is set aside whose conversation or contact is set apart.
const UNREADABLE: &str = "this version cannot read its conversation or contact";

/// Things tried again in one go.
const REDRIVEN_MAX: u32 = 10_000;

/// Things looked through at a time for somebody's words.
const LOOKED_THROUGH_AT_ONCE: u32 = 500;

/// What the provider hears.
#[derive(Debug, PartialEq)]
pub enum Taken {
    Handshake(String),
    /// Everything is durable, or was before.
    Kept,
    Forged,
    UnknownConnection,
}

/// It could not be kept now; the provider sends the whole call again, and claims absorb the repetition.
#[derive(Debug, Error)]
#[error("the call could not be kept now")]
pub struct NotNow;

impl From<StoreError> for NotNow {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a webhook call waits for the log");
        Self
    }
}

impl From<CabinetError> for NotNow {
    fn from(error: CabinetError) -> Self {
        tracing::error!(%error, "a webhook call waits for the cabinet");
        Self
    }
}

/// Takes one webhook call in.
pub async fn take(app: &Arc<App>, connection: ConnectionId, call: &HttpCall<'_>) -> Result<Taken, NotNow> {
    let Some((provider, received)) = translate(app, connection, call).await? else {
        return Ok(Taken::UnknownConnection);
    };
    match received {
        Received::Handshake(answer) => Ok(Taken::Handshake(answer)),
        Received::Forged => Ok(Taken::Forged),
        Received::NotUnderstood { why } => {
            app.set_aside.keep(Aside::Quarantine, connection, &why, call.body, app.clock.now()).await?;
            Ok(Taken::Kept)
        }
        Received::Elements(elements) => {
            for element in elements {
                if let Some(left) = place(app, connection, provider, element).await? {
                    let (original, now) = (left.original.as_bytes(), app.clock.now());
                    app.set_aside.keep(left.kind, connection, &left.reason, original, now).await?;
                }
            }
            Ok(Taken::Kept)
        }
    }
}

/// Verifies a call and translates it, with the provider that did; none where the connection is not known.
pub async fn translate(
    app: &Arc<App>,
    connection: ConnectionId,
    call: &HttpCall<'_>,
) -> Result<Option<(&'static dyn providers::Provider, Received)>, NotNow> {
    let known = {
        let desk = app.desks.read();
        let known = desk.setup.connections.get(&connection).filter(|known| !known.retired);
        known.and_then(|known| Some((providers::find(&known.provider)?, known.secrets_version)))
    };
    let Some((provider, version)) = known else { return Ok(None) };
    let secrets = app.vault.secrets(connection, version).await?;
    Ok(Some((provider, provider.receive(call, &secrets))))
}

/// What has to be set aside, why, and as what.
struct Left {
    kind: Aside,
    reason: String,
    original: String,
}

/// Puts one element where it belongs; what belongs nowhere comes back.
async fn place(
    app: &Arc<App>,
    connection: ConnectionId,
    provider: &dyn providers::Provider,
    element: Element,
) -> Result<Option<Left>, NotNow> {
    let unrouted = |reason: &str, original: String| Left { kind: Aside::Unrouted, reason: reason.to_owned(), original };
    match element {
        Element::NotUnderstood { original, why } => Ok(Some(Left { kind: Aside::Quarantine, reason: why, original })),
        Element::Message(message) => match route_of(app, connection, provider, &message) {
            Ok(route) => {
                let original = message.original.clone();
                let received = receive(app, connection, *message, route).await?;
                Ok(received.err().map(|reason| unrouted(reason, original)))
            }
            Err(reason) => Ok(Some(unrouted(reason, message.original))),
        },
        Element::Receipt(receipt) => {
            let original = receipt.original.clone();
            let recorded = record(app, connection, receipt).await?;
            Ok(recorded.err().map(|reason| unrouted(reason, original)))
        }
    }
}

/// What became of things that were set aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Redriven {
    /// Put where they belong.
    pub taken: u32,
    /// Set aside still.
    pub left: u32,
}

/// Tries everything set aside again, oldest first. Claims absorb what had arrived all the same.
pub async fn redrive(app: &Arc<App>, kind: Aside) -> Result<Redriven, NotNow> {
    redrive_where(app, kind, |_| true).await
}

/// Tries what is set aside because its conversation or contact could not be read, as after the start of a version that
/// can: nobody has to ask for it.
pub async fn redrive_unreadable(app: &Arc<App>) -> Result<Redriven, NotNow> {
    redrive_where(app, Aside::Unrouted, |item| item.reason == UNREADABLE).await
}

async fn redrive_where(app: &Arc<App>, kind: Aside, wanted: impl Fn(&Item) -> bool) -> Result<Redriven, NotNow> {
    let mut redriven = Redriven::default();
    let mut items = app.set_aside.list(kind, REDRIVEN_MAX).await?;
    items.retain(wanted);
    items.reverse();
    for item in items {
        if again(app, &item).await? {
            app.set_aside.remove(kind, &item.key).await?;
            redriven.taken += 1;
        } else {
            redriven.left += 1;
        }
    }
    Ok(redriven)
}

/// Whether all of one thing found its place this time.
async fn again(app: &Arc<App>, item: &Item) -> Result<bool, NotNow> {
    let Some((provider, elements)) = elements_of(app, item) else { return Ok(false) };
    let mut all = true;
    for element in elements {
        all &= place(app, ConnectionId(item.connection), provider, element).await?.is_none();
    }
    Ok(all)
}

/// What was set aside, translated again.
fn elements_of(app: &App, item: &Item) -> Option<(&'static dyn providers::Provider, Vec<Element>)> {
    let provider = {
        let desk = app.desks.read();
        providers::find(&desk.setup.connections.get(&ConnectionId(item.connection))?.provider)?
    };
    match provider.translate(item.original.as_ref()?.as_bytes()) {
        Received::Elements(elements) => Some((provider, elements)),
        _ => None,
    }
}

/// Where a message goes, or why it goes nowhere. The contact is filled in once they are known.
fn route_of(
    app: &App,
    connection: ConnectionId,
    provider: &dyn providers::Provider,
    message: &InboundMessage,
) -> Result<Route, &'static str> {
    let desk = app.desks.read();
    let (gateway, known) =
        desk.setup.gateway_of_account(connection, &message.account).ok_or("no gateway has this account")?;
    match known.state {
        State::Connected => {}
        State::Parked => return Err("the gateway is parked"),
        State::Retired => return Err("the gateway is retired"),
    }
    let channel = known.account.channel;
    let capabilities = provider.capabilities(channel).ok_or("the provider does not carry this channel")?;
    let (inbox, sla) = desk.setup.fed_by(known).ok_or("no inbox is primary for this channel")?;
    let contact = ContactId(uuid::Uuid::nil());
    let reply_window = capabilities.reply_window.filter(|_| message.opens_window);
    Ok(Route { gateway, channel, contact, inbox, flow: None, sla, reply_window })
}

/// Keeps a message; the inner error says why it belongs nowhere for now.
async fn receive(
    app: &Arc<App>,
    connection: ConnectionId,
    message: InboundMessage,
    route: Route,
) -> Result<Result<(), &'static str>, NotNow> {
    let installation = app.journal.installation();
    let id = MessageId(installation.keyed_id(&["message", &connection.to_string(), &message.provider_id]));
    let key = CommandKey::new(installation, &["message", &connection.to_string(), &message.provider_id]);
    let original = (!matches!(message.content, conversation::Content::Text)).then_some(message.original);
    let inbound = Inbound {
        message: id,
        content: message.content,
        words: InboundWords { provider_id: message.provider_id, text: message.text, original },
        sent_at: message.sent_at,
        addresses: message.addresses,
    };
    for _ in 0..REROUTES_MAX {
        let met = meet::meet(app, message.channel, &inbound.addresses, message.name.as_ref(), key).await?;
        let (contact, addresses) = match met {
            Met::Contact(contact, addresses) => (contact, addresses),
            Met::Erased => return Ok(Ok(())),
            Met::Unreadable => return Ok(Err(UNREADABLE)),
        };
        // One contact, one conversation on a gateway: its first message and its tenth meet the same actor.
        let parts = ["conversation", &route.gateway.to_string(), &contact.to_string()];
        let conversation = ConversationId(installation.keyed_id(&parts));
        let message = Inbound { addresses, ..inbound.clone() };
        let command = conversation::Command::Receive { message, route: Route { contact, ..route.clone() } };
        match app.actors.conversations.execute(conversation, command, Some(key)).await {
            Ok(_) => return Ok(Ok(())),
            // Erased since they were met: it is from somebody new.
            Err(ExecuteError::Refused(conversation::Refusal::Erased)) => {}
            // To be sent again would not help, and the rest of the call would be sent with it for ever.
            Err(ExecuteError::Unreadable) => return Ok(Err(UNREADABLE)),
            Err(error) => {
                tracing::error!(%error, "a message could not be kept now");
                return Err(NotNow);
            }
        }
    }
    Err(NotNow)
}

/// Removes what is set aside and from one of these addresses. Of what nobody understood, nobody knows whose it is.
pub async fn forget(app: &Arc<App>, addresses: &[(Channel, Address)]) -> Result<(), NotNow> {
    if addresses.is_empty() {
        return Ok(());
    }
    let theirs = |element: &Element| match element {
        Element::Message(message) => {
            message.addresses.iter().any(|address| addresses.contains(&(message.channel, address.clone())))
        }
        Element::Receipt(_) | Element::NotUnderstood { .. } => false,
    };
    let mut key = String::new();
    loop {
        let items = app.set_aside.after(Aside::Unrouted, &key, LOOKED_THROUGH_AT_ONCE).await?;
        let Some(last) = items.last() else { return Ok(()) };
        key.clone_from(&last.key);
        for item in items {
            if elements_of(app, &item).is_some_and(|(_, elements)| elements.iter().any(theirs)) {
                app.set_aside.remove(Aside::Unrouted, &item.key).await?;
            }
        }
    }
}

/// Records news of a message of ours; the inner error says why there is no such message.
async fn record(
    app: &Arc<App>,
    connection: ConnectionId,
    receipt: Receipt,
) -> Result<Result<(), &'static str>, NotNow> {
    let (conversation, message) = match message_of(app, connection, &receipt).await? {
        About::Ours(conversation, message) => (conversation, message),
        About::Erased => return Ok(Ok(())),
        About::Nobody => return Ok(Err("it tells of a message that is not ours")),
        About::Unreadable => return Ok(Err(UNREADABLE)),
    };
    let what = match &receipt.delivery {
        Delivery::Submitted { .. } => "submitted",
        Delivery::Sent => "sent",
        Delivery::Delivered => "delivered",
        Delivery::Read => "read",
        Delivery::Failed { .. } => "failed",
        Delivery::Indeterminate { .. } => "indeterminate",
    };
    let parts = ["receipt", &connection.to_string(), &receipt.provider_id, &message.to_string(), what];
    let key = CommandKey::new(app.journal.installation(), &parts);
    // A receipt also tells the provider's id, which the answer to our call may never have brought.
    let submitted = Delivery::Submitted { provider_id: receipt.provider_id.clone() };
    let submitted = conversation::Command::RecordDelivery { message, delivery: submitted };
    let news = conversation::Command::RecordDelivery { message, delivery: receipt.delivery };
    for (command, key) in [(submitted, None), (news, Some(key))] {
        match app.actors.conversations.execute(conversation, command, key).await {
            Ok(_) => {}
            // The id is known to lead elsewhere; the news itself stands.
            Err(ExecuteError::Taken(_)) => {}
            Err(ExecuteError::Unreadable) => return Ok(Err(UNREADABLE)),
            Err(error) => {
                tracing::error!(%error, "a receipt could not be kept now");
                return Err(NotNow);
            }
        }
    }
    Ok(Ok(()))
}

/// What a receipt tells of.
enum About {
    Ours(ConversationId, MessageId),
    /// A message of ours to somebody erased since: nobody knows which, and nothing is kept of it.
    Erased,
    Nobody,
    Unreadable,
}

/// Our message a receipt tells of: by our own id where it came back, otherwise by the provider's.
async fn message_of(app: &Arc<App>, connection: ConnectionId, receipt: &Receipt) -> Result<About, NotNow> {
    if let Some((conversation, message)) = receipt.ours.as_deref().and_then(|ours| ours.split_once('.'))
        && let (Ok(conversation), Ok(message)) = (conversation.parse(), message.parse())
    {
        let look = move |state: &conversation::Conversation, _| {
            state.messages.outbound(message).map(|outbound| outbound.gateway)
        };
        let gateway = match app.actors.conversations.observe(conversation, look).await {
            Ok(gateway) => gateway,
            Err(ExecuteError::Unreadable) => return Ok(About::Unreadable),
            Err(_) => return Err(NotNow),
        };
        let ours = gateway.is_some_and(|gateway| {
            let desk = app.desks.read();
            desk.setup.gateways.get(&gateway).is_some_and(|known| known.account.connection == connection)
        });
        if ours {
            return Ok(About::Ours(conversation, message));
        }
    }
    let gateway = {
        let desk = app.desks.read();
        desk.setup.gateway_of_account(connection, &receipt.account).map(|(id, _)| id)
    };
    let Some(gateway) = gateway else { return Ok(About::Nobody) };
    let claim = Claim::ProviderMessage(gateway, receipt.provider_id.clone());
    let Some(owner) = app.journal.owner_of(&claim).await? else { return Ok(About::Nobody) };
    let history = match app.journal.stream(StreamId { kind: Kind::Conversation, id: owner.id }, 0).await {
        Ok(history) => history,
        Err(StoreError::Unreadable(_)) => return Ok(About::Unreadable),
        Err(error) => return Err(error.into()),
    };
    let message = history.iter().rev().find_map(|recorded| match &recorded.fact {
        gatehouse_domain::Fact::Conversation(conversation::Event::ReplySubmitted {
            message,
            personal: Personal::Known(reference),
            ..
        }) if reference.provider_id == receipt.provider_id => Some(*message),
        _ => None,
    });
    Ok(message.map_or(About::Erased, |message| About::Ours(ConversationId(owner.id), message)))
}
