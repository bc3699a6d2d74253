//! Sends what lapsed to the aggregate it concerns.

use std::sync::Arc;

use gatehouse_domain::ConversationId;
use gatehouse_domain::agent::{self, OfflineCause};
use gatehouse_domain::conversation::{Command, SlaClock};
use tokio::sync::watch;

use super::{Deadlines, Lapsed, Subject};
use crate::actors::Actors;
use crate::followers::{Done, Effect, Given};
use crate::journal::{CommandKey, Journal};
use crate::telemetry;

/// Starts the follower.
pub fn start(given: Given) -> watch::Receiver<u64> {
    let (log, actors) = (Arc::clone(&given.journal), Arc::clone(&given.actors));
    super::super::start(Deadlines::default(), given, move |lapsed| fire(Arc::clone(&log), Arc::clone(&actors), lapsed))
}

async fn fire(journal: Arc<Journal>, actors: Arc<Actors>, lapsed: Lapsed) -> Done {
    let Lapsed { subject, about, owner_available, jumped } = lapsed;
    if jumped {
        tracing::warn!(?subject, set_for = %about, "a deadline the wall clock jumped over has waited, and fires");
        telemetry::deadline_after_jump();
    }
    let key = |of: uuid::Uuid, what: &str| {
        let version = format!("{what}/{}", about.timestamp_micros());
        Some(CommandKey::of_follower(journal.installation(), Deadlines::NAME, journal.log_id(), of, &version))
    };
    let ask = async |id: ConversationId, command: Command, key| {
        Done::of(&actors.conversations.execute(id, command, key).await)
    };
    match subject {
        Subject::Offer(id, offer) => ask(id, Command::LapseOffer { offer }, key(offer.0, "offer")).await,
        Subject::Transfer(id, transfer) => {
            ask(id, Command::LapseTransfer { transfer, owner_available }, key(transfer.0, "transfer")).await
        }
        Subject::Window(id) => ask(id, Command::ExpireWindow { until: about }, key(id.0, "window")).await,
        Subject::Idle(id) => ask(id, Command::CloseIdle { silent_since: about }, key(id.0, "idle")).await,
        Subject::Sla(id, clock) => {
            let what = match clock {
                SlaClock::FirstResponse => "first_response",
                SlaClock::NextResponse => "next_response",
            };
            ask(id, Command::BreachSla { clock, due: about }, key(id.0, what)).await
        }
        Subject::Grace(id) => {
            let command = agent::Command::GoOffline { cause: OfflineCause::Disconnected };
            Done::of(&actors.agents.execute(id, command, key(id.0, "grace")).await)
        }
    }
}
