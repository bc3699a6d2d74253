//! What people do on the desk, the same over REST and over the socket: authorise, put together what the rules need, ask
//! the actor; or the worklist, where it takes a slot. One file per group.

mod annotating;
mod boards;
mod contact_page;
mod contacts;
mod interactions;
mod offers;
mod presence;
mod queue;
mod supervising;
mod timeline;
mod transfers;
mod why;
mod writing;

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use gatehouse_domain::{ConversationId, Rules};
use gatehouse_projections::desk::Audience;
use gatehouse_projections::setup::Setup;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use annotating::{add_note, tag, untag};
pub use boards::{Behind, BoardNow, behind, board, watch_board};
pub use contact_page::{Contact, contact, conversations_of};
pub use contacts::{link, opt_in, opt_out, set_property, unlink};
pub use interactions::{end, retake, set_priority};
pub use offers::{accept_offer, decline_offer};
pub use presence::{Presence, set_presence};
pub use queue::{move_to_inbox, pull, pull_oldest};
pub use supervising::{assign, take_over};
pub use timeline::{Timeline, TimelinePage, timeline};
pub use transfers::{Handed, accept_transfer, decline_transfer, request_transfer, withdraw_transfer};
pub use why::{Reasons, why};
pub use writing::{Resolve, reply, resolve};

use crate::actors::{Directory, ExecuteError};
use crate::app::App;
use crate::clock::fresh_id;
use crate::followers::worklist::{Ask, Granted, Request, RequestKey};
use crate::journal::{CommandKey, Receipt};
use crate::policy::{Action, Actor, may};
use crate::problem::{FieldProblem, Problem};

/// A conversation somebody has now, and where that was stored.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Got {
    pub conversation: Uuid,
    #[serde(flatten)]
    pub receipt: Receipt,
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

    /// The same for the worklist.
    fn request_key(&self, app: &App, asked: &str) -> RequestKey {
        let named = |key: Uuid| {
            let parts = ["worklist request", &self.actor.user.to_string(), &key.to_string(), asked];
            app.journal.installation().keyed_id(&parts)
        };
        RequestKey(self.key.map_or_else(fresh_id, named))
    }
}

/// Asks the worklist. Whoever is not allowed now may have been when they asked first.
async fn ask(app: &Arc<App>, key: RequestKey, ask: Ask, allowed: Result<(), Problem>) -> Result<Granted, Problem> {
    let request = Request { key, ask };
    match allowed {
        Ok(()) => Ok(app.worklist.ask(request).await?),
        Err(problem) => app.worklist.granted_before(key, request.ask.conversation()).await?.ok_or(problem),
    }
}

/// Whether they may work on it.
fn may_work(app: &App, asker: &Asker<'_>, conversation: ConversationId) -> Result<(), Problem> {
    authorise(app, conversation, |audience, setup| may(asker.actor, Action::Work(audience), setup))
}

async fn work(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    asked: &str,
    command: Command,
) -> Result<Receipt, Problem> {
    let allowed = may_work(app, &asker, conversation);
    tell(app, asker, conversation, asked, command, allowed).await
}

/// Asks the conversation.
async fn tell(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    asked: &str,
    command: Command,
    allowed: Result<(), Problem>,
) -> Result<Receipt, Problem> {
    let key = asker.command_key(app, &format!("{conversation}/{asked}"));
    once(app, &app.actors.conversations, conversation, command, key, allowed).await
}

/// Asks an aggregate, once however often it is asked under a key. Whoever is not allowed now may have been when they asked
/// first.
async fn once<A: Rules<Error: Into<Problem>> + Unpin>(
    app: &App,
    directory: &Directory<A>,
    id: impl Into<Uuid>,
    command: A::Command,
    key: Option<CommandKey>,
    allowed: Result<(), Problem>,
) -> Result<Receipt, Problem> {
    if let Err(problem) = allowed {
        let before = match key {
            Some(key) => app.journal.receipt_of(key).await?,
            None => None,
        };
        return before.ok_or(problem);
    }
    let answer = directory.execute(id, command, key).await;
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
    allowed: impl FnOnce(&Audience, &Setup) -> bool,
) -> Result<(), Problem> {
    let desk = app.desks.read();
    let found = desk.conversation(conversation);
    match found {
        Some((audience, _)) if allowed(&audience, &desk.setup) => Ok(()),
        _ => Err(Problem::not_found("conversation")),
    }
}

/// Longest note.
const NOTE_CHARS_MAX: usize = 2_000;

/// Words a person typed, and not too many.
fn words_within(field: &'static str, words: &str, chars_max: usize) -> Result<(), Problem> {
    if words.chars().count() <= chars_max {
        return Ok(());
    }
    Err(invalid(field, format!("is longer than {chars_max} characters")))
}

fn invalid(field: &'static str, message: impl Into<String>) -> Problem {
    Problem::invalid(vec![FieldProblem { field, message: message.into() }])
}
