//! What can have happened to a contact. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use super::Property;
use crate::aggregate::events;
use crate::record::By;
use crate::{Address, Channel, ContactId, Personal};

events! {
    pub enum Event {
        "contact_created" => ContactCreated { channel: Channel, at: DateTime<Utc> },
        "contact_address_added" => AddressAdded { channel: Channel, at: DateTime<Utc>, personal: Personal<Address> },
        /// The name the channel shows for them.
        "contact_named" => Named { at: DateTime<Utc>, personal: Personal<String> },
        "contact_property_set" => PropertySet { at: DateTime<Utc>, personal: Personal<Property> },
        "opted_out" => OptedOut { channel: Channel, at: DateTime<Utc> },
        "opted_in" => OptedIn { channel: Channel, at: DateTime<Utc> },
        "contact_linked" => Linked { to: ContactId, at: DateTime<Utc> },
        "contact_unlinked" => Unlinked { from: ContactId, at: DateTime<Utc> },
        /// Their key is destroyed; their addresses are free for a new contact.
        "contact_erased" => Erased { by: By, at: DateTime<Utc> },
    }
}
