//! Transfers: the owner keeps the interaction until the colleague accepts.

use super::*;

#[test]
fn the_owner_asks_a_colleague_to_take_over() {
    given(owned_by_anna()).when(request()).then_expect_events(vec![transfer_requested()]);
}

#[test]
fn asking_twice_is_asking_once() {
    given(transfer_pending()).when(request()).then_expect_events(vec![]);
}

#[test]
fn only_the_owner_transfers() {
    given(then(waiting(), [assigned(CLARA, CLARAS_SLOT, HowAssigned::Pull)]))
        .when(request())
        .then_expect_error(Refusal::NotOwner { owner: Some(CLARA) });
    for unowned in [waiting(), offered_to_anna(), in_flow()] {
        given(unowned).when(request()).then_expect_error(Refusal::NotOwner { owner: None });
    }
}

#[test]
fn nothing_is_transferred_while_nothing_is_open() {
    given(ended()).when(request()).then_expect_error(Refusal::NotOpen);
}

#[test]
fn nobody_transfers_to_themselves() {
    given(owned_by_anna()).when(request_to(HANDOVER, ANNA)).then_expect_error(Refusal::TransferToSelf);
}

#[test]
fn one_transfer_waits_at_a_time() {
    given(transfer_pending()).when(request_to(SECOND_HANDOVER, CLARA)).then_expect_error(Refusal::TransferPending);
}

#[test]
fn a_transfer_may_follow_one_that_was_declined() {
    given(then(transfer_pending(), [transfer_declined()]))
        .when(request())
        .then_expect_events(vec![transfer_requested()]);
}

#[test]
fn the_colleague_who_accepts_is_the_owner() {
    given(transfer_pending()).when(Command::AcceptTransfer { transfer: HANDOVER, agent: BORIS }).then_expect_events(
        vec![
            Event::TransferAccepted { transfer: HANDOVER, at: NOON },
            assigned(BORIS, BORIS_SLOT, HowAssigned::Transfer),
        ],
    );
}

#[test]
fn nobody_answers_for_the_colleague_who_was_asked() {
    for answer in [
        Command::AcceptTransfer { transfer: HANDOVER, agent: CLARA },
        Command::DeclineTransfer { transfer: HANDOVER, agent: CLARA, owner_available: true },
    ] {
        given(transfer_pending()).when(answer).then_expect_error(Refusal::NotYourOffer);
    }
}

#[test]
fn a_declined_transfer_leaves_the_owner_in_charge() {
    given(transfer_pending()).when(decline(true)).then_expect_events(vec![transfer_declined()]);
}

#[test]
fn a_transfer_declined_after_the_owner_left_goes_back_to_the_inbox() {
    given(transfer_pending()).when(decline(false)).then_expect_events(vec![transfer_declined(), queued(SALES)]);
}

#[test]
fn an_unanswered_transfer_lapses_and_the_owner_is_still_in_charge() {
    at(minutes(1), transfer_pending()).when(lapse(true)).then_expect_events(vec![transfer_lapsed()]);
}

#[test]
fn a_transfer_that_lapses_after_the_owner_left_goes_back_at_its_original_age() {
    at(minutes(1), transfer_pending())
        .when(lapse(false))
        .then_expect_events(vec![transfer_lapsed(), Event::Queued { inbox: SALES, since: NOON, at: minutes(1) }]);
}

#[test]
fn a_transfer_does_not_lapse_before_its_time() {
    given(transfer_pending()).when(lapse(true)).then_expect_error(Refusal::TransferStillOpen);
}

#[test]
fn the_owner_takes_a_transfer_back() {
    given(transfer_pending()).when(withdraw(true)).then_expect_events(vec![transfer_withdrawn(Withdrawn::Requested)]);
}

#[test]
fn a_transfer_withdrawn_after_the_owner_left_goes_back_to_the_inbox() {
    given(transfer_pending())
        .when(withdraw(false))
        .then_expect_events(vec![transfer_withdrawn(Withdrawn::Requested), queued(SALES)]);
}

#[test]
fn a_transfer_that_is_over_cannot_be_answered() {
    let accepted = then(transfer_pending(), [assigned(BORIS, BORIS_SLOT, HowAssigned::Transfer)]);
    for over in [owned_by_anna(), accepted, waiting(), in_flow(), ended(), vec![]] {
        for answer in
            [Command::AcceptTransfer { transfer: HANDOVER, agent: BORIS }, decline(true), lapse(true), withdraw(true)]
        {
            given(over.clone()).when(answer).then_expect_error(Refusal::NoSuchTransfer);
        }
    }
}

#[test]
fn an_older_transfer_is_not_mistaken_for_the_one_that_waits() {
    given(transfer_pending())
        .when(Command::AcceptTransfer { transfer: SECOND_HANDOVER, agent: BORIS })
        .then_expect_error(Refusal::NoSuchTransfer);
}

fn request() -> Command {
    request_to(HANDOVER, BORIS)
}

fn request_to(transfer: TransferId, to: AgentId) -> Command {
    let note = "knows the contract".to_owned();
    Command::RequestTransfer { transfer, by: ANNA, to, hold: BORIS_SLOT, note, until: minutes(1), why: None }
}

fn decline(owner_available: bool) -> Command {
    Command::DeclineTransfer { transfer: HANDOVER, agent: BORIS, owner_available }
}

fn lapse(owner_available: bool) -> Command {
    Command::LapseTransfer { transfer: HANDOVER, owner_available }
}

fn withdraw(owner_available: bool) -> Command {
    Command::WithdrawTransfer { transfer: HANDOVER, owner_available, why: Withdrawn::Requested }
}

fn transfer_declined() -> Event {
    Event::TransferDeclined { transfer: HANDOVER, at: NOON }
}

fn transfer_lapsed() -> Event {
    Event::TransferLapsed { transfer: HANDOVER, at: minutes(1) }
}
