//! Answering an offer.

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use gatehouse_domain::{ConversationId, OfferId};

use super::{Asker, work};
use crate::app::App;
use crate::journal::Receipt;
use crate::problem::Problem;

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
