//! Handing work to a colleague, who is asked first.

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use gatehouse_domain::{AgentId, ConversationId, TransferId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Asker, NOTE_CHARS_MAX, ask, may_work, words_within, work};
use crate::app::App;
use crate::followers::worklist::Ask;
use crate::journal::Receipt;
use crate::problem::Problem;

/// A transfer that was asked for, and where that was stored.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Handed {
    pub transfer: Uuid,
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Asks a colleague to take it over. The owner keeps it until they accept.
pub async fn request_transfer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    to: AgentId,
    note: String,
) -> Result<Handed, Problem> {
    let allowed = may_work(app, &asker, conversation);
    let allowed = allowed.and_then(|()| words_within("note", &note, NOTE_CHARS_MAX));
    let key = asker.request_key(app, &format!("{conversation}/transfer/{to}/{note}"));
    // Asked again under its key, it is the same transfer.
    let transfer = TransferId(key.0);
    let request = Ask::Transfer { conversation, transfer, by: asker.actor.agent(), to, note };
    let granted = ask(app, key, request, allowed).await?;
    Ok(Handed { transfer: transfer.0, receipt: granted.receipt })
}

/// The colleague takes it.
pub async fn accept_transfer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    transfer: TransferId,
) -> Result<Receipt, Problem> {
    let command = Command::AcceptTransfer { transfer, agent: asker.actor.agent() };
    let accepted = work(app, asker, conversation, &format!("accept_transfer/{transfer}"), command).await;
    accepted.map_err(|problem| told_who(app, conversation, problem))
}

/// The colleague does not take it.
pub async fn decline_transfer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    transfer: TransferId,
) -> Result<Receipt, Problem> {
    let allowed = may_work(app, &asker, conversation);
    let key = asker.request_key(app, &format!("{conversation}/decline_transfer/{transfer}"));
    let request = Ask::DeclineTransfer { conversation, transfer, agent: asker.actor.agent() };
    let declined = ask(app, key, request, allowed).await;
    Ok(declined.map_err(|problem| told_who(app, conversation, problem))?.receipt)
}

/// The owner takes it back.
pub async fn withdraw_transfer(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    transfer: TransferId,
) -> Result<Receipt, Problem> {
    let allowed = may_work(app, &asker, conversation);
    let key = asker.request_key(app, &format!("{conversation}/withdraw_transfer/{transfer}"));
    let request = Ask::WithdrawTransfer { conversation, transfer, by: asker.actor.agent() };
    Ok(ask(app, key, request, allowed).await?.receipt)
}

/// A transfer that is gone: who has the interaction now.
fn told_who(app: &App, conversation: ConversationId, problem: Problem) -> Problem {
    if problem.code != "no_such_transfer" {
        return problem;
    }
    let owner = app.desks.read().conversation(conversation).and_then(|(_, summary)| summary.owner.agent());
    problem.won_by(owner)
}
