//! Events in, changes out.

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{
    Author, Content, Ending, Event, HowAssigned, InboundWords, Note, OfferTo, Opening, OutboundWords, Tag, Withdrawn,
};
use gatehouse_domain::inbox::Routing;
use gatehouse_domain::record::By;
use gatehouse_domain::{
    Address, AddressKind, Channel, EndReasonId, GatewayId, HoldId, Kind, MessageId, OfferId, TransferId, agent,
    end_reason, inbox,
};
use uuid::Uuid;

use super::*;
use crate::fixtures::{NOON, erased, every_event, example, recorded};
use crate::timeline::{Direction, Entry, Line, Shown, Writer};

const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const BORIS: AgentId = AgentId(Uuid::from_u128(0xA2));
const LENA: ContactId = ContactId(Uuid::from_u128(0xC1));
const LENAS: ConversationId = ConversationId(Uuid::from_u128(0x51));
const SALES: InboxId = InboxId(Uuid::from_u128(0x11));
const BILLING: InboxId = InboxId(Uuid::from_u128(0x12));
const LINE: GatewayId = GatewayId(Uuid::from_u128(0x61));
const SOLVED: EndReasonId = EndReasonId(Uuid::from_u128(0xE1));
const HELLO: MessageId = MessageId(Uuid::from_u128(0x31));
const ANSWER: MessageId = MessageId(Uuid::from_u128(0x41));
const TO_ANNA: OfferId = OfferId(Uuid::from_u128(0x71));
const TO_BORIS: OfferId = OfferId(Uuid::from_u128(0x72));
const SLOT: HoldId = HoldId(Uuid::from_u128(0x81));

#[test]
fn a_message_from_somebody_new_is_a_row_that_waits() {
    let mut floor = Floor::default();
    floor.lena_is_met();
    floor.conversation(opened(1));
    floor.conversation(queued(SALES));
    let notice = floor.conversation(received(NOON));
    let line = Line::Message {
        message: HELLO.0,
        direction: Direction::Inbound,
        author: Writer::Contact,
        content: Shown::Text { text: "Hello?".to_owned() },
        status: None,
    };
    let change =
        Change::Conversation { summary: Box::new(lenas_row(3)), entry: Some(Entry { sequence: 3, at: NOON, line }) };
    assert_eq!(notice, Some(Notice { position: 6, audience: concerned(SALES, &[]), change }));
}

#[test]
fn a_row_shows_who_has_the_interaction() {
    let mut floor = Floor::with_lena_waiting();
    let offers = [OfferView { offer: TO_ANNA.0, agent: ANNA.0 }, OfferView { offer: TO_BORIS.0, agent: BORIS.0 }];
    let offered = |offers: &[OfferView]| OwnerView::Offered { since: NOON, until: minutes(1), offers: offers.to_vec() };
    floor.shows(ringing(), offered(&offers), &[ANNA, BORIS]);
    let declined = Event::OfferDeclined { offer: TO_ANNA, agent: ANNA, reason: None, at: NOON };
    floor.shows(declined, offered(&offers[1..]), &[BORIS]);
    let withdrawn = Event::OfferWithdrawn { offer: TO_BORIS, agent: BORIS, why: Withdrawn::AgentGone, at: NOON };
    floor.shows(withdrawn, offered(&[]), &[]);
    floor.shows(queued(SALES), OwnerView::Queue { since: NOON }, &[]);
    let annas = || OwnerView::Agent { agent: ANNA.0, since: minutes(2), transfer: None };
    floor.shows(assigned(ANNA), annas(), &[ANNA]);
    let flow = gatehouse_domain::FlowId(Uuid::from_u128(0xF1));
    let handed = Event::HandedToFlow { flow, inbox: SALES, at: minutes(3) };
    floor.shows(handed, OwnerView::Flow { since: minutes(3) }, &[]);
    floor.shows(Event::FlowEnded { flow, at: minutes(4) }, OwnerView::Flow { since: minutes(3) }, &[]);
    floor.shows(queued(SALES), OwnerView::Queue { since: NOON }, &[]);
}

#[test]
fn a_pending_transfer_concerns_both_and_its_end_only_the_owner() {
    let owned = |transfer| OwnerView::Agent { agent: ANNA.0, since: minutes(2), transfer };
    let transfer = TransferId(Uuid::from_u128(0x91));
    let note = Some("knows the contract".to_owned());
    let asked = TransferView { transfer: transfer.0, from: ANNA.0, to: BORIS.0, note, until: minutes(3) };
    let over = [
        Event::TransferDeclined { transfer, at: NOON },
        Event::TransferLapsed { transfer, at: NOON },
        Event::TransferWithdrawn { transfer, why: Withdrawn::Requested, at: NOON },
    ];
    for over in over {
        let mut floor = Floor::with_lena_waiting();
        floor.shows(assigned(ANNA), owned(None), &[ANNA]);
        let personal = Personal::Known(Note { text: "knows the contract".to_owned() });
        let (from, to, hold, until, at) = (ANNA, BORIS, SLOT, minutes(3), NOON);
        let requested = Event::TransferRequested { transfer, from, to, hold, until, at, personal, why: None };
        floor.shows(requested, owned(Some(asked.clone())), &[ANNA, BORIS]);
        floor.shows(over, owned(None), &[ANNA]);
    }
}

#[test]
fn tags_are_shown_until_they_are_taken_off_or_the_next_interaction_begins() {
    let mut floor = Floor::with_lena_waiting();
    let tag = |typed| Tag::parse(typed).unwrap();
    for typed in ["VIP", "delivery"] {
        floor.conversation(Event::Tagged { tag: tag(typed), by: ANNA, at: NOON });
    }
    floor.conversation(Event::Untagged { tag: tag("vip"), by: ANNA, at: NOON });
    let tags = vec!["delivery".to_owned()];
    assert_eq!(floor.lenas().1, Summary { tags: tags.clone(), ..lenas_row(6) });
    floor.conversation(Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: minutes(5) });
    assert_eq!(floor.lenas().1.tags, tags);
    floor.conversation(opened(2));
    assert_eq!(floor.lenas().1.tags, Vec::<String>::new());
}

#[test]
fn who_was_linked_with_somebody_erased_is_one_person_alone() {
    let (work, home) = (ContactId(Uuid::from_u128(0xC2)), ContactId(Uuid::from_u128(0xC3)));
    let erased = contact::Event::Erased { by: By::System, at: NOON };
    let mut floor = Floor::with_lena_waiting();
    floor.contact(contact::Event::Linked { to: work, at: NOON });
    assert_eq!(floor.desk.linked().person(work), [work, LENA]);
    floor.tell(Kind::Contact, work.0, Fact::Contact(erased));
    // Said at the same moment, on the other's stream.
    floor.contact(contact::Event::Linked { to: work, at: NOON });
    floor.contact(contact::Event::Linked { to: home, at: NOON });
    assert_eq!(floor.desk.linked().person(LENA), [LENA, home]);
    assert_eq!(floor.desk.linked().person(work), [work]);
}

#[test]
fn a_priority_is_shown_until_the_interaction_ends() {
    let mut floor = Floor::with_lena_waiting();
    floor.conversation(Event::PrioritySet { priority: 7, at: NOON });
    assert_eq!(floor.lenas().1, Summary { priority: 7, ..lenas_row(4) });
    floor.conversation(Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: minutes(5) });
    floor.conversation(opened(2));
    assert_eq!(floor.lenas().1.priority, 0);
}

#[test]
fn an_ended_interaction_names_its_reason_and_still_concerns_who_had_it() {
    let mut floor = Floor::with_lena_waiting();
    let name = "Solved".to_owned();
    floor.tell(Kind::EndReason, SOLVED.0, Fact::EndReason(end_reason::Event::EndReasonAdded { name, at: NOON }));
    floor.conversation(assigned(ANNA));
    let ending = Ending::Reason { reason: SOLVED, by: ANNA };
    let ended = Event::InteractionEnded { interaction: 1, ending, at: minutes(5) };
    floor.shows(ended, OwnerView::Nobody { reason: "Solved".to_owned(), at: minutes(5) }, &[ANNA]);
}

#[test]
fn the_next_interaction_begins_anew_and_keeps_the_last_words() {
    let mut floor = Floor::with_lena_waiting();
    floor.conversation(assigned(ANNA));
    floor.conversation(Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: minutes(5) });
    floor.conversation(opened(2));
    floor.conversation(queued(BILLING));
    let expected = Summary { interaction: 2, inbox: BILLING.0, ..lenas_row(7) };
    assert_eq!(floor.lenas(), (concerned(BILLING, &[]), expected));
}

#[test]
fn a_promise_is_shown_with_its_time_until_it_is_kept_broken_or_not() {
    let mut floor = Floor::with_lena_waiting();
    floor.conversation(Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: NOON });
    let (interaction, gateway, channel, contact, inbox) = (2, LINE, Channel::Whatsapp, LENA, SALES);
    let sla = gatehouse_domain::inbox::Sla { first_response_ms: Some(39_600), next_response_ms: None };
    let (opening, at) = (Opening::Received, NOON);
    floor.conversation(Event::InteractionOpened { interaction, gateway, channel, contact, inbox, opening, at, sla });
    let due = NOON + TimeDelta::milliseconds(39_600);
    let shown = |breached| Some(SlaView { clock: ClockView::FirstResponse, due, breached });
    assert_eq!(floor.lenas().1.sla, shown(false));
    floor.conversation(Event::SlaBreached {
        clock: gatehouse_domain::conversation::SlaClock::FirstResponse,
        due,
        at: minutes(1),
    });
    assert_eq!(floor.lenas().1.sla, shown(true));
    floor.conversation(reply_queued());
    assert_eq!(floor.lenas().1.sla, None);
}

#[test]
fn the_last_message_tells_whether_an_answer_is_owed() {
    let mut floor = Floor::with_lena_waiting();
    floor.conversation(reply_queued());
    let text = Some("Good day!".to_owned());
    let last = Some(Last { at: minutes(3), direction: Direction::Outbound, text });
    assert_eq!(floor.lenas().1, Summary { last: last.clone(), unanswered: false, ..lenas_row(4) });
    floor.conversation(Event::ReplySent { message: ANSWER, at: minutes(3) });
    floor.conversation(received(minutes(10)));
    let last = Some(Last { at: minutes(10), direction: Direction::Inbound, text: Some("Hello?".to_owned()) });
    let window_until = Some(minutes(10) + TimeDelta::hours(24));
    assert_eq!(floor.lenas().1, Summary { last, window_until, ..lenas_row(6) });
}

#[test]
fn a_message_that_comes_late_never_shortens_the_window() {
    let mut floor = Floor::with_lena_waiting();
    floor.conversation(received(NOON - TimeDelta::hours(2)));
    assert_eq!(floor.lenas().1.window_until, Some(NOON + TimeDelta::hours(24)));
}

#[test]
fn what_cannot_be_shown_yet_has_no_text_in_the_row() {
    let mut floor = Floor::with_lena_waiting();
    let words = InboundWords { provider_id: "m.2".to_owned(), text: Some("{}".to_owned()), original: None };
    let sticker = Event::MessageReceived {
        message: HELLO,
        content: Content::Unsupported { kind: "sticker".to_owned() },
        sent_at: NOON,
        window_until: None,
        at: NOON,
        personal: Personal::Known(words),
    };
    floor.conversation(sticker);
    let last = Some(Last { at: NOON, direction: Direction::Inbound, text: None });
    assert_eq!(floor.lenas().1, Summary { last, ..lenas_row(4) });
}

#[test]
fn a_contact_who_was_erased_leaves_no_name_address_or_words_behind() {
    let mut floor = Floor::with_lena_waiting();
    assert_eq!(floor.contact(contact::Event::Erased { by: By::System, at: NOON }), None);
    let contact = ContactView { id: LENA.0, name: None, address: None };
    let last = Some(Last { at: NOON, direction: Direction::Inbound, text: None });
    assert_eq!(floor.lenas().1, Summary { contact: contact.clone(), last: last.clone(), ..lenas_row(3) });
    assert!(floor.desk.is_erased(LENA));
    let notice = floor.conversation(Event::Erased { at: NOON }).unwrap();
    let Change::Conversation { summary, entry: Some(entry) } = notice.change else { panic!("a row and a line") };
    assert_eq!(*summary, Summary { contact, last, window_until: None, ..lenas_row(4) });
    assert_eq!(
        entry.line,
        Line::Moment { interaction: None, what: "erased", agent: None, reason: None, message: None }
    );
}

#[test]
fn what_was_erased_before_it_was_read_is_a_row_without_words() {
    let mut floor = Floor::default();
    let at = NOON;
    floor.contact(contact::Event::ContactCreated { channel: Channel::Whatsapp, at });
    floor.contact(contact::Event::AddressAdded { channel: Channel::Whatsapp, at, personal: Personal::Erased });
    floor.contact(contact::Event::Named { at, personal: Personal::Erased });
    floor.conversation(opened(1));
    floor.conversation(queued(SALES));
    let window_until = Some(NOON + TimeDelta::hours(24));
    let (content, personal) = (Content::Text, Personal::Erased);
    floor.conversation(Event::MessageReceived { message: HELLO, content, sent_at: at, window_until, at, personal });
    let contact = ContactView { id: LENA.0, name: None, address: None };
    let last = Some(Last { at, direction: Direction::Inbound, text: None });
    assert_eq!(floor.lenas().1, Summary { contact, last, ..lenas_row(3) });
}

#[test]
fn colleagues_see_who_is_there_and_how_busy() {
    use agent::Event as E;
    let mut floor = Floor::default();
    let at = NOON;
    let row = AgentRow {
        id: ANNA.0,
        name: "Anna".to_owned(),
        presence: PresenceView::Offline,
        reason: None,
        connected: false,
        capacity: 0,
        in_use: 0,
    };
    let capacity = agent::Capacity { total: 3, ..agent::Capacity::default() };
    let (conversation, channel, socket) = (LENAS, Channel::Whatsapp, Uuid::from_u128(0xD1));
    let connected = AgentRow { capacity: 3, connected: true, ..row.clone() };
    let online = AgentRow { presence: PresenceView::Online, ..connected.clone() };
    let on_break = AgentRow { presence: PresenceView::Break, ..connected.clone() };
    let lunch = Some("lunch".to_owned());
    let steps = [
        (E::AgentAdded { name: "Anna".to_owned(), at }, row.clone()),
        (E::CapacitySet { capacity, at }, AgentRow { capacity: 3, ..row }),
        (E::Connected { socket, at }, connected.clone()),
        (E::WentOnline { at }, online.clone()),
        (E::SlotHeld { hold: SLOT, conversation, channel, at }, AgentRow { in_use: 1, ..online.clone() }),
        (E::SlotReleased { hold: SLOT, at }, online),
        (E::TookBreak { reason: None, at }, on_break.clone()),
        (E::TookBreak { reason: lunch.clone(), at }, AgentRow { reason: lunch, ..on_break }),
        (E::MarkedNotResponding { at }, AgentRow { presence: PresenceView::NotResponding, ..connected }),
    ];
    for (position, (event, agent)) in (1..).zip(steps) {
        let notice = floor.tell(Kind::Agent, ANNA.0, Fact::Agent(event));
        let change = Change::Agent { agent };
        assert_eq!(notice, Some(Notice { position, audience: Audience::Everybody, change }));
    }
}

#[test]
fn whoever_configures_something_changes_the_names_everybody_sees() {
    let mut floor = Floor::default();
    let routing = Routing::default();
    let added = inbox::Event::InboxAdded { name: "Sales".to_owned(), routing, at: NOON };
    let notice = floor.tell(Kind::Inbox, SALES.0, Fact::Inbox(added));
    let inboxes = vec![Named { id: SALES.0, name: "Sales".to_owned() }];
    let change = Change::Setup { inboxes, gateways: vec![], end_reasons: vec![] };
    assert_eq!(notice, Some(Notice { position: 1, audience: Audience::Everybody, change }));
}

#[test]
fn what_happens_before_anything_was_opened_is_no_row() {
    let mut floor = Floor::default();
    assert_eq!(floor.conversation(Event::MessageRevoked { message: HELLO, at: NOON }), None);
    assert!(floor.desk.conversation(LENAS).is_none());
    assert_eq!(floor.desk.conversations(None).count(), 0);
}

#[test]
fn every_event_folds_alone_together_and_erased() {
    let id = Uuid::from_u128(1);
    let mut together = Desk::default();
    together.fold(&recorded(1, Kind::Conversation, id, 1, example(Kind::Conversation, "interaction_opened")));
    together.fold(&recorded(2, Kind::Agent, id, 1, example(Kind::Agent, "agent_added")));
    for (position, (kind, name)) in (3..).zip(every_event()) {
        for fact in [example(kind, name), erased(kind, name)] {
            Desk::default().fold(&recorded(1, kind, id, 1, fact.clone()));
            let notice = together.fold(&recorded(position, kind, id, position, fact));
            assert_eq!(notice.is_some(), kind != Kind::Contact, "{name}");
        }
    }
}

/// The desks with the log they follow.
#[derive(Default)]
struct Floor {
    desk: Desk,
    position: u64,
    sequence: u64,
}

impl Floor {
    /// Lena wrote once and waits in sales.
    fn with_lena_waiting() -> Self {
        let mut floor = Self::default();
        floor.lena_is_met();
        floor.conversation(opened(1));
        floor.conversation(queued(SALES));
        floor.conversation(received(NOON));
        floor
    }

    fn lena_is_met(&mut self) {
        let (channel, at) = (Channel::Whatsapp, NOON);
        let phone = Address { kind: AddressKind::Phone, value: "491701234567".to_owned() };
        self.contact(contact::Event::ContactCreated { channel, at });
        self.contact(contact::Event::AddressAdded { channel, at, personal: Personal::Known(phone) });
        self.contact(contact::Event::Named { at, personal: Personal::Known("Lena".to_owned()) });
    }

    fn tell(&mut self, kind: Kind, id: Uuid, fact: Fact) -> Option<Notice> {
        self.position += 1;
        self.desk.fold(&recorded(self.position, kind, id, self.position, fact))
    }

    fn contact(&mut self, event: contact::Event) -> Option<Notice> {
        self.tell(Kind::Contact, LENA.0, Fact::Contact(event))
    }

    fn conversation(&mut self, event: Event) -> Option<Notice> {
        (self.position, self.sequence) = (self.position + 1, self.sequence + 1);
        let fact = Fact::Conversation(event);
        self.desk.fold(&recorded(self.position, Kind::Conversation, LENAS.0, self.sequence, fact))
    }

    /// After `event` the row shows this owner, and these agents are told whatever inbox it is in.
    #[track_caller]
    fn shows(&mut self, event: Event, owner: OwnerView, agents: &[AgentId]) {
        let told = self.conversation(event).map(|notice| (notice.audience, notice.change));
        let Some((audience, Change::Conversation { summary, .. })) = told else { panic!("a row changes: {told:?}") };
        let expected = Summary { owner, ..lenas_row(self.sequence) };
        assert_eq!((audience, *summary), (concerned(SALES, agents), expected.clone()));
        assert_eq!(self.lenas(), (concerned(SALES, agents), expected));
    }

    fn lenas(&self) -> (Audience, Summary) {
        let mut all = self.desk.conversations(None);
        let found = all.next();
        assert!(all.next().is_none());
        assert_eq!(found, self.desk.conversation(LENAS));
        found.unwrap()
    }
}

/// Lena's row while she waits in sales for her first answer.
fn lenas_row(version: u64) -> Summary {
    let (name, address) = (Some("Lena".to_owned()), Some("491701234567".to_owned()));
    Summary {
        conversation: LENAS.0,
        interaction: 1,
        version,
        channel: "whatsapp",
        gateway: LINE.0,
        inbox: SALES.0,
        priority: 0,
        tags: vec![],
        contact: ContactView { id: LENA.0, name, address },
        owner: OwnerView::Queue { since: NOON },
        last: Some(Last { at: NOON, direction: Direction::Inbound, text: Some("Hello?".to_owned()) }),
        window_until: Some(NOON + TimeDelta::hours(24)),
        unanswered: true,
        sla: None,
    }
}

fn concerned(inbox: InboxId, agents: &[AgentId]) -> Audience {
    Audience::Concerned { inbox, agents: agents.to_vec() }
}

fn minutes(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::minutes(count)
}

fn opened(interaction: u32) -> Event {
    let (gateway, channel, contact, inbox) = (LINE, Channel::Whatsapp, LENA, SALES);
    let (opening, sla) = (Opening::Received, gatehouse_domain::inbox::Sla::default());
    Event::InteractionOpened { interaction, gateway, channel, contact, inbox, opening, at: NOON, sla }
}

fn queued(inbox: InboxId) -> Event {
    Event::Queued { inbox, since: NOON, at: NOON }
}

fn ringing() -> Event {
    let to_anna = OfferTo { offer: TO_ANNA, agent: ANNA, hold: SLOT };
    let to_boris = OfferTo { offer: TO_BORIS, agent: BORIS, hold: HoldId(Uuid::from_u128(0x82)) };
    Event::Offered { offers: vec![to_anna, to_boris], until: minutes(1), at: NOON, why: None }
}

fn assigned(agent: AgentId) -> Event {
    Event::Assigned { agent, hold: SLOT, how: HowAssigned::Pull, at: minutes(2), why: None }
}

fn received(at: DateTime<Utc>) -> Event {
    let words = InboundWords { provider_id: "m.1".to_owned(), text: Some("Hello?".to_owned()), original: None };
    let (window_until, personal) = (Some(at + TimeDelta::hours(24)), Personal::Known(words));
    Event::MessageReceived { message: HELLO, content: Content::Text, sent_at: at, window_until, at, personal }
}

fn reply_queued() -> Event {
    let to = Address { kind: AddressKind::Phone, value: "491701234567".to_owned() };
    let words = OutboundWords { to, text: "Good day!".to_owned(), parameters: vec![] };
    let (author, content, personal) = (Author::Agent { agent: ANNA }, Content::Text, Personal::Known(words));
    Event::ReplyQueued { message: ANSWER, interaction: 1, author, gateway: LINE, content, at: minutes(3), personal }
}
