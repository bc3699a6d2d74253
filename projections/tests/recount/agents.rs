//! Agents' time, as sets of intervals: when they were online, at a desk, with a slot taken, and what of it is in common.

use std::collections::BTreeMap;

use gatehouse_domain::agent::Event;
use gatehouse_domain::{AgentId, HoldId};

use super::{Figures, QUARTER, Whose};

/// An event, and when it counts as having happened, in milliseconds.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub at: i64,
    pub event: &'a Event,
}

/// When each slot was let go, if it was.
pub type Slots = BTreeMap<HoldId, Option<i64>>;

/// From an instant to another, which is not in it.
type Interval = (i64, i64);

pub fn slots(told: &[Told<'_>]) -> Slots {
    holds(told).into_iter().map(|(hold, _, released)| (hold, released)).collect()
}

/// Counts up to the newest event of the agent.
pub fn count(agent: AgentId, told: &[Told<'_>], figures: &mut Figures) {
    let Some(last) = told.last() else { return };
    let presence = |is: fn(&Event) -> bool| -> Vec<Interval> {
        let chosen: Vec<&Told<'_>> = told.iter().filter(|one| is_presence(one.event)).collect();
        let until = |nth: usize| chosen.get(nth + 1).map_or(last.at, |next| next.at);
        let of = chosen.iter().enumerate().filter(|(_, one)| is(one.event));
        union(of.map(|(nth, one)| (one.at, until(nth))).collect())
    };
    let online = presence(|event| matches!(event, Event::WentOnline { .. }));
    let at_a_desk = union(desks(told, last.at));
    let slots: Vec<Interval> =
        holds(told).into_iter().map(|(_, held, released)| (held, released.unwrap_or(last.at))).collect();
    let routable = common(&online, &at_a_desk);
    let taken = union(slots.clone());

    let mut add = |column, intervals: &[Interval], times: i64| {
        for (from, to) in intervals {
            split(*from, *to).into_iter().for_each(|(at, ms)| {
                figures.add(column, at, Whose { agent: agent.0, ..Whose::default() }, ms * times);
            });
        }
    };
    add("available_ms", &without(&routable, &taken), 1);
    add("busy_ms", &common(&routable, &taken), 1);
    add("disconnected_ms", &without(&online, &at_a_desk), 1);
    add("break_ms", &presence(|event| matches!(event, Event::TookBreak { .. })), 1);
    add("not_responding_ms", &presence(|event| matches!(event, Event::MarkedNotResponding { .. })), 1);
    slots.iter().for_each(|slot| add("slot_ms", &common(&routable, &[*slot]), 1));
    let capacities: Vec<(i64, u32)> = told
        .iter()
        .filter_map(|one| match one.event {
            Event::CapacitySet { capacity, .. } => Some((one.at, capacity.total)),
            _ => None,
        })
        .collect();
    for (nth, (from, total)) in capacities.iter().enumerate() {
        let until = capacities.get(nth + 1).map_or(last.at, |next| next.0);
        add("capacity_ms", &common(&routable, &[(*from, until)]), i64::from(*total));
    }
}

fn is_presence(event: &Event) -> bool {
    use Event as E;
    matches!(event, E::WentOnline { .. } | E::TookBreak { .. } | E::WentOffline { .. } | E::MarkedNotResponding { .. })
}

/// Every slot: when it was taken and when it was let go.
fn holds(told: &[Told<'_>]) -> Vec<(HoldId, i64, Option<i64>)> {
    let taken = told.iter().enumerate().filter_map(|(place, one)| match one.event {
        Event::SlotHeld { hold, .. } => Some((place, one.at, *hold)),
        _ => None,
    });
    let slot = |(place, held, id): (usize, i64, HoldId)| {
        let lets_go = |later: &&Told<'_>| matches!(later.event, Event::SlotReleased { hold, .. } if *hold == id);
        (id, held, told[place..].iter().find(lets_go).map(|later| later.at))
    };
    taken.map(slot).collect()
}

/// Every time a desk was connected.
fn desks(told: &[Told<'_>], last: i64) -> Vec<Interval> {
    let connected = told.iter().enumerate().filter_map(|(place, one)| match one.event {
        Event::Connected { socket, .. } => Some((place, one.at, *socket)),
        _ => None,
    });
    let desk = |(place, from, desk)| {
        let gone = |later: &&Told<'_>| matches!(later.event, Event::Disconnected { socket, .. } if *socket == desk);
        (from, told[place..].iter().find(gone).map_or(last, |later| later.at))
    };
    connected.map(desk).collect()
}

/// What is in at least one of them, in order and apart from each other.
fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|(from, to)| from < to);
    intervals.sort_unstable();
    let mut apart: Vec<Interval> = vec![];
    for (from, to) in intervals {
        match apart.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// What is in both. Either is in order.
fn common(these: &[Interval], those: &[Interval]) -> Vec<Interval> {
    let mut both = vec![];
    for (from, to) in those {
        let near = these.iter().skip_while(|(_, end)| end <= from).take_while(|(begin, _)| begin < to);
        both.extend(near.map(|(begin, end)| (*begin.max(from), *end.min(to))));
    }
    union(both)
}

/// What is in these and not in those.
fn without(these: &[Interval], those: &[Interval]) -> Vec<Interval> {
    let mut between = vec![];
    let mut from = i64::MIN;
    for (begin, end) in those {
        between.push((from, *begin));
        from = *end;
    }
    between.push((from, i64::MAX));
    common(these, &between)
}

/// The part of an interval in each quarter, with an instant of that quarter.
pub fn split(from: i64, to: i64) -> Vec<(i64, i64)> {
    let first = from.div_euclid(QUARTER);
    let last = to.div_euclid(QUARTER);
    let part = |quarter: i64| (quarter * QUARTER).max(from)..((quarter + 1) * QUARTER).min(to);
    (first..=last).map(part).filter(|part| !part.is_empty()).map(|part| (part.start, part.end - part.start)).collect()
}
