//! When Meta accepts a message.

use super::*;
use crate::handshake::Registration;
use crate::ids::PhoneNumberId;

const NOON: u64 = 1_780_000_000_000;
const CLARA: &str = "4915112345678";

/// A number to which Clara wrote `ago_ms` before noon.
fn number(ago_ms: u64) -> Number {
    let registration = Registration {
        display_phone_number: "+1 555-078-3881".to_owned(),
        waba: "102290129340398".to_owned(),
        callback_url: "http://127.0.0.1/".to_owned(),
        verify_token: "verify".to_owned(),
        app_secret: "s3cr3t".to_owned(),
        access_token: "EAAB".to_owned(),
        pair_rate_limit: false,
    };
    let mut number = Number::new(PhoneNumberId::from("106540352242922"), registration);
    number.meet(&WaId::from(CLARA)).last_wrote_at_ms = Some(NOON - ago_ms);
    number
}

fn text() -> Send {
    Send { to: phone("+4915112345678"), content: Content::Text("Hello".to_owned()), callback_data: None }
}

fn phone(written: &str) -> Recipient {
    Recipient::Phone(written.to_owned())
}

fn code<T>(outcome: Result<T, GraphError>) -> Option<u32> {
    outcome.err().map(|error| error.code)
}

#[test]
fn text_may_be_sent_for_24_hours() {
    let clara = WaId::from(CLARA);
    assert_eq!(code(accept(&mut number(WINDOW_MS - 1), &clara, text(), NOON)), None);
    assert_eq!(code(accept(&mut number(WINDOW_MS), &clara, text(), NOON)), Some(131047));
}

#[test]
fn a_template_may_be_sent_at_any_time() {
    let content = Content::Template { name: "reminder".to_owned(), parameters: vec!["Friday".to_owned()] };
    let mut number = number(WINDOW_MS * 30);
    let accepted = accept(&mut number, &WaId::from(CLARA), Send { content, ..text() }, NOON);
    assert_eq!(
        accepted.map(|accepted| accepted.answer["messages"][0]["message_status"].clone()),
        Ok(json!("accepted"))
    );
    assert_eq!(number.sent[0].text.as_deref(), Some("[reminder] Friday"));
}

#[test]
fn a_message_reaches_only_people_with_a_phone() {
    let number = number(0);
    assert_eq!(find_recipient(&number, &phone("+49 151 12345678")), Ok(WaId::from(CLARA)));
    assert_eq!(code(find_recipient(&number, &phone("+4915100000000"))), Some(131026));
    assert_eq!(code(find_recipient(&number, &phone("4915112345678"))), Some(131026));
    assert_eq!(code(find_recipient(&number, &phone("+15550783881"))), Some(131021));
    assert_eq!(code(find_recipient(&number, &phone("Clara"))), Some(131009));
}

#[test]
fn a_person_is_reached_under_the_user_id() {
    let number = number(0);
    let user_id = number.customers[&WaId::from(CLARA)].user_id.0.clone();
    assert_eq!(find_recipient(&number, &Recipient::UserId(user_id)), Ok(WaId::from(CLARA)));
    assert_eq!(code(find_recipient(&number, &Recipient::UserId("US.1".to_owned()))), Some(131026));
}

#[test]
fn one_person_gets_45_messages_at_once_and_then_one_in_six_seconds() {
    let clara = WaId::from(CLARA);
    let mut number = number(0);
    number.registration.pair_rate_limit = true;
    for _ in 0..45 {
        assert_eq!(code(accept(&mut number, &clara, text(), NOON)), None);
    }
    assert_eq!(code(accept(&mut number, &clara, text(), NOON)), Some(131056));
    assert_eq!(code(accept(&mut number, &clara, text(), NOON + 6000)), None);
    assert_eq!(code(accept(&mut number, &clara, text(), NOON + 6001)), Some(131056));
}
