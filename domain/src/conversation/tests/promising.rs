//! What was promised about time: which clock runs, since when, and when it is broken.

use super::*;

const QUICK: Sla = Sla { first_response_ms: Some(39_600), next_response_ms: Some(60_000) };

#[test]
fn the_first_response_is_due_counted_from_the_opening() {
    assert_eq!(due(&promised()), Some((SlaClock::FirstResponse, seconds(39.6))));
    let moved = then(promised(), [Event::Queued { inbox: BILLING, since: NOON, at: minutes(9) }]);
    assert_eq!(due(&moved), due(&promised()), "whoever has it, the customer waits since they wrote");
}

#[test]
fn nothing_is_due_where_nothing_was_promised() {
    assert_eq!(due(&waiting()), None);
    let first_only = Sla { next_response_ms: None, ..QUICK };
    let answered = then(opened(first_only, Opening::Received), [message_received(HELLO), reply_queued(ANSWER)]);
    assert_eq!(due(&then(answered, [message_received(PLEASE)])), None);
}

#[test]
fn a_persons_answer_stops_the_clock_and_the_next_message_starts_the_other() {
    let answered = then(promised(), [reply_queued(ANSWER)]);
    assert_eq!(due(&answered), None);
    let asked_twice = [received_at(PLEASE, minutes(1), minutes(1)), received_at(HELLO, minutes(2), minutes(2))];
    let asked_again = then(answered, asked_twice);
    assert_eq!(due(&asked_again), Some((SlaClock::NextResponse, minutes(2))), "of several, the first counts");
}

#[test]
fn an_answer_in_the_providers_own_app_is_an_answer() {
    let words = Personal::Known(words());
    let echoed =
        Event::MessageEchoed { message: ANSWER, content: Content::Text, sent_at: NOON, at: NOON, personal: words };
    assert_eq!(due(&then(promised(), [echoed])), None);
}

#[test]
fn what_a_program_says_is_no_answer() {
    for author in [Author::Api, Author::Flow { flow: WELCOME }] {
        assert_eq!(due(&then(promised(), [reply_queued_by(ANSWER, author)])), due(&promised()));
    }
}

#[test]
fn while_a_flow_speaks_nobody_is_waited_for_and_its_end_starts_the_clock() {
    let handed = Event::HandedToFlow { flow: WELCOME, inbox: SALES, at: minutes(1) };
    let in_flow = then(promised(), [handed, received_at(PLEASE, minutes(2), minutes(2))]);
    assert_eq!(due(&in_flow), None);
    let handed_back = then(in_flow, [Event::Queued { inbox: SALES, since: NOON, at: minutes(5) }]);
    assert_eq!(due(&handed_back), Some((SlaClock::FirstResponse, minutes(5) + TimeDelta::milliseconds(39_600))));
}

#[test]
fn who_writes_first_waits_for_nobody() {
    for opening in [Opening::Outbound { agent: ANNA }, Opening::Retaken { from: 1, agent: ANNA }] {
        let begun = then(opened(QUICK, opening), [assigned(ANNA, ANNAS_SLOT, HowAssigned::Outbound)]);
        assert_eq!(due(&begun), None);
        let answered = then(begun, [received_at(PLEASE, minutes(1), minutes(1))]);
        assert_eq!(due(&answered), Some((SlaClock::NextResponse, minutes(2))));
    }
}

#[test]
fn a_retaken_interaction_promises_what_the_last_one_did() {
    let ended = then(promised(), [interaction_ended(solved_by(ANNA))]);
    assert_eq!(due(&ended), None);
    let events = after(&ended).decide(Command::Retake { agent: ANNA, hold: ANNAS_SLOT }, NOON).unwrap();
    assert!(matches!(events[0], Event::InteractionOpened { sla: QUICK, .. }), "{events:?}");
}

#[test]
fn a_message_opens_with_the_promise_of_its_route() {
    let message =
        Inbound { message: HELLO, content: Content::Text, words: words(), sent_at: NOON, addresses: vec![phone()] };
    let events =
        Conversation::default().decide(Command::Receive { message, route: Route { sla: QUICK, ..route() } }, NOON);
    assert_eq!(due(&events.unwrap()), due(&promised()));
}

#[test]
fn a_broken_promise_is_told_once_and_never_early() {
    let breach = Command::BreachSla { clock: SlaClock::FirstResponse, due: seconds(39.6) };
    at(seconds(39.599), promised()).when(breach.clone()).then_expect_error(Refusal::SlaNotDue);
    at(seconds(39.6), promised()).when(breach.clone()).then_expect_events(vec![broken(seconds(39.6))]);
    let told = then(promised(), [broken(seconds(39.6))]);
    assert!(after(&told).promise.due().unwrap().breached);
    at(minutes(1), told).when(breach).then_expect_events(vec![]);
}

#[test]
fn a_promise_that_was_kept_meanwhile_is_not_broken() {
    let answered = then(promised(), [reply_queued(ANSWER)]);
    let again = then(answered.clone(), [message_received(PLEASE)]);
    for kept in [answered, again, then(promised(), [interaction_ended(solved_by(ANNA))])] {
        at(minutes(9), kept)
            .when(Command::BreachSla { clock: SlaClock::FirstResponse, due: seconds(39.6) })
            .then_expect_events(vec![]);
    }
}

#[test]
fn who_answers_late_has_broken_the_promise_though_nobody_told_yet() {
    let late = then(promised(), [assigned(ANNA, ANNAS_SLOT, HowAssigned::Pull)]);
    let ended = Event::InteractionEnded { interaction: 1, ending: solved_by(ANNA), at: minutes(1) };
    let end = Command::End { reason: Some(SOLVED), configured: vec![SOLVED], by: ANNA };
    at(minutes(1), late.clone()).when(end.clone()).then_expect_events(vec![broken(minutes(1)), ended.clone()]);
    let told = then(late, [broken(seconds(40.0))]);
    at(minutes(1), told).when(end).then_expect_events(vec![ended]);
}

#[test]
fn the_next_promise_may_be_broken_too() {
    let told = then(promised(), [broken(minutes(1)), reply_queued(ANSWER), message_received(PLEASE)]);
    at(minutes(1), told)
        .when(Command::BreachSla { clock: SlaClock::NextResponse, due: minutes(1) })
        .then_expect_events(vec![Event::SlaBreached {
            clock: SlaClock::NextResponse,
            due: minutes(1),
            at: minutes(1),
        }]);
}

/// Lena waits in sales, which promises an answer.
fn promised() -> Vec<Event> {
    then(opened(QUICK, Opening::Received), [queued(SALES), address_added(phone()), message_received(HELLO)])
}

fn opened(sla: Sla, opening: Opening) -> Vec<Event> {
    let (gateway, channel, contact, inbox) = (SALES_LINE, Channel::Whatsapp, LENA, SALES);
    vec![Event::InteractionOpened { interaction: 1, gateway, channel, contact, inbox, opening, at: NOON, sla }]
}

fn broken(at: DateTime<Utc>) -> Event {
    Event::SlaBreached { clock: SlaClock::FirstResponse, due: seconds(39.6), at }
}

fn due(events: &[Event]) -> Option<(SlaClock, DateTime<Utc>)> {
    after(events).promise.due().map(|due| (due.clock, due.at))
}

fn seconds(count: f64) -> DateTime<Utc> {
    NOON + TimeDelta::milliseconds((count * 1_000.0).round() as i64)
}
