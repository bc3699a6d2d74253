//! What is promised of an actor, whatever the log, the rules or the crowd at its door do.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use gatehouse_domain::clock::FixedClock;
use gatehouse_domain::gateway::{self, Account, Conditions};
use gatehouse_domain::inbox::{self, Routing};
use gatehouse_domain::{Channel, ConnectionId, ContactId, Fact, Kind, Recorded, StreamId, end_reason};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::entity::{MAILBOX_MAX, SNAPSHOT_EVERY};
use super::*;
use crate::installation::Installation;
use crate::journal::store::{AppendRow, Head, LogRow, Outcome, SnapshotRow, StoredEvent};
use crate::journal::{Append, Appended, CommandKey, LogState, Receipt, SqliteStore, Store};

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const SALES: Uuid = Uuid::from_u128(0x11);
const BILLING: Uuid = Uuid::from_u128(0x12);

#[actix_rt::test]
async fn a_burst_of_commands_to_one_actor_is_decided_in_the_order_it_came() {
    let house = House::open().await;
    let actors = house.actors();
    let names: Vec<String> = (1..=MAILBOX_MAX).map(|number| format!("name {number}")).collect();
    let commands = names.iter().enumerate().map(|(index, name)| match index {
        0 => add(name),
        _ => rename(name),
    });
    let answers = join_all(commands.map(|command| actors.inboxes.execute(SALES, command, None))).await;
    assert_eq!(answers, (1..=MAILBOX_MAX as u64).map(|number| at(number, number)).collect::<Vec<_>>());
    assert_eq!(house.names_told(SALES).await, names);
}

#[actix_rt::test]
async fn more_than_an_actor_can_keep_is_refused_at_once_and_the_rest_is_done() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    house.store.close_gate();
    let crowd = 3 * MAILBOX_MAX;
    let ask = |number: usize| {
        let name = format!("name {number}");
        let actors = &actors;
        async move { actors.inboxes.execute(SALES, rename(&name), None).await }
    };
    let mut answers: FuturesUnordered<_> = (0..crowd).map(ask).collect();
    let mut refused = 0;
    while let Poll::Ready(answer) = futures_util::poll!(answers.next()) {
        assert_eq!(answer, Some(Err(ExecuteError::Overloaded)));
        refused += 1;
    }
    // One may be under way already, and one more is let in before the door shuts.
    assert!((crowd - MAILBOX_MAX - 2..=crowd - MAILBOX_MAX).contains(&refused), "{refused} refused");

    house.store.open_gate();
    let done = answers.map(|answer| answer.unwrap().sequence).collect::<Vec<u64>>().await;
    let kept = (crowd - refused) as u64;
    assert_eq!(done, (2..=kept + 1).collect::<Vec<_>>());
    assert_eq!(actors.inboxes.execute(SALES, rename("again"), None).await, at(kept + 2, kept + 2));
}

#[actix_rt::test]
async fn a_crowd_at_one_actor_keeps_nobody_from_another() {
    let house = House::open().await;
    let actors = house.actors();
    house.store.close_gate();
    let crowd = join_all((0..2 * MAILBOX_MAX).map(|_| actors.inboxes.execute(SALES, add("Sales"), None)));
    let neighbour = actors.inboxes.execute(BILLING, add("Billing"), None);
    let (_, neighbour, ()) = tokio::join!(crowd, neighbour, async { house.store.open_gate() });
    assert_eq!(neighbour.map(|receipt| receipt.sequence), Ok(1));
}

#[actix_rt::test]
async fn a_rule_that_panics_breaks_its_command_and_nothing_else() {
    let house = House::open().await;
    let brittle = house.directory::<Brittle>();
    assert_eq!(brittle.execute(SALES, named("Solved"), None).await, at(1, 1));
    assert_eq!(brittle.execute(SALES, named("panic in the rule"), None).await, Err(ExecuteError::Broken));
    assert_eq!(brittle.execute(SALES, end_reason::Command::Retire, None).await, at(2, 2));
}

#[actix_rt::test]
async fn a_fold_that_panics_breaks_its_stream_and_no_other() {
    let house = House::open().await;
    let brittle = house.directory::<Brittle>();
    for _ in 0..2 {
        assert_eq!(brittle.execute(SALES, named("panic in the fold"), None).await, Err(ExecuteError::Broken));
    }
    assert_eq!(brittle.execute(BILLING, named("Solved"), None).await, at(2, 1));
}

#[actix_rt::test]
async fn what_was_not_written_is_done_when_asked_again() {
    let house = House::open().await;
    let actors = house.actors();
    let key = house.key("hello");
    house.store.fail_next(Fault::BeforeWriting);
    assert_eq!(actors.inboxes.execute(SALES, add("Sales"), key).await, Err(ExecuteError::Unavailable));
    assert_eq!(actors.inboxes.execute(SALES, add("Sales"), key).await, at(1, 1));
    assert_eq!(actors.inboxes.execute(SALES, rename("Orders"), None).await, at(2, 2));
    assert_eq!(house.names_told(SALES).await, ["Sales", "Orders"]);
}

#[actix_rt::test]
async fn what_was_written_though_nobody_heard_is_not_done_twice() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    let key = house.key("hello");
    house.store.fail_next(Fault::AfterWriting);
    let primary = inbox::Command::MakePrimary { channel: Channel::Whatsapp };
    assert_eq!(actors.inboxes.execute(SALES, primary.clone(), key).await, Err(ExecuteError::Unavailable));
    assert_eq!(actors.inboxes.execute(SALES, primary, key).await, at(2, 2));
    assert_eq!(actors.inboxes.execute(SALES, rename("Orders"), None).await, at(3, 3));
    assert_eq!(house.history(SALES).await.len(), 3);
}

#[actix_rt::test]
async fn after_an_unknown_outcome_everybody_reads_their_stream_again() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    actors.inboxes.execute(BILLING, add("Billing"), None).await.unwrap();
    let before = house.store.reads();
    actors.inboxes.execute(BILLING, rename("Bills"), None).await.unwrap();
    assert_eq!(house.store.reads(), before, "what an actor knows it does not read");

    house.store.fail_next(Fault::BeforeWriting);
    assert_eq!(actors.inboxes.execute(SALES, rename("Orders"), None).await, Err(ExecuteError::Unavailable));
    assert_eq!(actors.inboxes.execute(BILLING, rename("Billing"), None).await, at(4, 3));
    assert_eq!(house.store.reads(), before + 1);
}

#[actix_rt::test]
async fn a_log_that_is_back_is_noticed_though_nobody_asks() {
    let house = House::open().await;
    let actors = house.actors();
    let mut state = house.journal.state();
    house.store.fail_next(Fault::BeforeWriting);
    house.store.fail_next(Fault::BeforeWriting);
    assert_eq!(actors.inboxes.execute(SALES, add("Sales"), None).await, Err(ExecuteError::Unavailable));
    assert_eq!(*state.borrow(), LogState::Unwritable);
    state.wait_for(|state| *state == LogState::Writable).await.unwrap();
    assert_eq!(actors.inboxes.execute(SALES, add("Sales"), None).await, at(1, 1));
}

#[actix_rt::test]
async fn an_actor_that_was_overtaken_decides_again_on_what_is() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    let renamed = inbox::Event::InboxRenamed { name: "Orders".to_owned(), at: NOON };
    let (events, claims, subject, key) = (vec![renamed], vec![], None, None);
    let elsewhere = Append::<Inbox> { id: SALES, expected: 1, events, claims, releases: vec![], subject, key };
    assert_eq!(house.journal.append(elsewhere).await, Ok(Appended::Now(Receipt { position: 2, sequence: 2 })));
    // What the actor still believes would make this nothing to do.
    assert_eq!(actors.inboxes.execute(SALES, rename("Sales"), house.key("hello")).await, at(3, 3));
    assert_eq!(actors.inboxes.execute(SALES, rename("Contracts"), None).await, at(4, 4));
    assert_eq!(house.names_told(SALES).await, ["Sales", "Orders", "Sales", "Contracts"]);
}

#[actix_rt::test]
async fn a_restart_keeps_everything_that_was_said() {
    let house = House::open().await;
    let first = house.actors();
    first.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    first.inboxes.execute(SALES, rename("Orders"), None).await.unwrap();
    let known = |actors: Actors| async move { actors.inboxes.observe(SALES, |inbox, at| (inbox.clone(), at)).await };
    let before = known(first).await.unwrap();
    let after = house.actors();
    assert_eq!(after.inboxes.execute(SALES, rename("Orders"), None).await, at(2, 2));
    assert_eq!(known(after).await, Ok(before));
}

#[actix_rt::test]
async fn a_long_stream_is_read_from_its_snapshot_on() {
    let house = House::open().await;
    let first = house.actors();
    house.tell(&first, 1..=SNAPSHOT_EVERY + 5).await;
    while house.journal.hydrate::<Inbox>(SALES).await.unwrap().sequence != SNAPSHOT_EVERY {
        tokio::task::yield_now().await;
    }
    let known = |actors: Actors| async move { actors.inboxes.observe(SALES, |inbox, at| (inbox.clone(), at)).await };
    let second = house.actors();
    house.tell(&second, SNAPSHOT_EVERY + 6..=SNAPSHOT_EVERY + 7).await;
    assert_eq!(house.journal.hydrate::<Inbox>(SALES).await.unwrap().tail.len(), 7, "nothing new is due yet");
    // The first was overtaken: it finds out, and reads from the snapshot again.
    house.tell(&first, SNAPSHOT_EVERY + 8..=SNAPSHOT_EVERY + 8).await;
    assert_eq!(known(house.actors()).await, known(first).await);
    assert_eq!(house.names_told(SALES).await.len() as u64, SNAPSHOT_EVERY + 8);
}

#[actix_rt::test]
async fn nobody_waits_for_a_snapshot() {
    let house = House::open().await;
    house.store.snapshots_hang.store(true, Ordering::SeqCst);
    let actors = house.actors();
    house.tell(&actors, 1..=3 * SNAPSHOT_EVERY).await;
    let hydration = house.journal.hydrate::<Inbox>(SALES).await.unwrap();
    assert_eq!((hydration.sequence, hydration.tail.len() as u64), (0, 3 * SNAPSHOT_EVERY));
}

#[actix_rt::test]
async fn an_actor_that_died_is_replaced_and_knows_what_it_knew() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    let died = actors.inboxes.observe(SALES, |_, _| panic!("a look that kills its actor")).await;
    assert_eq!(died, Err::<(), _>(ExecuteError::Unavailable));
    assert_eq!(actors.inboxes.execute(SALES, rename("Orders"), None).await, at(2, 2));
}

#[actix_rt::test]
async fn a_request_that_another_stream_has_answered_changes_nothing_here() {
    let house = House::open().await;
    let actors = house.actors();
    let key = house.key("hello");
    assert_eq!(actors.inboxes.execute(SALES, add("Sales"), key).await, at(1, 1));
    // Its first event would have stood at the very place the first answer names.
    assert_eq!(actors.inboxes.execute(BILLING, add("Billing"), key).await, at(1, 1));
    let known = actors.inboxes.observe(BILLING, |inbox, at| (inbox.clone(), at)).await;
    assert_eq!(known, Ok((Inbox::Unknown, 0)));
}

#[actix_rt::test]
async fn what_changes_nothing_is_kept_under_its_key_and_only_then() {
    let house = House::open().await;
    let actors = house.actors();
    actors.inboxes.execute(SALES, add("Sales"), None).await.unwrap();
    assert_eq!(actors.inboxes.execute(SALES, rename("Sales"), None).await, at(1, 1));
    let key = house.key("hello");
    assert_eq!(actors.inboxes.execute(SALES, rename("Sales"), key).await, at(1, 1));
    assert_eq!(actors.inboxes.execute(SALES, rename("Orders"), key).await, at(1, 1));
    assert_eq!(house.names_told(SALES).await, ["Sales"]);
}

#[actix_rt::test]
async fn whoever_is_refused_is_told_why_and_may_ask_for_something_else() {
    let house = House::open().await;
    let actors = house.actors();
    assert_eq!(
        actors.inboxes.execute(SALES, rename("Orders"), None).await,
        Err(ExecuteError::Refused(inbox::Refusal::NoSuchInbox))
    );
    actors.gateways.execute(SALES, add_gateway(7), None).await.unwrap();
    let owner = StreamId { kind: Kind::Gateway, id: SALES };
    assert_eq!(actors.gateways.execute(BILLING, add_gateway(7), None).await, Err(ExecuteError::Taken(owner)));
    assert_eq!(actors.gateways.execute(BILLING, add_gateway(8), None).await.map(|told| told.sequence), Ok(1));
}

/// A log of its own, over a store that fails when told to.
struct House {
    journal: Arc<Journal>,
    store: Arc<Failing>,
    installation: Arc<Installation>,
    clock: Arc<dyn Clock>,
    spread: Arc<Spread>,
    _kept: TempDir,
}

impl House {
    async fn open() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(&kept.path().join("log.db")).await.unwrap();
        let store = Arc::new(Failing::over(sqlite));
        let installation = Arc::new(Installation::open(kept.path()).unwrap());
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(NOON));
        let journal = Journal::open(Arc::clone(&store) as _, Arc::clone(&installation), Arc::clone(&clock));
        let journal = journal.await.unwrap();
        Self { journal, store, installation, clock, spread: Arc::new(Spread::start(1)), _kept: kept }
    }

    fn actors(&self) -> Actors {
        Actors::new(&self.journal, &self.clock, &self.spread)
    }

    fn directory<A: Rules + Unpin>(&self) -> Directory<A> {
        Directory::new(Arc::clone(&self.journal), Arc::clone(&self.clock), Arc::clone(&self.spread))
    }

    fn key(&self, name: &str) -> Option<CommandKey> {
        Some(CommandKey::new(&self.installation, &[name]))
    }

    /// Names the inbox Sales anew for every number, the first of all being its first name.
    async fn tell(&self, actors: &Actors, numbers: std::ops::RangeInclusive<u64>) {
        for number in numbers {
            let name = format!("name {number}");
            let command = if number == 1 { add(&name) } else { rename(&name) };
            assert_eq!(actors.inboxes.execute(SALES, command, None).await, at(number, number));
        }
    }

    async fn history(&self, id: Uuid) -> Vec<Recorded> {
        self.journal.stream(StreamId { kind: Kind::Inbox, id }, 0).await.unwrap()
    }

    async fn names_told(&self, id: Uuid) -> Vec<String> {
        let name = |recorded: Recorded| match recorded.fact {
            Fact::Inbox(inbox::Event::InboxAdded { name, .. } | inbox::Event::InboxRenamed { name, .. }) => Some(name),
            _ => None,
        };
        self.history(id).await.into_iter().filter_map(name).collect()
    }
}

#[derive(Clone, Copy)]
enum Fault {
    BeforeWriting,
    AfterWriting,
}

/// A store that fails, or keeps everybody waiting, when told to.
struct Failing {
    store: SqliteStore,
    faults: Mutex<VecDeque<Fault>>,
    gate: Semaphore,
    closed: AtomicBool,
    reads: AtomicUsize,
    snapshots_hang: AtomicBool,
}

impl Failing {
    fn over(store: SqliteStore) -> Self {
        let (faults, gate) = (Mutex::default(), Semaphore::new(0));
        let (closed, reads, snapshots_hang) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicBool::new(false));
        Self { store, faults, gate, closed, reads, snapshots_hang }
    }

    fn fail_next(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    fn close_gate(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    fn open_gate(&self) {
        self.closed.store(false, Ordering::SeqCst);
        self.gate.add_permits(1_000);
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

impl Store for Failing {
    fn raise_fence(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        self.store.raise_fence()
    }

    fn append<'a>(
        &'a self,
        fence: u64,
        recorded_at: DateTime<Utc>,
        batch: &'a [AppendRow],
    ) -> BoxFuture<'a, Result<Vec<Outcome>, StoreError>> {
        async move {
            if self.closed.load(Ordering::SeqCst) {
                self.gate.acquire().await.expect("the gate is never gone").forget();
            }
            let fault = self.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            if let Some(Fault::BeforeWriting) = fault {
                return Err(StoreError::Unavailable("the disk is away".to_owned()));
            }
            let written = self.store.append(fence, recorded_at, batch).await;
            match fault {
                Some(Fault::AfterWriting) => Err(StoreError::Unavailable("the line broke".to_owned())),
                Some(Fault::BeforeWriting) | None => written,
            }
        }
        .boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Result<Option<SnapshotRow>, StoreError>> {
        self.store.snapshot(stream)
    }

    fn keep_snapshot<'a>(&'a self, snapshot: &'a SnapshotRow) -> BoxFuture<'a, Result<(), StoreError>> {
        if self.snapshots_hang.load(Ordering::SeqCst) {
            return std::future::pending().boxed();
        }
        self.store.keep_snapshot(snapshot)
    }

    fn read_stream(&self, stream: StreamId, after: u64) -> BoxFuture<'_, Result<Vec<StoredEvent>, StoreError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.read_stream(stream, after)
    }

    fn read_log(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<Vec<LogRow>, StoreError>> {
        self.store.read_log(after, limit)
    }

    fn owner_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<StreamId>, StoreError>> {
        self.store.owner_of(key)
    }

    fn receipt_of(&self, key: [u8; 16]) -> BoxFuture<'_, Result<Option<Receipt>, StoreError>> {
        self.store.receipt_of(key)
    }

    fn contact_key(&self, contact: ContactId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        self.store.contact_key(contact)
    }
}

/// An end reason whose rules or fold panic when they hear a certain name.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Brittle(EndReason);

impl Aggregate for Brittle {
    const TYPE: &'static str = EndReason::TYPE;
    type Command = end_reason::Command;
    type Event = end_reason::Event;
    type Error = end_reason::Refusal;
    type Services = Arc<dyn Clock>;

    async fn handle(
        &mut self,
        command: Self::Command,
        clock: &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        for event in self.decide(command, clock.now())? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        assert!(!matches!(&event, end_reason::Event::EndReasonAdded { name, .. } if name == "panic in the fold"));
        self.0.apply(event);
    }
}

impl Rules for Brittle {
    const KIND: Kind = Kind::EndReason;
    const FOLD_VERSION: u32 = EndReason::FOLD_VERSION;

    fn decide(&self, command: Self::Command, now: DateTime<Utc>) -> Result<Vec<Self::Event>, Self::Error> {
        assert!(!matches!(&command, end_reason::Command::Add { name } if name == "panic in the rule"));
        self.0.decide(command, now)
    }

    fn fact(event: Self::Event) -> Fact {
        Fact::EndReason(event)
    }
}

fn at<E>(position: u64, sequence: u64) -> Result<Receipt, ExecuteError<E>> {
    Ok(Receipt { position, sequence })
}

fn named(name: &str) -> end_reason::Command {
    end_reason::Command::Add { name: name.to_owned() }
}

fn add(name: &str) -> inbox::Command {
    let routing = Routing::default();
    inbox::Command::Add { name: name.to_owned(), routing }
}

fn rename(name: &str) -> inbox::Command {
    inbox::Command::Rename { name: name.to_owned() }
}

fn add_gateway(number: u32) -> gateway::Command {
    let connection = ConnectionId(Uuid::from_u128(0xCC));
    let account = Account { connection, channel: Channel::Whatsapp, id: format!("account {number}"), sender: None };
    gateway::Command::Add { number, name: "Sales line".to_owned(), account, conditions: Conditions::default() }
}
