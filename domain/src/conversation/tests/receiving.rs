//! What the customer does is always kept, once.

use super::*;

#[test]
fn a_first_message_opens_an_interaction_that_waits_in_the_inbox() {
    given(vec![]).when(receive(HELLO)).then_expect_events(waiting());
}

#[test]
fn a_first_message_goes_to_the_flow_that_speaks_first() {
    given(vec![])
        .when(Command::Receive { message: inbound(HELLO), route: Route { flow: Some(WELCOME), ..route() } })
        .then_expect_events(in_flow());
}

#[test]
fn a_message_in_an_open_interaction_leaves_it_with_its_owner() {
    for open in [waiting(), offered_to_anna(), owned_by_anna(), transfer_pending(), in_flow()] {
        given(open).when(receive(PLEASE)).then_expect_events(vec![message_received(PLEASE)]);
    }
}

#[test]
fn a_message_the_provider_delivers_twice_is_kept_once() {
    for seen in [waiting(), owned_by_anna(), ended()] {
        given(seen).when(receive(HELLO)).then_expect_events(vec![]);
    }
}

#[test]
fn a_message_after_the_end_opens_the_next_interaction() {
    given(ended()).when(receive(PLEASE)).then_expect_events(vec![
        interaction_opened(2),
        queued(SALES),
        message_received(PLEASE),
    ]);
}

#[test]
fn every_address_is_recorded_when_it_is_first_seen() {
    let both = Inbound { addresses: vec![user_id(), phone(), user_id()], ..inbound(PLEASE) };
    given(waiting())
        .when(Command::Receive { message: both, route: route() })
        .then_expect_events(vec![address_added(user_id()), message_received(PLEASE)]);
}

#[test]
fn a_conversation_has_one_contact_for_ever() {
    for scene in [waiting(), owned_by_anna(), ended()] {
        given(scene)
            .when(Command::Receive { message: inbound(PLEASE), route: Route { contact: LENA_AGAIN, ..route() } })
            .then_expect_error(Refusal::OtherContact);
    }
}

#[test]
fn the_window_is_counted_from_the_providers_time() {
    let late = Inbound { sent_at: hours(-3), ..inbound(PLEASE) };
    given(waiting()).when(Command::Receive { message: late, route: route() }).then_expect_events(vec![received_at(
        PLEASE,
        hours(-3),
        NOON,
    )]);
}

#[test]
fn a_provider_whose_clock_runs_ahead_does_not_lengthen_the_window() {
    let ahead = Inbound { sent_at: hours(2), ..inbound(PLEASE) };
    given(waiting()).when(Command::Receive { message: ahead, route: route() }).then_expect_events(vec![
        Event::MessageReceived {
            message: PLEASE,
            content: Content::Text,
            sent_at: hours(2),
            window_until: Some(NOON + DAY),
            at: NOON,
            personal: Personal::Known(words()),
        },
    ]);
}

#[test]
fn a_channel_without_a_window_opens_none() {
    let no_window = Route { reply_window: None, ..route() };
    given(waiting()).when(Command::Receive { message: inbound(PLEASE), route: no_window }).then_expect_events(vec![
        Event::MessageReceived {
            message: PLEASE,
            content: Content::Text,
            sent_at: NOON,
            window_until: None,
            at: NOON,
            personal: Personal::Known(words()),
        },
    ]);
}

#[test]
fn an_edit_is_kept() {
    given(waiting()).when(Command::ReceiveEdit { message: HELLO, words: words() }).then_expect_events(vec![
        Event::MessageEdited { message: HELLO, at: NOON, personal: Personal::Known(words()) },
    ]);
}

#[test]
fn a_revoked_message_is_told_as_revoked() {
    given(waiting())
        .when(Command::ReceiveRevoke { message: HELLO })
        .then_expect_events(vec![Event::MessageRevoked { message: HELLO, at: NOON }]);
}

#[test]
fn a_reaction_is_kept_and_so_is_taking_it_back() {
    for emoji in [Some("👍".to_owned()), None] {
        given(owned_by_anna())
            .when(Command::ReceiveReaction { message: ANSWER, emoji: emoji.clone() })
            .then_expect_events(vec![reaction_received(emoji)]);
    }
}

#[test]
fn a_reaction_taken_back_is_not_read_as_an_erased_one() {
    let stored = serde_json::to_value(reaction_received(None)).unwrap();
    assert_eq!(stored["personal"], serde_json::json!({}));
    assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), reaction_received(None));
}

#[test]
fn what_a_colleague_wrote_in_the_providers_app_opens_nothing() {
    given(ended()).when(Command::ReceiveEcho { message: inbound(PLEASE) }).then_expect_events(vec![message_echoed()]);
}

#[test]
fn an_echo_delivered_twice_is_kept_once() {
    given(then(ended(), [message_echoed()]))
        .when(Command::ReceiveEcho { message: inbound(PLEASE) })
        .then_expect_events(vec![]);
}

#[test]
fn a_changed_address_is_added_to_the_ones_known() {
    given(ended())
        .when(Command::RecordAddressChange { address: user_id() })
        .then_expect_events(vec![address_added(user_id())]);
}

#[test]
fn a_known_address_is_no_news() {
    given(ended()).when(Command::RecordAddressChange { address: phone() }).then_expect_events(vec![]);
}

#[test]
fn nobody_has_an_address_before_anything_was_said() {
    given(vec![]).when(Command::RecordAddressChange { address: phone() }).then_expect_events(vec![]);
}

#[test]
fn words_are_sealed_under_the_key_of_the_contact_who_is_met() {
    assert_eq!(Conversation::default().subject(&waiting()), Some(LENA));
    assert_eq!(after(&ended()).subject(&[message_echoed()]), Some(LENA));
}

#[test]
fn more_than_two_hundred_settled_messages_are_forgotten_oldest_first() {
    let late = |number: u128| MessageId(Uuid::from_u128(0x1000 + number));
    let many = (0..messages::REMEMBERED_MAX as u128).map(|number| message_received(late(number)));
    let conversation = after(&then(waiting(), many));
    assert!(!conversation.messages.has(HELLO));
    assert!((0..200).all(|number| conversation.messages.has(late(number))));
}

#[test]
fn an_unsettled_message_is_remembered_however_many_follow() {
    let many = (0..500).map(|number| message_received(MessageId(Uuid::from_u128(0x1000 + number))));
    let conversation = after(&then(then(owned_by_anna(), [reply_queued(ANSWER)]), many));
    assert!(conversation.messages.outbound(ANSWER).is_some());
    assert!(!conversation.messages.has(HELLO));
}

fn receive(message: MessageId) -> Command {
    Command::Receive { message: inbound(message), route: route() }
}

fn inbound(message: MessageId) -> Inbound {
    Inbound { message, content: Content::Text, words: words(), sent_at: NOON, addresses: vec![phone()] }
}

fn message_echoed() -> Event {
    let personal = Personal::Known(words());
    Event::MessageEchoed { message: PLEASE, content: Content::Text, sent_at: NOON, at: NOON, personal }
}

fn reaction_received(emoji: Option<String>) -> Event {
    Event::ReactionReceived { message: ANSWER, at: NOON, personal: Personal::Known(Reaction { emoji }) }
}
