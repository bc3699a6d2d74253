//! How an interaction ends and the next begins; and what is noted on the way.

use super::*;

#[test]
fn the_owner_ends_with_a_reason() {
    given(owned_by_anna()).when(end(ANNA)).then_expect_events(vec![interaction_ended(solved_by(ANNA))]);
}

#[test]
fn what_nobody_has_may_be_ended_by_anybody() {
    for unowned in [waiting(), in_flow()] {
        given(unowned).when(end(CLARA)).then_expect_events(vec![interaction_ended(solved_by(CLARA))]);
    }
}

#[test]
fn an_end_withdraws_open_offers() {
    given(ringing_at_both()).when(end(CLARA)).then_expect_events(vec![
        offer_withdrawn(TO_ANNA, ANNA, Withdrawn::Ended),
        offer_withdrawn(TO_BORIS, BORIS, Withdrawn::Ended),
        interaction_ended(solved_by(CLARA)),
    ]);
}

#[test]
fn an_end_withdraws_an_open_transfer() {
    given(transfer_pending())
        .when(end(ANNA))
        .then_expect_events(vec![transfer_withdrawn(Withdrawn::Ended), interaction_ended(solved_by(ANNA))]);
}

#[test]
fn an_end_needs_a_reason() {
    given(owned_by_anna())
        .when(Command::End { reason: None, configured: vec![SOLVED], by: ANNA })
        .then_expect_error(Refusal::ReasonMissing);
}

#[test]
fn an_end_needs_a_reason_the_organisation_keeps() {
    given(owned_by_anna())
        .when(Command::End { reason: Some(SOLVED), configured: vec![SPAM], by: ANNA })
        .then_expect_error(Refusal::UnknownEndReason);
}

#[test]
fn nobody_ends_what_a_colleague_has() {
    given(owned_by_anna()).when(end(BORIS)).then_expect_error(Refusal::NotOwner { owner: Some(ANNA) });
}

#[test]
fn what_has_ended_does_not_end_again() {
    for idle in [vec![], ended()] {
        given(idle).when(end(ANNA)).then_expect_error(Refusal::NotOpen);
    }
}

#[test]
fn a_silent_customers_interaction_is_closed() {
    at(hours(24), transfer_pending()).when(Command::CloseIdle { silent_since: NOON }).then_expect_events(vec![
        Event::TransferWithdrawn { transfer: HANDOVER, why: Withdrawn::Ended, at: hours(24) },
        Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: hours(24) },
    ]);
}

#[test]
fn a_customer_who_wrote_since_is_not_closed_as_idle() {
    at(hours(24), then(owned_by_anna(), [received_at(PLEASE, hours(1), hours(1))]))
        .when(Command::CloseIdle { silent_since: NOON })
        .then_expect_error(Refusal::NotIdle);
}

#[test]
fn idle_is_counted_from_our_time_not_the_providers() {
    let delayed = then(owned_by_anna(), [received_at(PLEASE, hours(-20), hours(4))]);
    at(hours(5), delayed.clone())
        .when(Command::CloseIdle { silent_since: hours(-20) })
        .then_expect_error(Refusal::NotIdle);
    at(hours(28), delayed)
        .when(Command::CloseIdle { silent_since: hours(4) })
        .then_expect_events(vec![Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: hours(28) }]);
}

#[test]
fn what_has_ended_is_not_closed_as_idle() {
    given(ended()).when(Command::CloseIdle { silent_since: NOON }).then_expect_events(vec![]);
}

#[test]
fn erasing_fails_what_was_not_sent_and_ends_the_interaction() {
    given(then(transfer_pending(), [reply_queued(ANSWER)])).when(Command::Erase).then_expect_events(vec![
        failed_for_ever(ANSWER),
        transfer_withdrawn(Withdrawn::Ended),
        interaction_ended(Ending::Erased),
        Event::Erased { at: NOON },
    ]);
}

#[test]
fn erasing_withdraws_open_offers() {
    given(offered_to_anna()).when(Command::Erase).then_expect_events(vec![
        offer_withdrawn(TO_ANNA, ANNA, Withdrawn::Ended),
        interaction_ended(Ending::Erased),
        Event::Erased { at: NOON },
    ]);
}

#[test]
fn erasing_what_has_ended_closes_it_once() {
    given(ended()).when(Command::Erase).then_expect_events(vec![Event::Erased { at: NOON }]);
    given(erased()).when(Command::Erase).then_expect_events(vec![]);
    given(vec![]).when(Command::Erase).then_expect_events(vec![]);
}

#[test]
fn nothing_begins_in_an_erased_conversation() {
    let message =
        Inbound { message: PLEASE, content: Content::Text, words: words(), sent_at: NOON, addresses: vec![phone()] };
    let allowance = Allowance { reply_window: true, text_chars_max: 100, templates: true, opted_out: false };
    let author = Author::Agent { agent: ANNA };
    for command in [
        Command::Receive { message: message.clone(), route: route() },
        Command::ReceiveEcho { message },
        Command::ReceiveEdit { message: HELLO, words: words() },
        Command::RecordAddressChange { address: user_id() },
        Command::Reply { message: ANSWER, author, text: "Good day!".to_owned(), allowance },
        Command::Retake { agent: ANNA, hold: ANNAS_SLOT },
        start_outbound(),
        Command::AddNote { by: ANNA, text: "calls back".to_owned() },
        end(ANNA),
        tag("vip"),
    ] {
        given(erased()).when(command).then_expect_error(Refusal::Erased);
    }
}

#[test]
fn what_was_on_its_way_is_followed_to_its_end() {
    let attempted = Event::SendAttempted { message: ANSWER, attempt: 1, at: NOON };
    let under_way = then(owned_by_anna(), [reply_queued(ANSWER), attempted]);
    let closed = [interaction_ended(Ending::Erased), Event::Erased { at: NOON }];
    given(under_way.clone()).when(Command::Erase).then_expect_events(closed.to_vec());
    let erased = then(under_way, closed);
    assert_eq!(after(&erased).messages.outbound(ANSWER).unwrap().words, None);
    given(erased.clone())
        .when(Command::RecordDelivery { message: ANSWER, delivery: Delivery::Sent })
        .then_expect_events(vec![Event::ReplySent { message: ANSWER, at: NOON }]);
    let defer = Command::DeferSend { message: ANSWER, attempt: 1, until: hours(1), reason: "429".to_owned() };
    given(erased.clone()).when(defer.clone()).then_expect_events(vec![failed_for_ever(ANSWER)]);
    given(then(erased, [failed_for_ever(ANSWER)])).when(defer).then_expect_events(vec![]);
}

#[test]
fn deadlines_that_fire_after_the_erasure_change_nothing() {
    for command in [Command::ExpireWindow { until: NOON + DAY }, Command::CloseIdle { silent_since: NOON }] {
        at(hours(30), erased()).when(command).then_expect_events(vec![]);
    }
}

#[test]
fn no_word_is_remembered_of_an_erased_conversation() {
    let erased = after(&then(owned_by_anna(), [reply_queued(ANSWER), Event::Erased { at: NOON }]));
    let state = serde_json::to_string(&erased).unwrap();
    assert!(!state.contains("Good day!") && !state.contains("491701234567"), "{state}");
}

#[test]
fn an_agent_writes_first() {
    given(vec![]).when(start_outbound()).then_expect_events(vec![
        opened_for(LENA, 1, Opening::Outbound { agent: ANNA }),
        address_added(phone()),
        assigned(ANNA, ANNAS_SLOT, HowAssigned::Outbound),
    ]);
}

#[test]
fn an_agent_writes_first_to_somebody_known() {
    given(ended()).when(start_outbound()).then_expect_events(vec![
        opened_for(LENA, 2, Opening::Outbound { agent: ANNA }),
        assigned(ANNA, ANNAS_SLOT, HowAssigned::Outbound),
    ]);
}

#[test]
fn nobody_writes_first_into_an_open_interaction() {
    for open in [waiting(), offered_to_anna(), owned_by_anna(), in_flow()] {
        given(open).when(start_outbound()).then_expect_error(Refusal::AlreadyOpen);
    }
}

#[test]
fn an_agent_takes_an_ended_interaction_up_again() {
    given(ended()).when(Command::Retake { agent: BORIS, hold: BORIS_SLOT }).then_expect_events(vec![
        opened_for(LENA, 2, Opening::Retaken { from: 1, agent: BORIS }),
        assigned(BORIS, BORIS_SLOT, HowAssigned::Retake),
    ]);
}

#[test]
fn retaking_twice_is_retaking_once() {
    let retaken = then(
        ended(),
        [
            opened_for(LENA, 2, Opening::Retaken { from: 1, agent: BORIS }),
            assigned(BORIS, BORIS_SLOT, HowAssigned::Retake),
        ],
    );
    given(retaken).when(Command::Retake { agent: BORIS, hold: BORIS_SLOT }).then_expect_events(vec![]);
}

#[test]
fn what_is_open_cannot_be_retaken() {
    for open in [waiting(), offered_to_anna(), owned_by_anna(), in_flow()] {
        given(open).when(Command::Retake { agent: BORIS, hold: BORIS_SLOT }).then_expect_error(Refusal::AlreadyOpen);
    }
}

#[test]
fn there_is_nothing_to_retake_before_anything_was_said() {
    given(vec![]).when(Command::Retake { agent: ANNA, hold: ANNAS_SLOT }).then_expect_error(Refusal::NothingToRetake);
}

#[test]
fn a_retaken_interaction_returns_to_the_inbox_it_came_from() {
    let moved = then(
        waiting(),
        [
            queued(BILLING),
            interaction_ended(solved_by(ANNA)),
            Event::InteractionOpened {
                interaction: 2,
                gateway: SALES_LINE,
                channel: Channel::Whatsapp,
                contact: LENA,
                inbox: BILLING,
                opening: Opening::Retaken { from: 1, agent: ANNA },
                at: hours(3),
                sla: Sla::default(),
            },
            assigned(ANNA, ANNAS_SLOT, HowAssigned::Retake),
        ],
    );
    at(hours(4), moved.clone())
        .when(Command::ReturnToInbox { ownership: ownership(&moved) })
        .then_expect_events(vec![Event::Queued { inbox: BILLING, since: hours(3), at: hours(4) }]);
}

#[test]
fn colleagues_leave_notes_also_after_the_end() {
    for scene in [owned_by_anna(), ended()] {
        given(scene).when(Command::AddNote { by: CLARA, text: "calls back".to_owned() }).then_expect_events(vec![
            Event::NoteAdded { by: CLARA, at: NOON, personal: Personal::Known(Note { text: "calls back".to_owned() }) },
        ]);
    }
}

#[test]
fn the_next_interaction_starts_without_tags_and_priority() {
    let next = then(ended(), [interaction_opened(2), queued(SALES)]);
    let tagged_before = then(
        then(waiting(), [tagged("vip"), priority_set(9)]),
        [interaction_ended(solved_by(ANNA)), interaction_opened(2), queued(SALES)],
    );
    for fresh in [next, tagged_before] {
        given(fresh.clone()).when(tag("vip")).then_expect_events(vec![tagged("vip")]);
        given(fresh).when(Command::SetPriority { priority: 0 }).then_expect_events(vec![]);
    }
}

#[test]
fn priority_is_set_when_it_differs() {
    given(waiting()).when(Command::SetPriority { priority: 5 }).then_expect_events(vec![priority_set(5)]);
    given(then(waiting(), [priority_set(5)])).when(Command::SetPriority { priority: 5 }).then_expect_events(vec![]);
}

#[test]
fn what_has_ended_is_neither_tagged_nor_ranked() {
    for command in [tag("vip"), Command::SetPriority { priority: 5 }] {
        given(ended()).when(command).then_expect_error(Refusal::NotOpen);
    }
}

fn erased() -> Vec<Event> {
    then(owned_by_anna(), [interaction_ended(Ending::Erased), Event::Erased { at: NOON }])
}

fn failed_for_ever(message: MessageId) -> Event {
    Event::ReplyFailed { message, reason: "erased".to_owned(), at: NOON }
}

fn end(by: AgentId) -> Command {
    Command::End { reason: Some(SOLVED), configured: vec![SPAM, SOLVED], by }
}

fn start_outbound() -> Command {
    let route = Route { flow: Some(WELCOME), ..route() };
    Command::StartOutbound { agent: ANNA, hold: ANNAS_SLOT, route, address: phone() }
}

fn priority_set(priority: u8) -> Event {
    Event::PrioritySet { priority, at: NOON }
}
