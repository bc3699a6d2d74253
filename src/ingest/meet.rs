//! From addresses to the contact behind them.

use std::sync::Arc;

use gatehouse_domain::{Address, Channel, Claim, ContactId, StreamId, contact};

use super::{NotNow, REROUTES_MAX};
use crate::actors::ExecuteError;
use crate::app::App;
use crate::journal::CommandKey;

/// How often an address may have been somebody else's who was erased.
const GENERATIONS_MAX: u32 = 1_000;

/// Who is behind some addresses.
pub enum Met {
    /// The contact, with the addresses that are theirs.
    Contact(ContactId, Vec<Address>),
    /// The message was kept before, and whose it was is erased.
    Erased,
    /// What a newer version wrote of them cannot be read here.
    Unreadable,
}

/// The contact behind the addresses; made on first sight, because their key must exist before their first word is stored.
pub async fn meet(
    app: &Arc<App>,
    channel: Channel,
    addresses: &[Address],
    name: Option<&String>,
    key: CommandKey,
) -> Result<Met, NotNow> {
    let (mut generation, mut reroutes) = (1, 0);
    while generation <= GENERATIONS_MAX && reroutes < REROUTES_MAX {
        let (owner, theirs) = owner_of(app, channel, addresses).await?;
        if owner.is_none() && generation == 1 && app.journal.receipt_of(key).await?.is_some() {
            return Ok(Met::Erased);
        }
        let contact = owner.map_or_else(|| nth_contact(app, channel, &theirs, generation), |owner| ContactId(owner.id));
        let command = contact::Command::Meet { channel, addresses: theirs.clone(), name: name.cloned() };
        match app.actors.contacts.execute(contact, command, None).await {
            Ok(_) => return Ok(Met::Contact(contact, theirs)),
            Err(ExecuteError::Refused(contact::Refusal::Erased)) if owner.is_none() => generation += 1,
            // Somebody else came first, or the owner was erased just now: looked for again.
            Err(ExecuteError::Taken(_) | ExecuteError::Refused(contact::Refusal::Erased)) => reroutes += 1,
            Err(ExecuteError::Unreadable) => return Ok(Met::Unreadable),
            Err(error) => {
                tracing::error!(%error, "a contact could not be kept now");
                return Err(NotNow);
            }
        }
    }
    Err(NotNow)
}

/// The contact an address leads to while nobody owns it: always the same one, so that a burst meets one actor, until
/// that one is erased; then the next.
fn nth_contact(app: &App, channel: Channel, addresses: &[Address], generation: u32) -> ContactId {
    let (kind, value) = addresses.first().map_or(("", ""), |first| (first.kind.name(), first.value.as_str()));
    let generation = generation.to_string();
    let parts = ["contact", channel.name(), kind, value, &generation];
    let parts = if generation == "1" { &parts[..4] } else { &parts[..] };
    ContactId(app.journal.installation().keyed_id(parts))
}

/// Who owns the first address that is owned, with the addresses that are free or theirs: somebody known by two addresses
/// apart is heard where the first one leads.
async fn owner_of(
    app: &Arc<App>,
    channel: Channel,
    addresses: &[Address],
) -> Result<(Option<StreamId>, Vec<Address>), NotNow> {
    let (mut first, mut theirs) = (None, vec![]);
    for address in addresses {
        let owner = app.journal.owner_of(&Claim::ContactAddress(channel, address.clone())).await?;
        first = first.or(owner);
        if owner.is_none() || owner == first {
            theirs.push(address.clone());
        }
    }
    Ok((first, theirs))
}
