//! A contact: a person outside. Their words everywhere are sealed under their own key, which erasing destroys.

pub mod command;
mod decide;
pub mod error;
pub mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::Command;
pub use error::Refusal;
pub use event::Event;

use crate::aggregate::aggregate;
use crate::{Address, Channel, Claim, ContactId, Fact, Kind, Personal, Rules, Words};

aggregate!(Contact);

/// Whether we know them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Contact {
    #[default]
    Unknown,
    Known(Known),
    Erased,
}

/// What the rules remember of a contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub name: Option<String>,
    pub addresses: Vec<(Channel, Address)>,
    pub properties: BTreeMap<String, String>,
    pub opted_out: BTreeSet<Channel>,
    /// Of two linked contacts, the one with the smaller id has the link, so that one of them decides.
    pub links: BTreeSet<ContactId>,
}

/// One thing known about a person: country, market, customer number. Without a value it is not known any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    pub name: String,
    pub value: String,
}

impl Contact {
    /// Whether they want to hear nothing on a channel.
    pub fn has_opted_out(&self, channel: Channel) -> bool {
        matches!(self, Self::Known(known) if known.opted_out.contains(&channel))
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::ContactCreated { .. } => *self = Self::Known(Known::default()),
            Event::Erased { .. } => *self = Self::Erased,
            _ => {}
        }
        let Self::Known(known) = self else { return };
        match event {
            Event::ContactCreated { .. } | Event::Erased { .. } => {}
            Event::AddressAdded { channel, personal: Personal::Known(address), .. } => {
                known.addresses.push((channel, address));
            }
            Event::Named { personal: Personal::Known(name), .. } => known.name = Some(name),
            Event::PropertySet { personal: Personal::Known(property), .. } => {
                if property.value.is_empty() {
                    known.properties.remove(&property.name);
                } else {
                    known.properties.insert(property.name, property.value);
                }
            }
            Event::AddressAdded { personal: Personal::Erased, .. }
            | Event::Named { personal: Personal::Erased, .. }
            | Event::PropertySet { personal: Personal::Erased, .. } => {}
            Event::OptedOut { channel, .. } => {
                known.opted_out.insert(channel);
            }
            Event::OptedIn { channel, .. } => {
                known.opted_out.remove(&channel);
            }
            Event::Linked { to, .. } => {
                known.links.insert(to);
            }
            Event::Unlinked { from, .. } => {
                known.links.remove(&from);
            }
        }
    }
}

impl Rules for Contact {
    const KIND: Kind = Kind::Contact;
    const FOLD_VERSION: u32 = 2;

    fn decide(&self, command: Command, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
        decide::decide(self, command, now)
    }

    fn fact(event: Event) -> Fact {
        Fact::Contact(event)
    }

    fn claims(&self, events: &[Event]) -> Vec<Claim> {
        let claim = |event: &Event| match event {
            Event::AddressAdded { channel, personal: Personal::Known(address), .. } => {
                Some(Claim::ContactAddress(*channel, address.clone()))
            }
            _ => None,
        };
        events.iter().filter_map(claim).collect()
    }

    fn words(&self, id: Uuid) -> Words {
        Words::Of(ContactId(id))
    }

    /// Whoever writes from an address of theirs is somebody new.
    fn releases(&self, events: &[Event]) -> Vec<Claim> {
        let erased = events.iter().any(|event| matches!(event, Event::Erased { .. }));
        let Self::Known(known) = self else { return vec![] };
        let claim = |(channel, address): &(Channel, Address)| Claim::ContactAddress(*channel, address.clone());
        known.addresses.iter().filter(|_| erased).map(claim).collect()
    }
}
