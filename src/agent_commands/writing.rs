//! Replies, and what becomes of one nobody knows the outcome of.

use std::sync::Arc;

use gatehouse_domain::conversation::{Author, Command, Resolution};
use gatehouse_domain::{ConversationId, MessageId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Asker, work};
use crate::app::App;
use crate::journal::Receipt;
use crate::problem::Problem;
use crate::providers;

/// What becomes of a message of which nobody knows whether it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolve {
    Resend,
    Discard,
}

/// The message's id is the client's, so that a reply sent again over a new socket is the same reply.
pub async fn reply(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    message: MessageId,
    text: String,
) -> Result<Receipt, Problem> {
    let (capabilities, contact, channel) = {
        let desk = app.desks.read();
        let (_, summary) = desk.conversation(conversation).ok_or_else(|| Problem::not_found("conversation"))?;
        let gateway = desk.setup.gateways.get(&summary.gateway.into()).ok_or_else(|| Problem::not_found("gateway"))?;
        let connection = desk.setup.connections.get(&gateway.account.connection);
        let provider = connection.and_then(|connection| providers::find(&connection.provider));
        let capabilities = provider.and_then(|provider| provider.capabilities(gateway.account.channel));
        let capabilities = capabilities.ok_or_else(|| Problem::not_found("provider"))?;
        (capabilities, summary.contact.id, gateway.account.channel)
    };
    // Asked of the contact, not of a fold of it: whoever was told that they hear nothing any more hears nothing.
    let opted_out = app.actors.contacts.observe(contact, move |contact, _| contact.has_opted_out(channel)).await?;
    let allowance = capabilities.allowance(opted_out);
    let author = Author::Agent { agent: asker.actor.agent() };
    let asked = format!("reply/{message}/{text}");
    work(app, asker, conversation, &asked, Command::Reply { message, author, text, allowance }).await
}

/// Decides about a message of which nobody knows whether it was sent.
pub async fn resolve(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    message: MessageId,
    resolution: Resolve,
) -> Result<Receipt, Problem> {
    let asked = format!("resolve/{message}/{resolution:?}");
    let resolution = match resolution {
        Resolve::Resend => Resolution::Resend,
        Resolve::Discard => Resolution::Discard,
    };
    let command = Command::ResolveIndeterminate { message, resolution, by: asker.actor.agent() };
    work(app, asker, conversation, &asked, command).await
}
