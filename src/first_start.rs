//! The first start: an administrator to sign in with, and the first end reasons.

use anyhow::Context;
use gatehouse_domain::user::Role;
use gatehouse_domain::{EndReasonId, Kind, StreamId, UserId, end_reason, user};
use secrecy::SecretString;

use crate::app::App;
use crate::clock::random_bytes;
use crate::config::ADMIN_PASSWORD_VARIABLE;

const ADMINISTRATOR: &str = "admin";
const END_REASONS: [&str; 3] = ["solved", "no answer", "spam"];

/// Makes what is missing; an installation that has it is left alone. Safe to break off and run again.
pub async fn prepare(app: &App) -> anyhow::Result<()> {
    let (has_administrator, has_reasons) = {
        let desk = app.desks.read();
        let administrator = desk.setup.users.values().any(|user| user.role == Role::Administrator);
        (administrator, !desk.setup.end_reasons.is_empty())
    };
    if !has_reasons {
        for name in END_REASONS {
            let id = EndReasonId(app.journal.installation().keyed_id(&["end_reason", name]));
            if app.journal.is_apart(StreamId { kind: Kind::EndReason, id: id.0 }) {
                continue;
            }
            let command = end_reason::Command::Add { name: name.to_owned() };
            app.actors.end_reasons.execute(id, command, None).await.context("end reasons cannot be made")?;
        }
    }
    if !has_administrator {
        make_administrator(app).await?;
    }
    app.desks.at_least(app.journal.head()).await;
    Ok(())
}

async fn make_administrator(app: &App) -> anyhow::Result<()> {
    let id = UserId(app.journal.installation().keyed_id(&["user", ADMINISTRATOR]));
    if app.journal.is_apart(StreamId { kind: Kind::User, id: id.0 }) {
        // There is one, whom this version cannot read.
        return Ok(());
    }
    let given = std::env::var(ADMIN_PASSWORD_VARIABLE).ok().filter(|password| !password.is_empty());
    let password = given.clone().unwrap_or_else(|| hex::encode(random_bytes::<12>()));
    // The password first: a break between the two leaves nothing that cannot be made again.
    app.vault.set_password(id, &SecretString::from(password.clone())).await?;
    let command = user::Command::Add {
        login: ADMINISTRATOR.to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Administrator,
    };
    app.actors.users.execute(id, command, None).await.context("the administrator cannot be made")?;
    if given.is_none() {
        // To the console, once, and never to a log file.
        println!("First start. Sign in as {ADMINISTRATOR:?} with the password {password}");
        println!("It is shown this once only.");
    }
    Ok(())
}
