//! What the customer does is always kept: these rules refuse nothing but what is another contact's.

use chrono::{DateTime, Utc};

use super::Decision;
use crate::conversation::{Conversation, Event, Inbound, Opening, Phase, Refusal, Route};
use crate::{Address, Personal};

/// A message opens an interaction when none is open, in the same append: an open interaction always has an owner.
pub fn receive(this: &Conversation, inbound: Inbound, route: Route, now: DateTime<Utc>) -> Decision {
    of_this_contact(this, &route)?;
    if this.messages.has(inbound.message) {
        return Ok(vec![]);
    }
    let mut events = match this.phase {
        Phase::Open(_) => vec![],
        Phase::Idle | Phase::Erased => open(this, &route, now),
    };
    events.extend(new_addresses(this, inbound.addresses, now));
    // A provider's clock may run ahead of ours; the window never reaches further than from our own time.
    let window_until = route.reply_window.map(|window| inbound.sent_at.min(now) + window);
    events.push(Event::MessageReceived {
        message: inbound.message,
        content: inbound.content,
        sent_at: inbound.sent_at,
        window_until,
        at: now,
        personal: Personal::Known(inbound.words),
    });
    Ok(events)
}

/// A conversation has one contact for ever: what another says would be sealed under the wrong key.
pub fn of_this_contact(this: &Conversation, route: &Route) -> Result<(), Refusal> {
    let same = this.party.is_none_or(|party| party.contact == route.contact);
    if same { Ok(()) } else { Err(Refusal::OtherContact) }
}

/// The provider tells another address of the same customer.
pub fn change_address(this: &Conversation, address: Address, at: DateTime<Utc>) -> Vec<Event> {
    if this.party.is_some() { new_addresses(this, vec![address], at) } else { vec![] }
}

/// What a colleague wrote in the provider's own app. It opens nothing: it is no customer's message.
pub fn receive_echo(this: &Conversation, inbound: Inbound, now: DateTime<Utc>) -> Decision {
    if this.messages.has(inbound.message) {
        return Ok(vec![]);
    }
    Ok(vec![Event::MessageEchoed {
        message: inbound.message,
        content: inbound.content,
        sent_at: inbound.sent_at,
        at: now,
        personal: Personal::Known(inbound.words),
    }])
}

/// The next interaction begins; whoever has it is said in the same append.
pub fn opened(this: &Conversation, route: &Route, opening: Opening, at: DateTime<Utc>) -> Event {
    Event::InteractionOpened {
        interaction: this.last_interaction + 1,
        gateway: route.gateway,
        channel: route.channel,
        contact: route.contact,
        inbox: route.inbox,
        opening,
        at,
        sla: route.sla,
    }
}

/// Opens the next interaction and gives it an owner: the inbox, or the flow that speaks first.
fn open(this: &Conversation, route: &Route, at: DateTime<Utc>) -> Vec<Event> {
    let owned = match route.flow {
        Some(flow) => Event::HandedToFlow { flow, inbox: route.inbox, at },
        None => Event::Queued { inbox: route.inbox, since: at, at },
    };
    vec![opened(this, route, Opening::Received, at), owned]
}

/// The addresses not yet known here, each once.
pub fn new_addresses(this: &Conversation, addresses: Vec<Address>, at: DateTime<Utc>) -> Vec<Event> {
    let mut seen = this.addresses.clone();
    let mut events = vec![];
    for address in addresses {
        if !seen.contains(&address) {
            seen.push(address.clone());
            events.push(Event::AddressAdded { at, personal: Personal::Known(address) });
        }
    }
    events
}
