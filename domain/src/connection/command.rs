//! What may be asked of a connection.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add { name: String, provider: String, settings: BTreeMap<String, String> },
    SetSettings { settings: BTreeMap<String, String> },
    RotateSecrets { version: u32 },
    Retire,
}
