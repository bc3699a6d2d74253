//! Offers and assignments: every race has one winner.

use super::*;

#[test]
fn what_waits_is_offered() {
    given(waiting()).when(offer(vec![for_anna()])).then_expect_events(vec![offered(vec![for_anna()])]);
}

#[test]
fn what_waits_may_ring_at_several_desks() {
    let both = vec![for_anna(), for_boris()];
    given(waiting()).when(offer(both.clone())).then_expect_events(vec![offered(both)]);
}

#[test]
fn the_same_offer_twice_is_one() {
    given(offered_to_anna()).when(offer(vec![for_anna()])).then_expect_events(vec![]);
}

#[test]
fn an_offer_needs_somebody_to_be_made_to() {
    given(waiting()).when(offer(vec![])).then_expect_error(Refusal::NobodyToOffer);
}

#[test]
fn what_somebody_has_or_considers_is_not_offered() {
    for taken in [offered_to_anna(), owned_by_anna(), transfer_pending(), in_flow()] {
        given(taken).when(offer(vec![for_boris()])).then_expect_error(Refusal::NotQueued);
    }
}

#[test]
fn nothing_is_offered_while_nothing_is_open() {
    for idle in [vec![], ended()] {
        given(idle).when(offer(vec![for_anna()])).then_expect_error(Refusal::NotOpen);
    }
}

#[test]
fn who_accepts_has_it() {
    given(offered_to_anna())
        .when(Command::AcceptOffer { offer: TO_ANNA, agent: ANNA })
        .then_expect_events(vec![offer_accepted(TO_ANNA, ANNA), assigned(ANNA, ANNAS_SLOT, by_offer())]);
}

#[test]
fn the_first_to_accept_ends_the_ringing_elsewhere() {
    given(ringing_at_both()).when(Command::AcceptOffer { offer: TO_ANNA, agent: ANNA }).then_expect_events(vec![
        offer_accepted(TO_ANNA, ANNA),
        offer_withdrawn(TO_BORIS, BORIS, Withdrawn::Superseded),
        assigned(ANNA, ANNAS_SLOT, by_offer()),
    ]);
}

#[test]
fn the_second_to_accept_is_told_who_was_first() {
    given(owned_by_anna())
        .when(Command::AcceptOffer { offer: TO_BORIS, agent: BORIS })
        .then_expect_error(Refusal::OfferGone { winner: Some(ANNA) });
}

#[test]
fn accepting_twice_is_accepting_once() {
    given(owned_by_anna()).when(Command::AcceptOffer { offer: TO_ANNA, agent: ANNA }).then_expect_events(vec![]);
}

#[test]
fn nobody_accepts_what_was_offered_to_a_colleague() {
    given(offered_to_anna())
        .when(Command::AcceptOffer { offer: TO_ANNA, agent: BORIS })
        .then_expect_error(Refusal::NotYourOffer);
}

#[test]
fn an_offer_that_lapsed_cannot_be_accepted() {
    let lapsed = then(offered_to_anna(), [offer_lapsed(NOON), queued(SALES)]);
    for gone in [lapsed, in_flow(), ended(), vec![]] {
        given(gone)
            .when(Command::AcceptOffer { offer: TO_ANNA, agent: ANNA })
            .then_expect_error(Refusal::OfferGone { winner: None });
    }
}

#[test]
fn a_declined_interaction_waits_again_at_its_original_age() {
    at(minutes(1), offered_to_anna()).when(decline(ANNA)).then_expect_events(vec![
        Event::OfferDeclined { offer: TO_ANNA, agent: ANNA, reason: Some("lunch".to_owned()), at: minutes(1) },
        queued_again(minutes(1)),
    ]);
}

#[test]
fn while_it_rings_at_another_desk_a_decline_changes_nothing_else() {
    given(ringing_at_both()).when(decline(ANNA)).then_expect_events(vec![Event::OfferDeclined {
        offer: TO_ANNA,
        agent: ANNA,
        reason: Some("lunch".to_owned()),
        at: NOON,
    }]);
}

#[test]
fn nobody_declines_for_a_colleague() {
    given(offered_to_anna()).when(decline(BORIS)).then_expect_error(Refusal::NotYourOffer);
}

#[test]
fn an_offer_that_is_over_cannot_be_declined() {
    given(owned_by_anna()).when(decline(ANNA)).then_expect_error(Refusal::OfferGone { winner: Some(ANNA) });
}

#[test]
fn an_unanswered_offer_lapses_and_the_interaction_waits_again() {
    at(minutes(1), offered_to_anna())
        .when(Command::LapseOffer { offer: TO_ANNA })
        .then_expect_events(vec![offer_lapsed(minutes(1)), queued_again(minutes(1))]);
}

#[test]
fn an_offer_does_not_lapse_before_its_time() {
    given(offered_to_anna()).when(Command::LapseOffer { offer: TO_ANNA }).then_expect_error(Refusal::OfferStillOpen);
}

#[test]
fn an_accepted_offer_does_not_lapse() {
    at(minutes(1), owned_by_anna())
        .when(Command::LapseOffer { offer: TO_ANNA })
        .then_expect_error(Refusal::OfferGone { winner: Some(ANNA) });
}

#[test]
fn an_offer_is_withdrawn_when_the_agent_is_gone() {
    given(offered_to_anna())
        .when(Command::WithdrawOffer { offer: TO_ANNA })
        .then_expect_events(vec![offer_withdrawn(TO_ANNA, ANNA, Withdrawn::AgentGone), queued(SALES)]);
}

#[test]
fn an_offer_that_is_over_cannot_be_withdrawn() {
    given(waiting())
        .when(Command::WithdrawOffer { offer: TO_ANNA })
        .then_expect_error(Refusal::OfferGone { winner: None });
}

#[test]
fn offers_that_share_an_id_are_over_together() {
    given(then(waiting(), [offered(vec![for_anna(), for_anna()])]))
        .when(Command::WithdrawOffer { offer: TO_ANNA })
        .then_expect_events(vec![offer_withdrawn(TO_ANNA, ANNA, Withdrawn::AgentGone), queued(SALES)]);
}

#[test]
fn an_agent_pulls_what_waits() {
    let scene = waiting();
    given(scene.clone()).when(assign(&scene, HowAssigned::Pull)).then_expect_events(vec![assigned(
        CLARA,
        CLARAS_SLOT,
        HowAssigned::Pull,
    )]);
}

#[test]
fn an_assignment_supersedes_open_offers() {
    let scene = ringing_at_both();
    given(scene.clone()).when(assign(&scene, HowAssigned::Automatic)).then_expect_events(vec![
        offer_withdrawn(TO_ANNA, ANNA, Withdrawn::Superseded),
        offer_withdrawn(TO_BORIS, BORIS, Withdrawn::Superseded),
        assigned(CLARA, CLARAS_SLOT, HowAssigned::Automatic),
    ]);
}

#[test]
fn a_take_over_supersedes_an_open_transfer() {
    let scene = transfer_pending();
    given(scene.clone()).when(assign(&scene, HowAssigned::TakeOver)).then_expect_events(vec![
        transfer_withdrawn(Withdrawn::Superseded),
        assigned(CLARA, CLARAS_SLOT, HowAssigned::TakeOver),
    ]);
}

#[test]
fn the_same_assignment_twice_is_one() {
    let assigned = then(waiting(), [assigned(CLARA, CLARAS_SLOT, HowAssigned::Pull)]);
    given(assigned).when(assign(&waiting(), HowAssigned::Pull)).then_expect_events(vec![]);
}

#[test]
fn of_two_who_pull_the_second_is_refused() {
    given(owned_by_anna())
        .when(assign(&offered_to_anna(), HowAssigned::Pull))
        .then_expect_error(Refusal::StaleOwnership);
}

#[test]
fn nothing_is_assigned_while_nothing_is_open() {
    given(ended()).when(assign(&ended(), HowAssigned::Pull)).then_expect_error(Refusal::NotOpen);
}

fn offer(offers: Vec<OfferTo>) -> Command {
    Command::Offer { offers, until: minutes(1), why: None }
}

fn decline(agent: AgentId) -> Command {
    Command::DeclineOffer { offer: TO_ANNA, agent, reason: Some("lunch".to_owned()) }
}

fn assign(seen: &[Event], how: HowAssigned) -> Command {
    Command::Assign { agent: CLARA, hold: CLARAS_SLOT, how, ownership: ownership(seen), why: None }
}

fn offer_lapsed(at: DateTime<Utc>) -> Event {
    Event::OfferLapsed { offer: TO_ANNA, agent: ANNA, at }
}
