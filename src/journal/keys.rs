//! Contacts' keys: each person's words are sealed under their own, and erasing the person destroys it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::remembered::{Remembered, Since};
use super::store::{KeyRow, Store, StoreError};
use crate::clock::random_bytes;
use crate::installation::Installation;
use crate::seal;
use gatehouse_domain::ContactId;

/// How many opened keys are kept in memory.
const KEYS_CACHED_MAX: u64 = 100_000;

/// One contact's key, open.
#[derive(Clone)]
pub struct ContactKey {
    contact: ContactId,
    bytes: [u8; 32],
    sealed: Option<String>,
}

impl ContactKey {
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// What is stored with the event that makes the contact.
    pub fn row(&self) -> KeyRow {
        KeyRow { contact: self.contact, sealed: self.sealed.clone().expect("only new keys are stored") }
    }
}

pub struct KeyRing {
    store: Arc<dyn Store>,
    installation: Arc<Installation>,
    opened: Remembered<ContactId, ContactKey>,
}

impl KeyRing {
    pub fn new(store: Arc<dyn Store>, installation: Arc<Installation>) -> Self {
        Self { store, installation, opened: Remembered::new(KEYS_CACHED_MAX) }
    }

    /// A key for a contact who is new. It is remembered only once it is `stored`, or read back from the store.
    pub fn new_key(&self, contact: ContactId) -> ContactKey {
        let bytes = random_bytes();
        let sealed = seal::seal(self.installation.master_key(), &place(contact), &bytes);
        ContactKey { contact, bytes, sealed: Some(sealed) }
    }

    /// To be taken before a new key goes to the store.
    pub fn since(&self) -> Since {
        self.opened.since()
    }

    /// A new key is in the store, with its contact.
    pub fn stored(&self, key: ContactKey, since: Since) {
        self.opened.fill(key.contact, ContactKey { sealed: None, ..key }, since);
    }

    /// The contact's key; none where it was destroyed.
    pub async fn key(&self, contact: ContactId) -> Result<Option<ContactKey>, StoreError> {
        if let Some(key) = self.opened.get(&contact) {
            return Ok(Some(key));
        }
        let since = self.opened.since();
        match self.store.contact_key(contact).await? {
            Some(sealed) => self.opened(&KeyRow { contact, sealed }, since).map(Some),
            None => Ok(None),
        }
    }

    /// The keys of many contacts, of those that have one.
    pub async fn keys(
        &self,
        contacts: impl Iterator<Item = ContactId>,
    ) -> Result<HashMap<ContactId, ContactKey>, StoreError> {
        let since = self.opened.since();
        let (mut keys, mut missing) = (HashMap::new(), BTreeSet::new());
        for contact in contacts {
            if !keys.contains_key(&contact) && !missing.contains(&contact) {
                match self.opened.get(&contact) {
                    Some(key) => drop(keys.insert(contact, key)),
                    None => drop(missing.insert(contact)),
                }
            }
        }
        if !missing.is_empty() {
            let missing: Vec<ContactId> = missing.into_iter().collect();
            for key in self.store.contact_keys(&missing).await? {
                keys.insert(key.contact, self.opened(&key, since)?);
            }
        }
        Ok(keys)
    }

    /// Forgets a key that was destroyed.
    pub fn forget(&self, contact: ContactId) {
        self.opened.drop(&contact);
    }

    /// Forgets the keys at hand: some may have been destroyed where they are kept.
    pub fn forget_all(&self) {
        self.opened.drop_all();
    }

    fn opened(&self, KeyRow { contact, sealed }: &KeyRow, since: Since) -> Result<ContactKey, StoreError> {
        let contact = *contact;
        let bytes = seal::open(self.installation.master_key(), &place(contact), sealed)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| StoreError::Unreadable("a contact's key does not open with this master key".to_owned()))?;
        let key = ContactKey { contact, bytes, sealed: None };
        self.opened.fill(contact, key.clone(), since);
        Ok(key)
    }
}

fn place(contact: ContactId) -> String {
    format!("contact_key/{contact}")
}
