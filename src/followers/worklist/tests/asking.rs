//! What people ask for, and what they are told.

use gatehouse_domain::conversation::{Reason, Refusal};
use gatehouse_domain::inbox::{Mode, Strategy};

use super::*;

const KEY: RequestKey = RequestKey(Uuid::from_u128(0x4E));
const HANDOVER: TransferId = TransferId(Uuid::from_u128(0x71));

#[test]
fn in_a_manual_inbox_nothing_flows_and_a_pull_gets_the_oldest() {
    let mut floor = Floor::with_anna(2);
    floor.routes(Routing { mode: Mode::Manual, ..Routing::default() });
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    assert_eq!(floor.due(), []);
    let answer = floor.asks(Ask::PullOldest { agent: ANNA, inbox: None });
    assert_eq!(answer.unwrap().conversation, LENAS);
}

#[test]
fn who_pulls_what_somebody_took_is_told_who() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, ANNA, hold);
    let answer = floor.asks(Ask::Pull { agent: BORIS, conversation: LENAS });
    assert_eq!(answer, Err(Refused::Taken { by: Some(ANNA) }));
}

#[test]
fn a_transfer_holds_a_slot_of_its_target_until_it_is_answered() {
    let mut floor = Floor::with_both();
    floor.owned_by_anna();
    assert!(floor.asks(transfer(BORIS)).is_ok());
    assert!(floor.worklist.holds[&LENAS].values().any(|agent| *agent == BORIS));
    assert_eq!(floor.due(), []);
}

#[test]
fn a_transfer_to_somebody_who_cannot_take_it_says_why_and_changes_nothing() {
    type Change = fn(&mut Floor);
    let cases: [(Change, Reason); 3] = [
        (|floor| floor.takes_a_break(BORIS), Reason::OnBreak),
        (|floor| floor.goes_offline(BORIS), Reason::Offline),
        (|floor| floor.comes(BORIS, 0), Reason::NoFreeSlot),
    ];
    for (change, reason) in cases {
        let mut floor = Floor::with_both();
        floor.owned_by_anna();
        change(&mut floor);
        let before = floor.log.len();
        assert_eq!(floor.asks(transfer(BORIS)), Err(Refused::Unable { agent: BORIS, reason }));
        assert_eq!(floor.log.len(), before);
    }
    let mut floor = Floor::with_both();
    floor.owned_by_anna();
    assert_eq!(floor.asks(transfer(ANNA)), Err(Refused::Conversation(Refusal::TransferToSelf)));
}

#[test]
fn on_break_an_incoming_transfer_is_withdrawn() {
    let mut floor = Floor::with_both();
    floor.owned_by_anna();
    floor.asks(transfer(BORIS)).unwrap();
    floor.takes_a_break(BORIS);
    let withdrawn = Act::WithdrawTransfer { conversation: LENAS, transfer: HANDOVER, owner_available: true };
    assert_eq!(floor.due(), [withdrawn]);
}

#[test]
fn the_licence_lets_no_more_through_and_says_so() {
    let config = LicenceConfig { interactions_max: Some(1), ..LicenceConfig::default() };
    let mut floor = Floor::with_anna(3);
    floor.worklist = Worklist::new(config);
    floor.log.iter().for_each(|recorded| floor.worklist.fold(recorded));
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    assert_eq!(floor.worklist.explain(MARKS).unwrap().held_by, why::HeldBy::Licence);
    assert_eq!(floor.asks(Ask::PullOldest { agent: ANNA, inbox: None }), Err(Refused::HeldByLicence));
    floor.accepts(LENAS, offer, ANNA, hold);
    floor.ends(LENAS);
    assert_eq!(floor.until_offered(MARKS).0, ANNA);
}

#[test]
fn a_licence_of_one_channel_holds_what_waits_there_until_one_ends_and_nothing_else() {
    let per_channel_max = BTreeMap::from([(Channel::Whatsapp, 1)]);
    let mut floor = Floor::with_anna(3);
    floor.worklist = Worklist::new(LicenceConfig { per_channel_max, ..LicenceConfig::default() });
    floor.log.iter().for_each(|recorded| floor.worklist.fold(recorded));
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, ANNA, hold);
    assert_eq!(floor.due(), []);
    assert_eq!(floor.worklist.explain(MARKS).unwrap().held_by, why::HeldBy::Licence);
    floor.waits_on(OLGAS, SALES, Channel::Sms, inbox::Sla::default());
    assert_eq!(floor.until_offered(OLGAS).0, ANNA);
    assert_eq!(floor.worklist.explain(MARKS).unwrap().held_by, why::HeldBy::Licence);
    floor.ends(LENAS);
    assert_eq!(floor.until_offered(MARKS).0, ANNA);
}

#[test]
fn where_everybody_rings_each_is_offered_it_at_once() {
    let mut floor = Floor::with_both();
    floor.routes(Routing { strategy: Strategy::RingAll, ..Routing::default() });
    floor.waits(LENAS, SALES);
    let holds = floor.due();
    assert_eq!(holds.len(), 2);
    holds.into_iter().for_each(|act| floor.does(act));
    let [Act::Offer { offers, .. }] = &floor.due()[..] else { panic!("one offer to both") };
    assert_eq!(offers.len(), 2);
    assert_ne!(offers[0].hold, offers[1].hold);
}

#[test]
fn under_assign_nobody_is_asked() {
    let mut floor = Floor::with_anna(1);
    floor.routes(Routing { mode: Mode::Assign, ..Routing::default() });
    floor.waits(LENAS, SALES);
    let (_, _, hold) = floor.one_hold();
    floor.does(Act::Hold { conversation: LENAS, agent: ANNA, channel: Channel::Whatsapp, hold });
    assert!(matches!(floor.due()[..], [Act::Give { agent: ANNA, .. }]));
}

#[test]
fn no_more_flow_to_an_agent_than_the_inbox_says() {
    let mut floor = Floor::with_anna(3);
    floor.routes(Routing { flow_max: Some(1), ..Routing::default() });
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    assert_eq!(floor.holds(), [(LENAS, ANNA)]);
}

#[test]
fn who_lets_too_many_lapse_in_a_row_is_marked() {
    let mut floor = Floor::with_anna(1);
    floor.routes(Routing { not_responding_after: Some(2), ..Routing::default() });
    floor.waits(LENAS, SALES);
    for lapses in 1..=2 {
        let (agent, offer, _) = floor.until_offered(LENAS);
        floor.lapses(LENAS, offer, agent);
        let marked = floor.due().iter().any(|act| matches!(act, Act::Mark { agent: ANNA, .. }));
        assert_eq!(marked, lapses == 2);
        floor = floor.restarted();
    }
}

#[test]
fn finishing_up_keeps_the_slot_for_its_time_also_across_a_restart() {
    let mut floor = Floor::with_anna(1);
    floor.routes(Routing { wrap_up_ms: Some(20_000), ..Routing::default() });
    floor.waits(LENAS, SALES);
    let (_, offer, hold) = floor.until_offered(LENAS);
    floor.accepts(LENAS, offer, ANNA, hold);
    floor.ends(LENAS);
    floor.waits(MARKS, SALES);
    let mut floor = floor.restarted();
    assert_eq!(floor.due(), []);
    floor.now = floor.worklist.wake_at().unwrap();
    assert_eq!(floor.due(), [Act::Release { conversation: LENAS, agent: ANNA, hold }]);
}

fn transfer(to: AgentId) -> Ask {
    Ask::Transfer { conversation: LENAS, transfer: HANDOVER, by: ANNA, to, note: "please".to_owned() }
}

impl Floor {
    fn routes(&mut self, routing: Routing) {
        self.inbox(SALES, inbox::Event::RoutingSet { routing, at: NOON });
    }

    fn owned_by_anna(&mut self) {
        self.waits(LENAS, SALES);
        let (_, offer, hold) = self.until_offered(LENAS);
        self.accepts(LENAS, offer, ANNA, hold);
        assert_eq!(self.due(), []);
    }

    /// Asks, and goes on until there is an answer.
    fn asks(&mut self, ask: Ask) -> Answer {
        self.worklist.ask(Request { key: KEY, ask });
        for _ in 0..10 {
            for act in self.due() {
                if let Act::Answer { answer, .. } = &act {
                    let answer = answer.clone();
                    self.does(act);
                    return answer;
                }
                self.does(act);
            }
        }
        panic!("nobody answers")
    }
}
