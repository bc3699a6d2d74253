//! Every conversation of an erased contact is closed, whenever it was opened, and nobody else's.

use gatehouse_domain::conversation::{Event, Opening};
use gatehouse_domain::record::By;
use gatehouse_domain::{Channel, GatewayId, InboxId, Kind, StreamId};
use uuid::Uuid;

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const LENA: u128 = 0xC1;
const MARK: u128 = 0xC2;

#[test]
fn the_conversations_of_an_erased_contact_are_closed_and_no_others() {
    let mut erasing = Erasing::default();
    opened(&mut erasing, 1, LENA);
    opened(&mut erasing, 2, MARK);
    opened(&mut erasing, 3, LENA);
    opened(&mut erasing, 3, LENA);
    assert_eq!(erasing.due(NOON), []);
    erased(&mut erasing, LENA);
    assert_eq!(erasing.due(NOON), [close(1), close(3)]);
    assert_eq!(erasing.due(NOON), []);
}

#[test]
fn what_was_opened_while_its_contact_was_erased_is_closed_too() {
    let mut erasing = Erasing::default();
    erased(&mut erasing, LENA);
    opened(&mut erasing, 1, LENA);
    assert_eq!(erasing.due(NOON), [close(1)]);
}

#[test]
fn what_was_closed_before_a_restart_is_left_alone() {
    let mut erasing = Erasing::default();
    opened(&mut erasing, 1, LENA);
    erased(&mut erasing, LENA);
    tell(&mut erasing, Kind::Conversation, 1, Fact::Conversation(Event::Erased { at: NOON }));
    assert_eq!(erasing.due(NOON), []);
}

#[test]
fn what_could_not_be_closed_is_closed_later() {
    let mut erasing = Erasing::default();
    opened(&mut erasing, 1, LENA);
    erased(&mut erasing, LENA);
    let [act] = erasing.due(NOON)[..] else { panic!("one to close") };
    erasing.done(act, Done::Failed, NOON);
    assert_eq!((erasing.due(NOON), erasing.wake_at()), (vec![], Some(NOON + ASK_AGAIN_AFTER)));
    assert_eq!(erasing.due(NOON + ASK_AGAIN_AFTER), [close(1)]);
}

#[test]
fn what_cannot_be_read_on_is_left_alone() {
    let mut erasing = Erasing::default();
    for conversation in [1, 2, 3] {
        opened(&mut erasing, conversation, LENA);
    }
    erasing.set_apart(StreamId { kind: Kind::Conversation, id: Uuid::from_u128(1) });
    erased(&mut erasing, LENA);
    erasing.set_apart(StreamId { kind: Kind::Conversation, id: Uuid::from_u128(3) });
    assert_eq!(erasing.due(NOON), [close(2)]);
}

fn close(number: u128) -> Close {
    Close(ConversationId(Uuid::from_u128(number)))
}

fn opened(erasing: &mut Erasing, conversation: u128, contact: u128) {
    let opened = Event::InteractionOpened {
        interaction: 1,
        gateway: GatewayId(Uuid::from_u128(0x61)),
        channel: Channel::Whatsapp,
        contact: ContactId(Uuid::from_u128(contact)),
        inbox: InboxId(Uuid::from_u128(0x11)),
        opening: Opening::Received,
        at: NOON,
        sla: gatehouse_domain::inbox::Sla::default(),
    };
    tell(erasing, Kind::Conversation, conversation, Fact::Conversation(opened));
}

fn erased(erasing: &mut Erasing, contact: u128) {
    tell(erasing, Kind::Contact, contact, Fact::Contact(contact::Event::Erased { by: By::System, at: NOON }));
}

fn tell(erasing: &mut Erasing, kind: Kind, id: u128, fact: Fact) {
    let stream = StreamId { kind, id: Uuid::from_u128(id) };
    erasing.fold(&Recorded { position: 1, stream, sequence: 1, recorded_at: NOON, fact });
}
