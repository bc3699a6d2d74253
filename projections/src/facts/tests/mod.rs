//! What the reports say of ordinary days.

mod laws;
mod moves;
mod promises;
mod story;
mod time_of_agents;

use gatehouse_domain::conversation::{Author, Command, Delivery, HowAssigned};
use gatehouse_domain::{HoldId, Kind, MessageId, gateway, team};
use uuid::Uuid;

use self::story::*;
use crate::fixtures::{erased, every_event, example, recorded};
use crate::table::Projection;

use super::*;

const STAY: &str = "inbox_id came entered_at outcome how agent_id waited_ms";

#[test]
fn a_day_without_trouble() {
    let mut day = Story::default();
    day.writes().after(20).taken_by(ANNA).after(40);
    let answer = day.answers(ANNA);
    day.delivered(answer).after(540).ends(ANNA);

    assert_eq!(day.rows("queue_stays", STAY), ["sales opened +0 answered offer anna 20000"]);
    assert_eq!(day.rows("assignments", "agent_id how released handled_ms"), ["anna offer ended 580000"]);
    let turn = "clock outcome agent_id asked_at response_ms agent_response_ms";
    assert_eq!(day.rows("responses", turn), ["first answered anna +0 60000 40000"]);
    let ended =
        "opening ending end_reason_id ended_by agent_id duration_ms waited_ms handled_ms flow_ms agents written";
    assert_eq!(day.rows("interactions", ended), ["received reason solved anna anna 600000 20000 580000 0 1 1"]);
    let first = "began_at inbox_id agent_id channel gateway_id answered answered_in_time ended_one_touch";
    assert_eq!(
        day.rows("quarters", first),
        ["+0 sales nobody whatsapp line 0 0 0", "+0 sales anna whatsapp line 1 1 1"]
    );
}

#[test]
fn each_figure_belongs_to_the_quarter_of_its_closing_event() {
    let mut day = Story::default();
    day.after(14 * 60).writes().after(120).taken_by(ANNA).after(15 * 60).ends(ANNA);
    let quarters =
        day.rows("quarters", "began_at agent_id offered answered answered_ms answered_in_time handled ended");
    let expected = ["+0 nobody 1 0 0 0 0 0", "+900 anna 0 1 120000 0 0 0", "+1800 anna 0 0 0 0 1 1"];
    assert_eq!(quarters, expected);
}

#[test]
fn whoever_waits_in_silence_has_abandoned_and_whoever_was_answered_has_not() {
    let mut left = Story::default();
    left.writes().after(5).falls_silent().after(60);
    left.writes().taken_by(ANNA).answers(ANNA);
    left.asks(Command::ReturnToInbox { ownership: left.conversation.ownership }).after(7_200).falls_silent();
    let expected = [
        "sales opened +0 abandoned idle - 5000",
        "sales opened +65 answered offer anna 0",
        "sales returned +65 flow_out idle - 7200000",
    ];
    assert_eq!(left.rows("queue_stays", STAY), expected);
    let sums = kept(&left.log, 1).sums(
        "quarters",
        "inbox_id",
        &["offered", "answered", "abandoned", "abandoned_short", "flowed_out"],
    );
    assert_eq!(sums["sales"], [3, 1, 1, 1, 1]);
}

#[test]
fn a_stay_goes_on_while_offers_lapse_and_ring_all_is_one_offer_each() {
    let mut day = Story::default();
    day.writes();
    let alone = day.offered(&[ANNA])[0];
    day.after(30).asks(Command::LapseOffer { offer: alone });
    let both = day.offered(&[ANNA, BORIS]);
    day.after(5).asks(Command::DeclineOffer { offer: both[0], agent: ANNA, reason: None });
    day.after(5).asks(Command::AcceptOffer { offer: both[1], agent: BORIS });

    assert_eq!(day.rows("queue_stays", STAY), ["sales opened +0 answered offer boris 40000"]);
    let offers = ["anna lapsed - 30000", "anna declined - 5000", "boris accepted - 10000"];
    assert_eq!(day.rows("offers", "agent_id outcome withdrawn open_ms"), offers);
    let sums = kept(&day.log, 1).sums(
        "quarters",
        "agent_id",
        &["offers_lapsed", "offers_declined", "offers_accepted", "offers_accepted_ms"],
    );
    assert_eq!((&sums["anna"], &sums["boris"]), (&vec![1, 1, 0, 0], &vec![0, 0, 1, 10_000]));
}

#[test]
fn offers_taken_back_are_no_answer_of_the_agent() {
    let mut day = Story::default();
    day.writes();
    let both = day.offered(&[ANNA, BORIS]);
    day.after(3).asks(Command::AcceptOffer { offer: both[1], agent: BORIS });
    let offers = ["anna withdrawn superseded 3000", "boris accepted - 3000"];
    assert_eq!(day.rows("offers", "agent_id outcome withdrawn open_ms"), offers);
}

#[test]
fn transfers_are_counted_for_who_asked_and_who_took_them() {
    let mut day = Story::default();
    day.writes().taken_by(ANNA).after(10);
    let refused = day.transferred(ANNA, BORIS);
    day.after(5).asks(Command::DeclineTransfer { transfer: refused, agent: BORIS, owner_available: true });
    let taken = day.transferred(ANNA, BORIS);
    day.after(5).asks(Command::AcceptTransfer { transfer: taken, agent: BORIS });
    day.after(5).moves_to(SUPPORT);

    let told = "kind from_agent_id to_agent_id from_inbox_id to_inbox_id outcome open_ms";
    let expected = [
        "agent anna boris sales - declined 5000",
        "agent anna boris sales - accepted 5000",
        "inbox boris - sales support accepted 0",
    ];
    assert_eq!(day.rows("transfers", told), expected);
    let handled = ["anna transferred 20000", "boris moved 5000"];
    assert_eq!(day.rows("assignments", "agent_id released handled_ms"), handled);
    let sums = kept(&day.log, 1).sums(
        "quarters",
        "agent_id",
        &["transfers_out", "transfers_in", "transfers_returned", "moves_out"],
    );
    assert_eq!((&sums["anna"], &sums["boris"]), (&vec![2, 0, 1, 0], &vec![0, 1, 0, 1]));
    assert_eq!(kept(&day.log, 1).sums("quarters", "inbox_id", &["moves_in", "offered"])["support"], [1, 1]);
    // The customer has waited since they came, and in this inbox only just now.
    assert_eq!(day.rows("queue_stays", "inbox_id came entered_at waiting_since")[1], "support moved +25 +0");
}

#[test]
fn a_pull_and_a_take_over_are_answers_without_an_offer() {
    let mut day = Story::default();
    day.writes().after(4);
    let given = |day: &mut Story, agent, how| {
        let (hold, ownership) = (HoldId(day.id()), day.conversation.ownership);
        day.asks(Command::Assign { agent, hold, how, ownership, why: None });
    };
    given(&mut day, ANNA, HowAssigned::Pull);
    day.after(6);
    given(&mut day, BORIS, HowAssigned::TakeOver);
    assert_eq!(day.rows("queue_stays", STAY), ["sales opened +0 answered pull anna 4000"]);
    assert_eq!(
        day.rows("assignments", "agent_id how released handled_ms"),
        ["anna pull reassigned 6000", "boris take_over - -"]
    );
}

#[test]
fn outbound_and_retaken_interactions_wait_for_nobody_and_have_no_first_response() {
    let mut day = Story::default();
    let (hold, again) = (HoldId(day.id()), HoldId(day.id()));
    let address = message(MessageId(Uuid::nil()), day.now).addresses[0].clone();
    day.asks(Command::StartOutbound { agent: ANNA, hold, route: day.route(), address });
    day.after(10).writes().after(20).answers(ANNA);
    day.ends(ANNA).after(60).asks(Command::Retake { agent: BORIS, hold: again }).after(5).ends(BORIS);

    assert_eq!(day.rows("queue_stays", "came"), Vec::<String>::new());
    assert_eq!(day.rows("responses", "clock asked_at response_ms agent_id"), ["next +10 20000 anna"]);
    let told = ["1 outbound anna 1 1 30000 30000", "2 retaken boris 0 0 5000 5000"];
    assert_eq!(day.rows("interactions", "interaction opening opened_by received written duration_ms handled_ms"), told);
}

#[test]
fn several_messages_are_one_turn_and_a_flow_answers_nobody() {
    let mut day = Story { flow_first: true, ..Story::default() };
    day.writes().after(5).says(Author::Flow { flow: BOT });
    day.after(5).writes().after(10);
    day.asks(Command::EndFlow { flow: BOT, ownership: day.conversation.ownership });
    day.after(7).writes().taken_by(ANNA).after(3).answers(ANNA);
    day.after(100).writes().after(20).writes().after(10).answers(ANNA);

    let expected = ["first +20 10000", "next +130 30000"];
    assert_eq!(day.rows("responses", "clock asked_at response_ms"), expected);
    assert_eq!(day.rows("flow_turns", "flow_id outcome messages turn_ms"), ["bot handed_over 1 20000"]);
    assert_eq!(day.rows("queue_stays", STAY), ["sales from_flow +20 answered offer anna 7000"]);
}

#[test]
fn a_flow_contains_what_ends_with_it_in_silence() {
    let mut alone = Story { flow_first: true, ..Story::default() };
    alone.writes().after(60).falls_silent();
    assert_eq!(alone.rows("interactions", "ending contained flow_turns flow_ms"), ["idle yes 1 60000"]);

    let mut helped = Story::default();
    helped.writes().taken_by(ANNA);
    helped.asks(Command::HandToFlow { flow: BOT, ownership: helped.conversation.ownership }).after(60).falls_silent();
    assert_eq!(helped.rows("interactions", "ending contained flow_turns flow_ms"), ["idle no 1 60000"]);
    assert_eq!(helped.rows("responses", "clock outcome response_ms"), ["first flow -"]);
}

#[test]
fn every_attempt_is_a_row_and_the_first_receipt_tells_that_the_provider_has_it() {
    let mut day = Story::default();
    day.writes().taken_by(ANNA);
    let message = day.answers(ANNA);
    let until = day.now;
    day.asks(Command::BeginSend { message, attempt: 1 }).after(2);
    day.asks(Command::DeferSend { message, attempt: 1, until, reason: "busy".to_owned() });
    day.asks(Command::BeginSend { message, attempt: 2 }).after(15);
    day.asks(Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt: 2 } }).after(60);
    day.asks(Command::RecordDelivery { message, delivery: Delivery::Delivered }).after(1);
    day.asks(Command::RecordDelivery { message, delivery: Delivery::Read });

    let attempts = ["1 +0 deferred busy 2000", "2 +2 indeterminate - 15000"];
    assert_eq!(day.rows("delivery_attempts", "attempt began_at outcome reason took_ms"), attempts);
    let sent = day
        .rows("messages", "direction author agent_id inbox_id at submitted_at indeterminate_at delivered_at read_at");
    assert_eq!(sent, ["inbound contact - sales +0 - - - -", "outbound agent anna sales +0 +77 +17 +77 +78"]);
    assert_eq!(kept(&day.log, 1).sums("quarters", "agent_id", &["messages_submitted"])["anna"], [1]);
}

#[test]
fn an_erasure_leaves_facts_and_is_nobodys_failure() {
    let mut day = Story::default();
    day.writes().taken_by(ANNA).answers(ANNA);
    day.after(10).asks(Command::Erase);
    assert_eq!(day.rows("interactions", "ending duration_ms written"), ["erased 10000 1"]);
    assert_eq!(day.rows("messages", "author failed_at failure"), ["contact - -", "agent +10 erased"]);
    let sums = kept(&day.log, 1).sums("quarters", "inbox_id", &["opened", "ended", "handled", "messages_unsent"]);
    assert_eq!(sums["sales"], [1, 0, 1, 0]);
}

#[test]
fn an_answer_in_the_providers_app_is_a_response_of_nobody_in_particular() {
    let mut day = Story::default();
    day.writes().after(30);
    let id = MessageId(day.id());
    day.asks(Command::ReceiveEcho { message: message(id, day.now) });
    assert_eq!(day.rows("responses", "clock outcome agent_id response_ms"), ["first answered - 30000"]);
    assert_eq!(day.rows("queue_stays", "outcome"), ["-"], "somebody wrote, and nobody has it");
    assert_eq!(day.rows("messages", "direction author agent_id"), ["inbound contact -", "outbound app -"]);
}

#[test]
fn gateways_and_teams_are_told_as_they_are_now() {
    let mut setup = Story::default();
    let gateway = |name: &str| {
        Fact::Gateway(match example(Kind::Gateway, name) {
            Fact::Gateway(event) => event,
            other => panic!("{other:?}"),
        })
    };
    for (after, name) in [(0, "gateway_added"), (60, "gateway_connected"), (90, "gateway_retired")] {
        let Fact::Gateway(mut event) = gateway(name) else { unreachable!() };
        let (gateway::Event::GatewayAdded { at, .. }
        | gateway::Event::GatewayConnected { at, .. }
        | gateway::Event::GatewayRetired { at, .. }) = &mut event
        else {
            panic!("{event:?}")
        };
        *at = setup.after(after).now;
        setup.tell(Kind::Gateway, LINE.0, Fact::Gateway(event));
    }
    assert_eq!(
        setup.rows("gateway_health_intervals", "state duration_ms"),
        ["parked 60000", "connected 90000", "retired -"]
    );
    assert_eq!(setup.rows("gateways", "gateway_id state"), ["line retired"]);

    let at = setup.now;
    for event in [
        team::Event::TeamAdded { name: "Late shift".to_owned(), at },
        team::Event::MemberAdded { agent: ANNA, at },
        team::Event::MemberRemoved { agent: ANNA, at },
    ] {
        setup.tell(Kind::Team, BORIS.0, Fact::Team(event));
    }
    assert_eq!(setup.rows("team_members", "agent_id left_at"), ["anna +150"]);
}

#[test]
fn every_event_folds_alone_together_and_erased() {
    let id = Uuid::from_u128(1);
    let mut together = Reports::default();
    let opened = example(Kind::Conversation, "interaction_opened");
    together.fold(&recorded(1, Kind::Conversation, id, 1, opened), &mut vec![]);
    for (position, (kind, name)) in (2..).zip(every_event()) {
        for fact in [example(kind, name), erased(kind, name)] {
            Reports::default().fold(&recorded(1, kind, id, 1, fact.clone()), &mut vec![]);
            together.fold(&recorded(position, kind, id, position, fact), &mut vec![]);
        }
    }
}
