//! Never two owners, never none: recounted from the events alone, without the state that decided them.

use std::collections::BTreeSet;

use gatehouse_domain::conversation::{Conversation, Event, Owner, Phase};
use gatehouse_domain::{AgentId, FlowId, InboxId, OfferId, TransferId};
use proptest::prelude::*;

use super::conversation::{aimed, histories};
use super::{Outcome, cases, run};

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn an_open_interaction_has_exactly_one_owner_after_every_command(steps in histories()) {
        let mut ledger = Ledger::default();
        for outcome in run::<Conversation>(steps, aimed) {
            outcome.events().iter().for_each(|event| ledger.note(event));
            ledger.agrees_with(&outcome.after);
        }
    }

    #[test]
    fn ownership_grows_whenever_an_interaction_changes_hands(steps in histories()) {
        for outcome in run::<Conversation>(steps, aimed) {
            let (before, after) = (outcome.before.ownership, outcome.after.ownership);
            assert!(after >= before);
            assert!(after > before || hands(&outcome.before) == hands(&outcome.after), "{:?}", outcome.command);
        }
    }

    #[test]
    fn one_append_gives_an_interaction_to_one_agent_at_most(steps in histories()) {
        for outcome in run::<Conversation>(steps, aimed) {
            let assigned = outcome.events().iter().filter(|event| matches!(event, Event::Assigned { .. })).count();
            assert!(assigned <= 1, "{:?}", outcome.command);
        }
    }

    #[test]
    fn who_accepts_an_offer_or_a_transfer_has_it_in_the_same_append(steps in histories()) {
        for outcome in run::<Conversation>(steps, aimed) {
            if let Some(agent) = accepted(&outcome) {
                assert_eq!(outcome.after.owning_agent(), Some(agent));
            }
        }
    }

    #[test]
    fn what_waits_again_waits_at_the_age_it_had(steps in histories()) {
        let mut since = None;
        for event in run::<Conversation>(steps, aimed).iter().flat_map(Outcome::events) {
            match event {
                Event::InteractionOpened { at, .. } => since = Some(*at),
                Event::Queued { since: told, .. } => assert_eq!(Some(*told), since),
                _ => {}
            }
        }
    }
}

/// What the events alone say.
#[derive(Default)]
struct Ledger {
    interactions: u32,
    open: bool,
    offers: BTreeSet<OfferId>,
    transfer: Option<TransferId>,
    owner: Holder,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Holder {
    #[default]
    Nobody,
    Inbox(InboxId),
    Agent(AgentId),
    Flow(FlowId),
}

impl Ledger {
    fn note(&mut self, event: &Event) {
        match event {
            Event::InteractionOpened { interaction, .. } => {
                assert!(!self.open, "opened while open");
                assert_eq!(*interaction, self.interactions + 1);
                (self.interactions, self.open) = (*interaction, true);
            }
            Event::InteractionEnded { interaction, .. } => {
                assert!(self.open, "ended while not open");
                assert_eq!(*interaction, self.interactions);
                (self.open, self.owner) = (false, Holder::Nobody);
            }
            Event::Queued { inbox, .. } => self.owner = Holder::Inbox(*inbox),
            Event::Assigned { agent, .. } => self.owner = Holder::Agent(*agent),
            Event::HandedToFlow { flow, .. } => self.owner = Holder::Flow(*flow),
            Event::Offered { offers, .. } => self.offers.extend(offers.iter().map(|one| one.offer)),
            Event::OfferAccepted { offer, .. }
            | Event::OfferDeclined { offer, .. }
            | Event::OfferLapsed { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => {
                self.offers.remove(offer);
            }
            Event::TransferRequested { transfer, .. } => {
                assert_eq!(self.transfer.replace(*transfer), None, "two transfers wait");
            }
            Event::TransferAccepted { transfer, .. }
            | Event::TransferDeclined { transfer, .. }
            | Event::TransferLapsed { transfer, .. }
            | Event::TransferWithdrawn { transfer, .. } => {
                assert_eq!(self.transfer.take(), Some(*transfer), "a transfer is over once");
            }
            _ => {}
        }
    }

    /// Every offer and transfer made is either still open in the state or was closed by an event.
    fn agrees_with(&self, state: &Conversation) {
        let Phase::Open(open) = &state.phase else {
            assert_eq!((self.open, self.owner, self.transfer), (false, Holder::Nobody, None));
            assert_eq!(self.offers, BTreeSet::new());
            return;
        };
        assert_eq!((self.open, self.interactions), (true, open.number));
        let (owner, offers, transfer) = match &open.owner {
            Owner::Queue => (Holder::Inbox(open.inbox), BTreeSet::new(), None),
            Owner::Offered { offers, .. } => {
                assert!(!offers.is_empty(), "offered to nobody");
                (Holder::Inbox(open.inbox), offers.iter().map(|one| one.offer).collect(), None)
            }
            Owner::Agent { agent, transfer, .. } => {
                (Holder::Agent(*agent), BTreeSet::new(), transfer.map(|waiting| waiting.transfer))
            }
            Owner::Flow { flow } => (Holder::Flow(*flow), BTreeSet::new(), None),
        };
        assert_eq!((self.owner, &self.offers, self.transfer), (owner, &offers, transfer));
    }
}

/// Whose hands it is in: what a late request must not be allowed to overlook.
fn hands(state: &Conversation) -> Option<(u32, Holder)> {
    let Phase::Open(open) = &state.phase else { return None };
    let holder = match open.owner {
        Owner::Queue | Owner::Offered { .. } => Holder::Inbox(open.inbox),
        Owner::Agent { agent, .. } => Holder::Agent(agent),
        Owner::Flow { flow } => Holder::Flow(flow),
    };
    Some((open.number, holder))
}

fn accepted(outcome: &Outcome<Conversation>) -> Option<AgentId> {
    outcome.events().iter().find_map(|event| match event {
        Event::OfferAccepted { agent, .. } => Some(*agent),
        Event::TransferAccepted { .. } => match &outcome.before.phase {
            Phase::Open(open) => match open.owner {
                Owner::Agent { transfer: Some(waiting), .. } => Some(waiting.to),
                Owner::Agent { transfer: None, .. } | Owner::Queue | Owner::Offered { .. } | Owner::Flow { .. } => None,
            },
            Phase::Idle | Phase::Erased => None,
        },
        _ => None,
    })
}
