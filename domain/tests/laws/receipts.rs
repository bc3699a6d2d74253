//! Receipts are a lattice: in whatever order and number they arrive, the message ends up the same.

use gatehouse_domain::conversation::{Author, Command, Content, Conversation, Delivery, Event, OutboundWords};
use gatehouse_domain::{
    Address, AddressKind, AgentId, Channel, ContactId, GatewayId, InboxId, MessageId, Personal, Rules, conversation,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::conversation::deliveries;
use super::{NOON, cases, fold};

const ANSWER: MessageId = MessageId(Uuid::from_u128(0x41));

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn receipts_in_any_order_and_number_give_the_same_result(
        (told, shuffled) in prop::collection::vec(deliveries(), 0..8).prop_flat_map(|told| {
            let twice: Vec<Delivery> = told.iter().chain(&told).cloned().collect();
            (Just(told), Just(twice).prop_shuffle())
        })
    ) {
        assert_eq!(received(told), received(shuffled));
    }

    #[test]
    fn every_receipt_is_told_once(told in prop::collection::vec(deliveries(), 0..20)) {
        let mut events = vec![];
        told.into_iter().fold(attempted(), |state, delivery| {
            let news = state.decide(record(delivery), NOON).expect("a receipt is never refused");
            events.extend(news.iter().map(Event::name));
            fold(state, news)
        });
        let count = events.len();
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len(), count);
    }
}

fn received(deliveries: Vec<Delivery>) -> Conversation {
    deliveries.into_iter().fold(attempted(), |state, delivery| {
        let news = state.decide(record(delivery), NOON).expect("a receipt is never refused");
        fold(state, news)
    })
}

fn record(delivery: Delivery) -> Command {
    Command::RecordDelivery { message: ANSWER, delivery }
}

/// A conversation whose one answer is under way.
fn attempted() -> Conversation {
    let (gateway, agent) = (GatewayId(Uuid::from_u128(0x61)), AgentId(Uuid::from_u128(0xA1)));
    let to = Address { kind: AddressKind::Phone, value: "491701234567".to_owned() };
    let words = OutboundWords { to, text: "Good day!".to_owned(), parameters: vec![] };
    fold(
        Conversation::default(),
        [
            Event::InteractionOpened {
                interaction: 1,
                gateway,
                channel: Channel::Whatsapp,
                contact: ContactId(Uuid::from_u128(0xC1)),
                inbox: InboxId(Uuid::from_u128(0x11)),
                opening: conversation::Opening::Outbound { agent },
                at: NOON,
                sla: gatehouse_domain::inbox::Sla::default(),
            },
            Event::ReplyQueued {
                message: ANSWER,
                interaction: 1,
                author: Author::Agent { agent },
                gateway,
                content: Content::Text,
                at: NOON,
                personal: Personal::Known(words),
            },
            Event::SendAttempted { message: ANSWER, attempt: 1, at: NOON },
        ],
    )
}
