//! One connected desk.
//!
//! Owns: the socket, and that its agent counts as connected. Restart: none; the desk comes back and resumes.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Closed, MessageStream, Session};
use futures_util::StreamExt;
use gatehouse_domain::agent::Command;
use gatehouse_domain::{InboxId, Kind, StreamId};
use gatehouse_projections::desk::{Change, Notice};
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};
use uuid::Uuid;

use super::execute::execute;
use super::protocol::{self, BoardSubscribed, Call, Push};
use super::resume::{self, Subscription};
use crate::agent_commands;
use crate::app::App;
use crate::clock::fresh_id;
use crate::followers::boards::{Frame, Watched};
use crate::http::{SignedIn, actor_of};
use crate::policy::{Action, may};
use crate::problem::Problem;
use crate::telemetry::{self, OpenSocket};

const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// A desk that says nothing for this long, not even pong, is gone.
const SILENT_MAX: Duration = Duration::from_secs(40);
/// A frame that cannot be written for this long closes the socket.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// How long whoever is sent away may take to read why. Nothing waits for it.
const CLOSED_WITHIN: Duration = Duration::from_secs(60);

const COUNT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Close codes of ours.
const SIGNED_OUT: CloseCode = CloseCode::Other(4_401);
const TOO_SLOW: CloseCode = CloseCode::Other(4_408);
const DRAINING: CloseCode = CloseCode::Other(4_503);

/// Why a socket is done.
enum Over {
    Closed,
    Because(CloseCode, &'static str),
}

struct Socket {
    app: Arc<App>,
    id: Uuid,
    signed_in: SignedIn,
    session: Session,
    /// The notices after the subscription, and the position everything was sent up to.
    stream: Option<(broadcast::Receiver<Arc<Notice>>, u64)>,
    /// What changes on the board it watches.
    board: Option<broadcast::Receiver<Frame>>,
    /// Whether its agent counts as connected by it: from the first thing it asks that is not about boards.
    counted: bool,
    /// The conversations this desk was told of.
    shown: HashSet<Uuid>,
    /// The inboxes its agent served when it subscribed.
    serves: Option<BTreeSet<InboxId>>,
}

/// Serves a desk until it is gone.
pub async fn serve(app: Arc<App>, signed_in: SignedIn, session: Session, frames: MessageStream) {
    let id = fresh_id();
    let open = OpenSocket::count();
    let mut socket = Socket {
        app: Arc::clone(&app),
        id,
        signed_in: signed_in.clone(),
        session,
        stream: None,
        board: None,
        counted: false,
        shown: HashSet::new(),
        serves: None,
    };
    let over = socket.run(frames).await;
    drop(open);
    if let Over::Because(code, why) = over {
        if code == TOO_SLOW {
            telemetry::socket_too_slow();
        }
        let reason = CloseReason { code, description: Some(why.to_owned()) };
        // The other side may be gone already, or read nothing any more.
        actix_web::rt::spawn(tokio::time::timeout(CLOSED_WITHIN, socket.session.close(Some(reason))));
    }
    // A desk that stays counted would be offered work for ever, so this is asked until it is done.
    while socket.counted && !count(&app, &signed_in, Command::Disconnect { socket: id }).await {
        tokio::time::sleep(COUNT_AGAIN_AFTER).await;
    }
}

/// Tells the agent's actor; whoever is signed in without being an agent has none. Tells whether it was done.
async fn count(app: &App, signed_in: &SignedIn, command: Command) -> bool {
    let agent = signed_in.actor.agent();
    if !app.desks.read().setup.agents.contains_key(&agent) {
        return true;
    }
    let counted = app.actors.agents.execute(agent, command, None).await;
    if let Err(error) = &counted {
        tracing::warn!(agent.id = %agent, %error, "a desk could not be counted");
    }
    counted.is_ok()
}

impl Socket {
    async fn run(&mut self, frames: MessageStream) -> Over {
        let mut frames = frames.aggregate_continuations().max_continuation_size(super::FRAME_BYTES_MAX);
        let mut heartbeat = tokio::time::interval(HEARTBEAT_EVERY);
        let mut ended = self.app.vault.ended();
        let mut draining = self.app.draining.subscribe();
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
                frame = next_frame(&mut self.board) => self.push_board(frame).await,
                user = ended.recv() => match user {
                    Ok(user) if user != self.signed_in.actor.user => Ok(()),
                    Ok(_) | Err(_) => self.must_last().await,
                },
                _ = draining.wait_for(|draining| *draining) => Err(Over::Because(DRAINING, "stopping: resume")),
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
            AggregatedMessage::Ping(bytes) => written(self.session.pong(&bytes)).await,
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Close(_) => Err(Over::Closed),
        }
    }

    async fn answer(&mut self, request: protocol::Request) -> Result<(), Over> {
        if !matches!(request.call, Call::WatchBoard(_) | Call::UnwatchBoard(_) | Call::Behind(_)) {
            let agent = StreamId { kind: Kind::Agent, id: self.signed_in.actor.agent().0 };
            if self.app.journal.is_apart(agent) {
                // They cannot be counted, and to come back would not help.
                return self.reply(request.id, Err(Problem::unreadable())).await;
            }
            self.become_a_desk().await?;
        }
        if let Call::Subscribe(subscribe) = &request.call {
            return match resume::subscribe(&self.app, &self.signed_in, subscribe.resume).await {
                Ok(subscription) => self.start(request.id, subscription).await,
                Err(problem) => self.reply(request.id, Err(problem)).await,
            };
        }
        if let Call::WatchBoard(of) = &request.call {
            let watched = agent_commands::watch_board(&self.app, &self.signed_in.actor, of.inbox).await;
            let answer = watched.map(|Watched { position, view, frames }| {
                self.board = Some(frames);
                json!(BoardSubscribed { position, board: view })
            });
            return self.reply(request.id, answer).await;
        }
        if let Call::UnwatchBoard(_) = &request.call {
            self.board = None;
            return self.reply(request.id, Ok(json!({}))).await;
        }
        let result = execute(&self.app, &self.signed_in.actor, request.call).await;
        self.reply(request.id, result).await
    }

    /// From now on its agent counts as connected. Whoever only watches a board is not there to work.
    async fn become_a_desk(&mut self) -> Result<(), Over> {
        if !self.counted {
            self.counted = count(&self.app, &self.signed_in, Command::Connect { socket: self.id }).await;
        }
        // Without being counted the desk would get no work: it comes back in a moment.
        if self.counted { Ok(()) } else { Err(Over::Because(CloseCode::Again, "cannot be counted now")) }
    }

    /// Answers a subscription and tells what was missed before anything newer.
    async fn start(&mut self, id: Option<Value>, subscription: Subscription) -> Result<(), Over> {
        let Subscription { answer, position, missed_from, stream, serves } = subscription;
        self.serves = Some(serves);
        if let Some(snapshot) = &answer.snapshot {
            self.shown = snapshot.conversations.iter().map(|summary| summary.conversation).collect();
        }
        self.reply(id, Ok(json!(answer))).await?;
        let mut from = missed_from.unwrap_or(position);
        while from < position {
            match resume::missed(&self.app, &self.signed_in.actor, from, position).await {
                Ok((notices, reached)) => {
                    for notice in notices {
                        self.shown.extend(notice.change.conversation());
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
        let (allowed, serves) = {
            let setup = &self.app.desks.read().setup;
            let allowed = may(&self.signed_in.actor, Action::Read(&notice.audience), setup);
            (allowed, resume::inboxes_of(&self.signed_in.actor, setup))
        };
        if self.serves.as_ref().is_some_and(|before| *before != serves) {
            // Other inboxes, other conversations: it comes back and is given a snapshot.
            return Err(Over::Because(CloseCode::Again, "your inboxes have changed"));
        }
        let conversation = notice.change.conversation();
        let change = match conversation {
            Some(conversation) if !allowed => {
                if !self.shown.remove(&conversation) {
                    return Ok(());
                }
                Change::Hidden { conversation }
            }
            _ if !allowed => return Ok(()),
            _ => notice.change.clone(),
        };
        self.shown.extend(conversation.filter(|_| allowed));
        self.send(Push::Notice { position: notice.position, change }.frame()).await
    }

    /// Sends a frame of the board to whoever may watch it now.
    async fn push_board(&mut self, frame: Result<Frame, RecvError>) -> Result<(), Over> {
        let frame = match frame {
            Ok(frame) => frame,
            Err(RecvError::Lagged(_)) => return Err(Over::Because(TOO_SLOW, "too slow: subscribe again")),
            Err(RecvError::Closed) => return Err(Over::Closed),
        };
        if !may(&self.signed_in.actor, Action::WatchBoards, &self.app.desks.read().setup) {
            return Err(Over::Because(CloseCode::Again, "you may not watch boards any more"));
        }
        self.send(frame.to_string()).await
    }

    async fn beat(&mut self) -> Result<(), Over> {
        self.must_last().await?;
        written(self.session.ping(b"")).await?;
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
        written(self.session.text(frame)).await
    }
}

/// Waits until something is handed to the connection, for as long as anybody may.
async fn written(writing: impl Future<Output = Result<(), Closed>>) -> Result<(), Over> {
    match tokio::time::timeout(WRITE_MAX, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Over::Closed),
        Err(_) => Err(Over::Because(TOO_SLOW, "too slow: resume")),
    }
}

/// The next frame of a board; never, while none is watched.
async fn next_frame(board: &mut Option<broadcast::Receiver<Frame>>) -> Result<Frame, RecvError> {
    match board {
        Some(board) => board.recv().await,
        None => std::future::pending().await,
    }
}

/// The next notice; never, before the desk has subscribed.
async fn next(stream: &mut Option<(broadcast::Receiver<Arc<Notice>>, u64)>) -> Result<Arc<Notice>, RecvError> {
    match stream {
        Some((stream, _)) => stream.recv().await,
        None => std::future::pending().await,
    }
}
