//! Events and time in, acts out.

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{Author, Content, Event};
use gatehouse_domain::{AgentId, Kind, Personal, StreamId};
use uuid::Uuid;

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const LINE: GatewayId = GatewayId(Uuid::from_u128(0x61));
const SECOND_LINE: GatewayId = GatewayId(Uuid::from_u128(0x62));
const LENAS: ConversationId = ConversationId(Uuid::from_u128(0xC1));
const MARKS: ConversationId = ConversationId(Uuid::from_u128(0xC2));
const HELLO: MessageId = MessageId(Uuid::from_u128(0x41));
const SORRY: MessageId = MessageId(Uuid::from_u128(0x42));

#[test]
fn a_reply_is_sent_once_and_done_when_the_provider_has_it() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    assert_eq!(desk.due(), [send(LENAS, HELLO, 1)]);
    assert_eq!(desk.due(), []);
    desk.attempted(LENAS, HELLO, 1);
    assert_eq!(desk.due(), []);
    desk.submitted(LENAS, HELLO);
    desk.done(send(LENAS, HELLO, 1));
    assert_eq!(desk.due(), []);
    assert_eq!((desk.outbox.lanes.len(), desk.outbox.wake_at()), (0, None));
}

#[test]
fn only_the_oldest_live_message_of_a_conversation_is_sent() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.queued(MARKS, HELLO);
    assert_eq!(desk.due(), [send(LENAS, HELLO, 1), send(MARKS, HELLO, 1)]);
    desk.attempted(LENAS, HELLO, 1);
    desk.submitted(LENAS, HELLO);
    desk.done(send(LENAS, HELLO, 1));
    assert_eq!(desk.due(), [send(LENAS, SORRY, 1)]);
}

#[test]
fn nothing_is_sent_in_a_conversation_that_cannot_be_read_on() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.queued(MARKS, HELLO);
    desk.outbox.set_apart(StreamId { kind: Kind::Conversation, id: LENAS.0 });
    assert_eq!(desk.due(), [send(MARKS, HELLO, 1)]);
    assert_eq!(desk.outbox.wake_at(), None);
}

#[test]
fn a_message_put_off_is_tried_again_in_its_time_and_keeps_its_place() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.due();
    let until = NOON + TimeDelta::seconds(90);
    desk.attempted(LENAS, HELLO, 1);
    desk.deferred(LENAS, HELLO, 1, until);
    desk.done(send(LENAS, HELLO, 1));
    assert_eq!(desk.due(), []);
    assert_eq!(desk.outbox.wake_at(), Some(until));
    desk.now = until - TimeDelta::milliseconds(1);
    assert_eq!(desk.due(), []);
    desk.now = until;
    assert_eq!(desk.due(), [send(LENAS, HELLO, 2)]);
}

#[test]
fn a_message_that_failed_for_good_makes_way() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.due();
    desk.attempted(LENAS, HELLO, 1);
    desk.tell(LENAS, Event::ReplyFailed { message: HELLO, reason: "not reachable".to_owned(), at: NOON });
    desk.done(send(LENAS, HELLO, 1));
    assert_eq!(desk.due(), [send(LENAS, SORRY, 1)]);
}

#[test]
fn an_attempt_without_outcome_found_on_a_restart_is_given_up_and_not_repeated() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.attempted(LENAS, HELLO, 1);
    desk.deferred(LENAS, HELLO, 1, NOON);
    desk.attempted(LENAS, HELLO, 2);
    let give_up = Act::GiveUp { conversation: LENAS, message: HELLO, attempt: 2 };
    assert_eq!(desk.due(), [give_up]);
    assert_eq!(desk.due(), []);
    desk.indeterminate(LENAS, HELLO, 2);
    desk.done(give_up);
    assert_eq!(desk.due(), []);
}

#[test]
fn after_a_restart_what_was_never_tried_is_sent() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.attempted(LENAS, HELLO, 1);
    desk.submitted(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    assert_eq!(desk.due(), [send(LENAS, SORRY, 1)]);
}

#[test]
fn an_indeterminate_message_blocks_its_conversation_for_five_minutes_and_no_longer() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.due();
    desk.attempted(LENAS, HELLO, 1);
    desk.indeterminate(LENAS, HELLO, 1);
    desk.done(send(LENAS, HELLO, 1));
    assert_eq!(desk.due(), []);
    let over = NOON + TimeDelta::minutes(5);
    assert_eq!(desk.outbox.wake_at(), Some(over));
    desk.now = over - TimeDelta::milliseconds(1);
    assert_eq!(desk.due(), []);
    desk.now = over;
    assert_eq!(desk.due(), [send(LENAS, SORRY, 1)]);
}

#[test]
fn a_receipt_settles_an_indeterminate_message() {
    let receipts = [
        Event::ReplySent { message: HELLO, at: NOON },
        Event::ReplyDelivered { message: HELLO, at: NOON },
        Event::ReplyRead { message: HELLO, at: NOON },
        Event::ReplyFailed { message: HELLO, reason: "not reachable".to_owned(), at: NOON },
    ];
    for receipt in receipts {
        let mut desk = Desk::default();
        desk.queued(LENAS, HELLO);
        desk.queued(LENAS, SORRY);
        desk.attempted(LENAS, HELLO, 1);
        desk.indeterminate(LENAS, HELLO, 1);
        assert_eq!(desk.due(), []);
        desk.tell(LENAS, receipt);
        assert_eq!(desk.due(), [send(LENAS, SORRY, 1)]);
    }
}

#[test]
fn a_person_decides_what_becomes_of_an_indeterminate_message() {
    let resolved = |resolution| {
        let mut desk = Desk::default();
        desk.queued(LENAS, HELLO);
        desk.queued(LENAS, SORRY);
        desk.attempted(LENAS, HELLO, 1);
        desk.indeterminate(LENAS, HELLO, 1);
        desk.tell(LENAS, Event::SendResolved { message: HELLO, resolution, by: ANNA, at: NOON });
        desk.due()
    };
    assert_eq!(resolved(Resolution::Resend), [send(LENAS, HELLO, 2)]);
    assert_eq!(resolved(Resolution::Discard), [send(LENAS, SORRY, 1)]);
}

#[test]
fn receipts_of_what_was_settled_before_change_nothing() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.attempted(LENAS, HELLO, 1);
    desk.submitted(LENAS, HELLO);
    desk.tell(LENAS, Event::ReplySent { message: HELLO, at: NOON });
    desk.tell(LENAS, Event::ReplyDelivered { message: HELLO, at: NOON });
    desk.tell(LENAS, Event::ReplyRead { message: HELLO, at: NOON });
    assert_eq!(desk.due(), []);
    assert_eq!(desk.outbox.lanes.len(), 0);
}

#[test]
fn sixteen_at_a_time_go_through_one_gateway_and_the_rest_follows() {
    let mut desk = Desk::default();
    let conversation = |number: u128| ConversationId(Uuid::from_u128(0xC00 + number));
    (0..20).for_each(|number| desk.queued(conversation(number), HELLO));
    desk.queued_at(MARKS, HELLO, SECOND_LINE);
    let mut first: Vec<Act> = (0..16).map(|number| send(conversation(number), HELLO, 1)).collect();
    first.insert(0, send_at(MARKS, HELLO, 1, SECOND_LINE));
    assert_eq!(desk.due(), first);
    assert_eq!(desk.due(), []);

    for number in 0..3 {
        desk.attempted(conversation(number), HELLO, 1);
        desk.submitted(conversation(number), HELLO);
        desk.done(send(conversation(number), HELLO, 1));
        assert_eq!(desk.due(), [send(conversation(16 + number), HELLO, 1)]);
    }
    // One that was put off makes room as well.
    desk.attempted(conversation(3), HELLO, 1);
    desk.deferred(conversation(3), HELLO, 1, NOON + TimeDelta::hours(1));
    desk.done(send(conversation(3), HELLO, 1));
    assert_eq!(desk.due(), [send(conversation(19), HELLO, 1)]);
}

#[test]
fn what_could_not_be_begun_is_tried_again_a_moment_later_as_the_same_attempt() {
    for outcome in [Done::Failed, Done::Refused] {
        let mut desk = Desk::default();
        desk.queued(LENAS, HELLO);
        desk.due();
        desk.outbox.done(send(LENAS, HELLO, 1), outcome, desk.now);
        assert_eq!(desk.due(), []);
        desk.now += ASK_AGAIN_AFTER;
        assert_eq!(desk.due(), [send(LENAS, HELLO, 1)]);
    }
}

#[test]
fn an_attempt_that_was_begun_but_whose_outcome_could_not_be_recorded_is_given_up() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    desk.due();
    desk.attempted(LENAS, HELLO, 1);
    desk.outbox.done(send(LENAS, HELLO, 1), Done::Failed, desk.now);
    desk.now += ASK_AGAIN_AFTER;
    assert_eq!(desk.due(), [Act::GiveUp { conversation: LENAS, message: HELLO, attempt: 1 }]);
}

#[test]
fn the_end_of_an_interaction_stops_no_reply() {
    let mut desk = Desk::default();
    desk.queued(LENAS, HELLO);
    let ending = conversation::Ending::Idle;
    desk.tell(LENAS, Event::InteractionEnded { interaction: 1, ending, at: NOON });
    assert_eq!(desk.due(), [send(LENAS, HELLO, 1)]);
}

#[test]
fn while_sending_is_paused_nothing_is_handed_out_and_afterwards_everything_in_order() {
    let mut desk = Desk::default();
    desk.outbox.pause(true);
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.queued(MARKS, HELLO);
    assert_eq!((desk.due(), desk.outbox.wake_at()), (vec![], None));
    desk.outbox.pause(false);
    assert_eq!(desk.due(), [send(LENAS, HELLO, 1), send(MARKS, HELLO, 1)]);
}

#[test]
fn an_attempt_of_an_earlier_life_is_given_up_also_while_sending_is_paused() {
    let mut desk = Desk::default();
    desk.outbox.pause(true);
    desk.queued(LENAS, HELLO);
    desk.attempted(LENAS, HELLO, 1);
    assert_eq!(desk.due(), [Act::GiveUp { conversation: LENAS, message: HELLO, attempt: 1 }]);
}

#[test]
fn after_a_restore_everything_unsent_is_doubted_whether_sending_is_paused_or_not() {
    for paused in [true, false] {
        let mut desk = restored_with_three_unsent();
        desk.outbox.pause(paused);
        assert_eq!(desk.due(), [doubt(LENAS, HELLO), doubt(MARKS, HELLO)]);
        desk.indeterminate(LENAS, HELLO, 1);
        desk.done(doubt(LENAS, HELLO));
        assert_eq!(desk.due(), [doubt(LENAS, SORRY)]);
        desk.indeterminate(LENAS, SORRY, 1);
        desk.done(doubt(LENAS, SORRY));
        assert_eq!(desk.due(), []);
    }
}

#[test]
fn what_is_queued_after_a_restore_is_not_doubted() {
    let mut desk = Desk { outbox: Outbox::of_restored(1), ..Desk::default() };
    desk.queued(MARKS, HELLO);
    desk.queued(LENAS, HELLO);
    assert_eq!(desk.due(), [send(LENAS, HELLO, 1), doubt(MARKS, HELLO)]);
}

#[test]
fn a_doubted_message_that_a_person_resends_goes_out_once_and_is_not_doubted_again() {
    let mut desk = restored_with_three_unsent();
    desk.indeterminate(LENAS, HELLO, 1);
    desk.indeterminate(LENAS, SORRY, 1);
    desk.indeterminate(MARKS, HELLO, 2);
    desk.tell(MARKS, Event::SendResolved { message: HELLO, resolution: Resolution::Resend, by: ANNA, at: NOON });
    assert_eq!(desk.due(), [send(MARKS, HELLO, 3)]);
    assert_eq!(desk.due(), []);
}

/// The outbox over a log that ends as a backup did: two replies that wait and one that was put off.
fn restored_with_three_unsent() -> Desk {
    let mut desk = Desk { outbox: Outbox::of_restored(5), ..Desk::default() };
    desk.queued(LENAS, HELLO);
    desk.queued(LENAS, SORRY);
    desk.queued(MARKS, HELLO);
    desk.attempted(MARKS, HELLO, 1);
    desk.deferred(MARKS, HELLO, 1, NOON);
    desk
}

fn doubt(conversation: ConversationId, message: MessageId) -> Act {
    Act::Doubt { conversation, message }
}

/// The outbox with the log it follows.
struct Desk {
    outbox: Outbox,
    now: DateTime<Utc>,
    position: u64,
}

impl Default for Desk {
    fn default() -> Self {
        Self { outbox: Outbox::default(), now: NOON, position: 0 }
    }
}

impl Desk {
    fn tell(&mut self, id: ConversationId, event: Event) {
        self.position += 1;
        let stream = StreamId { kind: Kind::Conversation, id: id.0 };
        let fact = Fact::Conversation(event);
        let (position, sequence) = (self.position, self.position);
        self.outbox.fold(&Recorded { position, stream, sequence, recorded_at: self.now, fact });
    }

    fn queued(&mut self, id: ConversationId, message: MessageId) {
        self.queued_at(id, message, LINE);
    }

    fn queued_at(&mut self, id: ConversationId, message: MessageId, gateway: GatewayId) {
        let (author, content, personal) = (Author::Agent { agent: ANNA }, Content::Text, Personal::Erased);
        self.tell(id, Event::ReplyQueued { message, interaction: 1, author, gateway, content, at: NOON, personal });
    }

    fn attempted(&mut self, id: ConversationId, message: MessageId, attempt: u32) {
        self.tell(id, Event::SendAttempted { message, attempt, at: NOON });
    }

    fn deferred(&mut self, id: ConversationId, message: MessageId, attempt: u32, until: DateTime<Utc>) {
        let reason = "too many requests".to_owned();
        self.tell(id, Event::SendDeferred { message, attempt, until, reason, at: NOON });
    }

    fn submitted(&mut self, id: ConversationId, message: MessageId) {
        self.tell(id, Event::ReplySubmitted { message, gateway: LINE, at: NOON, personal: Personal::Erased });
    }

    fn indeterminate(&mut self, id: ConversationId, message: MessageId, attempt: u32) {
        self.tell(id, Event::ReplyIndeterminate { message, attempt, at: NOON });
    }

    fn due(&mut self) -> Vec<Act> {
        self.outbox.due(self.now)
    }

    fn done(&mut self, act: Act) {
        self.outbox.done(act, Done::Committed(self.position), self.now);
    }
}

fn send(conversation: ConversationId, message: MessageId, attempt: u32) -> Act {
    send_at(conversation, message, attempt, LINE)
}

fn send_at(conversation: ConversationId, message: MessageId, attempt: u32, gateway: GatewayId) -> Act {
    Act::Send { conversation, message, gateway, attempt }
}
