//! The contract of a backup, asked of every store and of every way from one to another.

mod around;
mod broken;
mod consistent;
mod places;
mod whole;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gatehouse_domain::clock::FixedClock;
use gatehouse_domain::contact::{self, Contact};
use gatehouse_domain::end_reason::{self, EndReason};
use gatehouse_domain::{Address, AddressKind, Channel, Claim, ConnectionId, Fact, Personal, Recorded, Rules};
use tempfile::TempDir;
use uuid::Uuid;

use super::archive::Archive;
use super::manifest::Manifest;
use super::restore::{Backup, restore};
use super::{BackupError, take};
use crate::clock::fresh_id;
use crate::installation::Installation;
use crate::journal::{Append, AppendError, Appended, CommandKey, Journal};
use places::{Place, SqlitePlace};

/// With microseconds, which every store has to keep.
const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 123_457_000).unwrap();
const LENA: u128 = 0xC1;
const MARK: u128 = 0xC2;

/// Asks the questions named of every way from a store to a store.
macro_rules! every_way {
    ($($question:ident),* $(,)?) => {
        $crate::backup::tests::every_way!(@ sqlite_to_sqlite SqlitePlace SqlitePlace: $($question)*);
        $crate::backup::tests::every_way!(@ sqlite_to_postgres SqlitePlace PostgresPlace: $($question)*);
        $crate::backup::tests::every_way!(@ postgres_to_sqlite PostgresPlace SqlitePlace: $($question)*);
        $crate::backup::tests::every_way!(@ postgres_to_postgres PostgresPlace PostgresPlace: $($question)*);
    };
    (@ $way:ident $from:ident $to:ident: $($question:ident)*) => {
        mod $way {
            use crate::backup::tests::places::*;
            $(#[tokio::test]
            async fn $question() {
                super::$question(<$from>::make().await, <$to>::make().await).await;
            })*
        }
    };
}
use every_way;

/// The keys of one installation, which outlive its stores.
struct Keys {
    dir: TempDir,
    installation: Arc<Installation>,
}

impl Keys {
    fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let installation = Arc::new(Installation::open(dir.path()).unwrap());
        Self { dir, installation }
    }

    async fn journal(&self, place: &impl Place) -> Arc<Journal> {
        let clock = Arc::new(FixedClock(NOON));
        Journal::open(place.store().await, Arc::clone(&self.installation), clock).await.unwrap()
    }

    fn command(&self, name: &str) -> Option<CommandKey> {
        Some(CommandKey::new(&self.installation, &[name]))
    }

    /// Whether the vault of a place opens with these keys, as the server asks on its start.
    async fn vault(&self, place: &impl Place) -> crate::vault::Vault {
        let clock = Arc::new(FixedClock(NOON));
        let vault = crate::vault::Vault::new(place.cabinet().await, Arc::clone(&self.installation), clock);
        vault.check_installation().await.unwrap();
        vault
    }
}

/// Somebody writes in for the first time: their contact, their key, their address.
async fn arrives(journal: &Journal, id: u128, phone: &str) {
    let address = Address { kind: AddressKind::Phone, value: phone.to_owned() };
    let events = vec![
        contact::Event::ContactCreated { channel: Channel::Whatsapp, at: NOON },
        contact::Event::AddressAdded { channel: Channel::Whatsapp, at: NOON, personal: Personal::Known(address) },
    ];
    journal.append(append::<Contact>(id, 0, events)).await.unwrap();
}

/// What the log knows of a contact's addresses.
async fn addresses(journal: &Journal) -> Vec<Option<String>> {
    let read: Vec<Recorded> = journal.read(0, 1_000).await.unwrap();
    let address = |recorded: Recorded| match recorded.fact {
        Fact::Contact(contact::Event::AddressAdded { personal, .. }) => {
            Some(personal.known().map(|address: &Address| address.value.clone()))
        }
        _ => None,
    };
    read.into_iter().filter_map(address).collect()
}

fn append<A: Rules>(id: u128, expected: u64, events: Vec<A::Event>) -> Append<A> {
    Append { id: Uuid::from_u128(id), expected, events, claims: vec![], releases: vec![], subject: None, key: None }
}

fn reason(id: u128, expected: u64, name: &str) -> Append<EndReason> {
    append(id, expected, vec![end_reason::Event::EndReasonAdded { name: name.to_owned(), at: NOON }])
}

fn account(name: &str) -> Claim {
    Claim::Account(ConnectionId(Uuid::from_u128(0xCC)), name.to_owned())
}

async fn backed_up(archive: &impl Archive, dir: &Path) -> Manifest {
    take(archive, dir, &FixedClock(NOON)).await.unwrap()
}

/// Restores as the command does: looks the backup through, then loads it under a new name, which it gives.
async fn restored(dir: &Path, keys: &Keys, to: &impl Place) -> Result<Uuid, BackupError> {
    let backup = Backup::verified(dir, &keys.installation).await?;
    let log = fresh_id();
    restore(&to.fillable().await, "there", &backup, log, NOON).await?;
    Ok(log)
}

fn file(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap()
}
