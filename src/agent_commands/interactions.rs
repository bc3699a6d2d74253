//! The end of an interaction, taking one up again, and how urgent one is.

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use gatehouse_domain::{ConversationId, EndReasonId};

use super::{Asker, may_work, tell, work};
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::{Action, Actor, may};
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
    let allowed = may_work(app, &asker, conversation);
    let key = asker.request_key(app, &format!("{conversation}/retake"));
    let granted = match allowed {
        Ok(()) => app.worklist.retake(key, conversation, asker.actor.agent()).await?,
        // They may have been allowed when they asked first.
        Err(problem) => app.worklist.granted_before(key, Some(conversation)).await?.ok_or(problem)?,
    };
    Ok(granted.receipt)
}

/// Who waits with a higher priority comes first. Agents say so of what is theirs, supervisors of everything.
pub async fn set_priority(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    priority: u8,
) -> Result<Receipt, Problem> {
    let (allowed, command) = (may_set_priority(app, asker.actor, conversation), Command::SetPriority { priority });
    tell(app, asker, conversation, &format!("priority/{priority}"), command, allowed).await
}

fn may_set_priority(app: &App, actor: &Actor, conversation: ConversationId) -> Result<(), Problem> {
    let desk = app.desks.read();
    let found = desk.conversation(conversation);
    let readable = |(audience, _): &(_, _)| may(actor, Action::Read(audience), &desk.setup);
    let (_, summary) = found.filter(readable).ok_or_else(|| Problem::not_found("conversation"))?;
    let owner = summary.owner.agent();
    if may(actor, Action::Supervise, &desk.setup) || owner == Some(actor.agent()) {
        Ok(())
    } else {
        Err(Problem::not_owner(owner))
    }
}
