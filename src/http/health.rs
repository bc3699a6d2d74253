//! Health that tells the truth: alive, and ready (the log takes appends, followers keep up).

use std::collections::BTreeMap;

use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::journal::{LogState, Unread};
use crate::problem::RETRY_AFTER_S;

/// A follower further behind than this is not keeping up.
const LAG_MAX: u64 = 10_000;

/// Unreadable events named; the log of the server names more.
const UNREADABLE_NAMED_MAX: usize = 20;

pub fn routes(config: &mut ServiceConfig) {
    config.service(live).service(ready);
}

#[derive(Serialize, ToSchema)]
pub struct Live {
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct Ready {
    /// `ready`; `not_ready`, where something keeps it from working; `standby`, while another server works.
    status: &'static str,
    /// Whether the log takes appends.
    log_writable: bool,
    /// The position of the last event.
    head: u64,
    /// How many events each follower has still to take in. Tables that lag do not keep the system from its work.
    lag: BTreeMap<&'static str, u64>,
    /// How many streams each read model could not read on, and left out; none when all is well.
    parked: BTreeMap<&'static str, usize>,
    /// How many streams have an event that this version cannot read, and are set apart; none when all is well.
    unreadable_streams: usize,
    /// The first such event of some of them.
    unreadable: Vec<UnreadableEvent>,
    /// Whether nothing is handed to providers for now; everything else goes on.
    sending_paused: bool,
    /// Promises of the worklist the auditor found broken; none when all is well.
    worklist_violations: usize,
}

/// An event that this version cannot read.
#[derive(Serialize, ToSchema)]
pub struct UnreadableEvent {
    stream: String,
    position: u64,
    event: String,
}

/// The process runs.
#[utoipa::path(tag = "health", responses((status = 200, body = Live)))]
#[get("/health/live")]
async fn live() -> Json<Live> {
    Json(Live { status: "live" })
}

/// The system can do its work.
#[utoipa::path(tag = "health", responses((status = 200, body = Ready), (status = 503, body = Ready)))]
#[get("/health/ready")]
async fn ready(app: Data<App>) -> HttpResponse {
    let head = app.journal.head();
    let mut lag: BTreeMap<_, _> =
        app.followers.iter().map(|(name, position)| (*name, head.saturating_sub(*position.borrow()))).collect();
    let keep_up = lag.values().all(|lag| *lag <= LAG_MAX);
    let tables = app.tables.kept().iter();
    lag.extend(tables.map(|kept| (kept.name, head.saturating_sub(*kept.position.borrow()))));
    let log_writable = *app.journal.state().borrow() == LogState::Writable;
    // A follower whose task is gone has dropped its end.
    let alive = app.followers.iter().all(|(_, position)| position.has_changed().is_ok());
    let good = log_writable && alive && keep_up;
    let status = match (app.is_open(), good) {
        (false, _) => "standby",
        (true, true) => "ready",
        (true, false) => "not_ready",
    };
    let good = status == "ready";
    let sending_paused = *app.sending.paused().borrow();
    let worklist_violations = app.worklist.violations().len();
    let parked = app.tables.parked();
    let (unreadable_streams, unreadable) = app.journal.set_apart(UNREADABLE_NAMED_MAX);
    let unreadable = unreadable.into_iter().map(|Unread { stream, position, event, .. }| UnreadableEvent {
        stream,
        position,
        event,
    });
    let unreadable = unreadable.collect();
    let ready = Ready {
        status,
        log_writable,
        head,
        lag,
        parked,
        unreadable_streams,
        unreadable,
        sending_paused,
        worklist_violations,
    };
    if good {
        HttpResponse::Ok().json(ready)
    } else {
        HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, RETRY_AFTER_S)).json(ready)
    }
}
