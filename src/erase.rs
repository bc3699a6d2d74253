//! Erasing a contact, in an order that can be broken off anywhere and ends the same.
//!
//! 1. The contact goes on the list kept outside backups (`erasures`). From here on the erasure is finished by every start.
//! 2. What is set aside with an address of theirs is removed, while the addresses can still be read.
//! 3. `contact_erased` is appended; the same transaction frees their addresses and deletes their key. Now no word of
//!    theirs can be read by anybody, and whoever writes from such an address is somebody new. This is acknowledged.
//! 4. `followers/erasing` closes each of their conversations for ever: the open interaction ends, unsent replies fail.
//!
//! A message may arrive at any moment. Whoever writes is met before their words are stored (`ingest`), so there are
//! three cases:
//!
//! - Met after step 3: the contact refuses, or their address is free; either way the message meets the next contact, and
//!   a conversation's id is made of its contact, so it opens a conversation of its own, whatever has become of the old one.
//! - Met before, stored before step 3: it was there to be erased, and is.
//! - Met before, stored after: the conversation is closed already, refuses, and the message meets the next contact; or it
//!   is not, and the message is stored without words, because there is no key any more (or, sealed just before, under a
//!   key nobody has). It is as if it had come a moment earlier. Step 4 sees every interaction of an erased contact,
//!   whenever it was opened, and ends it.
//!
//! A message the provider delivers again is known by its id, which stays claimed: it neither comes back nor makes a contact.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::contact::{Command, Contact};
use gatehouse_domain::record::By;
use gatehouse_domain::{Address, Channel, ContactId, Kind, StreamId};
use gatehouse_projections::history::History;
use gatehouse_projections::table::Projection;

use crate::app::App;
use crate::ingest;
use crate::journal::Receipt;
use crate::problem::Problem;

/// How long tables may take to let go of somebody.
const TABLES_WITHIN: Duration = Duration::from_secs(10);

/// Erases a contact, once however often it is asked.
pub async fn erase(app: &Arc<App>, contact: ContactId, by: By) -> Result<Receipt, Problem> {
    let known = app.actors.contacts.observe(contact, |state, _| state.clone()).await?;
    if known == Contact::Unknown {
        return Err(Problem::not_found("contact"));
    }
    app.erasures.add(&[contact]).map_err(|error| {
        tracing::error!(%error, "the list of erasures cannot be written");
        Problem::unavailable()
    })?;
    let addresses: Vec<(Channel, Address)> = if let Contact::Known(known) = known { known.addresses } else { vec![] };
    ingest::forget(app, &addresses).await.map_err(|ingest::NotNow| Problem::unavailable())?;
    let receipt = app.actors.contacts.execute(contact, Command::Erase { by }, None).await?;
    app.desks.at_least(receipt.position).await;
    // Their words are in tables too, in clear.
    if !app.tables.at_least(History::NAME, receipt.position, TABLES_WITHIN).await {
        tracing::error!(contact.id = %contact, "erased, and still in the tables of the history");
        return Err(Problem::unavailable());
    }
    Ok(receipt)
}

/// Erases again whom the log knows although they are on the list: it was restored, or an erasure broke off.
pub async fn again(app: &Arc<App>) -> anyhow::Result<()> {
    // Another server may have erased them, and have them on a list of its own.
    let elsewhere: Vec<ContactId> = app.desks.read().erased().collect();
    app.erasures.add(&elsewhere)?;
    for contact in app.erasures.all()? {
        if app.desks.read().is_erased(contact) {
            continue;
        }
        if app.journal.is_apart(StreamId { kind: Kind::Contact, id: contact.0 }) {
            // Erased at the start that can read them, if they are not: nobody knows.
            continue;
        }
        tracing::warn!(contact.id = %contact, "on the list of erasures and not erased: erased again");
        let known = app.actors.contacts.observe(contact, |state, _| state.clone()).await?;
        if let Contact::Known(known) = known {
            let forgotten = ingest::forget(app, &known.addresses).await;
            forgotten.map_err(|ingest::NotNow| anyhow::anyhow!("what was set aside cannot be read"))?;
        }
        // Also one the log does not know: the next from that address must not be taken for them, and erased at a start.
        app.actors.contacts.execute(contact, Command::Erase { by: By::System }, None).await?;
    }
    Ok(())
}
