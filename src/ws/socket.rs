//! One connected desk.
//!
//! Owns: the socket, and that its agent counts as connected. Restart: none; the desk comes back and resumes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_ws::{AggregatedMessage, CloseCode, CloseReason, MessageStream, Session};
use futures_util::StreamExt;
use gatehouse_domain::agent::Command;
use gatehouse_domain::{ConversationId, EndReasonId, MessageId, OfferId};
use gatehouse_projections::desk::Notice;
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use super::protocol::{self, Call, Push};
use super::resume::{self, Subscription};
use crate::agent_commands::{self, Asker};
use crate::app::App;
use crate::clock::fresh_id;
use crate::http::{SignedIn, actor_of};
use crate::policy::{Action, may};
use crate::problem::Problem;

const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// A desk that says nothing for this long, not even pong, is gone.
const SILENT_MAX: Duration = Duration::from_secs(40);
/// A frame that cannot be written for this long closes the socket.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// Close codes of ours.
const SIGNED_OUT: CloseCode = CloseCode::Other(4_401);
const TOO_SLOW: CloseCode = CloseCode::Other(4_408);

/// Why a socket is done.
enum Over {
    Closed,
    Because(CloseCode, &'static str),
}

struct Socket {
    app: Arc<App>,
    signed_in: SignedIn,
    session: Session,
    /// The notices after the subscription, and the position everything was sent up to.
    stream: Option<(broadcast::Receiver<Arc<Notice>>, u64)>,
}

/// Serves a desk until it is gone.
pub async fn serve(app: Arc<App>, signed_in: SignedIn, session: Session, frames: MessageStream) {
    let id = fresh_id();
    count(&app, &signed_in, Command::Connect { socket: id }).await;
    let mut socket = Socket { app: Arc::clone(&app), signed_in: signed_in.clone(), session, stream: None };
    let over = socket.run(frames).await;
    count(&app, &signed_in, Command::Disconnect { socket: id }).await;
    if let Over::Because(code, why) = over {
        // The other side may be gone already.
        let _ = socket.session.close(Some(CloseReason { code, description: Some(why.to_owned()) })).await;
    }
}

/// Tells the agent's actor; whoever is signed in without being an agent has none.
async fn count(app: &App, signed_in: &SignedIn, command: Command) {
    let agent = signed_in.actor.agent();
    if !app.desks.read().setup.agents.contains_key(&agent) {
        return;
    }
    if let Err(error) = app.actors.agents.execute(agent, command, None).await {
        tracing::warn!(agent.id = %agent, %error, "a desk could not be counted");
    }
}

impl Socket {
    async fn run(&mut self, frames: MessageStream) -> Over {
        let mut frames = frames.aggregate_continuations().max_continuation_size(super::FRAME_BYTES_MAX);
        let mut heartbeat = tokio::time::interval(HEARTBEAT_EVERY);
        let mut ended = self.app.vault.ended();
        let mut heard_at = Instant::now();
        loop {
            let step = tokio::select! {
                frame = frames.next() => match frame {
                    Some(Ok(frame)) => {
                        heard_at = Instant::now();
                        self.take(frame).await
                    }
                    Some(Err(_)) | None => Err(Over::Closed),
                },
                notice = next(&mut self.stream) => self.push(notice).await,
                user = ended.recv() => match user {
                    Ok(user) if user != self.signed_in.actor.user => Ok(()),
                    Ok(_) | Err(_) => self.must_last().await,
                },
                _ = heartbeat.tick() => {
                    if heard_at.elapsed() > SILENT_MAX {
                        Err(Over::Closed)
                    } else {
                        self.beat().await
                    }
                }
            };
            if let Err(over) = step {
                return over;
            }
        }
    }

    async fn take(&mut self, frame: AggregatedMessage) -> Result<(), Over> {
        match frame {
            AggregatedMessage::Text(text) => match protocol::parse(&text) {
                Ok(request) => self.answer(request).await,
                Err(fault) => self.send(fault.frame()).await,
            },
            AggregatedMessage::Binary(_) => {
                self.send(protocol::parse("").err().map(|fault| fault.frame()).unwrap_or_default()).await
            }
            AggregatedMessage::Ping(bytes) => self.session.pong(&bytes).await.map_err(|_| Over::Closed),
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Close(_) => Err(Over::Closed),
        }
    }

    async fn answer(&mut self, request: protocol::Request) -> Result<(), Over> {
        if let Call::Subscribe(subscribe) = &request.call {
            return match resume::subscribe(&self.app, &self.signed_in, subscribe.resume).await {
                Ok(subscription) => self.start(request.id, subscription).await,
                Err(problem) => self.reply(request.id, Err(problem)).await,
            };
        }
        let result = self.execute(request.call).await;
        self.reply(request.id, result).await
    }

    async fn execute(&self, call: Call) -> Result<Value, Problem> {
        let (app, actor) = (&self.app, &self.signed_in.actor);
        let asker = |key: Option<Uuid>| Asker { actor, key };
        let receipt = match call {
            Call::Subscribe(_) => return Err(Problem::not_found("call")),
            Call::Timeline(of) => {
                let timeline = agent_commands::timeline(app, actor, ConversationId(of.conversation)).await?;
                return Ok(json!(timeline));
            }
            Call::SetPresence(set) => agent_commands::set_presence(app, asker(set.key), set.state, set.reason).await,
            Call::AcceptOffer(accept) => {
                let (conversation, offer) = (ConversationId(accept.conversation), OfferId(accept.offer));
                agent_commands::accept_offer(app, asker(accept.key), conversation, offer).await
            }
            Call::DeclineOffer(decline) => {
                let (conversation, offer) = (ConversationId(decline.conversation), OfferId(decline.offer));
                agent_commands::decline_offer(app, asker(decline.key), conversation, offer, decline.reason).await
            }
            Call::Reply(reply) => {
                let (conversation, message) = (ConversationId(reply.conversation), MessageId(reply.message));
                agent_commands::reply(app, asker(reply.key), conversation, message, reply.text).await
            }
            Call::End(end) => {
                let (conversation, reason) = (ConversationId(end.conversation), end.reason.map(EndReasonId));
                agent_commands::end(app, asker(end.key), conversation, reason).await
            }
        };
        receipt.map(|receipt| json!(receipt))
    }

    /// Answers a subscription and tells what was missed before anything newer.
    async fn start(&mut self, id: Option<Value>, subscription: Subscription) -> Result<(), Over> {
        let Subscription { answer, position, missed_from, stream } = subscription;
        self.reply(id, Ok(json!(answer))).await?;
        let mut from = missed_from.unwrap_or(position);
        while from < position {
            match resume::missed(&self.app, &self.signed_in.actor, from, position).await {
                Ok((notices, reached)) => {
                    for notice in notices {
                        self.send(Push::Notice { position: notice.position, change: notice.change }.frame()).await?;
                    }
                    from = reached;
                }
                // Without the log nothing can be promised: the desk comes back and resumes again.
                Err(_) => return Err(Over::Because(CloseCode::Again, "the log cannot be read now")),
            }
        }
        self.stream = Some((stream, position));
        self.send(Push::Heartbeat { position }.frame()).await
    }

    /// Sends a notice to whoever may see it now.
    async fn push(&mut self, notice: Result<Arc<Notice>, RecvError>) -> Result<(), Over> {
        let notice = match notice {
            Ok(notice) => notice,
            Err(RecvError::Lagged(_)) => return Err(Over::Because(TOO_SLOW, "too slow: resume")),
            Err(RecvError::Closed) => return Err(Over::Closed),
        };
        let Some((_, sent)) = &mut self.stream else { return Ok(()) };
        if notice.position <= *sent {
            return Ok(());
        }
        *sent = notice.position;
        let allowed = may(&self.signed_in.actor, Action::Read(&notice.audience), &self.app.desks.read().setup);
        if !allowed {
            return Ok(());
        }
        self.send(Push::Notice { position: notice.position, change: notice.change.clone() }.frame()).await
    }

    async fn beat(&mut self) -> Result<(), Over> {
        self.must_last().await?;
        self.session.ping(b"").await.map_err(|_| Over::Closed)?;
        match self.stream {
            Some((_, position)) => self.send(Push::Heartbeat { position }.frame()).await,
            None => Ok(()),
        }
    }

    /// A session that ended, or a user who was disabled, closes the socket.
    async fn must_last(&mut self) -> Result<(), Over> {
        match actor_of(&self.app, &self.signed_in.token).await {
            Ok(Some(actor)) => {
                self.signed_in.actor = actor;
                Ok(())
            }
            Ok(None) => Err(Over::Because(SIGNED_OUT, "signed out")),
            // The vault is away for a moment: asked again at the next heartbeat.
            Err(_) => Ok(()),
        }
    }

    async fn reply(&mut self, id: Option<Value>, result: Result<Value, Problem>) -> Result<(), Over> {
        match id {
            Some(id) => self.send(protocol::answer(id, result)).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, frame: String) -> Result<(), Over> {
        match tokio::time::timeout(WRITE_MAX, self.session.text(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Closed),
            Err(_) => Err(Over::Because(TOO_SLOW, "too slow: resume")),
        }
    }
}

/// The next notice; never, before the desk has subscribed.
async fn next(stream: &mut Option<(broadcast::Receiver<Arc<Notice>>, u64)>) -> Result<Arc<Notice>, RecvError> {
    match stream {
        Some((stream, _)) => stream.recv().await,
        None => std::future::pending().await,
    }
}
