//! What supervisors do with work that is not theirs.

use std::sync::Arc;

use gatehouse_domain::{AgentId, ConversationId};

use super::{Asker, ask, authorise};
use crate::app::App;
use crate::followers::worklist::Ask;
use crate::journal::Receipt;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Gives it to an agent, whoever has it.
pub async fn assign(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    to: AgentId,
) -> Result<Receipt, Problem> {
    let allowed = must_supervise(app, asker.actor, conversation);
    let key = asker.request_key(app, &format!("{conversation}/assign/{to}"));
    Ok(ask(app, key, Ask::Assign { conversation, to, by: asker.actor.agent() }, allowed).await?.receipt)
}

/// Takes it, whoever has it.
pub async fn take_over(app: &Arc<App>, asker: Asker<'_>, conversation: ConversationId) -> Result<Receipt, Problem> {
    let allowed = must_supervise(app, asker.actor, conversation);
    let by = asker.actor.agent();
    let is_agent = app.desks.read().setup.agents.contains_key(&by);
    let allowed = allowed.and_then(|()| if is_agent { Ok(()) } else { Err(Problem::no_agent()) });
    let key = asker.request_key(app, &format!("{conversation}/take_over"));
    Ok(ask(app, key, Ask::TakeOver { conversation, by }, allowed).await?.receipt)
}

pub(super) fn supervises(app: &App, actor: &Actor) -> bool {
    may(actor, Action::Supervise, &app.desks.read().setup)
}

/// Whoever may see it is told that their role does not allow it; for others it does not exist.
fn must_supervise(app: &App, actor: &Actor, conversation: ConversationId) -> Result<(), Problem> {
    authorise(app, conversation, |audience, setup| may(actor, Action::Read(audience), setup))?;
    if supervises(app, actor) { Ok(()) } else { Err(Problem::forbidden()) }
}
