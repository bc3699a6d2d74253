//! What the reports say of promises about time, and of the reply window.

use gatehouse_domain::conversation::SlaClock as Clock;
use gatehouse_domain::inbox::Sla;

use super::*;

const CLOCKS: &str = "clock started_at due_at outcome decided_at stopped_at agent_id";

#[test]
fn promises_are_met_before_they_are_due_and_breached_once_they_are() {
    let mut day = promised();
    day.writes().taken_by(ANNA).after(60).answers(ANNA);
    day.after(10).writes().after(120);
    let due = day.now;
    day.asks(Command::BreachSla { clock: Clock::NextResponse, due }).after(30).answers(ANNA);
    // Nobody told it before the answer came.
    day.after(10).writes().after(500).answers(ANNA);
    day.after(10).writes().after(5).ends(ANNA);

    let expected = [
        "first +0 +300 met +60 +60 anna",
        "next +70 +190 breached +190 +220 anna",
        "next +230 +350 breached +730 +730 anna",
        "next +740 +860 cancelled +745 +745 -",
    ];
    assert_eq!(day.rows("sla_clocks", CLOCKS), expected);
    let columns = ["sla_first_met", "sla_first_breached", "sla_next_met", "sla_next_breached"];
    assert_eq!(kept(&day.log, 1).sums("quarters", "agent_id", &columns)["anna"], [1, 0, 0, 2]);
}

#[test]
fn a_move_does_not_restart_the_promise_and_the_breach_is_the_inboxs_that_has_it() {
    let mut day = promised();
    day.writes().after(100).moves_to(SUPPORT);
    day.after(200);
    let due = day.now;
    day.asks(Command::BreachSla { clock: Clock::FirstResponse, due });
    assert_eq!(day.rows("sla_clocks", "inbox_id clock due_at outcome stopped_at"), ["support first +300 breached -"]);
    assert_eq!(kept(&day.log, 1).sums("quarters", "inbox_id", &["sla_first_breached"])["support"], [1]);
}

#[test]
fn a_reply_window_is_missed_only_while_somebody_waits_for_our_answer() {
    let mut day = Story::default();
    day.writes().taken_by(ANNA).answers(ANNA);
    let until = day.after(24 * 3_600).now;
    day.asks(Command::ExpireWindow { until });
    day.after(10).writes().after(24 * 3_600);
    let until = day.now;
    day.asks(Command::ExpireWindow { until }).ends(ANNA);
    assert_eq!(day.rows("interactions", "windows_missed"), ["1"]);
    let sums = kept(&day.log, 1).sums("quarters", "agent_id", &["windows_missed", "ended_window_missed", "ended"]);
    assert_eq!(sums["anna"], [1, 1, 1]);
}

/// Five minutes for the first response, two for every other.
fn promised() -> Story {
    Story { sla: Sla { first_response_ms: Some(300_000), next_response_ms: Some(120_000) }, ..Story::default() }
}
