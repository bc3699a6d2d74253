//! The ids of Meta's world, each its own type so that they cannot be swapped.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock;

macro_rules! opaque_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    )*};
}

opaque_ids! {
    /// The id of a business's number, which is not its phone number.
    PhoneNumberId,
    /// A customer's phone number in digits, without the plus.
    WaId,
    /// A customer's id within one business, which stays when the phone number is hidden.
    UserId,
    /// The id of one message.
    Wamid,
}

impl WaId {
    /// Whether this is a phone number in digits, as Meta writes it.
    pub fn is_valid(&self) -> bool {
        (5..=15).contains(&self.0.len()) && self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl UserId {
    /// Makes the id under which the business `waba` knows the person with this phone number.
    pub fn of(waba: &str, customer: &WaId) -> Self {
        let hash = Sha256::digest(format!("{waba}/{customer}"));
        let digits: String = hash.iter().take(20).map(|byte| char::from(b'0' + byte % 10)).collect();
        Self(format!("US.{digits}"))
    }
}

impl Wamid {
    /// Mints an id no other message has, in this process or in one before it.
    pub fn mint() -> Self {
        static STARTED: OnceLock<u128> = OnceLock::new();
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let started = STARTED.get_or_init(|| clock::since_epoch().as_nanos());
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);

        // Hashed only to look like Meta's, with both cases, the plus and the slash anywhere in them.
        let hash = Sha256::digest(format!("{started}/{}/{count}", std::process::id()));
        Self(format!("wamid.HBg{}", base64(&hash[..24])))
    }
}

/// Writes bytes in the alphabet of Meta's ids, which is not made for web addresses.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(padded);
        for shift in [18, 12, 6, 0] {
            text.push(char::from(ALPHABET[(bits >> shift & 63) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_messages_share_an_id() {
        let ids: HashSet<Wamid> = (0..1000).map(|_| Wamid::mint()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.0.starts_with("wamid.HBg") && id.0.len() == 41));
    }

    #[test]
    fn a_person_has_another_id_at_another_business() {
        let customer = WaId::from("4915112345678");
        assert_eq!(UserId::of("1", &customer), UserId::of("1", &customer));
        assert_ne!(UserId::of("1", &customer), UserId::of("2", &customer));
    }

    #[test]
    fn bytes_are_written_in_the_usual_alphabet() {
        assert_eq!(base64(b"Man?>\xff"), "TWFuPz7/");
    }
}
