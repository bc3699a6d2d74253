//! What may be asked of a user.

use super::Role;

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add { login: String, name: String, role: Role },
    SetRole { role: Role },
    SetPassword,
    Disable,
}
