//! Taking from what waits, and giving back to it.

use std::sync::Arc;

use gatehouse_domain::{ConversationId, InboxId};

use super::supervising::supervises;
use super::{Asker, Got, ask, authorise, may_work};
use crate::app::App;
use crate::followers::worklist::Ask;
use crate::journal::Receipt;
use crate::policy::{Action, may};
use crate::problem::Problem;

/// Takes the one that waits longest in the agent's inboxes, or in the one named.
pub async fn pull_oldest(app: &Arc<App>, asker: Asker<'_>, inbox: Option<InboxId>) -> Result<Got, Problem> {
    let may_pull = may(asker.actor, Action::ChoosePresence, &app.desks.read().setup);
    let allowed = if may_pull { Ok(()) } else { Err(Problem::forbidden()) };
    let asked = format!("pull/{}", inbox.map(|inbox| inbox.to_string()).unwrap_or_default());
    let agent = asker.actor.agent();
    let granted = ask(app, asker.request_key(app, &asked), Ask::PullOldest { agent, inbox }, allowed).await?;
    Ok(Got { conversation: granted.conversation.0, receipt: granted.receipt })
}

/// Takes this one, if it waits.
pub async fn pull(app: &Arc<App>, asker: Asker<'_>, conversation: ConversationId) -> Result<Receipt, Problem> {
    let allowed = may_work(app, &asker, conversation);
    let key = asker.request_key(app, &format!("{conversation}/pull"));
    Ok(ask(app, key, Ask::Pull { agent: asker.actor.agent(), conversation }, allowed).await?.receipt)
}

/// To another inbox, at its age: by its owner, or by a supervisor whoever has it.
pub async fn move_to_inbox(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    inbox: InboxId,
) -> Result<Receipt, Problem> {
    let allowed = authorise(app, conversation, |audience, setup| may(asker.actor, Action::Read(audience), setup));
    let request = if supervises(app, asker.actor) {
        Ask::Move { conversation, inbox }
    } else {
        Ask::TransferToInbox { conversation, by: asker.actor.agent(), inbox }
    };
    let key = asker.request_key(app, &format!("{conversation}/move/{inbox}"));
    Ok(ask(app, key, request, allowed).await?.receipt)
}
