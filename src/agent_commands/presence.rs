//! Being there, on break, or away.

use std::sync::Arc;

use gatehouse_domain::agent::{self, OfflineCause};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Asker, first_answer, words_within};
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::{Action, may};
use crate::problem::Problem;

/// Longest reason of a break.
const REASON_CHARS_MAX: usize = 100;

/// What an agent may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Online,
    Break,
    Offline,
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
    words_within("reason", reason.as_deref().unwrap_or_default(), REASON_CHARS_MAX)?;
    let asked = format!("presence/{presence:?}/{}", reason.as_deref().unwrap_or_default());
    let command = match presence {
        Presence::Online => agent::Command::GoOnline,
        Presence::Break => agent::Command::TakeBreak { reason },
        Presence::Offline => agent::Command::GoOffline { cause: OfflineCause::Chosen },
    };
    let key = asker.command_key(app, &asked);
    let answer = app.actors.agents.execute(asker.actor.agent(), command, key).await;
    first_answer(app, key, answer).await
}
