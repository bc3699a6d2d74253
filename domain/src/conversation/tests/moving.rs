//! To another inbox, back to its own, to a flow and back: always at its age, never by a late request.

use super::*;

#[test]
fn an_interaction_moves_to_another_inbox_at_its_age() {
    let scene = ringing_at_both();
    at(minutes(9), scene.clone())
        .when(Command::MoveToInbox { inbox: BILLING, ownership: ownership(&scene) })
        .then_expect_events(vec![
            Event::OfferWithdrawn { offer: TO_ANNA, agent: ANNA, why: Withdrawn::Superseded, at: minutes(9) },
            Event::OfferWithdrawn { offer: TO_BORIS, agent: BORIS, why: Withdrawn::Superseded, at: minutes(9) },
            Event::Queued { inbox: BILLING, since: NOON, at: minutes(9) },
        ]);
}

#[test]
fn returned_work_waits_at_its_original_age() {
    let scene = transfer_pending();
    at(minutes(9), scene.clone()).when(Command::ReturnToInbox { ownership: ownership(&scene) }).then_expect_events(
        vec![
            Event::TransferWithdrawn { transfer: HANDOVER, why: Withdrawn::Superseded, at: minutes(9) },
            queued_again(minutes(9)),
        ],
    );
}

#[test]
fn what_waits_there_already_is_not_moved_there() {
    for stale_or_fresh in [0, ownership(&waiting())] {
        given(waiting())
            .when(Command::MoveToInbox { inbox: SALES, ownership: stale_or_fresh })
            .then_expect_events(vec![]);
        given(waiting()).when(Command::ReturnToInbox { ownership: stale_or_fresh }).then_expect_events(vec![]);
    }
}

#[test]
fn who_looked_before_it_changed_hands_can_move_nothing() {
    let seen = ownership(&offered_to_anna());
    for late in [
        Command::MoveToInbox { inbox: BILLING, ownership: seen },
        Command::ReturnToInbox { ownership: seen },
        Command::HandToFlow { flow: SURVEY, ownership: seen },
    ] {
        given(owned_by_anna()).when(late).then_expect_error(Refusal::StaleOwnership);
    }
}

#[test]
fn nothing_is_moved_while_nothing_is_open() {
    let seen = ownership(&ended());
    for command in [
        Command::MoveToInbox { inbox: BILLING, ownership: seen },
        Command::ReturnToInbox { ownership: seen },
        Command::HandToFlow { flow: SURVEY, ownership: seen },
        Command::EndFlow { flow: SURVEY, ownership: seen },
    ] {
        given(ended()).when(command).then_expect_error(Refusal::NotOpen);
    }
}

#[test]
fn a_flow_takes_over_and_open_offers_are_withdrawn() {
    let scene = offered_to_anna();
    given(scene.clone()).when(Command::HandToFlow { flow: SURVEY, ownership: ownership(&scene) }).then_expect_events(
        vec![
            offer_withdrawn(TO_ANNA, ANNA, Withdrawn::Superseded),
            Event::HandedToFlow { flow: SURVEY, inbox: SALES, at: NOON },
        ],
    );
}

#[test]
fn a_flow_that_has_it_is_not_handed_it_again() {
    given(in_flow()).when(Command::HandToFlow { flow: WELCOME, ownership: 0 }).then_expect_events(vec![]);
}

#[test]
fn a_flow_ends_by_handing_the_customer_to_the_inbox() {
    let scene = in_flow();
    given(scene.clone())
        .when(Command::EndFlow { flow: WELCOME, ownership: ownership(&scene) })
        .then_expect_events(vec![Event::FlowEnded { flow: WELCOME, at: NOON }, queued(SALES)]);
}

#[test]
fn a_bots_late_answer_ends_nothing() {
    let handed_back = then(in_flow(), [Event::FlowEnded { flow: WELCOME, at: NOON }, queued(SALES)]);
    given(handed_back)
        .when(Command::EndFlow { flow: WELCOME, ownership: ownership(&in_flow()) })
        .then_expect_error(Refusal::StaleOwnership);
}

#[test]
fn only_the_flow_that_has_it_ends() {
    for scene in [in_flow(), owned_by_anna()] {
        let seen = ownership(&scene);
        given(scene)
            .when(Command::EndFlow { flow: SURVEY, ownership: seen })
            .then_expect_error(Refusal::StaleOwnership);
    }
}

#[test]
fn work_that_was_returned_is_not_assigned_by_who_looked_before() {
    for scene in [owned_by_anna(), in_flow()] {
        let seen = ownership(&scene);
        let late =
            Command::Assign { agent: CLARA, hold: CLARAS_SLOT, how: HowAssigned::TakeOver, ownership: seen, why: None };
        given(then(scene, [queued(SALES)])).when(late).then_expect_error(Refusal::StaleOwnership);
    }
}
