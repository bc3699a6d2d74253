//! What is promised of a contact.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::AddressKind;
use crate::clock::FixedClock;
use crate::record::By;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const LENA_AT_WORK: ContactId = ContactId(Uuid::from_u128(0xC2));

#[test]
fn a_contact_is_made_on_first_sight() {
    given(vec![]).when(meet(vec![phone(), phone()], Some("Lena"))).then_expect_events(met());
}

#[test]
fn a_contact_seen_again_is_no_news() {
    given(met()).when(meet(vec![phone()], Some("Lena"))).then_expect_events(vec![]);
    given(met()).when(meet(vec![phone()], None)).then_expect_events(vec![]);
}

#[test]
fn a_new_address_and_a_new_name_are_kept() {
    given(met())
        .when(meet(vec![phone(), user_id()], Some("Lena Fischer")))
        .then_expect_events(vec![address_added(user_id()), named("Lena Fischer")]);
}

#[test]
fn the_same_address_on_another_channel_is_another() {
    given(met())
        .when(Command::Meet { channel: Channel::Sms, addresses: vec![phone()], name: None })
        .then_expect_events(vec![Event::AddressAdded {
            channel: Channel::Sms,
            at: NOON,
            personal: Personal::Known(phone()),
        }]);
}

#[test]
fn a_blank_name_is_no_name() {
    given(met()).when(meet(vec![], Some("  "))).then_expect_events(vec![]);
}

#[test]
fn an_address_belongs_to_one_contact() {
    let claims = Contact::default().claims(&met());
    assert_eq!(claims, vec![Claim::ContactAddress(Channel::Whatsapp, phone())]);
}

#[test]
fn a_property_is_set_when_it_differs() {
    let set = then(met(), property_set("country", "DE"));
    given(met()).when(set_property("DE")).then_expect_events(vec![property_set("country", "DE")]);
    given(set.clone()).when(set_property("DE")).then_expect_events(vec![]);
    given(set).when(set_property("AT")).then_expect_events(vec![property_set("country", "AT")]);
}

#[test]
fn a_property_without_a_value_is_not_known_any_more() {
    let set = then(met(), property_set("country", "DE"));
    let cleared = then(set.clone(), property_set("country", ""));
    given(set).when(set_property("")).then_expect_events(vec![property_set("country", "")]);
    assert_eq!(after(&cleared), after(&met()));
    given(cleared).when(set_property("")).then_expect_events(vec![]);
    given(met()).when(set_property("")).then_expect_events(vec![]);
}

#[test]
fn properties_are_few_enough_to_read() {
    let mut many = met();
    many.extend((1..50).map(|n| property_set(&format!("property {n}"), "known")));
    given(many.clone()).when(set_property("DE")).then_expect_events(vec![property_set("country", "DE")]);
    many.push(property_set("property 50", "known"));
    given(many.clone()).when(set_property("DE")).then_expect_error(Refusal::TooManyProperties { max: 50 });
    given(then(many, property_set("property 7", "")))
        .when(set_property("DE"))
        .then_expect_events(vec![property_set("country", "DE")]);
}

#[test]
fn a_contact_opts_out_and_in_per_channel() {
    let channel = Channel::Whatsapp;
    let out = then(met(), Event::OptedOut { channel, at: NOON });
    given(met()).when(Command::OptOut { channel }).then_expect_events(vec![Event::OptedOut { channel, at: NOON }]);
    given(out.clone()).when(Command::OptOut { channel }).then_expect_events(vec![]);
    given(out.clone()).when(Command::OptIn { channel }).then_expect_events(vec![Event::OptedIn { channel, at: NOON }]);
    given(out).when(Command::OptIn { channel: Channel::Sms }).then_expect_events(vec![]);
    given(met()).when(Command::OptIn { channel }).then_expect_events(vec![]);
}

#[test]
fn contacts_are_linked_and_unlinked() {
    let linked = then(met(), Event::Linked { to: LENA_AT_WORK, at: NOON });
    let unlinked = Event::Unlinked { from: LENA_AT_WORK, at: NOON };
    given(met())
        .when(Command::Link { to: LENA_AT_WORK })
        .then_expect_events(vec![Event::Linked { to: LENA_AT_WORK, at: NOON }]);
    given(linked.clone()).when(Command::Link { to: LENA_AT_WORK }).then_expect_events(vec![]);
    given(linked).when(Command::Unlink { from: LENA_AT_WORK }).then_expect_events(vec![unlinked]);
    given(met()).when(Command::Unlink { from: LENA_AT_WORK }).then_expect_events(vec![]);
}

#[test]
fn nothing_is_asked_of_a_contact_nobody_met() {
    for command in everything_but_meeting() {
        given(vec![]).when(command).then_expect_error(Refusal::NoSuchContact);
    }
}

#[test]
fn a_contact_is_erased_once() {
    given(met()).when(erase()).then_expect_events(vec![erased()]);
    given(then(met(), erased())).when(erase()).then_expect_events(vec![]);
}

#[test]
fn somebody_a_restored_log_does_not_know_is_erased_all_the_same() {
    given(vec![]).when(erase()).then_expect_events(vec![erased()]);
    given(vec![erased()]).when(meet(vec![phone()], Some("Lena"))).then_expect_error(Refusal::Erased);
}

#[test]
fn an_erased_contact_gives_back_every_address_and_nobody_else_does() {
    let known = after(&then(met(), address_added(user_id())));
    let claim = |address| Claim::ContactAddress(Channel::Whatsapp, address);
    assert_eq!(known.releases(&[erased()]), vec![claim(phone()), claim(user_id())]);
    assert_eq!(known.releases(&[named("Lena Fischer")]), vec![]);
    assert_eq!(after(&then(met(), erased())).releases(&[]), vec![]);
}

#[test]
fn nothing_is_asked_of_an_erased_contact() {
    given(then(met(), erased())).when(meet(vec![phone()], Some("Lena"))).then_expect_error(Refusal::Erased);
    for command in everything_but_meeting() {
        given(then(met(), erased())).when(command).then_expect_error(Refusal::Erased);
    }
}

#[test]
fn erased_words_leave_a_contact_without_them() {
    let unread = vec![
        Event::ContactCreated { channel: Channel::Whatsapp, at: NOON },
        Event::AddressAdded { channel: Channel::Whatsapp, at: NOON, personal: Personal::Erased },
        Event::Named { at: NOON, personal: Personal::Erased },
        Event::PropertySet { at: NOON, personal: Personal::Erased },
    ];
    assert_eq!(after(&unread), Contact::Known(Known::default()));
}

fn after(events: &[Event]) -> Contact {
    let mut contact = Contact::default();
    events.iter().cloned().for_each(|event| contact.evolve(event));
    contact
}

fn given(events: Vec<Event>) -> AggregateTestExecutor<Contact> {
    TestFramework::with(Arc::new(FixedClock(NOON)) as _).given(events)
}

fn met() -> Vec<Event> {
    vec![Event::ContactCreated { channel: Channel::Whatsapp, at: NOON }, address_added(phone()), named("Lena")]
}

fn then(mut before: Vec<Event>, event: Event) -> Vec<Event> {
    before.push(event);
    before
}

fn everything_but_meeting() -> [Command; 5] {
    [
        set_property("DE"),
        Command::OptOut { channel: Channel::Whatsapp },
        Command::OptIn { channel: Channel::Whatsapp },
        Command::Link { to: LENA_AT_WORK },
        Command::Unlink { from: LENA_AT_WORK },
    ]
}

fn meet(addresses: Vec<Address>, name: Option<&str>) -> Command {
    Command::Meet { channel: Channel::Whatsapp, addresses, name: name.map(str::to_owned) }
}

fn set_property(value: &str) -> Command {
    Command::SetProperty { property: Property { name: "country".to_owned(), value: value.to_owned() } }
}

fn address_added(address: Address) -> Event {
    Event::AddressAdded { channel: Channel::Whatsapp, at: NOON, personal: Personal::Known(address) }
}

fn named(name: &str) -> Event {
    Event::Named { at: NOON, personal: Personal::Known(name.to_owned()) }
}

fn property_set(name: &str, value: &str) -> Event {
    let property = Property { name: name.to_owned(), value: value.to_owned() };
    Event::PropertySet { at: NOON, personal: Personal::Known(property) }
}

fn erase() -> Command {
    Command::Erase { by: By::System }
}

fn erased() -> Event {
    Event::Erased { by: By::System, at: NOON }
}

fn phone() -> Address {
    Address { kind: AddressKind::Phone, value: "491701234567".to_owned() }
}

fn user_id() -> Address {
    Address { kind: AddressKind::User, value: "DE.1349871234".to_owned() }
}
