//! Pushes what changed on the supervisors' boards.
//!
//! Owns: the one `Board` fold, and a stream of frames for each board that is watched. Restart: folds the log again. What
//! changed is computed and written down once, however many watch. Nobody waits for a socket: whoever cannot keep up falls
//! off the stream and subscribes again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatehouse_domain::{AgentId, Clock, ConversationId};
use gatehouse_projections::board::{Board, BoardView, Definitions, Lens, Scope};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::journal::{Journal, Piece};
use crate::telemetry;
use crate::ws::protocol::Push;

/// A board tells its changes at once, and then not again for this long: a storm of events is no storm of frames.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a board on which nothing changes says that it stands as it is.
const FRESH_EVERY: Duration = Duration::from_secs(5);
/// Frames kept for sockets that fall behind a little; further behind, the socket is closed and subscribes again.
const FRAMES_KEPT: usize = 64;
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Longest sleep until something becomes due.
const NAP_MAX: Duration = Duration::from_secs(60);

/// A frame, written once for everybody.
pub type Frame = Arc<str>;

/// The boards' shared state.
pub struct Boards {
    inner: Mutex<Inner>,
    position: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
}

struct Inner {
    board: Board,
    position: u64,
    /// One stream for each board that is watched.
    streams: BTreeMap<Scope, broadcast::Sender<Frame>>,
    /// What was counted of the computations so far.
    counted: u64,
}

/// A board as it stands at a position, and every frame after it.
pub struct Watched {
    pub position: u64,
    pub view: BoardView,
    pub frames: broadcast::Receiver<Frame>,
}

impl Boards {
    pub fn start(journal: &Arc<Journal>, clock: &Arc<dyn Clock>, definitions: Definitions) -> Arc<Self> {
        let board = Board::new(definitions);
        let this = Arc::new(Self {
            inner: Mutex::new(Inner { board, position: 0, streams: BTreeMap::new(), counted: 0 }),
            position: watch::channel(0).0,
            clock: Arc::clone(clock),
        });
        let (boards, mut follow) = (Arc::clone(&this), journal.follow(0));
        tokio::spawn(async move {
            let mut fresh = tokio::time::interval(FRESH_EVERY);
            fresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut silent_until = Instant::now();
            loop {
                if Instant::now() >= silent_until && boards.tell() {
                    silent_until = Instant::now() + PAUSE;
                }
                let (pending, nap) = boards.due();
                tokio::select! {
                    piece = follow.next() => match piece {
                        Ok(piece) => boards.fold(&piece, follow.position()),
                        Err(error) => {
                            tracing::error!(follower = "boards", %error, "the log cannot be read");
                            tokio::time::sleep(READ_AGAIN_AFTER).await;
                        }
                    },
                    () = tokio::time::sleep_until(silent_until), if pending => {}
                    () = tokio::time::sleep(nap) => boards.tick(),
                    // A board that is behind does not call itself fresh.
                    _ = fresh.tick() => if follow.caught_up() { boards.say_fresh() },
                }
            }
        });
        this
    }

    /// The position up to which events are folded.
    pub fn position(&self) -> watch::Receiver<u64> {
        self.position.subscribe()
    }

    /// Waits until everything up to `position` is folded.
    pub async fn at_least(&self, position: u64) {
        let mut folded = self.position.subscribe();
        // The sender lives as long as we do.
        let _ = folded.wait_for(|at| *at >= position).await;
    }

    /// A board as it stands, with its position; none where there is no such inbox.
    pub fn view(&self, scope: Scope) -> Option<(u64, BoardView)> {
        let mut inner = self.now();
        inner.board.tick(self.clock.now());
        inner.board.has(scope).then(|| (inner.position, inner.board.view(scope)))
    }

    /// A board as it stands and everything after it; none where there is no such inbox.
    pub fn subscribe(&self, scope: Scope) -> Option<Watched> {
        let mut inner = self.now();
        inner.board.tick(self.clock.now());
        if !inner.board.has(scope) {
            return None;
        }
        let view = inner.board.watch(scope);
        let stream = inner.streams.entry(scope).or_insert_with(|| broadcast::channel(FRAMES_KEPT).0);
        let frames = stream.subscribe();
        Some(Watched { position: inner.position, view, frames })
    }

    /// The interactions behind a number.
    pub fn behind(&self, scope: Scope, lens: Lens, agent: Option<AgentId>) -> Vec<ConversationId> {
        let mut inner = self.now();
        inner.board.tick(self.clock.now());
        inner.board.behind(scope, lens, agent)
    }

    /// How often something was computed: the same however many watch.
    pub fn computations(&self) -> u64 {
        self.now().board.computations()
    }

    fn fold(&self, piece: &Piece, position: u64) {
        let mut inner = self.now();
        inner.board.tick(self.clock.now());
        match piece {
            Piece::Events(events) => events.iter().for_each(|recorded| inner.board.fold(recorded)),
            Piece::Unread(unread) => {
                unread.stream_id().into_iter().for_each(|stream| inner.board.set_apart(stream));
            }
        }
        inner.position = position;
        drop(inner);
        self.position.send_replace(position);
    }

    fn tick(&self) {
        self.now().board.tick(self.clock.now());
    }

    /// Whether something waits to be told, and how long until something changes by itself.
    fn due(&self) -> (bool, Duration) {
        let inner = self.now();
        let nap = (inner.board.wake_at() - self.clock.now()).to_std().unwrap_or_default();
        (inner.board.has_changed(), nap.min(NAP_MAX))
    }

    /// Tells every watched board what has changed on it; whether anything was told.
    fn tell(&self) -> bool {
        let mut inner = self.now();
        inner.forget_unwatched();
        if !inner.board.has_changed() {
            return false;
        }
        let position = inner.position;
        let changes = inner.board.changes();
        for (scope, change) in &changes {
            let inbox = scope.map(|inbox| inbox.0);
            inner.send(*scope, &Push::BoardChanged { inbox, position, change: change.clone() });
        }
        let computations = inner.board.computations();
        telemetry::board_computed(computations - inner.counted);
        inner.counted = computations;
        !changes.is_empty()
    }

    fn say_fresh(&self) {
        let mut inner = self.now();
        inner.forget_unwatched();
        let (position, as_of) = (inner.position, self.clock.now());
        let scopes: Vec<Scope> = inner.streams.keys().copied().collect();
        for scope in scopes {
            inner.send(scope, &Push::BoardFresh { inbox: scope.map(|inbox| inbox.0), position, as_of });
        }
    }

    fn now(&self) -> MutexGuard<'_, Inner> {
        // A fold that panicked has left the state as of the event before.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn send(&self, scope: Scope, push: &Push) {
        if let Some(stream) = self.streams.get(&scope) {
            // Whoever watched may have gone this moment.
            let _ = stream.send(Frame::from(push.frame()));
        }
    }

    fn forget_unwatched(&mut self) {
        let Self { board, streams, .. } = self;
        streams.retain(|scope, stream| {
            let watched = stream.receiver_count() > 0;
            if !watched {
                board.unwatch(*scope);
            }
            watched
        });
    }
}
