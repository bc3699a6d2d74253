//! What may be asked of a contact.

use super::Property;
use crate::record::By;
use crate::{Address, Channel, ContactId};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Somebody was seen on a channel: made on first sight, kept up to date afterwards.
    Meet {
        channel: Channel,
        addresses: Vec<Address>,
        name: Option<String>,
    },
    SetProperty {
        property: Property,
    },
    OptOut {
        channel: Channel,
    },
    OptIn {
        channel: Channel,
    },
    Link {
        to: ContactId,
    },
    Unlink {
        from: ContactId,
    },
    /// Forgets them for ever. Also somebody nobody met, whom a restored log does not know: the id stays closed.
    Erase {
        by: By,
    },
}
