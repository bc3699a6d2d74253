//! Events in, the board as it stands out.

mod histories;
mod law;
mod recount;
mod setting;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use gatehouse_domain::agent::Capacity;
use gatehouse_domain::conversation::{Content, Ending, Event, HowAssigned, OfferTo, Opening};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{
    AgentId, Channel, ContactId, ConversationId, EndReasonId, Fact, HoldId, InboxId, Kind, MessageId, OfferId,
    Personal, Recorded, TransferId, agent,
};
use uuid::Uuid;

use super::*;
use crate::fixtures::{NOON, recorded};
use setting::{AGENTS, BILLING, GATEWAYS, SALES, definitions, setting};

const LENA: ConversationId = ConversationId(Uuid::from_u128(0x51));
const MARA: ConversationId = ConversationId(Uuid::from_u128(0x52));
const ANNA: AgentId = AGENTS[0];
const BORIS: AgentId = AGENTS[1];
const TO_ANNA: OfferId = OfferId(Uuid::from_u128(0x71));
const SLOT: HoldId = HoldId(Uuid::from_u128(0x81));
const ASKED: TransferId = TransferId(Uuid::from_u128(0x91));

#[test]
fn whoever_waits_is_counted_with_both_ages() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    floor.after(seconds(20));
    floor.writes(MARA, SALES);
    let both = Waiting { count: 2, oldest_in_inbox: Some(NOON), oldest_customer: Some(NOON), ..Waiting::default() };
    assert_eq!(floor.tiles(None).waiting, both);
    // Another inbox has it now, and the customer still waits since then.
    floor.say(LENA, Event::Queued { inbox: BILLING, since: NOON, at: floor.now });
    let moved =
        Waiting { count: 1, oldest_in_inbox: Some(floor.now), oldest_customer: Some(NOON), ..Waiting::default() };
    assert_eq!(floor.tiles(Some(BILLING)).waiting, moved);
    assert_eq!(floor.tiles(Some(SALES)).waiting.count, 1);
}

#[test]
fn what_cannot_be_read_on_counts_no_more() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    floor.writes(MARA, SALES);
    floor.board.set_apart(gatehouse_domain::StreamId { kind: gatehouse_domain::Kind::Conversation, id: LENA.0 });
    for scope in [None, Some(SALES)] {
        assert_eq!(floor.tiles(scope).waiting.count, 1);
    }
    floor.after(seconds(3_600));
    assert_eq!(floor.board.behind(None, Lens::Waiting, None), [MARA]);
}

#[test]
fn what_is_offered_still_waits_until_somebody_has_it() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    floor.offer(LENA);
    let Waiting { count, offered, .. } = floor.tiles(None).waiting;
    assert_eq!((count, offered), (1, 1));
    floor.assign(LENA, ANNA);
    let tiles = floor.tiles(None);
    assert_eq!(tiles.waiting, Waiting::default());
    assert_eq!(tiles.progress, InProgress { active: 1, ..InProgress::default() });
    let (hold, until, at) = (SLOT, minutes(5), floor.now);
    let personal = Personal::Erased;
    let (transfer, from, to) = (ASKED, ANNA, BORIS);
    floor.say(LENA, Event::TransferRequested { transfer, from, to, hold, until, at, personal, why: None });
    assert_eq!(floor.tiles(Some(SALES)).progress, InProgress { in_transfer: 1, ..InProgress::default() });
    floor.say(LENA, Event::TransferLapsed { transfer, at });
    assert_eq!(floor.tiles(None).progress, InProgress { active: 1, ..InProgress::default() });
}

#[test]
fn the_service_level_counts_up_to_the_target_and_looks_no_better_while_people_wait() {
    let mut floor = Floor::default();
    let third = ConversationId(Uuid::from_u128(0x53));
    [LENA, MARA, third].into_iter().for_each(|id| floor.writes(id, SALES));
    floor.after(seconds(60));
    floor.assign(LENA, ANNA);
    let today = floor.tiles(None).service.today;
    assert_eq!((today.answered_within, today.level, today.live), (1, Some(1.0), Some(1.0)));
    floor.after(TimeDelta::milliseconds(1));
    assert_eq!(floor.tiles(None).waiting.past_target, 2);
    assert_eq!(floor.tiles(None).service.today.live, Some(1.0 / 3.0));
    floor.assign(MARA, ANNA);
    let today = floor.tiles(Some(SALES)).service.today;
    assert_eq!((today.answered, today.answered_within, today.level, today.live), (2, 1, Some(0.5), Some(1.0 / 3.0)));
    assert_eq!(floor.tiles(Some(BILLING)).service, Service::default());
}

#[test]
fn who_gives_up_is_abandoned_and_who_is_sent_away_is_not() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    floor.writes(MARA, SALES);
    floor.after(TimeDelta::hours(1));
    floor.end(LENA, Ending::Idle);
    floor.end(MARA, Ending::Reason { reason: EndReasonId(Uuid::nil()), by: ANNA });
    let ServiceLevel { answered, abandoned, short_abandoned, level, .. } = floor.tiles(None).service.today;
    assert_eq!((answered, abandoned, short_abandoned, level), (0, 1, 0, Some(0.0)));
    assert_eq!(floor.board.behind(None, Lens::AbandonedToday, None), [LENA]);
    floor.writes(MARA, SALES);
    floor.after(seconds(9));
    floor.end(MARA, Ending::Idle);
    let ServiceLevel { abandoned, short_abandoned, level, .. } = floor.tiles(None).service.today;
    assert_eq!((abandoned, short_abandoned, level), (2, 1, Some(0.0)));
}

#[test]
fn half_an_hour_and_midnight_pass_without_any_event() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    floor.assign(LENA, ANNA);
    floor.after(TimeDelta::minutes(30) - TimeDelta::milliseconds(1));
    assert_eq!(floor.tiles(None).service.recent.answered, 1);
    floor.after(TimeDelta::milliseconds(1));
    let Service { today, recent } = floor.tiles(None).service;
    assert_eq!((today.answered, recent.answered), (1, 0));
    // The day is Berlin's, two hours ahead in May.
    floor.until(NOON + TimeDelta::hours(10) - TimeDelta::milliseconds(1));
    assert_eq!(floor.tiles(None).service.today.answered, 1);
    floor.until(NOON + TimeDelta::hours(10));
    assert_eq!(floor.tiles(None).service.today.answered, 0);
}

#[test]
fn a_day_begins_at_midnight_where_the_organisation_is() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    for (now, zone, begins) in [
        ("2026-05-29T12:00:00Z", Tz::UTC, "2026-05-29T00:00:00Z"),
        ("2026-01-15T23:30:00Z", Tz::Europe__Berlin, "2026-01-15T23:00:00Z"),
        // The day that has 25 hours.
        ("2026-10-25T22:30:00Z", Tz::Europe__Berlin, "2026-10-24T22:00:00Z"),
        // No midnight: clocks go from 23:59:59 to 1.
        ("2026-04-24T10:00:00Z", Tz::Africa__Cairo, "2026-04-23T22:00:00Z"),
    ] {
        assert_eq!(super::stays::midnight(at(now), zone), at(begins), "{now} in {zone}");
    }
}

#[test]
fn promises_and_windows_come_near_and_run_out_by_themselves() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    let told = |floor: &Floor| {
        let BoardTiles { promises, windows, .. } = floor.tiles(Some(SALES));
        (promises.unanswered, promises.due_soon, promises.overdue, windows.closing_soon)
    };
    assert_eq!(told(&floor), (1, 0, 0, 0));
    floor.until(minutes(5));
    assert_eq!(told(&floor), (1, 1, 0, 0), "promised within 20 minutes");
    floor.until(minutes(20));
    assert_eq!(told(&floor), (1, 0, 1, 0));
    floor.until(NOON + TimeDelta::hours(22));
    assert_eq!(told(&floor), (1, 0, 1, 1));
    assert_eq!(floor.board.behind(None, Lens::ClosingSoon, None), [LENA]);
    floor.until(NOON + TimeDelta::hours(24));
    assert_eq!(told(&floor), (1, 0, 1, 0));
}

#[test]
fn an_agent_is_in_one_state_since_it_began() {
    let mut floor = Floor::default();
    let is = |floor: &Floor, state, since| {
        let anna = floor.board.view(Some(SALES)).agents.remove(0);
        assert_eq!((anna.state, anna.since), (state, since));
    };
    is(&floor, AgentState::Offline, NOON);
    floor.after(seconds(5));
    floor.sits_down(ANNA);
    is(&floor, AgentState::Available, floor.now);
    assert_eq!(floor.tiles(Some(SALES)).people.free_slots, 2);
    assert_eq!(floor.tiles(Some(BILLING)).people, People::default(), "she does not serve it");
    floor.writes(LENA, SALES);
    let held = agent::Event::SlotHeld { hold: SLOT, conversation: LENA, channel: Channel::Whatsapp, at: floor.now };
    floor.tells(ANNA, held);
    floor.offer(LENA);
    is(&floor, AgentState::Offered, floor.now);
    floor.after(seconds(5));
    let since = floor.now;
    floor.assign(LENA, ANNA);
    floor.after(seconds(5));
    is(&floor, AgentState::Busy, since);
    assert_eq!(floor.tiles(None).people.free_slots, 1);
    assert_eq!(floor.board.behind(None, Lens::OfAgent, Some(ANNA)), [LENA]);
    floor.end(LENA, Ending::Reason { reason: EndReasonId(Uuid::nil()), by: ANNA });
    is(&floor, AgentState::WrappingUp, floor.now);
    floor.tells(ANNA, agent::Event::TookBreak { reason: Some("lunch".to_owned()), at: floor.now });
    is(&floor, AgentState::Break, floor.now);
    assert_eq!(floor.tiles(None).people.free_slots, 0);
}

#[test]
fn what_the_licence_holds_back_is_told_as_that() {
    let mut floor = Floor { board: Board::new(definitions(Some(1))), ..Floor::empty() };
    floor.set_up();
    floor.writes(LENA, SALES);
    floor.writes(MARA, BILLING);
    assert_eq!(floor.tiles(None).waiting.held_by_licence, 0);
    floor.assign(LENA, ANNA);
    assert_eq!(floor.tiles(Some(BILLING)).waiting.held_by_licence, 1);
    floor.end(LENA, Ending::Idle);
    assert_eq!(floor.tiles(Some(BILLING)).waiting.held_by_licence, 0);
}

#[test]
fn a_gateway_shows_what_became_of_the_last_minutes() {
    let mut floor = Floor::default();
    floor.writes(LENA, SALES);
    let light = |floor: &Floor| {
        let gateway = floor.board.view(None).gateways.remove(0);
        (gateway.light_in, gateway.light_out, gateway.received_at)
    };
    assert_eq!(light(&floor), (LightIn::Connected, LightOut::Idle, Some(NOON)));
    let (message, at) = (MessageId(Uuid::from_u128(9)), floor.now);
    floor.say(LENA, Event::ReplyFailed { message, reason: "no".to_owned(), at });
    assert_eq!(light(&floor).1, LightOut::Failing);
    floor.after(TimeDelta::minutes(5));
    let at = floor.now;
    floor.say(LENA, Event::ReplySubmitted { message, gateway: GATEWAYS[0], at, personal: Personal::Erased });
    assert_eq!(light(&floor).1, LightOut::Trouble);
    floor.until(minutes(15));
    assert_eq!(light(&floor).1, LightOut::Good);
}

#[test]
fn five_hundred_viewers_cost_what_one_costs() {
    let costs = |viewers: usize| {
        let mut floor = Floor::default();
        (0..viewers).for_each(|_| drop(floor.board.watch(None)));
        floor.writes(LENA, SALES);
        floor.board.changes();
        floor.assign(LENA, ANNA);
        let told = floor.board.changes();
        assert_eq!(told.len(), 1);
        floor.board.computations()
    };
    assert_eq!(costs(1), costs(500));
}

#[test]
fn a_change_tells_what_has_changed_and_nothing_else() {
    let mut floor = Floor::default();
    floor.board.watch(None);
    floor.board.watch(Some(BILLING));
    floor.board.changes();
    floor.writes(LENA, SALES);
    floor.offer(LENA);
    let changes = floor.board.changes();
    let [(None, BoardChange::Patch(patch))] = &changes[..] else { panic!("one patch: {changes:?}") };
    let told = [patch.tiles.waiting.is_some(), patch.tiles.promises.is_some(), patch.tiles.progress.is_some()];
    assert_eq!(told, [true, true, false]);
    assert_eq!(patch.agents.iter().map(|agent| agent.id).collect::<Vec<_>>(), [ANNA.0]);
    assert!(!floor.board.has_changed() && floor.board.changes().is_empty());
}

/// The board, and who tells it what.
struct Floor {
    board: Board,
    now: DateTime<Utc>,
    position: u64,
}

impl Default for Floor {
    fn default() -> Self {
        let mut floor = Self::empty();
        floor.set_up();
        floor
    }
}

impl Floor {
    fn empty() -> Self {
        Self { board: Board::new(definitions(None)), now: NOON, position: 0 }
    }

    fn set_up(&mut self) {
        self.board.tick(NOON);
        setting().iter().for_each(|recorded| self.take(recorded.clone()));
    }

    fn tiles(&self, scope: Scope) -> BoardTiles {
        self.board.view(scope).tiles
    }

    fn after(&mut self, span: TimeDelta) {
        self.until(self.now + span);
    }

    /// Time passes, from one moment that matters to the next.
    fn until(&mut self, now: DateTime<Utc>) {
        while self.board.wake_at() <= now {
            let at = self.board.wake_at();
            self.board.tick(at);
            assert!(self.board.wake_at() > at, "time stands still at {at}");
        }
        self.board.tick(now);
        self.now = now;
    }

    fn writes(&mut self, id: ConversationId, inbox: InboxId) {
        let (gateway, channel, at) = (GATEWAYS[0], Channel::Whatsapp, self.now);
        let sla = Sla { first_response_ms: Some(20 * 60_000), next_response_ms: None };
        let (contact, opening) = (ContactId(id.0), Opening::Received);
        self.say(id, Event::InteractionOpened { interaction: 1, gateway, channel, contact, inbox, opening, at, sla });
        self.say(id, Event::Queued { inbox, since: at, at });
        let (message, content, personal) = (MessageId(id.0), Content::Text, Personal::Erased);
        let window_until = Some(at + TimeDelta::hours(24));
        self.say(id, Event::MessageReceived { message, content, sent_at: at, window_until, at, personal });
    }

    fn offer(&mut self, id: ConversationId) {
        let offers = vec![OfferTo { offer: TO_ANNA, agent: ANNA, hold: SLOT }];
        self.say(id, Event::Offered { offers, until: self.now + seconds(30), at: self.now, why: None });
    }

    fn assign(&mut self, id: ConversationId, agent: AgentId) {
        let (hold, how) = (SLOT, HowAssigned::Pull);
        self.say(id, Event::Assigned { agent, hold, how, at: self.now, why: None });
    }

    fn end(&mut self, id: ConversationId, ending: Ending) {
        self.say(id, Event::InteractionEnded { interaction: 1, ending, at: self.now });
    }

    fn sits_down(&mut self, id: AgentId) {
        let at = self.now;
        self.tells(id, agent::Event::CapacitySet { capacity: Capacity { total: 2, ..Capacity::default() }, at });
        self.tells(id, agent::Event::Connected { socket: Uuid::nil(), at });
        self.tells(id, agent::Event::WentOnline { at });
    }

    fn say(&mut self, id: ConversationId, event: Event) {
        let fact = Fact::Conversation(event);
        self.take(recorded(self.position, Kind::Conversation, id.0, self.position, fact));
    }

    fn tells(&mut self, id: AgentId, event: agent::Event) {
        self.take(recorded(self.position, Kind::Agent, id.0, self.position, Fact::Agent(event)));
    }

    fn take(&mut self, recorded: Recorded) {
        self.position += 1;
        self.board.fold(&Recorded { position: self.position, recorded_at: self.now, ..recorded });
    }
}

fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

fn minutes(count: i64) -> DateTime<Utc> {
    NOON + TimeDelta::minutes(count)
}
