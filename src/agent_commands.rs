//! What an agent does on the desk, the same over REST and over the socket: authorise, put together what the rules need,
//! ask the actor.

use std::sync::Arc;

use gatehouse_domain::agent::{self, OfflineCause};
use gatehouse_domain::conversation::{Author, Command, Resolution};
use gatehouse_domain::{ConversationId, EndReasonId, Fact, Kind, MessageId, OfferId, Recorded, StreamId};
use gatehouse_projections::timeline::{self, Entry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actors::ExecuteError;
use crate::app::App;
use crate::journal::{CommandKey, Receipt};
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;
use crate::providers;

/// Timeline entries told at a time: the newest.
const ENTRIES_MAX: usize = 500;

/// What an agent may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Online,
    Break,
    Offline,
}

/// What becomes of a message of which nobody knows whether it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolve {
    Resend,
    Discard,
}

/// A conversation, told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub entries: Vec<Entry>,
    /// The sequence of its newest event: later entries come as notices.
    pub version: u64,
}

/// The agent and their request's key, if they gave one.
#[derive(Clone, Debug)]
pub struct Asker<'a> {
    pub actor: &'a Actor,
    pub key: Option<Uuid>,
}

impl Asker<'_> {
    /// The key of this request. What is asked is part of it: a key used again for something else swallows nothing.
    fn command_key(&self, app: &App, asked: &str) -> Option<CommandKey> {
        let key = self.key?.to_string();
        Some(CommandKey::new(app.journal.installation(), &["request", &self.actor.user.to_string(), &key, asked]))
    }
}

pub async fn set_presence(
    app: &Arc<App>,
    asker: Asker<'_>,
    presence: Presence,
    reason: Option<String>,
) -> Result<Receipt, Problem> {
    if !may(asker.actor, Action::ChoosePresence, &app.desks.read().setup) {
        return Err(Problem::forbidden());
    }
    let command = match presence {
        Presence::Online => agent::Command::GoOnline,
        Presence::Break => agent::Command::TakeBreak { reason },
        Presence::Offline => agent::Command::GoOffline { cause: OfflineCause::Chosen },
    };
    let key = asker.command_key(app, &format!("presence/{presence:?}"));
    let answer = app.actors.agents.execute(asker.actor.agent(), command, key).await;
    first_answer(app, key, answer).await
}

pub async fn accept_offer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    offer: OfferId,
) -> Result<Receipt, Problem> {
    let command = Command::AcceptOffer { offer, agent: asker.actor.agent() };
    work(app, asker, conversation, &format!("accept/{offer}"), command).await
}

pub async fn decline_offer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    offer: OfferId,
    reason: Option<String>,
) -> Result<Receipt, Problem> {
    let command = Command::DeclineOffer { offer, agent: asker.actor.agent(), reason };
    work(app, asker, conversation, &format!("decline/{offer}"), command).await
}

/// The message's id is the client's, so that a reply sent again over a new socket is the same reply.
pub async fn reply(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    message: MessageId,
    text: String,
) -> Result<Receipt, Problem> {
    let allowance = {
        let desk = app.desks.read();
        let (_, summary) = desk.conversation(conversation).ok_or_else(|| Problem::not_found("conversation"))?;
        let gateway = desk.setup.gateways.get(&summary.gateway.into()).ok_or_else(|| Problem::not_found("gateway"))?;
        let connection = desk.setup.connections.get(&gateway.account.connection);
        let provider = connection.and_then(|connection| providers::find(&connection.provider));
        let capabilities = provider.and_then(|provider| provider.capabilities(gateway.account.channel));
        capabilities.ok_or_else(|| Problem::not_found("provider"))?.allowance(false)
    };
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

pub async fn end(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    reason: Option<EndReasonId>,
) -> Result<Receipt, Problem> {
    let configured = app.desks.read().setup.configured_end_reasons();
    let asked = format!("end/{}", reason.map(|reason| reason.to_string()).unwrap_or_default());
    let command = Command::End { reason, configured, by: asker.actor.agent() };
    work(app, asker, conversation, &asked, command).await
}

/// The timeline, for whoever may read the conversation.
pub async fn timeline(app: &Arc<App>, actor: &Actor, conversation: ConversationId) -> Result<Timeline, Problem> {
    authorise(app, conversation, |audience, setup| may(actor, Action::Read(audience), setup))?;
    let history = app.journal.stream(StreamId { kind: Kind::Conversation, id: conversation.0 }, 0).await?;
    let version = history.last().map_or(0, |recorded| recorded.sequence);
    let desk = app.desks.read();
    let entry = |recorded: &Recorded| match &recorded.fact {
        Fact::Conversation(event) => timeline::entry(recorded, event, &desk.setup),
        _ => None,
    };
    let mut entries: Vec<Entry> = history.iter().filter_map(entry).collect();
    entries.drain(..entries.len().saturating_sub(ENTRIES_MAX));
    Ok(Timeline { entries, version })
}

async fn work(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    asked: &str,
    command: Command,
) -> Result<Receipt, Problem> {
    authorise(app, conversation, |audience, setup| may(asker.actor, Action::Work(audience), setup))?;
    let key = asker.command_key(app, &format!("{conversation}/{asked}"));
    let answer = app.actors.conversations.execute(conversation, command, key).await;
    first_answer(app, key, answer).await
}

/// Asked again under its key, a command that was done is answered as it was then, whatever would be refused by now.
async fn first_answer<E: Into<Problem>>(
    app: &App,
    key: Option<CommandKey>,
    answer: Result<Receipt, ExecuteError<E>>,
) -> Result<Receipt, Problem> {
    if let (Err(ExecuteError::Refused(_)), Some(key)) = (&answer, key)
        && let Some(receipt) = app.journal.receipt_of(key).await?
    {
        return Ok(receipt);
    }
    Ok(answer?)
}

/// What somebody may not see does not exist for them.
fn authorise(
    app: &App,
    conversation: ConversationId,
    allowed: impl FnOnce(&gatehouse_projections::desk::Audience, &gatehouse_projections::setup::Setup) -> bool,
) -> Result<(), Problem> {
    let desk = app.desks.read();
    let found = desk.conversation(conversation);
    match found {
        Some((audience, _)) if allowed(&audience, &desk.setup) => Ok(()),
        _ => Err(Problem::not_found("conversation")),
    }
}
