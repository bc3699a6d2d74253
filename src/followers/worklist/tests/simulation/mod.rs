//! The real worklist, deadlines, outbox and aggregates on virtual time. Agents accept, decline, vanish and go on break,
//! customers burst, people pull, transfer, retake and reassign, inboxes change; commands are lost, repeated and reordered,
//! and the process is killed between any two steps. Each seed is one history, the same in every run.
//!
//! `SEEDS` and `FIRST_SEED` in the environment choose how many and which.

mod checks;
mod happens;
mod performs;
mod requests;
mod world;

use crate::bench::chance::{self, Chance};
use world::World;

use super::Bug;

const SEEDS: u64 = 300;
const STEPS: usize = 450;
/// Histories tried while a failing one is made shorter.
const SHRINKS_MAX: u32 = 3_000;

/// One thing that happens. What exactly follows from the number and the state it meets, so that steps can be left out.
type Step = u64;

#[test]
fn whatever_happens_everybody_is_served_in_order_and_nobody_gets_too_much() {
    let (first, seeds) = (number("FIRST_SEED", 1), number("SEEDS", SEEDS));
    let mut seen = [0; 6];
    for seed in first..first + seeds {
        match run(seed, &steps(seed), None) {
            Ok(world) => seen.iter_mut().zip(world.seen()).for_each(|(all, one)| *all += one),
            Err(violation) => panic!("{}", shortest(seed, None, &violation).1),
        }
    }
    let [accepted, restarts, granted, refused, transferred, sent] = seen;
    println!(
        "{seeds} seeds: {accepted} accepted, {granted} requests granted, {refused} refused, {transferred} transfers \
         taken, {sent} messages sent, {restarts} restarts"
    );
    // It was not quiet only because nothing happened.
    assert!(seen.iter().all(|count| *count * 4 >= seeds), "{seen:?}");
}

#[test]
fn planted_mistakes_are_caught() {
    for bug in [Bug::NewestFirst, Bug::KeepsUselessHolds, Bug::ReleasesRequested] {
        let caught = (1..=SEEDS).find_map(|seed| Some((seed, run(seed, &steps(seed), Some(bug)).err()?)));
        let (seed, violation) = caught.unwrap_or_else(|| panic!("{bug:?} is not caught"));
        println!("{bug:?} is caught by seed {seed}: {violation}");
    }
}

#[test]
fn a_failing_history_is_told_as_short_as_it_can_be() {
    let bug = Some(Bug::NewestFirst);
    let (seed, violation) = (1..=SEEDS).find_map(|seed| Some((seed, run(seed, &steps(seed), bug).err()?))).unwrap();
    let (steps, told) = shortest(seed, bug, &violation);
    assert!((1..30).contains(&steps), "{told}");
}

/// The history of a seed up to its first violation.
fn run(seed: u64, steps: &[Step], bug: Option<Bug>) -> Result<World, String> {
    let mut world = World::new(seed, bug);
    for step in steps {
        world.happens(*step)?;
        world.holds_together()?;
    }
    world.settles()?;
    world.is_settled()?;
    Ok(world)
}

fn steps(seed: u64) -> Vec<Step> {
    let mut chance = Chance::new(seed);
    (0..STEPS).map(|_| chance.step()).collect()
}

/// Leaves out steps as long as what remains still fails; then tells what happens.
fn shortest(seed: u64, bug: Option<Bug>, violation: &str) -> (usize, String) {
    let mut kept = steps(seed);
    let (mut chunk, mut tried) = (kept.len() / 2, 0);
    while chunk > 0 && tried < SHRINKS_MAX {
        let mut from = 0;
        while from < kept.len() && tried < SHRINKS_MAX {
            let mut shorter = kept.clone();
            shorter.drain(from..(from + chunk).min(kept.len()));
            tried += 1;
            if run(seed, &shorter, bug).is_err() {
                kept = shorter;
            } else {
                from += chunk;
            }
        }
        chunk /= 2;
    }
    let mut world = World::new(seed, bug).tells();
    let failed = kept.iter().find_map(|step| world.happens(*step).and_then(|()| world.holds_together()).err());
    let failed = failed.or_else(|| world.settles().and_then(|()| world.is_settled()).err());
    let failed = failed.unwrap_or_else(|| violation.to_owned());
    (kept.len(), format!("seed {seed}: {failed}\nafter these {} steps:\n{}", kept.len(), world.told()))
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
