//! What is promised of a conversation.

mod ending;
mod moving;
mod offering;
mod promising;
mod receiving;
mod replying;
mod sending;
mod tagging;
mod transferring;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use super::*;
use crate::clock::FixedClock;
use crate::inbox::Sla;
use crate::{AddressKind, EndReasonId, MessageId};

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const BORIS: AgentId = AgentId(Uuid::from_u128(0xA2));
const CLARA: AgentId = AgentId(Uuid::from_u128(0xA3));
const LENA: ContactId = ContactId(Uuid::from_u128(0xC1));
const LENA_AGAIN: ContactId = ContactId(Uuid::from_u128(0xC2));
const SALES_LINE: GatewayId = GatewayId(Uuid::from_u128(0x61));
const SALES: InboxId = InboxId(Uuid::from_u128(0x11));
const BILLING: InboxId = InboxId(Uuid::from_u128(0x12));
const WELCOME: FlowId = FlowId(Uuid::from_u128(0xF1));
const SURVEY: FlowId = FlowId(Uuid::from_u128(0xF2));
const SOLVED: EndReasonId = EndReasonId(Uuid::from_u128(0xE1));
const SPAM: EndReasonId = EndReasonId(Uuid::from_u128(0xE2));
const HELLO: MessageId = MessageId(Uuid::from_u128(0x31));
const PLEASE: MessageId = MessageId(Uuid::from_u128(0x32));
const ANSWER: MessageId = MessageId(Uuid::from_u128(0x41));
const APOLOGY: MessageId = MessageId(Uuid::from_u128(0x42));
const TO_ANNA: OfferId = OfferId(Uuid::from_u128(0x51));
const TO_BORIS: OfferId = OfferId(Uuid::from_u128(0x52));
const HANDOVER: TransferId = TransferId(Uuid::from_u128(0x71));
const SECOND_HANDOVER: TransferId = TransferId(Uuid::from_u128(0x72));
const ANNAS_SLOT: HoldId = HoldId(Uuid::from_u128(0x81));
const BORIS_SLOT: HoldId = HoldId(Uuid::from_u128(0x82));
const CLARAS_SLOT: HoldId = HoldId(Uuid::from_u128(0x83));
const DAY: TimeDelta = TimeDelta::hours(24);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Conversation> {
    at(NOON, events)
}

fn at(now: DateTime<Utc>, events: Vec<Event>) -> AggregateTestExecutor<Conversation> {
    TestFramework::with(Arc::new(FixedClock(now)) as _).given(events)
}

fn tag(typed: &str) -> Command {
    Command::Tag { tag: Tag::parse(typed).unwrap(), by: ANNA }
}

fn tagged(typed: &str) -> Event {
    Event::Tagged { tag: Tag::parse(typed).unwrap(), by: ANNA, at: NOON }
}

fn after(events: &[Event]) -> Conversation {
    let mut conversation = Conversation::default();
    events.iter().cloned().for_each(|event| conversation.evolve(event));
    conversation
}

fn minutes(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::minutes(count)
}

fn hours(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::hours(count)
}

/// Lena wrote once and waits in sales.
fn waiting() -> Vec<Event> {
    vec![interaction_opened(1), queued(SALES), address_added(phone()), message_received(HELLO)]
}

/// She is offered to Anna alone.
fn offered_to_anna() -> Vec<Event> {
    then(waiting(), [offered(vec![for_anna()])])
}

/// She rings at Anna's and Boris's desk.
fn ringing_at_both() -> Vec<Event> {
    then(waiting(), [offered(vec![for_anna(), for_boris()])])
}

/// Anna has her, having accepted the offer.
fn owned_by_anna() -> Vec<Event> {
    then(offered_to_anna(), [offer_accepted(TO_ANNA, ANNA), assigned(ANNA, ANNAS_SLOT, by_offer())])
}

/// Anna has her, and asked Boris to take over.
fn transfer_pending() -> Vec<Event> {
    then(owned_by_anna(), [transfer_requested()])
}

/// A flow has her.
fn in_flow() -> Vec<Event> {
    let handed = Event::HandedToFlow { flow: WELCOME, inbox: SALES, at: NOON };
    vec![interaction_opened(1), handed, address_added(phone()), message_received(HELLO)]
}

/// Anna solved it.
fn ended() -> Vec<Event> {
    then(owned_by_anna(), [interaction_ended(solved_by(ANNA))])
}

fn then(mut before: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    before.extend(more);
    before
}

/// The ownership a caller knows who has just looked.
fn ownership(events: &[Event]) -> u64 {
    after(events).ownership
}

fn interaction_opened(interaction: u32) -> Event {
    opened_for(LENA, interaction, Opening::Received)
}

fn opened_for(contact: ContactId, interaction: u32, opening: Opening) -> Event {
    let (gateway, channel) = (SALES_LINE, Channel::Whatsapp);
    let (inbox, at, sla) = (SALES, NOON, Sla::default());
    Event::InteractionOpened { interaction, gateway, channel, contact, inbox, opening, at, sla }
}

fn queued(inbox: InboxId) -> Event {
    Event::Queued { inbox, since: NOON, at: NOON }
}

/// Waits in sales again, at the age it had.
fn queued_again(at: DateTime<Utc>) -> Event {
    Event::Queued { inbox: SALES, since: NOON, at }
}

fn address_added(address: Address) -> Event {
    Event::AddressAdded { at: NOON, personal: Personal::Known(address) }
}

fn message_received(message: MessageId) -> Event {
    received_at(message, NOON, NOON)
}

fn received_at(message: MessageId, sent_at: DateTime<Utc>, at: DateTime<Utc>) -> Event {
    let personal = Personal::Known(words());
    Event::MessageReceived { message, content: Content::Text, sent_at, window_until: Some(sent_at + DAY), at, personal }
}

fn offered(offers: Vec<OfferTo>) -> Event {
    Event::Offered { offers, until: minutes(1), at: NOON, why: None }
}

fn offer_accepted(offer: OfferId, agent: AgentId) -> Event {
    Event::OfferAccepted { offer, agent, at: NOON }
}

fn offer_withdrawn(offer: OfferId, agent: AgentId, why: Withdrawn) -> Event {
    Event::OfferWithdrawn { offer, agent, why, at: NOON }
}

fn assigned(agent: AgentId, hold: HoldId, how: HowAssigned) -> Event {
    Event::Assigned { agent, hold, how, at: NOON, why: None }
}

fn transfer_requested() -> Event {
    let personal = Personal::Known(Note { text: "knows the contract".to_owned() });
    let (until, at) = (minutes(1), NOON);
    Event::TransferRequested {
        transfer: HANDOVER,
        from: ANNA,
        to: BORIS,
        hold: BORIS_SLOT,
        until,
        at,
        personal,
        why: None,
    }
}

fn transfer_withdrawn(why: Withdrawn) -> Event {
    Event::TransferWithdrawn { transfer: HANDOVER, why, at: NOON }
}

fn interaction_ended(ending: Ending) -> Event {
    Event::InteractionEnded { interaction: 1, ending, at: NOON }
}

fn reply_queued(message: MessageId) -> Event {
    reply_queued_by(message, Author::Agent { agent: ANNA })
}

fn reply_queued_by(message: MessageId, author: Author) -> Event {
    let words = OutboundWords { to: phone(), text: "Good day!".to_owned(), parameters: vec![] };
    let (gateway, content, personal) = (SALES_LINE, Content::Text, Personal::Known(words));
    Event::ReplyQueued { message, interaction: 1, author, gateway, content, at: NOON, personal }
}

fn solved_by(by: AgentId) -> Ending {
    Ending::Reason { reason: SOLVED, by }
}

fn by_offer() -> HowAssigned {
    HowAssigned::Offer { offer: TO_ANNA }
}

fn for_anna() -> OfferTo {
    OfferTo { offer: TO_ANNA, agent: ANNA, hold: ANNAS_SLOT }
}

fn for_boris() -> OfferTo {
    OfferTo { offer: TO_BORIS, agent: BORIS, hold: BORIS_SLOT }
}

fn phone() -> Address {
    Address { kind: AddressKind::Phone, value: "491701234567".to_owned() }
}

fn user_id() -> Address {
    Address { kind: AddressKind::User, value: "DE.1349871234".to_owned() }
}

fn words() -> InboundWords {
    InboundWords { provider_id: "wamid.HBgM".to_owned(), text: Some("Hello?".to_owned()), original: None }
}

fn route() -> Route {
    Route {
        gateway: SALES_LINE,
        channel: Channel::Whatsapp,
        contact: LENA,
        inbox: SALES,
        flow: None,
        sla: Sla::default(),
        reply_window: Some(DAY),
    }
}
