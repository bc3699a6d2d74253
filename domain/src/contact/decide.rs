//! The rules of a contact.

use chrono::{DateTime, Utc};

use super::{Command, Contact, Event, Refusal};
use crate::{Address, Channel, Personal};

/// More would not be read.
const PROPERTIES_MAX: usize = 50;

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Contact, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    if let Contact::Erased = this {
        return if matches!(command, Command::Erase { .. }) { Ok(vec![]) } else { Err(Refusal::Erased) };
    }
    if let Command::Erase { by } = command {
        return Ok(vec![Event::Erased { by, at }]);
    }
    if let Command::Meet { channel, addresses, name } = command {
        return Ok(meet(this, channel, addresses, name, at));
    }
    let Contact::Known(known) = this else { return Err(Refusal::NoSuchContact) };
    let unless = |done: bool, event: Event| Ok(if done { vec![] } else { vec![event] });
    match command {
        Command::Meet { .. } | Command::Erase { .. } => Ok(vec![]),
        Command::SetProperty { property } => {
            let before = known.properties.get(&property.name).map_or("", String::as_str);
            if before.is_empty() && !property.value.is_empty() && known.properties.len() >= PROPERTIES_MAX {
                return Err(Refusal::TooManyProperties { max: PROPERTIES_MAX });
            }
            unless(before == property.value, Event::PropertySet { at, personal: Personal::Known(property) })
        }
        Command::OptOut { channel } => unless(known.opted_out.contains(&channel), Event::OptedOut { channel, at }),
        Command::OptIn { channel } => unless(!known.opted_out.contains(&channel), Event::OptedIn { channel, at }),
        Command::Link { to } => unless(known.links.contains(&to), Event::Linked { to, at }),
        Command::Unlink { from } => unless(!known.links.contains(&from), Event::Unlinked { from, at }),
    }
}

fn meet(
    this: &Contact,
    channel: Channel,
    addresses: Vec<Address>,
    name: Option<String>,
    at: DateTime<Utc>,
) -> Vec<Event> {
    let (mut seen, known_name) = match this {
        Contact::Known(known) => (known.addresses.clone(), known.name.clone()),
        Contact::Unknown | Contact::Erased => (vec![], None),
    };
    let mut events = vec![];
    if let Contact::Unknown = this {
        events.push(Event::ContactCreated { channel, at });
    }
    for address in addresses {
        if !seen.contains(&(channel, address.clone())) {
            seen.push((channel, address.clone()));
            events.push(Event::AddressAdded { channel, at, personal: Personal::Known(address) });
        }
    }
    if let Some(name) = name.filter(|name| !name.trim().is_empty() && known_name.as_ref() != Some(name)) {
        events.push(Event::Named { at, personal: Personal::Known(name) });
    }
    events
}
