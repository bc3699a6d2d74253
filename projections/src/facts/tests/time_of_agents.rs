//! What the reports say of agents' time.

use chrono::TimeDelta;
use gatehouse_domain::Channel;
use gatehouse_domain::agent::{Capacity, Command, OfflineCause};

use super::*;

const STATE: &str = "state reason began_at ended_at duration_ms slot_ms capacity_ms";

#[test]
fn an_agent_is_in_one_state_at_a_time() {
    let mut shift = at_work(2);
    let hold = HoldId(shift.id());
    let held = Command::HoldSlot { hold, conversation: LENAS, channel: Channel::Whatsapp };
    shift.after(60).agent(ANNA, held);
    shift.after(120).agent(ANNA, Command::TakeBreak { reason: Some("lunch".to_owned()) });
    shift.after(30).agent(ANNA, Command::ReleaseSlot { hold });
    shift.after(30).agent(ANNA, Command::GoOnline);
    shift.after(10).agent(ANNA, Command::Disconnect { socket: DESK });
    shift.after(5).agent(ANNA, Command::GoOffline { cause: OfflineCause::Disconnected });

    let expected = [
        "offline - +0 +0 0 0 0",
        "disconnected - +0 +0 0 0 0",
        "available - +0 +60 60000 0 120000",
        "busy - +60 +180 120000 120000 240000",
        "break lunch +180 +240 60000 30000 120000",
        "available - +240 +250 10000 0 20000",
        "disconnected - +250 +255 5000 0 10000",
        "offline - +255 - 0 0 0",
    ];
    assert_eq!(shift.rows("agent_state_intervals", STATE), expected);
    assert_eq!(shift.rows("slots", "agent_id held_at released_at held_ms"), ["anna +60 +210 150000"]);
    let sums = "available_ms busy_ms break_ms disconnected_ms slot_ms capacity_ms";
    assert_eq!(shift.rows("agent_quarters", sums), ["70000 120000 60000 5000 120000 380000"]);
}

#[test]
fn time_is_split_over_the_quarters_it_lies_in() {
    let mut shift = at_work(3);
    let hold = HoldId(shift.id());
    shift.after(600).agent(ANNA, Command::HoldSlot { hold, conversation: LENAS, channel: Channel::Whatsapp });
    shift.now += TimeDelta::milliseconds(1);
    shift.after(1_800).agent(ANNA, Command::ReleaseSlot { hold });
    let expected = ["+0 600000 300000 300000 2700000", "+900 0 900000 900000 2700000", "+1800 0 600001 600001 1800003"];
    let split = shift.rows("agent_quarters", "began_at available_ms busy_ms slot_ms capacity_ms");
    assert_eq!(split, expected);
}

#[test]
fn what_an_open_state_has_gathered_is_known_up_to_their_newest_event() {
    let mut shift = at_work(1);
    shift.after(60).agent(ANNA, Command::SetCapacity { capacity: capacity(4) });
    let open = "state ended_at counted_until duration_ms slots capacity capacity_ms";
    assert_eq!(shift.rows("agent_state_intervals", open)[2], "available - +60 60000 0 4 60000");
}

#[test]
fn a_clock_that_was_set_back_makes_no_time() {
    let mut shift = at_work(1);
    shift.after(60).agent(ANNA, Command::TakeBreak { reason: None });
    shift.after(-50).agent(ANNA, Command::GoOnline);
    shift.after(70).agent(ANNA, Command::GoOffline { cause: OfflineCause::Chosen });
    let expected = ["available +0 60000", "break +60 0", "available +60 20000", "offline +80 0"];
    assert_eq!(shift.rows("agent_state_intervals", "state began_at duration_ms")[2..], expected);
}

fn at_work(slots: u32) -> Story {
    let mut story = Story::default();
    story.agent(ANNA, Command::Add { name: "Anna".to_owned() });
    story.agent(ANNA, Command::SetCapacity { capacity: capacity(slots) });
    story.agent(ANNA, Command::GoOnline).agent(ANNA, Command::Connect { socket: DESK });
    story
}

fn capacity(total: u32) -> Capacity {
    Capacity { total, ..Capacity::default() }
}
