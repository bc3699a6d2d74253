//! What may be asked of a gateway.

use super::{Account, Conditions, Exception};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Adds it parked: its traffic is kept, and opens nothing until it is connected.
    Add {
        number: u32,
        name: String,
        account: Account,
        conditions: Conditions,
    },
    SetConditions {
        conditions: Conditions,
    },
    /// None keeps interactions open however long the customer is silent.
    SetIdleClose {
        after_ms: Option<u64>,
    },
    /// In place of the channel's primary inbox, from the next interaction on.
    SetException {
        exception: Exception,
    },
    ClearException,
    /// `inbox_ready`: the channel has a primary inbox to feed.
    Connect {
        inbox_ready: bool,
    },
    Park,
    Retire,
}
