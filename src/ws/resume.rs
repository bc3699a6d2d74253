//! Subscribing: a snapshot at a position, or exactly what was missed since one.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatehouse_domain::{AgentId, ConversationId, Fact, InboxId, Recorded};
use gatehouse_projections::desk::{Audience, Desk, Notice, OwnerView, Snapshot};
use gatehouse_projections::setup::Setup;
use gatehouse_projections::{desk, timeline};
use tokio::sync::broadcast;

use super::protocol::{Resume, Subscribed};
use crate::app::App;
use crate::http::SignedIn;
use crate::journal::Piece;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Events read from the log at a time.
const PAGE: u32 = 1_000;
/// Events a desk may have missed and still be told one by one; whoever missed more is given rows as they stand, which are
/// fewer.
const MISSED_MAX: u64 = 5_000;

/// A subscription: the answer, what was missed, and the stream from `position` on.
pub struct Subscription {
    pub answer: Subscribed,
    /// The position up to which the desk now knows everything, once `missed` is sent.
    pub position: u64,
    /// From where the log has to be told first, on a resume.
    pub missed_from: Option<u64>,
    pub stream: broadcast::Receiver<Arc<Notice>>,
    /// The inboxes the agent serves as of `position`.
    pub serves: BTreeSet<InboxId>,
}

pub async fn subscribe(app: &App, signed_in: &SignedIn, resume: Option<Resume>) -> Result<Subscription, Problem> {
    // After a restart the fold may still be on its way; a desk must not be sent back in time.
    app.desks.at_least(app.journal.head()).await;
    let (log, actor) = (app.journal.log_id(), &signed_in.actor);
    let me = crate::http::me(app, actor.user).ok_or_else(Problem::signed_out)?;
    let (subscription, stream) = app.desks.subscribe(|desk, position| {
        let known = resume.filter(|resume| resume.log == log && resume.position <= position);
        // Whoever began or ceased to serve an inbox since is not told by events alone what they missed.
        let told = |resume: &Resume| {
            position - resume.position <= MISSED_MAX && desk.setup.regrouped_at(actor.agent()) <= resume.position
        };
        let resumed = known.filter(told);
        let answer = Subscribed {
            log,
            position,
            reset: resume.is_some() && known.is_none(),
            snapshot: resumed.is_none().then(|| snapshot(desk, actor, me)),
        };
        (answer, resumed.map(|resume| resume.position), inboxes_of(actor, &desk.setup))
    });
    let (answer, missed_from, serves) = subscription;
    Ok(Subscription { position: answer.position, answer, missed_from, stream, serves })
}

/// What happened after `from`, up to `until`, as far as `actor` may see it; with the position to ask from next.
///
/// Rows are told as they stand now and lines as they were: a desk that takes both ends up with the server's state.
pub async fn missed(app: &App, actor: &Actor, from: u64, until: u64) -> Result<(Vec<Notice>, u64), Problem> {
    let pieces = app.journal.pieces(from, PAGE).await?;
    let reached = pieces.last().and_then(Piece::last).unwrap_or(until).min(until);
    let desk = app.desks.read();
    let notice = |recorded: &Recorded| {
        let (audience, change) = match &recorded.fact {
            Fact::Conversation(event) => {
                let entry = timeline::entry(recorded, event, &desk.setup);
                desk.change_of(ConversationId(recorded.stream.id), entry)?
            }
            Fact::Agent(_) => {
                let agent = desk.agent_row(AgentId(recorded.stream.id))?;
                (Audience::Everybody, desk::Change::Agent { agent })
            }
            Fact::Contact(_) => return None,
            _ => (Audience::Everybody, desk.setup_change()),
        };
        let allowed = may(actor, Action::Read(&audience), &desk.setup);
        allowed.then_some(Notice { position: recorded.position, audience, change })
    };
    // What is set apart is shown as it stood.
    let told = |recorded: &&Recorded| recorded.position <= until && !app.journal.is_apart(recorded.stream);
    let notices = pieces.iter().flat_map(Piece::events).filter(told).filter_map(notice).collect();
    Ok((notices, reached))
}

/// The inboxes an agent serves.
pub fn inboxes_of(actor: &Actor, setup: &Setup) -> BTreeSet<InboxId> {
    setup.inboxes.keys().copied().filter(|inbox| setup.is_member(*inbox, actor.agent())).collect()
}

fn snapshot(desk: &Desk, actor: &Actor, me: desk::Me) -> Snapshot {
    let (inboxes, gateways, end_reasons) = desk::names(&desk.setup);
    let visible = |(audience, _): &(Audience, desk::Summary)| may(actor, Action::Read(audience), &desk.setup);
    let open = |summary: &desk::Summary| !matches!(summary.owner, OwnerView::Nobody { .. });
    Snapshot {
        me,
        agents: desk.setup.agents.keys().filter_map(|id| desk.agent_row(*id)).collect(),
        inboxes,
        gateways,
        end_reasons,
        conversations: desk.conversations(None).filter(visible).map(|(_, summary)| summary).filter(open).collect(),
    }
}
