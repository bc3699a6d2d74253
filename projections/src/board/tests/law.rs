//! However it came about, the board is what a recount of the whole log gives; and whoever takes in the changes has it too.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::histories::{steps, told};
use super::recount::Recount;
use super::setting::{BILLING, SALES, definitions};
use crate::board::*;

const SCOPES: [Scope; 3] = [None, Some(SALES), Some(BILLING)];

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_board_is_what_a_recount_gives(steps in steps(), pauses in prop::collection::vec(0_i64..200, 1..6), few in any::<bool>()) {
        let (log, definitions) = (told(&steps), definitions(few.then_some(2)));
        let mut board = Board::new(definitions.clone());
        let mut viewers = SCOPES.map(|scope| board.watch(scope));
        let every = log.len() / pauses.len() + 1;
        let mut folded = 0;
        for (part, pause) in log.chunks(every).zip(pauses) {
            for recorded in part {
                board.tick(recorded.recorded_at);
                board.fold(recorded);
                take_in(&mut viewers, board.changes());
            }
            folded += part.len();
            // Some of the time between two events passes unnoticed, as much as there is.
            let next = log.get(folded).map_or(DateTime::<Utc>::MAX_UTC, |next| next.recorded_at);
            let now = (part[part.len() - 1].recorded_at + TimeDelta::minutes(pause)).min(next);
            board.tick(now);
            take_in(&mut viewers, board.changes());
            let recount = Recount { log: &log[..folded], now, definitions: &definitions };
            for (scope, viewer) in SCOPES.into_iter().zip(&viewers) {
                let view = board.view(scope);
                prop_assert_eq!(&view.tiles, &recount.tiles(scope), "the tiles of {:?}", scope);
                prop_assert_eq!(&view.agents, &recount.agents(scope), "the agents of {:?}", scope);
                prop_assert_eq!(&BoardView { as_of: view.as_of, ..viewer.clone() }, &view);
            }
            prop_assert_eq!(board.view(None).gateways, recount.gateways());
        }
    }

    #[test]
    fn behind_each_number_are_as_many_interactions(steps in steps(), later in 0_i64..300) {
        let log = told(&steps);
        let mut board = Board::new(definitions(Some(2)));
        log.iter().for_each(|recorded| board.fold(recorded));
        board.tick(log[log.len() - 1].recorded_at + TimeDelta::minutes(later));
        for scope in SCOPES {
            let tiles = board.view(scope).tiles;
            let Waiting { count, offered, past_target, held_by_licence, .. } = tiles.waiting;
            let InProgress { active, in_transfer, with_flow } = tiles.progress;
            let numbers = [
                (Lens::Waiting, count),
                (Lens::Offered, offered),
                (Lens::PastTarget, past_target),
                (Lens::HeldByLicence, held_by_licence),
                (Lens::Active, active),
                (Lens::InTransfer, in_transfer),
                (Lens::WithFlow, with_flow),
                (Lens::Unanswered, tiles.promises.unanswered),
                (Lens::Overdue, tiles.promises.overdue),
                (Lens::DueSoon, tiles.promises.due_soon),
                (Lens::ClosingSoon, tiles.windows.closing_soon),
                (Lens::AbandonedToday, tiles.service.today.abandoned),
                (Lens::OfAgent, active + in_transfer),
            ];
            for (lens, number) in numbers {
                prop_assert_eq!(board.behind(scope, lens, None).len() as u32, number, "{:?} of {:?}", lens, scope);
            }
        }
    }
}

/// The histories reach everything a board shows.
#[test]
fn histories_are_worth_their_while() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    for _ in 0..200 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let log = told(&steps);
        let mut board = Board::new(definitions(Some(2)));
        for recorded in &log {
            board.tick(recorded.recorded_at);
            board.fold(recorded);
            let BoardView { tiles, gateways, .. } = board.view(None);
            let numbers = [
                ("offered", tiles.waiting.offered),
                ("past_target", tiles.waiting.past_target),
                ("held_by_licence", tiles.waiting.held_by_licence),
                ("in_transfer", tiles.progress.in_transfer),
                ("with_flow", tiles.progress.with_flow),
                ("overdue", tiles.promises.overdue),
                ("due_soon", tiles.promises.due_soon),
                ("closing_soon", tiles.windows.closing_soon),
                ("answered", tiles.service.today.answered),
                ("answered_within", tiles.service.recent.answered_within),
                ("abandoned", tiles.service.today.abandoned),
                ("short_abandoned", tiles.service.recent.short_abandoned),
                ("busy", tiles.people.busy),
                ("offered to", tiles.people.offered),
                ("wrapping_up", tiles.people.wrapping_up),
                ("disconnected", tiles.people.disconnected),
                ("not_responding", tiles.people.not_responding),
                ("on_break", tiles.people.on_break),
                ("free_slots", tiles.people.free_slots),
                ("taken", gateways.iter().map(|gateway| gateway.taken).sum()),
                ("troubled", gateways.iter().map(|gateway| gateway.troubled).sum()),
            ];
            numbers.into_iter().for_each(|(name, number)| *seen.entry(name).or_default() += u32::from(number > 0));
        }
    }
    let never: Vec<_> = seen.iter().filter(|(_, times)| **times == 0).collect();
    assert!(never.is_empty(), "never shown: {never:?}");
}

/// What a viewer does with what it is told.
fn take_in(viewers: &mut [BoardView; 3], changes: Vec<(Scope, BoardChange)>) {
    for (scope, change) in changes {
        let place = SCOPES.iter().position(|one| *one == scope).unwrap();
        let viewer = &mut viewers[place];
        match change {
            BoardChange::Whole(view) => *viewer = *view,
            BoardChange::Patch(patch) => {
                let TilesPatch { waiting, progress, people, service, promises, windows } = patch.tiles;
                let tiles = &mut viewer.tiles;
                waiting.into_iter().for_each(|group| tiles.waiting = group);
                progress.into_iter().for_each(|group| tiles.progress = group);
                people.into_iter().for_each(|group| tiles.people = group);
                service.into_iter().for_each(|group| tiles.service = group);
                promises.into_iter().for_each(|group| tiles.promises = group);
                windows.into_iter().for_each(|group| tiles.windows = group);
                for agent in patch.agents {
                    viewer.agents.retain(|known| known.id != agent.id);
                    viewer.agents.push(agent);
                    viewer.agents.sort_by_key(|known| known.id);
                }
                for gateway in patch.gateways {
                    viewer.gateways.retain(|known| known.id != gateway.id);
                    viewer.gateways.push(gateway);
                    viewer.gateways.sort_by_key(|known| known.id);
                }
            }
        }
    }
}
