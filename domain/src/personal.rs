//! The part of an event that belongs to a person: texts, names, addresses, provider ids that spell a phone number.

use serde::{Deserialize, Serialize};

/// Words of a contact. Sealed by the journal under the contact's own key; once the key is destroyed, they read as erased.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Personal<T> {
    Known(T),
    Erased,
}

impl<T> Personal<T> {
    /// The words, unless they were erased.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(words) => Some(words),
            Self::Erased => None,
        }
    }
}

/// Personal words never reach a log line or a panic text.
impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "Known(..)",
            Self::Erased => "Erased",
        })
    }
}
