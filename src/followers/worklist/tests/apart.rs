//! What cannot be read on is left alone, and nobody else is served wrongly for it.

use super::*;

fn set_apart(floor: &mut Floor, kind: Kind, id: Uuid) {
    Effect::set_apart(&mut floor.worklist, StreamId { kind, id });
}

#[test]
fn a_conversation_that_cannot_be_read_on_keeps_its_slot_and_is_asked_for_nothing() {
    let mut floor = Floor::with_both();
    floor.waits(LENAS, SALES);
    let (agent, _, hold) = floor.until_offered(LENAS);
    assert_eq!(agent, ANNA);
    set_apart(&mut floor, Kind::Conversation, LENAS.0);
    floor.waits(MARKS, SALES);
    floor.waits(OLGAS, SALES);
    assert_eq!(floor.holds(), [(MARKS, BORIS)], "it may be in Anna's hands");
    assert_eq!(floor.worklist.audit(), []);
    // As a version did that could read it.
    let at = floor.now;
    floor.agent(ANNA, agent::Event::SlotReleased { hold, at });
    assert_eq!(floor.holds(), [(OLGAS, ANNA)]);
}

#[test]
fn whoever_waits_behind_what_cannot_be_read_on_is_served() {
    let mut floor = Floor::with_anna(1);
    floor.waits(LENAS, SALES);
    floor.waits(MARKS, SALES);
    set_apart(&mut floor, Kind::Conversation, LENAS.0);
    assert_eq!(floor.holds(), [(MARKS, ANNA)]);
}

#[test]
fn what_cannot_be_read_on_counts_for_the_licence_while_a_slot_is_held_for_it() {
    let mut floor = Floor::with_both();
    let licence = LicenceConfig { interactions_max: Some(1), ..LicenceConfig::default() };
    floor.worklist = Worklist::new(licence);
    floor.log.iter().for_each(|recorded| floor.worklist.fold(recorded));
    floor.waits(LENAS, SALES);
    let (_, _, hold) = floor.until_offered(LENAS);
    set_apart(&mut floor, Kind::Conversation, LENAS.0);
    floor.waits(MARKS, SALES);
    assert_eq!(floor.due(), []);
    let at = floor.now;
    floor.agent(ANNA, agent::Event::SlotReleased { hold, at });
    assert_eq!(floor.holds().len(), 1);
}

#[test]
fn what_was_offered_to_an_agent_who_cannot_be_read_on_goes_to_another_and_what_they_own_stays() {
    let mut floor = Floor::with(&[ANNA, BORIS], &[]);
    floor.comes(ANNA, 3);
    floor.waits(OLGAS, SALES);
    let (_, offer, hold) = floor.until_offered(OLGAS);
    floor.accepts(OLGAS, offer, ANNA, hold);
    floor.waits(LENAS, SALES);
    let (_, offer, _) = floor.until_offered(LENAS);
    floor.comes(BORIS, 1);
    set_apart(&mut floor, Kind::Agent, ANNA.0);

    let withdrawn = Act::Withdraw { conversation: LENAS, offer };
    assert_eq!(floor.due(), std::slice::from_ref(&withdrawn));
    floor.does(withdrawn);
    let (agent, _, _) = floor.until_offered(LENAS);
    assert_eq!(agent, BORIS);
    assert_eq!((floor.due(), floor.worklist.audit()), (vec![], vec![]));
    // Nor is she asked for what comes now.
    floor.waits(MARKS, SALES);
    assert_eq!(floor.due(), []);
}
