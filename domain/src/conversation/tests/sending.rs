//! Attempts and receipts: never a silent second send, and receipts in any order.

use super::*;

#[test]
fn a_queued_reply_is_attempted() {
    given(answered()).when(begin(1)).then_expect_events(vec![attempted(1)]);
}

#[test]
fn an_attempt_without_outcome_is_not_followed_by_another() {
    let in_doubt = [then(answered(), [attempted(1)]), then(answered(), [attempted(1), indeterminate()])];
    for unresolved in in_doubt {
        for attempt in [1, 2] {
            given(unresolved.clone()).when(begin(attempt)).then_expect_error(Refusal::AttemptUnresolved);
        }
    }
}

#[test]
fn attempts_are_made_in_turn() {
    given(answered()).when(begin(2)).then_expect_error(Refusal::AttemptOutOfTurn { expected: 1 });
    given(then(answered(), [attempted(1), deferred()]))
        .when(begin(1))
        .then_expect_error(Refusal::AttemptOutOfTurn { expected: 2 });
}

#[test]
fn what_the_provider_has_needs_no_further_attempt() {
    let discarded = then(answered(), [attempted(1), indeterminate(), resolved(Resolution::Discard)]);
    for settled in [then(answered(), [attempted(1), submitted("wamid.A")]), discarded] {
        given(settled).when(begin(2)).then_expect_error(Refusal::NothingToSend);
    }
}

#[test]
fn nobody_sends_what_was_never_written() {
    for message in [APOLOGY, HELLO] {
        given(answered()).when(Command::BeginSend { message, attempt: 1 }).then_expect_error(Refusal::NoSuchMessage);
    }
}

#[test]
fn a_busy_provider_is_tried_again_later() {
    given(then(answered(), [attempted(1)])).when(defer(1)).then_expect_events(vec![deferred()]);
    given(then(answered(), [attempted(1), deferred()])).when(begin(2)).then_expect_events(vec![attempted(2)]);
}

#[test]
fn only_the_attempt_under_way_is_deferred() {
    let deferred_already = then(answered(), [attempted(1), deferred()]);
    let delivered_meanwhile = then(answered(), [attempted(1), submitted("wamid.A")]);
    for settled in [answered(), deferred_already, delivered_meanwhile] {
        given(settled).when(defer(1)).then_expect_events(vec![]);
    }
    given(then(answered(), [attempted(1)])).when(defer(2)).then_expect_events(vec![]);
}

#[test]
fn nobody_defers_what_was_never_written() {
    given(owned_by_anna()).when(defer(1)).then_expect_error(Refusal::NoSuchMessage);
}

#[test]
fn every_receipt_of_a_message_is_told() {
    for (delivery, told) in receipts() {
        given(then(answered(), [attempted(1)])).when(record(delivery)).then_expect_events(vec![told]);
    }
}

#[test]
fn a_receipt_that_is_repeated_is_no_news() {
    for (delivery, told) in receipts() {
        given(then(answered(), [attempted(1), told])).when(record(delivery)).then_expect_events(vec![]);
    }
}

#[test]
fn a_receipt_that_overtook_another_does_not_silence_it() {
    let read_first = then(answered(), [attempted(1), read()]);
    given(read_first)
        .when(record(Delivery::Delivered))
        .then_expect_events(vec![Event::ReplyDelivered { message: ANSWER, at: NOON }]);
}

#[test]
fn an_attempt_may_end_without_anybody_knowing_how() {
    given(then(answered(), [attempted(1)]))
        .when(record(Delivery::Indeterminate { attempt: 1 }))
        .then_expect_events(vec![indeterminate()]);
}

#[test]
fn what_the_provider_told_is_not_doubted_afterwards() {
    for known in [then(answered(), [attempted(1), read()]), then(answered(), [attempted(1), deferred()]), answered()] {
        given(known).when(record(Delivery::Indeterminate { attempt: 1 })).then_expect_events(vec![]);
    }
    given(then(answered(), [attempted(1)]))
        .when(record(Delivery::Indeterminate { attempt: 2 }))
        .then_expect_events(vec![]);
}

#[test]
fn a_receipt_settles_what_nobody_knew() {
    let settled = then(answered(), [attempted(1), indeterminate(), read()]);
    given(settled).when(resolve(Resolution::Resend)).then_expect_error(Refusal::NotIndeterminate);
}

#[test]
fn a_receipt_of_a_forgotten_message_is_still_told() {
    given(owned_by_anna()).when(record(Delivery::Read)).then_expect_events(vec![read()]);
}

#[test]
fn the_providers_id_of_a_forgotten_message_is_not_told_again() {
    let again = Delivery::Submitted { provider_id: "wamid.A".to_owned() };
    given(owned_by_anna()).when(record(again)).then_expect_events(vec![]);
}

#[test]
fn a_receipt_means_nothing_where_nothing_was_said() {
    given(vec![]).when(record(Delivery::Read)).then_expect_events(vec![]);
}

#[test]
fn an_agent_decides_about_a_send_nobody_knows_of() {
    for resolution in [Resolution::Resend, Resolution::Discard] {
        given(then(answered(), [attempted(1), indeterminate()]))
            .when(resolve(resolution))
            .then_expect_events(vec![resolved(resolution)]);
    }
}

#[test]
fn a_resent_message_is_attempted_for_the_second_time() {
    let resent = then(answered(), [attempted(1), indeterminate(), resolved(Resolution::Resend)]);
    given(resent).when(begin(2)).then_expect_events(vec![attempted(2)]);
}

#[test]
fn after_a_restore_nobody_knows_whether_what_is_unsent_was_sent() {
    let doubted = |attempt| vec![Event::ReplyIndeterminate { message: ANSWER, attempt, at: NOON }];
    let doubt = || Command::DoubtSend { message: ANSWER };
    given(answered()).when(doubt()).then_expect_events(doubted(1));
    given(then(answered(), [attempted(1)])).when(doubt()).then_expect_events(doubted(1));
    given(then(answered(), [attempted(1), deferred()])).when(doubt()).then_expect_events(doubted(2));
    let resent = then(answered(), [attempted(1), indeterminate(), resolved(Resolution::Resend)]);
    given(resent).when(doubt()).then_expect_events(doubted(2));
}

#[test]
fn after_a_restore_what_is_settled_or_doubted_stays_so() {
    let discarded = then(answered(), [attempted(1), indeterminate(), resolved(Resolution::Discard)]);
    let unknown = then(answered(), [attempted(1), indeterminate()]);
    for settled in [discarded, unknown, then(answered(), [attempted(1), submitted("wamid.A")])] {
        given(settled).when(Command::DoubtSend { message: ANSWER }).then_expect_events(vec![]);
    }
    given(owned_by_anna()).when(Command::DoubtSend { message: ANSWER }).then_expect_error(Refusal::NoSuchMessage);
}

#[test]
fn a_doubted_message_is_resent_as_the_attempt_after_the_one_in_doubt() {
    let resent = then(answered(), [indeterminate(), resolved(Resolution::Resend)]);
    given(resent.clone()).when(begin(1)).then_expect_error(Refusal::AttemptOutOfTurn { expected: 2 });
    given(resent).when(begin(2)).then_expect_events(vec![attempted(2)]);
}

#[test]
fn there_is_nothing_to_decide_about_a_known_outcome() {
    for known in [answered(), then(answered(), [attempted(1)]), then(answered(), [attempted(1), read()])] {
        given(known).when(resolve(Resolution::Resend)).then_expect_error(Refusal::NotIndeterminate);
    }
}

#[test]
fn nobody_decides_about_what_was_never_written() {
    given(owned_by_anna()).when(resolve(Resolution::Discard)).then_expect_error(Refusal::NoSuchMessage);
}

#[test]
fn a_settled_message_keeps_no_words() {
    let discarded = then(answered(), [attempted(1), indeterminate(), resolved(Resolution::Discard)]);
    for settled in [discarded, then(answered(), [attempted(1), submitted("wamid.A")])] {
        let conversation = after(&settled);
        assert_eq!(conversation.messages.outbound(ANSWER).and_then(|outbound| outbound.words.clone()), None);
        assert_eq!(conversation.messages.unsettled().count(), 0);
    }
}

#[test]
fn unsettled_messages_are_told_oldest_first() {
    let both = after(&then(answered(), [reply_queued(APOLOGY), attempted(1)]));
    assert_eq!(both.messages.unsettled().map(|(message, _)| message).collect::<Vec<_>>(), vec![ANSWER, APOLOGY]);
}

#[test]
fn the_providers_id_of_our_message_is_claimed_on_its_gateway() {
    let claims = after(&answered()).claims(&[submitted("wamid.A")]);
    assert_eq!(claims, vec![Claim::ProviderMessage(SALES_LINE, "wamid.A".to_owned())]);
}

#[test]
fn an_attachment_is_told_as_stored_or_failed() {
    let failed = AttachmentOutcome::Failed { reason: "too large".to_owned() };
    for outcome in [AttachmentOutcome::Stored { bytes: 48_213 }, failed] {
        given(waiting())
            .when(Command::RecordAttachment { message: HELLO, attachment: 0, outcome: outcome.clone() })
            .then_expect_events(vec![Event::AttachmentRecorded { message: HELLO, attachment: 0, outcome, at: NOON }]);
    }
}

/// Anna's answer waits to be sent.
fn answered() -> Vec<Event> {
    then(owned_by_anna(), [reply_queued(ANSWER)])
}

fn receipts() -> Vec<(Delivery, Event)> {
    let message = ANSWER;
    let reason = "131026: undeliverable".to_owned();
    vec![
        (Delivery::Submitted { provider_id: "wamid.A".to_owned() }, submitted("wamid.A")),
        (Delivery::Sent, Event::ReplySent { message, at: NOON }),
        (Delivery::Delivered, Event::ReplyDelivered { message, at: NOON }),
        (Delivery::Read, read()),
        (Delivery::Failed { reason: reason.clone() }, Event::ReplyFailed { message, reason, at: NOON }),
    ]
}

fn begin(attempt: u32) -> Command {
    Command::BeginSend { message: ANSWER, attempt }
}

fn defer(attempt: u32) -> Command {
    Command::DeferSend { message: ANSWER, attempt, until: minutes(5), reason: "429".to_owned() }
}

fn record(delivery: Delivery) -> Command {
    Command::RecordDelivery { message: ANSWER, delivery }
}

fn resolve(resolution: Resolution) -> Command {
    Command::ResolveIndeterminate { message: ANSWER, resolution, by: ANNA }
}

fn attempted(attempt: u32) -> Event {
    Event::SendAttempted { message: ANSWER, attempt, at: NOON }
}

fn deferred() -> Event {
    Event::SendDeferred { message: ANSWER, attempt: 1, until: minutes(5), reason: "429".to_owned(), at: NOON }
}

fn submitted(provider_id: &str) -> Event {
    let personal = Personal::Known(ProviderReference { provider_id: provider_id.to_owned() });
    Event::ReplySubmitted { message: ANSWER, gateway: SALES_LINE, at: NOON, personal }
}

fn read() -> Event {
    Event::ReplyRead { message: ANSWER, at: NOON }
}

fn indeterminate() -> Event {
    Event::ReplyIndeterminate { message: ANSWER, attempt: 1, at: NOON }
}

fn resolved(resolution: Resolution) -> Event {
    Event::SendResolved { message: ANSWER, resolution, by: ANNA, at: NOON }
}
