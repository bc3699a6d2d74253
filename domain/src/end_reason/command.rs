//! What may be asked of an end reason.

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Add { name: String },
    Retire,
}
