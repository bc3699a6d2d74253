//! The end of an interaction, taking one up again, and how urgent one is.

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use gatehouse_domain::{ConversationId, EndReasonId};

use super::{Asker, authorise, first_answer, work};
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::{Action, may};
use crate::problem::Problem;

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

/// Takes an ended interaction up again: a new one that names it.
pub async fn retake(app: &Arc<App>, asker: Asker<'_>, conversation: ConversationId) -> Result<Receipt, Problem> {
    authorise(app, conversation, |audience, setup| may(asker.actor, Action::Work(audience), setup))?;
    let key = asker.request_key(app, &format!("{conversation}/retake"));
    let granted = app.worklist.retake(key, conversation, asker.actor.agent()).await?;
    Ok(granted.receipt)
}

/// Who waits with a higher priority comes first. Agents say so of what is theirs, supervisors of everything.
pub async fn set_priority(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    priority: u8,
) -> Result<Receipt, Problem> {
    let owner = {
        let desk = app.desks.read();
        let found = desk.conversation(conversation);
        let readable = |(audience, _): &(_, _)| may(asker.actor, Action::Read(audience), &desk.setup);
        let (_, summary) = found.filter(readable).ok_or_else(|| Problem::not_found("conversation"))?;
        let supervises = may(asker.actor, Action::Supervise, &desk.setup);
        (!supervises).then(|| summary.owner.agent())
    };
    if let Some(owner) = owner
        && owner != Some(asker.actor.agent())
    {
        return Err(Problem::not_owner(owner));
    }
    let key = asker.command_key(app, &format!("{conversation}/priority/{priority}"));
    let answer = app.actors.conversations.execute(conversation, Command::SetPriority { priority }, key).await;
    first_answer(app, key, answer).await
}
