//! Subscribing: a snapshot at a position, or exactly what was missed since one.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatehouse_domain::{AgentId, ConversationId, Fact, InboxId, inbox};
use gatehouse_projections::desk::{Audience, Desk, Notice, OwnerView, Snapshot};
use gatehouse_projections::setup::Setup;
use gatehouse_projections::{desk, timeline};
use tokio::sync::broadcast;

use super::protocol::{Resume, Subscribed};
use crate::app::App;
use crate::http::SignedIn;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Events read from the log at a time.
const PAGE: u32 = 1_000;

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
    let log = app.journal.log_id();
    let me = crate::http::me(app, signed_in.actor.user).ok_or_else(Problem::signed_out)?;
    let ((snapshot, serves), position, stream) =
        app.desks.subscribe(|desk| (snapshot(desk, &signed_in.actor, me), inboxes_of(&signed_in.actor, &desk.setup)));
    let known = resume.filter(|resume| resume.log == log && resume.position <= position);
    let resumed = match known {
        Some(resume) if !regrouped(app, &signed_in.actor, resume.position, position).await? => known,
        _ => None,
    };
    let answer = Subscribed {
        log,
        position,
        reset: resume.is_some() && known.is_none(),
        snapshot: resumed.is_none().then_some(snapshot),
    };
    Ok(Subscription { answer, position, missed_from: resumed.map(|resume| resume.position), stream, serves })
}

/// What happened after `from`, up to `until`, as far as `actor` may see it; with the position to ask from next.
///
/// Rows are told as they stand now and lines as they were: a desk that takes both ends up with the server's state.
pub async fn missed(app: &App, actor: &Actor, from: u64, until: u64) -> Result<(Vec<Notice>, u64), Problem> {
    let page = app.journal.read(from, PAGE).await?;
    let reached = page.last().map_or(until, |last| last.position).min(until);
    let desk = app.desks.read();
    let notice = |recorded: &gatehouse_domain::Recorded| {
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
    let notices = page.iter().take_while(|recorded| recorded.position <= until).filter_map(notice).collect();
    Ok((notices, reached))
}

/// The inboxes an agent serves.
pub fn inboxes_of(actor: &Actor, setup: &Setup) -> BTreeSet<InboxId> {
    setup.inboxes.keys().copied().filter(|inbox| setup.is_member(*inbox, actor.agent())).collect()
}

/// Whether the agent began or ceased to serve an inbox since: then what was missed is not told by events alone.
async fn regrouped(app: &App, actor: &Actor, from: u64, until: u64) -> Result<bool, Problem> {
    let mut from = from;
    while from < until {
        let page = app.journal.read(from, PAGE).await?;
        let moved = page.iter().any(|recorded| match &recorded.fact {
            Fact::Inbox(inbox::Event::MemberAdded { agent, .. } | inbox::Event::MemberRemoved { agent, .. }) => {
                *agent == actor.agent()
            }
            _ => false,
        });
        if moved {
            return Ok(true);
        }
        from = page.last().map_or(until, |last| last.position);
    }
    Ok(false)
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
        conversations: desk.conversations().filter(visible).map(|(_, summary)| summary).filter(open).collect(),
    }
}
