//! Events and time in, acts out.

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::OfflineCause;
use gatehouse_domain::conversation::{
    Author, Content, Ending, Event, HowAssigned, OfferTo, Opening, SlaClock, Withdrawn,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{Channel, ContactId, HoldId, InboxId, Kind, MessageId, Personal, StreamId};
use uuid::Uuid;

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const ANNA: AgentId = AgentId(Uuid::from_u128(0xA1));
const BORIS: AgentId = AgentId(Uuid::from_u128(0xA2));
const LINE: GatewayId = GatewayId(Uuid::from_u128(0x61));
const SALES: InboxId = InboxId(Uuid::from_u128(0x11));
const LENAS: ConversationId = ConversationId(Uuid::from_u128(0xC1));
const TO_ANNA: OfferId = OfferId(Uuid::from_u128(0x51));
const TO_BORIS: OfferId = OfferId(Uuid::from_u128(0x52));
const HANDOVER: TransferId = TransferId(Uuid::from_u128(0x71));
const SLOT: HoldId = HoldId(Uuid::from_u128(0x81));
const DESK: Uuid = Uuid::from_u128(0xD1);
const PHONE: Uuid = Uuid::from_u128(0xD2);
const PROMISED: Sla = Sla { first_response_ms: Some(39_600), next_response_ms: Some(60_000) };
const DAY: TimeDelta = TimeDelta::hours(24);

#[test]
fn an_offer_lapses_at_its_time_and_not_before() {
    let mut watch = Watch::with_lena_waiting();
    watch.offered(&[(TO_ANNA, ANNA), (TO_BORIS, BORIS)], seconds(30));
    assert_eq!(watch.at(seconds(30) - TimeDelta::milliseconds(1)), []);
    assert_eq!(watch.deadlines.wake_at(), Some(seconds(30)));
    let both = [TO_ANNA, TO_BORIS].map(|offer| lapsed(Subject::Offer(LENAS, offer), seconds(30)));
    assert_eq!(watch.at(seconds(30)), both);
    assert_eq!(watch.at(seconds(31)), [], "what is under way is not handed out again");
}

#[test]
fn nothing_runs_out_of_what_cannot_be_read_on() {
    let mut watch = Watch::with_lena_waiting();
    watch.received(NOON, Some(NOON + DAY));
    watch.offered(&[(TO_ANNA, ANNA)], seconds(30));
    assert!(watch.deadlines.line.known() >= 3);
    watch.deadlines.set_apart(StreamId { kind: Kind::Conversation, id: LENAS.0 });
    assert_eq!((watch.deadlines.line.known(), watch.deadlines.wake_at()), (0, None));
}

#[test]
fn an_offer_that_was_answered_does_not_lapse() {
    let at = NOON;
    let answers = [
        Event::OfferAccepted { offer: TO_ANNA, agent: ANNA, at },
        Event::OfferDeclined { offer: TO_ANNA, agent: ANNA, reason: None, at },
        Event::OfferLapsed { offer: TO_ANNA, agent: ANNA, at },
        Event::OfferWithdrawn { offer: TO_ANNA, agent: ANNA, why: Withdrawn::AgentGone, at },
        Event::Assigned { agent: BORIS, hold: SLOT, how: HowAssigned::TakeOver, at, why: None },
        Event::Queued { inbox: SALES, since: at, at },
        Event::HandedToFlow { flow: gatehouse_domain::FlowId(Uuid::nil()), inbox: SALES, at },
        Event::InteractionEnded { interaction: 1, ending: Ending::Erased, at },
    ];
    for answer in answers {
        let mut watch = Watch::with_lena_waiting();
        watch.offered(&[(TO_ANNA, ANNA)], seconds(30));
        watch.conversation(answer);
        assert_eq!(watch.at(seconds(60)), []);
    }
}

#[test]
fn one_answer_leaves_the_other_offer_running() {
    let mut watch = Watch::with_lena_waiting();
    watch.offered(&[(TO_ANNA, ANNA), (TO_BORIS, BORIS)], seconds(30));
    watch.conversation(Event::OfferDeclined { offer: TO_ANNA, agent: ANNA, reason: None, at: NOON });
    assert_eq!(watch.at(seconds(30)), [lapsed(Subject::Offer(LENAS, TO_BORIS), seconds(30))]);
}

#[test]
fn a_transfer_lapses_and_tells_whether_its_owner_could_take_it_back() {
    let mut watch = Watch::with_lena_at_anna();
    watch.transfer_requested(seconds(60));
    assert_eq!(watch.at(seconds(59)), []);
    let transfer = lapsed(Subject::Transfer(LENAS, HANDOVER), seconds(60));
    assert_eq!(watch.at(seconds(60)), [transfer]);

    let mut watch = Watch::with_lena_at_anna();
    watch.transfer_requested(seconds(60));
    watch.agent(agent::Event::TookBreak { reason: None, at: NOON });
    assert_eq!(watch.at(seconds(60)), [Lapsed { owner_available: false, ..transfer }]);
}

#[test]
fn a_transfer_that_was_answered_does_not_lapse() {
    let at = NOON;
    let answers = [
        Event::TransferAccepted { transfer: HANDOVER, at },
        Event::TransferDeclined { transfer: HANDOVER, at },
        Event::TransferLapsed { transfer: HANDOVER, at },
        Event::TransferWithdrawn { transfer: HANDOVER, why: Withdrawn::Requested, at },
        Event::Assigned { agent: BORIS, hold: SLOT, how: HowAssigned::TakeOver, at, why: None },
        Event::InteractionEnded { interaction: 1, ending: Ending::Erased, at },
    ];
    for answer in answers {
        let mut watch = Watch::with_lena_at_anna();
        watch.transfer_requested(seconds(60));
        watch.conversation(answer);
        assert_eq!(watch.at(seconds(120)), []);
    }
}

#[test]
fn the_reply_window_closes_when_it_was_said_to() {
    let mut watch = Watch::without_idle_close();
    watch.received(NOON, Some(NOON + DAY));
    assert_eq!(watch.at(NOON + DAY - TimeDelta::milliseconds(1)), []);
    assert_eq!(watch.at(NOON + DAY), [lapsed(Subject::Window(LENAS), NOON + DAY)]);
}

#[test]
fn a_later_message_moves_the_window_and_a_late_one_never_shortens_it() {
    let mut watch = Watch::without_idle_close();
    watch.received(NOON, Some(NOON + DAY));
    watch.received(hours(1), Some(hours(1) + DAY));
    watch.received(hours(2), Some(NOON + TimeDelta::minutes(30) + DAY));
    assert_eq!(watch.at(NOON + DAY), []);
    assert_eq!(watch.at(hours(1) + DAY), [lapsed(Subject::Window(LENAS), hours(1) + DAY)]);
}

#[test]
fn a_message_that_comes_after_its_own_window_opens_none() {
    let mut watch = Watch::without_idle_close();
    watch.received(NOON + DAY * 2, Some(NOON + DAY));
    watch.received(NOON + DAY * 2, None);
    assert_eq!(watch.at(NOON + DAY * 9), []);
}

#[test]
fn a_window_moved_while_its_end_was_being_told_closes_at_its_new_end() {
    let mut watch = Watch::without_idle_close();
    watch.received(NOON, Some(NOON + DAY));
    let first = lapsed(Subject::Window(LENAS), NOON + DAY);
    assert_eq!(watch.at(NOON + DAY), [first]);
    let moved = NOON + DAY + TimeDelta::milliseconds(500);
    watch.received(NOON + DAY, Some(moved));
    watch.deadlines.done(first, Done::Refused, NOON + DAY);
    assert_eq!(watch.at(moved), [lapsed(Subject::Window(LENAS), moved)]);
}

#[test]
fn a_window_that_could_not_be_closed_is_still_moved_by_the_next_message() {
    let mut watch = Watch::without_idle_close();
    watch.received(NOON, Some(NOON + DAY));
    let first = lapsed(Subject::Window(LENAS), NOON + DAY);
    assert_eq!(watch.at(NOON + DAY), [first]);
    watch.deadlines.done(first, Done::Failed, NOON + DAY);
    let moved = NOON + DAY + ASK_AGAIN_AFTER / 2;
    watch.received(NOON + DAY, Some(moved));
    assert_eq!(watch.at(NOON + DAY * 2), [lapsed(Subject::Window(LENAS), moved)]);
}

#[test]
fn a_silent_customer_is_closed_after_a_day_counted_from_their_last_message() {
    let mut watch = Watch::with_lena_waiting();
    assert_eq!(watch.at(NOON + DAY - TimeDelta::milliseconds(1)), []);
    watch.received(hours(23), None);
    assert_eq!(watch.at(NOON + DAY), []);
    assert_eq!(watch.at(hours(23) + DAY), [lapsed(Subject::Idle(LENAS), hours(23))]);
}

#[test]
fn each_gateway_says_for_itself_how_long_silence_lasts() {
    let mut watch = Watch::default();
    watch.idle_close_set(Some(60_000));
    watch.opened(NOON);
    assert_eq!(watch.at(seconds(59)), []);
    assert_eq!(watch.at(seconds(60)), [lapsed(Subject::Idle(LENAS), NOON)]);

    let mut watch = Watch::without_idle_close();
    watch.received(hours(1), None);
    assert_eq!(watch.at(NOON + DAY * 365), []);
    assert_eq!(watch.deadlines.wake_at(), None);
}

#[test]
fn a_rule_that_changed_counts_from_the_next_message() {
    let mut watch = Watch::with_lena_waiting();
    watch.idle_close_set(None);
    watch.received(hours(1), None);
    assert_eq!(watch.at(NOON + DAY * 2), []);
    watch.idle_close_set(Some(60_000));
    watch.received(hours(49), None);
    assert_eq!(watch.at(hours(50)), [lapsed(Subject::Idle(LENAS), hours(49))]);
}

#[test]
fn silence_longer_than_any_calendar_is_as_good_as_never() {
    let mut watch = Watch::default();
    watch.idle_close_set(Some(u64::MAX));
    watch.opened(NOON);
    assert_eq!(watch.at(NOON + DAY * 365 * 99), []);
}

#[test]
fn a_promised_answer_is_due_once_and_the_next_one_again() {
    let mut watch = Watch::default();
    watch.idle_close_set(None);
    watch.opened_with(PROMISED, NOON);
    watch.received(NOON, None);
    let due = NOON + TimeDelta::milliseconds(39_600);
    let first = lapsed(Subject::Sla(LENAS, SlaClock::FirstResponse), due);
    assert_eq!(watch.at(due - TimeDelta::milliseconds(1)), []);
    assert_eq!(watch.at(due), [first]);
    // More from the customer while it is being told changes nothing.
    watch.received(due, None);
    assert_eq!(watch.at(hours(1)), []);
    watch.conversation(Event::SlaBreached { clock: SlaClock::FirstResponse, due, at: due });
    watch.deadlines.done(first, Done::Committed(1), due);
    assert_eq!(watch.at(hours(1)), []);

    watch.answered(hours(1));
    watch.received(hours(2), None);
    watch.received(hours(2) + TimeDelta::seconds(30), None);
    let next = lapsed(Subject::Sla(LENAS, SlaClock::NextResponse), hours(2) + TimeDelta::seconds(60));
    assert_eq!(watch.at(hours(3)), [next]);
}

#[test]
fn a_promise_that_was_kept_or_went_with_its_interaction_is_not_due() {
    for stop in [None, Some(Event::InteractionEnded { interaction: 1, ending: Ending::Erased, at: NOON })] {
        let mut watch = Watch::default();
        watch.idle_close_set(None);
        watch.opened_with(PROMISED, NOON);
        match stop {
            Some(ended) => watch.conversation(ended),
            None => watch.answered(seconds(39)),
        }
        assert_eq!((watch.at(hours(9)), watch.deadlines.wake_at()), (vec![], None));
    }
}

#[test]
fn what_the_wall_clock_jumped_over_waits_and_says_so() {
    let mut watch = Watch::with_lena_waiting();
    assert_eq!(watch.deadlines.tick(NOON, Duration::ZERO), None);
    watch.offered(&[(TO_ANNA, ANNA)], hours(1));
    let ten_seconds = Duration::from_secs(10);
    let jump = TimeDelta::hours(2) - TimeDelta::seconds(10);
    assert_eq!(watch.deadlines.tick(hours(2), ten_seconds), Some(jump));
    assert_eq!(watch.at(hours(2)), []);
    let waited = hours(2) + TimeDelta::minutes(5);
    assert_eq!(watch.deadlines.wake_at(), Some(waited));
    let offer = Lapsed { jumped: true, ..lapsed(Subject::Offer(LENAS, TO_ANNA), hours(1)) };
    assert_eq!(watch.at(waited), [offer]);
}

#[test]
fn an_agent_without_a_desk_counts_as_offline_after_the_grace_period() {
    let mut watch = Watch::with_anna_at_her_desk();
    watch.agent(agent::Event::Disconnected { socket: DESK, at: seconds(10) });
    assert_eq!(watch.at(seconds(40) - TimeDelta::milliseconds(1)), []);
    assert_eq!(watch.at(seconds(40)), [lapsed(Subject::Grace(ANNA), seconds(10))]);
}

#[test]
fn an_agent_who_comes_back_or_has_another_desk_stays() {
    let mut watch = Watch::with_anna_at_her_desk();
    watch.agent(agent::Event::Disconnected { socket: DESK, at: NOON });
    watch.agent(agent::Event::Connected { socket: PHONE, at: seconds(29) });
    assert_eq!(watch.at(seconds(60)), []);

    watch.agent(agent::Event::Connected { socket: DESK, at: seconds(60) });
    watch.agent(agent::Event::Disconnected { socket: PHONE, at: seconds(61) });
    assert_eq!(watch.at(seconds(120)), []);
}

#[test]
fn who_left_on_purpose_gets_no_grace_period() {
    let offline = agent::Event::WentOffline { cause: OfflineCause::Chosen, at: NOON };
    let gone = agent::Event::Disconnected { socket: DESK, at: NOON };
    for order in [[offline.clone(), gone.clone()], [gone, offline]] {
        let mut watch = Watch::with_anna_at_her_desk();
        order.into_iter().for_each(|event| watch.agent(event));
        assert_eq!(watch.at(seconds(60)), []);
    }
}

#[test]
fn a_break_without_a_desk_runs_out_too() {
    let mut watch = Watch::with_anna_at_her_desk();
    watch.agent(agent::Event::Disconnected { socket: DESK, at: NOON });
    watch.agent(agent::Event::TookBreak { reason: None, at: seconds(1) });
    assert_eq!(watch.at(seconds(30)), [lapsed(Subject::Grace(ANNA), NOON)]);
}

#[test]
fn what_failed_or_was_refused_is_asked_again_a_moment_later_and_what_was_done_is_not() {
    let mut watch = Watch::with_lena_waiting();
    watch.offered(&[(TO_ANNA, ANNA)], seconds(30));
    let offer = lapsed(Subject::Offer(LENAS, TO_ANNA), seconds(30));
    assert_eq!(watch.at(seconds(30)), [offer]);
    // Refused though nothing was told since: the one asked thinks it is still too early.
    for (outcome, again) in [(Done::Failed, seconds(31)), (Done::Refused, seconds(32))] {
        watch.deadlines.done(offer, outcome, again - ASK_AGAIN_AFTER);
        assert_eq!(watch.deadlines.wake_at(), Some(again));
        assert_eq!(watch.at(again - TimeDelta::milliseconds(1)), []);
        assert_eq!(watch.at(again), [offer]);
    }
    watch.deadlines.done(offer, Done::Committed(1), seconds(32));
    assert_eq!(watch.at(hours(1)), []);
}

#[test]
fn what_is_over_meanwhile_is_not_asked_again() {
    let mut watch = Watch::with_lena_waiting();
    watch.offered(&[(TO_ANNA, ANNA)], seconds(30));
    let offer = lapsed(Subject::Offer(LENAS, TO_ANNA), seconds(30));
    assert_eq!(watch.at(seconds(30)), [offer]);
    watch.conversation(Event::OfferAccepted { offer: TO_ANNA, agent: ANNA, at: seconds(30) });
    for outcome in [Done::Failed, Done::Refused] {
        watch.deadlines.done(offer, outcome, seconds(30));
        assert_eq!(watch.at(hours(1)), []);
    }
}

#[test]
fn after_a_restart_what_ran_out_meanwhile_fires_soonest_first() {
    let mut watch = Watch::with_lena_at_anna();
    watch.received(NOON, Some(hours(2)));
    watch.transfer_requested(seconds(60));
    watch.agent(agent::Event::Connected { socket: DESK, at: NOON });
    watch.agent(agent::Event::Disconnected { socket: DESK, at: NOON });
    let all = [
        lapsed(Subject::Grace(ANNA), NOON),
        lapsed(Subject::Transfer(LENAS, HANDOVER), seconds(60)),
        lapsed(Subject::Window(LENAS), hours(2)),
        lapsed(Subject::Idle(LENAS), NOON),
    ];
    assert_eq!(watch.at(NOON + DAY * 2), all);
}

#[test]
fn nothing_is_kept_of_what_has_ended() {
    let mut watch = Watch::with_lena_at_anna();
    watch.received(NOON, Some(NOON + DAY));
    watch.offered(&[(TO_ANNA, ANNA)], seconds(30));
    watch.transfer_requested(seconds(60));
    watch.conversation(Event::InteractionEnded { interaction: 1, ending: Ending::Idle, at: NOON });
    watch.conversation(Event::WindowExpired { until: NOON + DAY, at: NOON + DAY });
    let kept = &watch.deadlines;
    assert_eq!((kept.line.known(), kept.open.len(), kept.wake_at()), (0, 0, None));
}

/// The deadlines with the log they follow.
#[derive(Default)]
struct Watch {
    deadlines: Deadlines,
    position: u64,
}

impl Watch {
    fn with_lena_waiting() -> Self {
        let mut watch = Self::default();
        watch.opened(NOON);
        watch.conversation(Event::Queued { inbox: SALES, since: NOON, at: NOON });
        watch
    }

    fn with_lena_at_anna() -> Self {
        let mut watch = Self::with_lena_waiting();
        watch.agent(agent::Event::WentOnline { at: NOON });
        watch.conversation(Event::Assigned { agent: ANNA, hold: SLOT, how: HowAssigned::Pull, at: NOON, why: None });
        watch
    }

    fn with_anna_at_her_desk() -> Self {
        let mut watch = Self::default();
        watch.agent(agent::Event::Connected { socket: DESK, at: NOON });
        watch.agent(agent::Event::WentOnline { at: NOON });
        watch
    }

    fn without_idle_close() -> Self {
        let mut watch = Self::default();
        watch.idle_close_set(None);
        watch.opened(NOON);
        watch
    }

    fn tell(&mut self, kind: Kind, id: Uuid, fact: Fact) {
        self.position += 1;
        let (position, sequence, stream) = (self.position, self.position, StreamId { kind, id });
        self.deadlines.fold(&Recorded { position, stream, sequence, recorded_at: NOON, fact });
    }

    fn conversation(&mut self, event: Event) {
        self.tell(Kind::Conversation, LENAS.0, Fact::Conversation(event));
    }

    fn agent(&mut self, event: agent::Event) {
        self.tell(Kind::Agent, ANNA.0, Fact::Agent(event));
    }

    fn idle_close_set(&mut self, after_ms: Option<u64>) {
        self.tell(Kind::Gateway, LINE.0, Fact::Gateway(gateway::Event::IdleCloseSet { after_ms, at: NOON }));
    }

    fn opened(&mut self, at: DateTime<Utc>) {
        self.opened_with(Sla::default(), at);
    }

    fn opened_with(&mut self, sla: Sla, at: DateTime<Utc>) {
        self.conversation(Event::InteractionOpened {
            interaction: 1,
            gateway: LINE,
            channel: Channel::Whatsapp,
            contact: ContactId(Uuid::nil()),
            inbox: SALES,
            opening: Opening::Received,
            at,
            sla,
        });
    }

    fn received(&mut self, at: DateTime<Utc>, window_until: Option<DateTime<Utc>>) {
        let (message, content, personal) = (MessageId(Uuid::nil()), Content::Text, Personal::Erased);
        self.conversation(Event::MessageReceived { message, content, sent_at: at, window_until, at, personal });
    }

    fn answered(&mut self, at: DateTime<Utc>) {
        let (message, author) = (MessageId(Uuid::from_u128(0x41)), Author::Agent { agent: ANNA });
        let (interaction, gateway, content, personal) = (1, LINE, Content::Text, Personal::Erased);
        self.conversation(Event::ReplyQueued { message, interaction, author, gateway, content, at, personal });
    }

    fn offered(&mut self, offers: &[(OfferId, AgentId)], until: DateTime<Utc>) {
        let offers = offers.iter().map(|(offer, agent)| OfferTo { offer: *offer, agent: *agent, hold: SLOT });
        self.conversation(Event::Offered { offers: offers.collect(), until, at: NOON, why: None });
    }

    fn transfer_requested(&mut self, until: DateTime<Utc>) {
        let (transfer, from, to, hold) = (HANDOVER, ANNA, BORIS, SLOT);
        let personal = Personal::Erased;
        self.conversation(Event::TransferRequested { transfer, from, to, hold, until, at: NOON, personal, why: None });
    }

    fn at(&mut self, now: DateTime<Utc>) -> Vec<Lapsed> {
        self.deadlines.due(now)
    }
}

fn seconds(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::seconds(count)
}

fn hours(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::hours(count)
}

fn lapsed(subject: Subject, about: DateTime<Utc>) -> Lapsed {
    Lapsed { subject, about, owner_available: true, jumped: false }
}
