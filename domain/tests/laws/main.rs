//! Laws: what holds for every history of commands, not only for those somebody thought of.

mod agent;
mod configuration;
mod conversation;
mod ownership;
mod promises;
mod receipts;

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::{Rules, Words};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::de::DeserializeOwned;
use serde_json::{from_str, from_value, to_string, to_value};
use uuid::Uuid;

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();

/// An aggregate whose states and events can be compared.
trait Lawful: Rules<Event: DeserializeOwned + PartialEq + Clone, Error: PartialEq + Debug> + PartialEq + Debug {}

impl<A: Rules<Event: DeserializeOwned + PartialEq + Clone, Error: PartialEq + Debug> + PartialEq + Debug> Lawful for A {}

/// One request, so long after the one before it: by a caller who looked first and asks what can be done, or by one who
/// guesses.
#[derive(Clone, Debug)]
struct Step<C> {
    after: TimeDelta,
    looked: bool,
    command: C,
    /// What a caller who looked asks instead, where the first would have no effect.
    otherwise: C,
}

/// What came of a request.
struct Outcome<A: Rules> {
    command: A::Command,
    now: DateTime<Utc>,
    before: A,
    decided: Result<Vec<A::Event>, A::Error>,
    after: A,
}

impl<A: Rules> Outcome<A> {
    fn events(&self) -> &[A::Event] {
        self.decided.as_deref().unwrap_or_default()
    }
}

/// Runs the steps one after the other; `aim` turns a command into what a caller asks who looked at the state.
fn run<A: Lawful>(steps: Vec<Step<A::Command>>, aim: impl Fn(&A, A::Command) -> A::Command) -> Vec<Outcome<A>> {
    let mut now = NOON;
    let mut state = A::default();
    let mut outcomes = vec![];
    for Step { after, looked, command, otherwise } in steps {
        now += after;
        let command = if looked {
            let useful = |command: &A::Command| state.decide(command.clone(), now).is_ok_and(|told| !told.is_empty());
            Some(aim(&state, command)).filter(useful).unwrap_or_else(|| aim(&state, otherwise))
        } else {
            command
        };
        let decided = state.decide(command.clone(), now);
        let before = state.clone();
        decided.iter().flatten().for_each(|event| state.apply(event.clone()));
        outcomes.push(Outcome { command, now, before, decided, after: state.clone() });
    }
    outcomes
}

fn history<A: Rules<Event: Clone>>(outcomes: &[Outcome<A>]) -> Vec<A::Event> {
    outcomes.iter().flat_map(|outcome| outcome.events().to_vec()).collect()
}

fn fold<A: Rules>(mut state: A, events: impl IntoIterator<Item = A::Event>) -> A {
    events.into_iter().for_each(|event| state.apply(event));
    state
}

/// The events give the state again: as they are, as they are stored, and from a snapshot. Snapshots read as they were.
fn replays<A: Lawful>(outcomes: &[Outcome<A>]) {
    let Some(last) = outcomes.last() else { return };
    let events = history(outcomes);
    assert_eq!(fold(A::default(), events.clone()), last.after);

    let stored: Vec<_> = events.iter().map(|event| to_value(event).expect("an event is written")).collect();
    let read: Vec<A::Event> = stored.into_iter().map(|event| from_value(event).expect("an event reads")).collect();
    assert_eq!(read, events);

    for outcome in outcomes {
        let snapshot = to_string(&outcome.after).expect("a state is written");
        assert_eq!(from_str::<A>(&snapshot).expect("a snapshot reads"), outcome.after);
    }
    let half = outcomes.len() / 2;
    let snapshot = to_value(&outcomes[half].before).expect("a state is written");
    let tail = history(&outcomes[half..]);
    assert_eq!(fold(from_value::<A>(snapshot).expect("a snapshot reads"), tail), last.after);
}

/// A state holds the words of nobody but whom it names: with everybody else's erased, it is the same.
fn holds_words_only_of_whom_it_names<A: Lawful>(outcomes: &[Outcome<A>]) {
    let subject = |outcome: &Outcome<A>| outcome.before.subject(outcome.events());
    for contact in outcomes.iter().filter_map(subject).collect::<BTreeSet<_>>() {
        let mut alone = A::default();
        for outcome in outcomes {
            let theirs = subject(outcome) == Some(contact);
            let events = outcome.events().iter();
            alone = fold(alone, events.map(|event| if theirs { event.clone() } else { erased::<A>(event) }));
            if outcome.after.words(Uuid::nil()) == Words::Of(contact) {
                assert_eq!(alone, outcome.after);
            }
        }
    }
}

fn erased<A: Lawful>(event: &A::Event) -> A::Event {
    let mut stored = to_value(event).expect("an event is written");
    if let Some(personal) = stored.get_mut("personal") {
        *personal = serde_json::Value::Null;
    }
    from_value(stored).expect("an erased event reads")
}

/// Once the words are erased the same history still folds, and its snapshots still read.
fn survives_erasure<A: Lawful>(events: &[A::Event]) {
    let state = fold(A::default(), events.iter().map(erased::<A>));
    assert_eq!(from_value::<A>(to_value(&state).expect("a state is written")).expect("a snapshot reads"), state);
}

/// A request is decided the same way however often it is asked; a refused or idle one leaves everything as it was.
fn decides_once_and_for_all<A: Lawful>(outcomes: &[Outcome<A>]) {
    for outcome in outcomes {
        let again = outcome.before.decide(outcome.command.clone(), outcome.now);
        assert!(again == outcome.decided, "{:?}", outcome.decided);
        if outcome.events().is_empty() {
            assert_eq!(outcome.after, outcome.before);
        }
    }
}

/// A request that had its effect has no second one: repeated, it is refused or idle. `forgetful` names the exceptions.
fn has_no_second_effect<A: Lawful>(outcomes: &[Outcome<A>], forgetful: impl Fn(&Outcome<A>) -> bool)
where
    A::Command: Debug,
{
    for outcome in outcomes.iter().filter(|outcome| !outcome.events().is_empty() && !forgetful(outcome)) {
        let repeated = outcome.after.decide(outcome.command.clone(), outcome.now).unwrap_or_default();
        assert!(repeated.is_empty(), "{:?} again: {repeated:?}", outcome.command);
    }
}

/// The share of requests that had an effect, in histories that are the same in every run.
fn share_accepted<A: Lawful>(
    steps: impl Strategy<Value = Vec<Step<A::Command>>>,
    aim: impl Fn(&A, A::Command) -> A::Command,
) -> (f64, Vec<A::Event>) {
    let mut runner = TestRunner::deterministic();
    let (mut asked, mut accepted, mut events) = (0_usize, 0_usize, vec![]);
    for _ in 0..100 {
        let steps = steps.new_tree(&mut runner).expect("steps are generated").current();
        let outcomes = run::<A>(steps, &aim);
        asked += outcomes.len();
        accepted += outcomes.iter().filter(|outcome| !outcome.events().is_empty()).count();
        events.extend(history(&outcomes));
    }
    (accepted as f64 / asked as f64, events)
}

/// Steps from a strategy of commands: time never stands still for long, and sometimes leaps past every deadline.
fn steps<C: Debug + Clone + 'static>(
    commands: impl Strategy<Value = C> + Clone + 'static,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<Step<C>>> {
    let after = prop_oneof![
        12 => (0_i64..40).prop_map(TimeDelta::seconds),
        2 => (1_i64..90).prop_map(TimeDelta::minutes),
        1 => (1_i64..50).prop_map(TimeDelta::hours),
    ];
    let step = (after, prop::bool::weighted(0.8), commands.clone(), commands)
        .prop_map(|(after, looked, command, otherwise)| Step { after, looked, command, otherwise });
    prop::collection::vec(step, count)
}

/// One of a few ids of a sort, so that histories meet.
fn few<T: From<Uuid> + Debug>(sort: u128, count: u128) -> impl Strategy<Value = T> + Clone + use<T> {
    (1..=count).prop_map(move |number| T::from(Uuid::from_u128(sort << 64 | number)))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
