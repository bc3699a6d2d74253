//! Does what a call asks, through the same functions as REST.

use std::sync::Arc;

use gatehouse_domain::{AgentId, ConversationId, EndReasonId, InboxId, MessageId, OfferId, TransferId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::protocol::Call;
use crate::agent_commands::{self as commands, Asker};
use crate::app::App;
use crate::policy::Actor;
use crate::problem::Problem;

pub async fn execute(app: &Arc<App>, actor: &Actor, call: Call) -> Result<Value, Problem> {
    let asker = |key: Option<Uuid>| Asker { actor, key };
    let receipt = match call {
        // The socket itself subscribes.
        Call::Subscribe(_) | Call::WatchBoard(_) | Call::UnwatchBoard(_) => return Err(Problem::not_found("call")),
        Call::Timeline(of) => {
            return Ok(json!(commands::timeline(app, actor, ConversationId(of.conversation), of.page).await?));
        }
        Call::Behind(of) => {
            return Ok(json!(commands::behind(app, actor, of.inbox, of.lens, of.agent).await?));
        }
        Call::Why(of) => return Ok(json!(commands::why(app, actor, ConversationId(of.conversation)).await?)),
        Call::PullOldest(pull) => {
            return Ok(json!(commands::pull_oldest(app, asker(pull.key), pull.inbox.map(InboxId)).await?));
        }
        Call::RequestTransfer(ask) => {
            let (conversation, to) = (ConversationId(ask.conversation), AgentId(ask.to));
            return Ok(json!(commands::request_transfer(app, asker(ask.key), conversation, to, ask.note).await?));
        }
        Call::SetPresence(set) => commands::set_presence(app, asker(set.key), set.state, set.reason).await,
        Call::AcceptOffer(accept) => {
            let (conversation, offer) = (ConversationId(accept.conversation), OfferId(accept.offer));
            commands::accept_offer(app, asker(accept.key), conversation, offer).await
        }
        Call::DeclineOffer(decline) => {
            let (conversation, offer) = (ConversationId(decline.conversation), OfferId(decline.offer));
            commands::decline_offer(app, asker(decline.key), conversation, offer, decline.reason).await
        }
        Call::Reply(reply) => {
            let (conversation, message) = (ConversationId(reply.conversation), MessageId(reply.message));
            commands::reply(app, asker(reply.key), conversation, message, reply.text).await
        }
        Call::Resolve(resolve) => {
            let (conversation, message) = (ConversationId(resolve.conversation), MessageId(resolve.message));
            commands::resolve(app, asker(resolve.key), conversation, message, resolve.resolution).await
        }
        Call::End(end) => {
            let (conversation, reason) = (ConversationId(end.conversation), end.reason.map(EndReasonId));
            commands::end(app, asker(end.key), conversation, reason).await
        }
        Call::Pull(of) => commands::pull(app, asker(of.key), ConversationId(of.conversation)).await,
        Call::Move(of) => {
            commands::move_to_inbox(app, asker(of.key), ConversationId(of.conversation), InboxId(of.inbox)).await
        }
        Call::Retake(of) => commands::retake(app, asker(of.key), ConversationId(of.conversation)).await,
        Call::SetPriority(set) => {
            commands::set_priority(app, asker(set.key), ConversationId(set.conversation), set.priority).await
        }
        Call::AddNote(note) => {
            commands::add_note(app, asker(note.key), ConversationId(note.conversation), &note.text).await
        }
        Call::Tag(of) => commands::tag(app, asker(of.key), ConversationId(of.conversation), &of.tag).await,
        Call::Untag(of) => commands::untag(app, asker(of.key), ConversationId(of.conversation), &of.tag).await,
        Call::Assign(of) => commands::assign(app, asker(of.key), ConversationId(of.conversation), AgentId(of.to)).await,
        Call::TakeOver(of) => commands::take_over(app, asker(of.key), ConversationId(of.conversation)).await,
        Call::AcceptTransfer(of) => {
            let (conversation, transfer) = (ConversationId(of.conversation), TransferId(of.transfer));
            commands::accept_transfer(app, asker(of.key), conversation, transfer).await
        }
        Call::DeclineTransfer(of) => {
            let (conversation, transfer) = (ConversationId(of.conversation), TransferId(of.transfer));
            commands::decline_transfer(app, asker(of.key), conversation, transfer).await
        }
        Call::WithdrawTransfer(of) => {
            let (conversation, transfer) = (ConversationId(of.conversation), TransferId(of.transfer));
            commands::withdraw_transfer(app, asker(of.key), conversation, transfer).await
        }
    };
    receipt.map(|receipt| json!(receipt))
}
