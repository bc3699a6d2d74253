//! What people say of a contact: properties, what they asked not to get, and who is the same person.

use std::sync::Arc;

use gatehouse_domain::contact::{Command, Property, Refusal};
use gatehouse_domain::{Channel, ContactId};

use super::contact_page::{PERSON_MAX, person};
use super::{Asker, once};
use crate::app::App;
use crate::http::Fields;
use crate::journal::Receipt;
use crate::problem::Problem;

const VALUE_CHARS_MAX: usize = 500;

/// Says something of a contact; without a value, that it is not known any more.
pub async fn set_property(
    app: &Arc<App>,
    asker: Asker<'_>,
    contact: ContactId,
    name: &str,
    value: &str,
) -> Result<Receipt, Problem> {
    let property = Property { name: name.trim().to_owned(), value: value.trim().to_owned() };
    let mut fields = Fields::default();
    fields.name("name", &property.name);
    let fits = property.value.chars().count() <= VALUE_CHARS_MAX;
    fields.check(fits, "value", format!("is longer than {VALUE_CHARS_MAX} characters"));
    fields.check(!property.value.chars().any(char::is_control), "value", "has control characters");
    fields.done()?;
    let asked = format!("property/{}/{}", property.name, property.value);
    tell(app, asker, contact, &asked, Command::SetProperty { property }).await
}

/// They do not want to be written to on a channel.
pub async fn opt_out(
    app: &Arc<App>,
    asker: Asker<'_>,
    contact: ContactId,
    channel: Channel,
) -> Result<Receipt, Problem> {
    tell(app, asker, contact, &format!("opt_out/{}", channel.name()), Command::OptOut { channel }).await
}

pub async fn opt_in(
    app: &Arc<App>,
    asker: Asker<'_>,
    contact: ContactId,
    channel: Channel,
) -> Result<Receipt, Problem> {
    tell(app, asker, contact, &format!("opt_in/{}", channel.name()), Command::OptIn { channel }).await
}

/// Two contacts are one person. Whoever says so may see both.
pub async fn link(app: &Arc<App>, asker: Asker<'_>, contact: ContactId, to: ContactId) -> Result<Receipt, Problem> {
    let (keeper, other) = ordered(contact, to);
    let allowed = may_link(app, &asker, contact, to).await;
    say(app, asker, keeper, &format!("link/{other}"), Command::Link { to: other }, allowed).await
}

/// They are not, after all.
pub async fn unlink(app: &Arc<App>, asker: Asker<'_>, contact: ContactId, from: ContactId) -> Result<Receipt, Problem> {
    let (keeper, other) = ordered(contact, from);
    let allowed = may_unlink(app, &asker, contact, from).await;
    say(app, asker, keeper, &format!("unlink/{other}"), Command::Unlink { from: other }, allowed).await
}

/// A link is the same from either side: the contact with the smaller id has it, and decides.
fn ordered(one: ContactId, other: ContactId) -> (ContactId, ContactId) {
    if one <= other { (one, other) } else { (other, one) }
}

async fn may_link(app: &Arc<App>, asker: &Asker<'_>, contact: ContactId, to: ContactId) -> Result<(), Problem> {
    let (person_of_one, _) = person(app, asker.actor, contact).await?;
    if contact == to {
        return Err(Problem::link_to_self());
    }
    let unknown = |problem: Problem| if problem.code == "not_found" { Problem::unknown_contact() } else { problem };
    let (person_of_other, _) = person(app, asker.actor, to).await.map_err(unknown)?;
    if [contact, to].into_iter().any(|one| app.desks.read().is_erased(one)) {
        return Err(Refusal::Erased.into());
    }
    let together = person_of_one.len() + person_of_other.len();
    if !person_of_one.contains(&to) && together > PERSON_MAX {
        return Err(Problem::too_many_linked(PERSON_MAX));
    }
    Ok(())
}

async fn may_unlink(app: &Arc<App>, asker: &Asker<'_>, contact: ContactId, from: ContactId) -> Result<(), Problem> {
    let (person, _) = person(app, asker.actor, contact).await?;
    let directly = app.desks.read().linked().to(contact).any(|other| other == from);
    if person.contains(&from) && contact != from && !directly {
        return Err(Problem::linked_through_others());
    }
    Ok(())
}

async fn tell(
    app: &Arc<App>,
    asker: Asker<'_>,
    contact: ContactId,
    asked: &str,
    command: Command,
) -> Result<Receipt, Problem> {
    let allowed = person(app, asker.actor, contact).await.map(drop);
    say(app, asker, contact, asked, command, allowed).await
}

/// Answered once everybody can see it.
async fn say(
    app: &Arc<App>,
    asker: Asker<'_>,
    contact: ContactId,
    asked: &str,
    command: Command,
    allowed: Result<(), Problem>,
) -> Result<Receipt, Problem> {
    let key = asker.command_key(app, &format!("contact/{contact}/{asked}"));
    let receipt = once(app, &app.actors.contacts, contact, command, key, allowed).await?;
    app.desks.at_least(receipt.position).await;
    Ok(receipt)
}
