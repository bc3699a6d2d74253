//! What `/metrics` tells, in the words of Prometheus. Every name and label is in this file; no label says who somebody is.
//!
//! The table of the metrics, for whoever is woken by one, is `docs/OPERATIONS.md`.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::journal::LogState;
use crate::journal::store::Outcome;

const APPEND_SECONDS: &str = "gatehouse_append_seconds";
const APPEND_BATCH: &str = "gatehouse_append_batch_size";
const APPENDS: &str = "gatehouse_appends_total";
const LOG_POSITION: &str = "gatehouse_log_position";
const LOG_WRITABLE: &str = "gatehouse_log_writable";
const FOLLOWER_POSITION: &str = "gatehouse_follower_position";
const FOLLOWER_LAG: &str = "gatehouse_follower_lag_events";
const FOLLOWER_STUCK: &str = "gatehouse_follower_stuck";
const PARKED: &str = "gatehouse_parked_streams";
const UNREADABLE: &str = "gatehouse_unreadable_streams";
const VIOLATIONS: &str = "gatehouse_worklist_violations";
const WEBHOOKS: &str = "gatehouse_webhook_requests_total";
const SET_ASIDE: &str = "gatehouse_set_aside_total";
const SENDS: &str = "gatehouse_sends_total";
const SOCKETS: &str = "gatehouse_sockets_open";
const SLOW_SOCKETS: &str = "gatehouse_sockets_closed_slow_total";
const ACTORS: &str = "gatehouse_actors_living";
const OVERLOADS: &str = "gatehouse_overload_refusals_total";
const CLOCK_JUMPS: &str = "gatehouse_clock_jumps_total";
const JUMPED_DEADLINES: &str = "gatehouse_deadlines_after_jump_total";
const BOARD_COMPUTATIONS: &str = "gatehouse_board_computations_total";
const HTTP_SECONDS: &str = "gatehouse_http_request_seconds";

const SECONDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0, 10.0];
const BATCHES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0];
/// How often what was observed is put into its buckets, whether anybody asks or not.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Begins to count, once in a process; what happens before is not counted. Needs a running runtime.
pub fn start() {
    recorder();
}

fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full(APPEND_BATCH.to_owned()), &BATCHES));
        let handle = builder.expect("there are buckets").install_recorder().expect("nobody else counts here");
        describe();
        let upkept = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                upkept.run_upkeep();
            }
        });
        handle
    })
}

fn describe() {
    describe_histogram!(APPEND_SECONDS, "How long the store took for one batch of appends.");
    describe_histogram!(APPEND_BATCH, "Appends written in one batch.");
    describe_counter!(APPENDS, "Appends, by what became of them.");
    describe_gauge!(LOG_POSITION, "The position of the last event.");
    describe_gauge!(LOG_WRITABLE, "1 while the log takes appends, otherwise 0.");
    describe_gauge!(FOLLOWER_POSITION, "The position a follower has taken in.");
    describe_gauge!(FOLLOWER_LAG, "Events a follower has still to take in.");
    describe_gauge!(FOLLOWER_STUCK, "1 while a follower stands still although there is something to take in.");
    describe_gauge!(PARKED, "Streams a read model could not read on, and left out.");
    describe_gauge!(UNREADABLE, "Streams with an event that this version cannot read, set apart everywhere.");
    describe_gauge!(VIOLATIONS, "Promises the worklist breaks, as it found when it looked last.");
    describe_counter!(WEBHOOKS, "Webhook calls, by provider and answer.");
    describe_counter!(SET_ASIDE, "Things set aside: not understood, or routed nowhere.");
    describe_counter!(SENDS, "Attempts to send, by what came of them.");
    describe_gauge!(SOCKETS, "Desks connected.");
    describe_counter!(SLOW_SOCKETS, "Desks sent away because they read too slowly.");
    describe_gauge!(ACTORS, "Actors living, by kind.");
    describe_counter!(OVERLOADS, "Commands refused because too much was waiting, by where.");
    describe_counter!(CLOCK_JUMPS, "Jumps of the wall clock by more than a minute.");
    describe_counter!(JUMPED_DEADLINES, "Deadlines that waited because the wall clock jumped over them, and fired.");
    describe_counter!(BOARD_COMPUTATIONS, "What was computed for boards that are watched, once for all who watch.");
    describe_histogram!(HTTP_SECONDS, "How long requests took, by route and status.");
}

/// Everything counted so far, and how things stand now.
pub fn render(app: &App) -> String {
    let head = app.journal.head();
    gauge!(LOG_POSITION).set(real(head));
    gauge!(LOG_WRITABLE).set(f64::from(*app.journal.state().borrow() == LogState::Writable));
    let tables = app.tables.kept().iter().map(|kept| (kept.name, &kept.position));
    for (name, position) in app.followers.iter().map(|(name, position)| (*name, position)).chain(tables) {
        let position = *position.borrow();
        gauge!(FOLLOWER_POSITION, "follower" => name).set(real(position));
        gauge!(FOLLOWER_LAG, "follower" => name).set(real(head.saturating_sub(position)));
    }
    for kept in app.tables.kept() {
        gauge!(PARKED, "projection" => kept.name).set(real(*kept.parked.borrow() as u64));
    }
    gauge!(UNREADABLE).set(real(app.journal.set_apart(0).0 as u64));
    gauge!(VIOLATIONS).set(real(app.worklist.violations().len() as u64));
    for (kind, living) in app.actors.living() {
        gauge!(ACTORS, "kind" => kind.name()).set(real(living as u64));
    }
    recorder().render()
}

/// A follower stands still although there is something to take in, or moves again.
pub fn follower_stuck(name: &'static str, stuck: bool) {
    gauge!(FOLLOWER_STUCK, "follower" => name).set(f64::from(stuck));
}

/// A batch was written, or was not.
pub fn batch_took(appends: usize, took: Duration) {
    histogram!(APPEND_SECONDS).record(took);
    histogram!(APPEND_BATCH).record(real(appends as u64));
}

/// What became of the appends of a batch; none is known when it could not be written.
pub fn appended(appends: usize, outcomes: Option<&[Outcome]>) {
    let Some(outcomes) = outcomes else {
        return counter!(APPENDS, "outcome" => "unavailable").increment(appends as u64);
    };
    let mut counts = [("committed", 0), ("duplicate", 0), ("taken", 0), ("conflict", 0)];
    for outcome in outcomes {
        let place = match outcome {
            Outcome::Committed(_) => 0,
            Outcome::Duplicate(_) => 1,
            Outcome::Taken(_) => 2,
            Outcome::Conflict => 3,
        };
        counts[place].1 += 1;
    }
    for (outcome, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        counter!(APPENDS, "outcome" => outcome).increment(count);
    }
}

/// Somebody was refused because too much was waiting, at the `lane` or at an `actor`.
pub fn overloaded(at: &'static str) {
    counter!(OVERLOADS, "at" => at).increment(1);
}

pub fn webhook(provider: &'static str, outcome: &'static str) {
    counter!(WEBHOOKS, "provider" => provider, "outcome" => outcome).increment(1);
}

pub fn set_aside(kind: &'static str) {
    counter!(SET_ASIDE, "kind" => kind).increment(1);
}

pub fn sent(outcome: &'static str) {
    counter!(SENDS, "outcome" => outcome).increment(1);
}

pub fn socket_too_slow() {
    counter!(SLOW_SOCKETS).increment(1);
}

pub fn clock_jumped() {
    counter!(CLOCK_JUMPS).increment(1);
}

pub fn deadline_after_jump() {
    counter!(JUMPED_DEADLINES).increment(1);
}

/// So much was computed for boards.
pub fn board_computed(times: u64) {
    counter!(BOARD_COMPUTATIONS).increment(times);
}

/// A request was answered; `route` is its pattern, never its path.
pub fn answered(route: String, status: u16, took: Duration) {
    let class = match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    histogram!(HTTP_SECONDS, "route" => route, "status" => class).record(took);
}

/// One desk that is connected, as long as it lives.
pub struct OpenSocket(());

impl OpenSocket {
    pub fn count() -> Self {
        gauge!(SOCKETS).increment(1);
        Self(())
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        gauge!(SOCKETS).decrement(1);
    }
}

/// Prometheus knows no integers; beyond 2^53 the last digits do not matter to it.
#[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
fn real(number: u64) -> f64 {
    number as f64
}
