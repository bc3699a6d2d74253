//! Why one waits, and why it went to whom it went.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Event, HowAssigned, Why};
use gatehouse_domain::{AgentId, ConversationId, Fact, Kind, StreamId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::authorise;
use crate::app::App;
use crate::followers::worklist::HeldBy;
use crate::policy::{Action, Actor, may};
use crate::problem::Problem;

/// Decisions told at a time: the newest.
const DECISIONS_MAX: usize = 20;

/// Why a conversation stands where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reasons {
    /// Why it waits; none where it does not.
    #[schema(required)]
    pub waiting: Option<Waiting>,
    /// To whom its newest interaction was offered, given or handed, and why; oldest first.
    pub decisions: Vec<Decision>,
}

/// Why it waits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// `licence` (as many are in progress as it allows), `manual` (it has to be pulled), `nobody_free`, or `nothing`.
    #[schema(value_type = String)]
    pub held_by: HeldBy,
    #[serde(flatten)]
    pub why: WhyView,
}

/// One offer, assignment or transfer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Decision {
    pub at: DateTime<Utc>,
    /// `offered`, `assigned` or `transfer_requested`.
    pub what: &'static str,
    pub agents: Vec<Uuid>,
    /// How it was assigned: `offer`, `transfer`, `automatic`, `pull`, `supervisor`, `take_over`, `retake`, `outbound`.
    #[schema(required)]
    pub how: Option<&'static str>,
    /// The supervisor who assigned it.
    #[schema(required)]
    pub by: Option<Uuid>,
    /// None where an answer decided: the offer or the transfer before it says why.
    #[schema(required)]
    pub why: Option<WhyView>,
}

/// What the worklist saw when it decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhyView {
    /// `longest_idle`, `least_busy`, `round_robin`, `ordered`, `ring_all`, `preferred_agent` or `requested`.
    #[schema(value_type = String)]
    pub rule: gatehouse_domain::conversation::Rule,
    /// Its place among those who waited in the inbox, the first being 1.
    pub position: u32,
    pub waiting: u32,
    /// How many agents could have taken it.
    pub could: u32,
    /// Those of them who came first, in the order they were asked.
    pub candidates: Vec<Uuid>,
    pub passed_over: Vec<PassedOverView>,
}

/// An agent of the inbox who was not asked, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassedOverView {
    pub agent: Uuid,
    /// `offline`, `on_break`, `not_responding`, `not_connected`, `lacks_skill`, `no_free_slot`,
    /// `no_free_slot_on_channel`, `flow_full`, `had_it` or `unsettled`.
    #[schema(value_type = String)]
    pub reason: gatehouse_domain::conversation::Reason,
}

/// Why, for whoever may read the conversation.
pub async fn why(app: &Arc<App>, actor: &Actor, conversation: ConversationId) -> Result<Reasons, Problem> {
    authorise(app, conversation, |audience, setup| may(actor, Action::Read(audience), setup))?;
    let waiting = app.worklist.explain(conversation);
    let waiting = waiting.map(|told| Waiting { held_by: told.held_by, why: WhyView::of(told.why) });
    let history = app.journal.stream(StreamId { kind: Kind::Conversation, id: conversation.0 }, 0).await?;
    let mut decisions = vec![];
    for recorded in history {
        match recorded.fact {
            Fact::Conversation(Event::InteractionOpened { .. }) => decisions.clear(),
            Fact::Conversation(event) => decisions.extend(Decision::of(event)),
            _ => {}
        }
    }
    decisions.drain(..decisions.len().saturating_sub(DECISIONS_MAX));
    Ok(Reasons { waiting, decisions })
}

impl Decision {
    fn of(event: Event) -> Option<Self> {
        match event {
            Event::Offered { offers, at, why, .. } => {
                Some(Self::new("offered", offers.iter().map(|one| one.agent), at, why))
            }
            Event::TransferRequested { to, at, why, .. } => Some(Self::new("transfer_requested", [to], at, why)),
            Event::Assigned { agent, how, at, why, .. } => {
                let (how, by) = told(how);
                let by = by.map(Uuid::from);
                Some(Self { how: Some(how), by, ..Self::new("assigned", [agent], at, why) })
            }
            _ => None,
        }
    }

    fn new(what: &'static str, agents: impl IntoIterator<Item = AgentId>, at: DateTime<Utc>, why: Option<Why>) -> Self {
        let agents = agents.into_iter().map(Uuid::from).collect();
        Self { at, what, agents, how: None, by: None, why: why.map(WhyView::of) }
    }
}

impl WhyView {
    fn of(why: Why) -> Self {
        let passed_over = why.passed_over.into_iter();
        Self {
            rule: why.rule,
            position: why.position,
            waiting: why.waiting,
            could: why.could,
            candidates: why.candidates.into_iter().map(Uuid::from).collect(),
            passed_over: passed_over
                .map(|one| PassedOverView { agent: one.agent.into(), reason: one.reason })
                .collect(),
        }
    }
}

const fn told(how: HowAssigned) -> (&'static str, Option<AgentId>) {
    match how {
        HowAssigned::Offer { .. } => ("offer", None),
        HowAssigned::Transfer => ("transfer", None),
        HowAssigned::Automatic => ("automatic", None),
        HowAssigned::Pull => ("pull", None),
        HowAssigned::Supervisor { by } => ("supervisor", Some(by)),
        HowAssigned::TakeOver => ("take_over", None),
        HowAssigned::Retake => ("retake", None),
        HowAssigned::Outbound => ("outbound", None),
    }
}
