//! Sends what the worklist decided to the agent or the conversation it concerns.

use std::sync::Arc;

use gatehouse_domain::agent;
use gatehouse_domain::conversation::{Command, Conversation, OfferTo};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Act, Worklist};
use crate::actors::Actors;
use crate::followers::{Done, Effect, Given};
use crate::journal::{CommandKey, Journal};

/// Starts the follower.
pub fn start(given: Given) -> watch::Receiver<u64> {
    let (log, actors) = (Arc::clone(&given.journal), Arc::clone(&given.actors));
    super::super::start(Worklist::default(), given, move |act| ask(Arc::clone(&log), Arc::clone(&actors), act))
}

async fn ask(journal: Arc<Journal>, actors: Arc<Actors>, act: Act) -> Done {
    let key = |of: Uuid, what: &str| {
        Some(CommandKey::of_follower(journal.installation(), Worklist::NAME, journal.log_id(), of, what))
    };
    match act {
        Act::Hold { conversation, agent, channel, hold } => {
            let command = agent::Command::HoldSlot { hold, conversation, channel };
            Done::of(&actors.agents.execute(agent, command, key(hold.0, "hold")).await)
        }
        Act::Offer { conversation, agent, hold, offer, until } => {
            let command = Command::Offer { offers: vec![OfferTo { offer, agent, hold }], until, why: None };
            Done::of(&actors.conversations.execute(conversation, command, key(offer.0, "offer")).await)
        }
        Act::Withdraw { conversation, offer } => {
            let command = Command::WithdrawOffer { offer };
            Done::of(&actors.conversations.execute(conversation, command, key(offer.0, "withdraw")).await)
        }
        Act::Return { conversation, agent } => {
            let look = move |state: &Conversation, _| (state.owning_agent() == Some(agent)).then_some(state.ownership);
            match actors.conversations.observe(conversation, look).await {
                Ok(Some(ownership)) => {
                    let command = Command::ReturnToInbox { ownership };
                    let key = key(conversation.0, &format!("return/{ownership}"));
                    Done::of(&actors.conversations.execute(conversation, command, key).await)
                }
                Ok(None) => Done::Refused,
                Err(_) => Done::Failed,
            }
        }
        Act::Release { agent, hold, .. } => {
            let command = agent::Command::ReleaseSlot { hold };
            Done::of(&actors.agents.execute(agent, command, key(hold.0, "release")).await)
        }
    }
}
