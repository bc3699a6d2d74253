//! Conversations.

use gatehouse_domain::conversation::{Resolution, Withdrawn};

use super::*;

#[test]
fn a_transfer_is_the_asking_agents_until_it_is_accepted() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, queued(SALES));
    log.say(1, after(0, 40), assigned(ANNA, 1, HowAssigned::Pull));
    log.say(1, after(5, 0), asked_for(7, ANNA, BEN));
    log.say(1, after(16, 0), |at| E::TransferAccepted { transfer: transfer_id(7), at });
    log.say(1, after(16, 0), assigned(BEN, 2, HowAssigned::Transfer));
    log.say(1, after(31, 0), ended(solved(BEN)));
    let figures = log.sums(
        &["transfers_returned", "moves_out", "flowed_out", "ended_spoken"],
        &[
            ("offered", 0, SALES, NOBODY, 1),
            ("answered", 0, SALES, ANNA, 1),
            ("answered_ms", 0, SALES, ANNA, 40 * SECOND),
            ("answered_in_time", 0, SALES, ANNA, 1),
            ("transfers_out", 0, SALES, ANNA, 1),
            ("transfers_in", 1, SALES, BEN, 1),
            // 12:00:40 to 12:16:00, and 12:16:00 to 12:31:00.
            ("handled", 1, SALES, ANNA, 1),
            ("handled_ms", 1, SALES, ANNA, after(15, 20)),
            ("handled", 2, SALES, BEN, 1),
            ("handled_ms", 2, SALES, BEN, after(15, 0)),
            ("ended", 2, SALES, BEN, 1),
            ("ended_ms", 2, SALES, BEN, after(31, 0)),
        ],
    );
    assert_eq!(metric(&figures, "handle_time"), Some(910_000.0));
    assert_eq!(metric(&figures, "transfers_returned"), Some(0.0));
}

#[test]
fn a_return_to_the_inbox_is_a_new_stay_and_no_move() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, queued(SALES));
    log.say(1, after(0, 10), assigned(ANNA, 1, HowAssigned::Pull));
    log.say(1, after(1, 0), asked_for(7, ANNA, BEN));
    log.say(1, after(2, 0), |at| E::TransferDeclined { transfer: transfer_id(7), at });
    log.say(1, after(3, 0), asked_for(8, ANNA, BEN));
    log.say(1, after(4, 0), |at| E::TransferLapsed { transfer: transfer_id(8), at });
    // Anna has gone meanwhile.
    log.say(1, after(4, 0), queued(SALES));
    log.say(1, after(20, 0), assigned(BEN, 2, HowAssigned::Pull));
    let figures = log.sums(
        &["transfers_in", "moves_out", "moves_in", "flowed_out", "ended"],
        &[
            ("transfers_out", 0, SALES, ANNA, 2),
            ("transfers_returned", 0, SALES, ANNA, 2),
            ("offered", 0, SALES, NOBODY, 2),
            ("answered", 0, SALES, ANNA, 1),
            ("answered_ms", 0, SALES, ANNA, 10 * SECOND),
            ("answered_in_time", 0, SALES, ANNA, 1),
            ("handled", 0, SALES, ANNA, 1),
            ("handled_ms", 0, SALES, ANNA, after(3, 50)),
            ("answered", 1, SALES, BEN, 1),
            ("answered_ms", 1, SALES, BEN, after(16, 0)),
        ],
    );
    assert_eq!(metric(&figures, "transfers_returned"), Some(1.0));
    assert_eq!(metric(&figures, "service_level"), Some(0.5));
}

#[test]
fn ringing_everybody_is_one_stay_and_one_offer_each() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, queued(SALES));
    log.say(1, after(0, 5), offered(&[(0x51, ANNA)]));
    log.say(1, after(0, 35), lapsed(0x51, ANNA));
    log.say(1, after(0, 35), queued(SALES));
    log.say(1, after(0, 40), offered(&[(0x52, ANNA), (0x53, BEN), (0x54, CEM)]));
    log.say(1, after(0, 45), |at| E::OfferDeclined {
        offer: offer_id(0x54),
        agent: Uuid::from_u128(CEM).into(),
        reason: None,
        at,
    });
    log.say(1, after(1, 0), |at| E::OfferAccepted { offer: offer_id(0x53), agent: Uuid::from_u128(BEN).into(), at });
    log.say(1, after(1, 0), |at| E::OfferWithdrawn {
        offer: offer_id(0x52),
        agent: Uuid::from_u128(ANNA).into(),
        why: Withdrawn::Superseded,
        at,
    });
    log.say(1, after(1, 0), assigned(BEN, 0x53, HowAssigned::Offer { offer: offer_id(0x53) }));
    let figures = log.sums(
        &["flowed_out", "moves_out"],
        &[
            ("offered", 0, SALES, NOBODY, 1),
            ("offers_lapsed", 0, SALES, ANNA, 1),
            ("offers_withdrawn", 0, SALES, ANNA, 1),
            ("offers_declined", 0, SALES, CEM, 1),
            ("offers_accepted", 0, SALES, BEN, 1),
            ("offers_accepted_ms", 0, SALES, BEN, 20 * SECOND),
            ("answered", 0, SALES, BEN, 1),
            // 60 s is still in time.
            ("answered_ms", 0, SALES, BEN, 60 * SECOND),
            ("answered_in_time", 0, SALES, BEN, 1),
        ],
    );
    assert_eq!(metric(&figures, "non_response"), Some(1.0 / 3.0));
    assert_eq!(figures.percentile("acceptance", 50, &everything()), Some(20 * SECOND));
}

#[test]
fn who_writes_first_answers_nothing_and_a_retake_reopens() {
    let anna = Uuid::from_u128(ANNA).into();
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Outbound { agent: anna }, Some(1_000), Some(180_000)));
    log.say(1, 0, assigned(ANNA, 1, HowAssigned::Outbound));
    log.say(1, after(1, 0), reply(0x41, by(ANNA)));
    log.say(1, after(10, 0), received(0x31));
    log.say(1, after(11, 0), received(0x32));
    log.say(1, after(12, 0), reply(0x42, by(ANNA)));
    log.say(1, after(14, 59), ended(solved(ANNA)));
    let again = Opening::Retaken { from: 1, agent: Uuid::from_u128(BEN).into() };
    log.say(1, after(15 + 24 * 60 - 1, 59), opened(SALES, again, Some(1_000), None));
    log.say(1, after(15 + 24 * 60 - 1, 59), assigned(BEN, 2, HowAssigned::Retake));
    let figures = log.sums(
        &["offered", "answered", "first_responses", "sla_first_met", "ended_one_touch", "sla_next_breached"],
        &[
            ("opened", 0, SALES, ANNA, 1),
            ("opened", 96, SALES, BEN, 1),
            ("messages_written", 0, SALES, ANNA, 2),
            ("messages_received", 0, SALES, ANNA, 2),
            ("next_responses", 0, SALES, ANNA, 1),
            ("next_response_ms", 0, SALES, ANNA, after(2, 0)),
            ("sla_next_met", 0, SALES, ANNA, 1),
            ("ended_spoken", 0, SALES, ANNA, 1),
        ],
    );
    assert_eq!(metric(&figures, "reopen_rate"), Some(1.0), "24 h to the second are within 24 h");
    assert_eq!(metric(&figures, "one_touch"), Some(0.0));
    assert_eq!(figures.percentile("ingress_lag", 95, &everything()), Some(700));
}

#[test]
fn a_flow_answers_nothing_and_hands_over_a_turn() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, to_flow(SALES));
    log.say(1, 0, received(0x31));
    log.say(1, after(1, 0), reply(0x41, Author::Flow { flow: flow_id() }));
    log.say(1, after(10, 0), |at| E::FlowEnded { flow: flow_id(), at });
    log.say(1, after(10, 0), queued(SALES));
    log.say(1, after(11, 0), assigned(ANNA, 1, HowAssigned::Pull));
    log.say(1, after(14, 0), reply(0x42, by(ANNA)));
    log.say(1, after(14, 30), received(0x32));
    // Back to the flow: what was asked is nobody's to answer any more.
    log.say(1, after(16, 0), to_flow(SALES));
    log.say(1, after(40, 0), ended(Ending::Idle));
    let figures = log.sums(
        &["ended_contained", "next_responses", "flowed_out", "abandoned"],
        &[
            ("offered", 0, SALES, NOBODY, 1),
            ("first_responses", 0, SALES, ANNA, 1),
            ("first_response_ms", 0, SALES, ANNA, after(4, 0)),
            ("handled_ms", 1, SALES, ANNA, after(5, 0)),
            ("messages_automatic", 0, SALES, NOBODY, 1),
            ("ended", 2, SALES, NOBODY, 1),
            ("ended_with_flow", 2, SALES, NOBODY, 1),
            ("ended_spoken", 2, SALES, NOBODY, 1),
            ("ended_one_touch", 2, SALES, NOBODY, 1),
        ],
    );
    assert_eq!(metric(&figures, "containment"), Some(0.0));
    let noon = NOON.timestamp_millis();
    let ages = |at: i64| figures.backlog(noon + at, &|_| true);
    assert_eq!(ages(after(9, 59)), [0; 0], "a flow has it");
    assert_eq!(ages(after(12, 0)), [after(2, 0)]);
    assert_eq!(ages(after(14, 0)), [0; 0], "answered at that instant");
    assert_eq!(ages(after(15, 0)), [30 * SECOND]);
    assert_eq!(ages(after(16, 0)), [0; 0]);
}

#[test]
fn a_breach_counts_when_it_is_told_however_late_the_answer() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, Some(60_000), Some(60_000)));
    log.say(1, 0, queued(SALES));
    log.say(1, after(1, 0), breached(SlaClock::FirstResponse, after(1, 0)));
    log.say(1, after(3, 0), assigned(ANNA, 1, HowAssigned::Pull));
    log.say(1, after(4, 0), reply(0x41, by(ANNA)));
    log.say(1, after(14, 30), received(0x31));
    log.say(1, after(15, 30), breached(SlaClock::NextResponse, after(15, 30)));
    log.say(1, after(31, 0), reply(0x42, by(ANNA)));
    log.say(1, after(32, 0), received(0x32));
    log.say(1, after(33, 0) - 1, reply(0x43, by(ANNA)));
    // Ended before it was due: cancelled.
    log.say(1, after(40, 0), received(0x33));
    log.say(1, after(40, 30), ended(solved(ANNA)));
    let figures = log.sums(
        &["sla_first_met", "answered_in_time"],
        &[
            ("sla_first_breached", 0, SALES, NOBODY, 1),
            ("first_responses", 0, SALES, ANNA, 1),
            ("first_response_ms", 0, SALES, ANNA, after(4, 0)),
            ("sla_next_breached", 1, SALES, ANNA, 1),
            ("next_responses", 2, SALES, ANNA, 2),
            ("next_response_ms", 2, SALES, ANNA, after(16, 30) + after(1, 0) - 1),
            ("sla_next_met", 2, SALES, ANNA, 1),
        ],
    );
    assert_eq!(metric(&figures, "sla_met"), Some(1.0 / 3.0));
    assert_eq!(metric(&figures, "sla_first_met"), Some(0.0));
}

#[test]
fn a_move_is_a_flow_out_there_and_an_offer_here_and_silence_abandons_what_nobody_answered() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, queued(SALES));
    log.say(1, after(14, 0), queued(CARE));
    log.say(1, after(16, 0), |at| E::WindowExpired { until: at, at });
    log.say(1, after(30, 0), ended(Ending::Idle));
    // Answered in the provider's own app, so nothing is abandoned.
    log.say(2, 0, opened(SALES, Opening::Received, None, None));
    log.say(2, 0, queued(SALES));
    log.say(2, after(1, 0), |at| E::MessageEchoed {
        message: message_id(0x45),
        content: Content::Text,
        sent_at: at,
        at,
        personal: Personal::Erased,
    });
    log.say(2, after(2, 0), ended(Ending::Idle));
    // Short.
    log.say(3, 0, opened(SALES, Opening::Received, None, None));
    log.say(3, 0, queued(SALES));
    log.say(3, after(0, 10) - 1, ended(Ending::Idle));
    // Erased: its stay is a flow-out, and it is no end.
    log.say(4, 0, opened(SALES, Opening::Received, None, None));
    log.say(4, 0, queued(SALES));
    log.say(4, after(0, 20), ended(Ending::Erased));
    let figures = log.sums(
        &["answered"],
        &[
            ("offered", 0, SALES, NOBODY, 4),
            ("offered", 0, CARE, NOBODY, 1),
            ("moves_out", 0, SALES, NOBODY, 1),
            ("moves_in", 0, CARE, NOBODY, 1),
            ("flowed_out", 0, SALES, NOBODY, 3),
            ("windows_missed", 1, CARE, NOBODY, 1),
            ("abandoned", 2, CARE, NOBODY, 1),
            ("abandoned_ms", 2, CARE, NOBODY, after(16, 0)),
            ("abandoned", 0, SALES, NOBODY, 1),
            ("abandoned_ms", 0, SALES, NOBODY, after(0, 10) - 1),
            ("abandoned_short", 0, SALES, NOBODY, 1),
            ("ended", 2, CARE, NOBODY, 1),
            ("ended_window_missed", 2, CARE, NOBODY, 1),
            ("ended", 0, SALES, NOBODY, 2),
            ("ended_one_touch", 0, SALES, NOBODY, 1),
            ("first_responses", 0, SALES, NOBODY, 1),
            ("first_response_ms", 0, SALES, NOBODY, after(1, 0)),
        ],
    );
    assert_eq!(metric(&figures, "abandonment"), Some(0.4));
    assert_eq!(metric(&figures, "service_level"), Some(0.0));
}

#[test]
fn the_provider_may_tell_that_it_took_a_message_after_all() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Outbound { agent: Uuid::from_u128(ANNA).into() }, None, None));
    log.say(1, 0, assigned(ANNA, 1, HowAssigned::Outbound));
    for message in [0x41, 0x42, 0x43] {
        log.say(1, after(1, 0), reply(message, by(ANNA)));
        log.say(1, after(1, 1), |at| E::SendAttempted { message: message_id(message), attempt: 1, at });
    }
    // A receipt before the answer.
    log.say(1, after(1, 2), |at| E::ReplyRead { message: message_id(0x41), at });
    log.say(1, after(1, 3), submitted(0x41));
    // Failed, it was told before the answer that it was taken.
    log.say(1, after(1, 2), |at| E::ReplyFailed { message: message_id(0x42), reason: "blocked".to_owned(), at });
    log.say(1, after(1, 3), submitted(0x42));
    // Given up, and delivered a quarter later.
    log.say(1, after(1, 2), |at| E::ReplyIndeterminate { message: message_id(0x43), attempt: 1, at });
    log.say(1, after(1, 3), |at| E::SendResolved {
        message: message_id(0x43),
        resolution: Resolution::Discard,
        by: Uuid::from_u128(ANNA).into(),
        at,
    });
    // It was moved meanwhile: a message stays where it was written.
    log.say(1, after(14, 0), queued(CARE));
    log.say(1, after(20, 0), |at| E::ReplyDelivered { message: message_id(0x43), at });
    let figures = log.sums(
        &[],
        &[
            ("messages_submitted", 0, SALES, ANNA, 2),
            ("messages_submitted", 1, SALES, ANNA, 1),
            ("messages_unsent", 0, SALES, ANNA, 1),
        ],
    );
    assert_eq!(metric(&figures, "delivery_success"), Some(2.0 / 3.0));
    assert_eq!(figures.percentile("delivery_latency", 95, &everything()), Some(0));
    assert_eq!(metric(&figures, "indeterminate_rate"), Some(1.0 / 3.0));
}

#[test]
fn a_window_that_closes_while_a_flow_has_it_is_nobodys_miss() {
    let mut log = Paper::default();
    log.say(1, 0, opened(SALES, Opening::Received, None, None));
    log.say(1, 0, to_flow(SALES));
    log.say(1, after(1, 0), |at| E::MessageEchoed {
        message: message_id(0x45),
        content: Content::Text,
        sent_at: at,
        at,
        personal: Personal::Erased,
    });
    log.say(1, after(2, 0), received(0x31));
    log.say(1, after(10, 0), |at| E::WindowExpired { until: at, at });
    log.sums(&["windows_missed"], &[("messages_echoed", 0, SALES, NOBODY, 1)]);
}

fn lapsed(offer: u128, agent: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::OfferLapsed { offer: offer_id(offer), agent: Uuid::from_u128(agent).into(), at }
}

fn submitted(message: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::ReplySubmitted {
        message: message_id(message),
        gateway: Uuid::from_u128(0x61).into(),
        at,
        personal: Personal::Erased,
    }
}
