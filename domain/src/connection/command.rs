//! What may be asked of a connection.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `secrets_version` names the credentials sealed for it: known and able to verify in one append.
    Add {
        name: String,
        provider: String,
        settings: BTreeMap<String, String>,
        secrets_version: u32,
    },
    SetSettings {
        settings: BTreeMap<String, String>,
    },
    RotateSecrets {
        version: u32,
    },
    Retire,
}
