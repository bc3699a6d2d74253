//! Who may write to the customer, and when.

use super::*;

#[test]
fn the_owner_answers() {
    given(owned_by_anna()).when(reply(by_anna())).then_expect_events(vec![reply_queued(ANSWER)]);
}

#[test]
fn the_owner_still_answers_while_a_transfer_waits() {
    given(transfer_pending()).when(reply(by_anna())).then_expect_events(vec![reply_queued(ANSWER)]);
}

#[test]
fn a_reply_asked_for_twice_is_sent_once() {
    let answered = then(owned_by_anna(), [reply_queued(ANSWER)]);
    given(answered.clone()).when(reply(by_anna())).then_expect_events(vec![]);
    given(answered.clone()).when(template()).then_expect_events(vec![]);
    given(then(answered, [interaction_ended(solved_by(ANNA))])).when(reply(by_anna())).then_expect_events(vec![]);
}

#[test]
fn a_colleague_does_not_write_in_between() {
    for mine in [reply(Author::Agent { agent: BORIS }), send_template(Author::Agent { agent: BORIS }, whatsapp())] {
        given(owned_by_anna()).when(mine).then_expect_error(Refusal::NotOwner { owner: Some(ANNA) });
    }
}

#[test]
fn nobody_answers_what_waits_before_taking_it() {
    for unowned in [waiting(), offered_to_anna(), in_flow()] {
        given(unowned).when(reply(by_anna())).then_expect_error(Refusal::NotOwner { owner: None });
    }
}

#[test]
fn nothing_is_written_while_nothing_is_open() {
    for command in [reply(by_anna()), reply(Author::Api), template()] {
        given(ended()).when(command).then_expect_error(Refusal::NotOpen);
    }
}

#[test]
fn a_flow_writes_in_what_it_has() {
    let author = Author::Flow { flow: WELCOME };
    given(in_flow()).when(reply(author)).then_expect_events(vec![reply_queued_by(ANSWER, author)]);
}

#[test]
fn a_flow_is_silent_once_an_agent_has_it() {
    given(owned_by_anna())
        .when(reply(Author::Flow { flow: WELCOME }))
        .then_expect_error(Refusal::NotOwner { owner: Some(ANNA) });
    given(in_flow()).when(reply(Author::Flow { flow: SURVEY })).then_expect_error(Refusal::NotOwner { owner: None });
}

#[test]
fn a_program_of_the_organisation_writes_in_whatever_is_open() {
    for open in [waiting(), offered_to_anna(), owned_by_anna(), in_flow()] {
        given(open).when(reply(Author::Api)).then_expect_events(vec![reply_queued_by(ANSWER, Author::Api)]);
    }
}

#[test]
fn a_free_form_reply_is_refused_once_the_window_is_closed() {
    for author in [by_anna(), Author::Api] {
        at(hours(24), owned_by_anna()).when(reply(author)).then_expect_error(Refusal::WindowClosed);
    }
}

#[test]
fn a_free_form_reply_is_refused_after_the_window_was_told_as_expired() {
    given(then(owned_by_anna(), [window_expired()])).when(reply(by_anna())).then_expect_error(Refusal::WindowClosed);
}

#[test]
fn a_free_form_reply_is_refused_before_the_customer_ever_wrote() {
    let outbound = vec![
        opened_for(LENA, 1, Opening::Outbound { agent: ANNA }),
        address_added(phone()),
        assigned(ANNA, ANNAS_SLOT, HowAssigned::Outbound),
    ];
    given(outbound).when(reply(by_anna())).then_expect_error(Refusal::WindowClosed);
}

#[test]
fn a_free_form_reply_is_allowed_until_the_last_moment_of_the_window() {
    let last_moment = hours(24) - TimeDelta::nanoseconds(1);
    at(last_moment, owned_by_anna()).when(reply(by_anna())).then_expect_events(vec![at_time(last_moment)]);
}

#[test]
fn the_customers_next_message_opens_the_window_again() {
    let wrote_again = then(owned_by_anna(), [window_expired(), received_at(PLEASE, hours(30), hours(30))]);
    at(hours(31), wrote_again).when(reply(by_anna())).then_expect_events(vec![at_time(hours(31))]);
}

#[test]
fn a_message_that_was_delayed_on_the_way_does_not_shorten_the_window() {
    let delayed = then(owned_by_anna(), [received_at(PLEASE, hours(-20), hours(1))]);
    at(hours(23), delayed).when(reply(by_anna())).then_expect_events(vec![at_time(hours(23))]);
}

#[test]
fn a_message_that_arrives_after_its_own_window_opens_none() {
    let stale = then(owned_by_anna(), [window_expired(), received_at(PLEASE, hours(1), hours(26))]);
    at(hours(26), stale).when(reply(by_anna())).then_expect_error(Refusal::WindowClosed);
}

#[test]
fn a_channel_without_a_window_carries_replies_at_any_time() {
    let sms = Allowance { reply_window: false, ..whatsapp() };
    at(hours(48), owned_by_anna()).when(reply_with("Good day!", sms)).then_expect_events(vec![at_time(hours(48))]);
}

#[test]
fn a_blank_reply_is_no_reply() {
    for blank in ["", " \n\t"] {
        given(owned_by_anna()).when(reply_with(blank, whatsapp())).then_expect_error(Refusal::TextBlank);
    }
}

#[test]
fn length_is_counted_in_characters_not_bytes() {
    let short = Allowance { text_chars_max: 4, ..whatsapp() };
    let sent = Event::ReplyQueued {
        message: ANSWER,
        interaction: 1,
        author: by_anna(),
        gateway: SALES_LINE,
        content: Content::Text,
        at: NOON,
        personal: Personal::Known(OutboundWords { to: phone(), text: "Gruß".to_owned(), parameters: vec![] }),
    };
    given(owned_by_anna()).when(reply_with("Gruß", short)).then_expect_events(vec![sent]);
    given(owned_by_anna()).when(reply_with("Grüße", short)).then_expect_error(Refusal::TextTooLong { max: 4 });
}

#[test]
fn nobody_writes_to_a_customer_who_opted_out() {
    let opted_out = Allowance { opted_out: true, ..whatsapp() };
    for command in [reply_with("Good day!", opted_out), send_template(by_anna(), opted_out)] {
        given(owned_by_anna()).when(command).then_expect_error(Refusal::OptedOut);
    }
}

#[test]
fn a_template_is_sent_in_and_out_of_the_window() {
    for now in [NOON, hours(72)] {
        at(now, owned_by_anna()).when(template()).then_expect_events(vec![template_queued(now)]);
    }
}

#[test]
fn a_channel_without_templates_carries_none() {
    let no_templates = Allowance { templates: false, ..whatsapp() };
    given(owned_by_anna())
        .when(send_template(by_anna(), no_templates))
        .then_expect_error(Refusal::Unsupported { capability: "templates" });
}

#[test]
fn nobody_can_be_written_to_whose_address_was_erased() {
    let erased = vec![
        interaction_opened(1),
        Event::AddressAdded { at: NOON, personal: Personal::Erased },
        message_received(HELLO),
        assigned(ANNA, ANNAS_SLOT, HowAssigned::Pull),
    ];
    given(erased).when(reply(by_anna())).then_expect_error(Refusal::AddressUnknown);
}

#[test]
fn an_erased_reply_is_remembered_without_its_words() {
    let (author, gateway, content) = (by_anna(), SALES_LINE, Content::Text);
    let personal = Personal::Erased;
    let erased = Event::ReplyQueued { message: ANSWER, interaction: 1, author, gateway, content, at: NOON, personal };
    let remembered = after(&then(owned_by_anna(), [erased]));
    let sending = Sending::Queued { attempts: 0 };
    let expected = Outbound { gateway: SALES_LINE, content: Content::Text, words: None, sending };
    assert_eq!(remembered.messages.outbound(ANSWER), Some(&expected));
}

#[test]
fn the_window_expires_at_its_time() {
    at(hours(24), owned_by_anna())
        .when(Command::ExpireWindow { until: hours(24) })
        .then_expect_events(vec![window_expired()]);
}

#[test]
fn the_window_does_not_expire_before_its_time() {
    at(hours(23), owned_by_anna())
        .when(Command::ExpireWindow { until: hours(24) })
        .then_expect_error(Refusal::WindowStillOpen);
}

#[test]
fn a_window_that_moved_does_not_expire_at_its_old_time() {
    at(hours(24), then(owned_by_anna(), [received_at(PLEASE, hours(2), hours(2))]))
        .when(Command::ExpireWindow { until: hours(24) })
        .then_expect_error(Refusal::WindowMoved);
}

#[test]
fn a_closed_window_does_not_expire_again() {
    for closed in [vec![], then(owned_by_anna(), [window_expired()])] {
        at(hours(25), closed).when(Command::ExpireWindow { until: hours(24) }).then_expect_events(vec![]);
    }
}

fn reply(author: Author) -> Command {
    Command::Reply { message: ANSWER, author, text: "Good day!".to_owned(), allowance: whatsapp() }
}

fn reply_with(text: &str, allowance: Allowance) -> Command {
    Command::Reply { message: ANSWER, author: by_anna(), text: text.to_owned(), allowance }
}

fn template() -> Command {
    send_template(by_anna(), whatsapp())
}

fn send_template(author: Author, allowance: Allowance) -> Command {
    let template = Template {
        name: "appointment_reminder".to_owned(),
        language: "de".to_owned(),
        text: "Ihr Termin ist am 3. Juni.".to_owned(),
        parameters: vec!["3. Juni".to_owned()],
    };
    Command::SendTemplate { message: ANSWER, author, template, allowance }
}

fn whatsapp() -> Allowance {
    Allowance { reply_window: true, text_chars_max: 4096, templates: true, opted_out: false }
}

fn by_anna() -> Author {
    Author::Agent { agent: ANNA }
}

fn at_time(at: DateTime<Utc>) -> Event {
    let personal = Personal::Known(OutboundWords { to: phone(), text: "Good day!".to_owned(), parameters: vec![] });
    let (gateway, content) = (SALES_LINE, Content::Text);
    Event::ReplyQueued { message: ANSWER, interaction: 1, author: by_anna(), gateway, content, at, personal }
}

fn template_queued(at: DateTime<Utc>) -> Event {
    let text = "Ihr Termin ist am 3. Juni.".to_owned();
    let personal = Personal::Known(OutboundWords { to: phone(), text, parameters: vec!["3. Juni".to_owned()] });
    let content = Content::Template { name: "appointment_reminder".to_owned(), language: "de".to_owned() };
    Event::ReplyQueued {
        message: ANSWER,
        interaction: 1,
        author: by_anna(),
        gateway: SALES_LINE,
        content,
        at,
        personal,
    }
}

fn window_expired() -> Event {
    Event::WindowExpired { until: hours(24), at: hours(24) }
}
