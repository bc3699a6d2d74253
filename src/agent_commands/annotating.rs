//! Notes among colleagues, and tags: whoever may read a conversation may leave them.

use std::sync::Arc;

use gatehouse_domain::ConversationId;
use gatehouse_domain::conversation::{Command, Tag};

use super::{Asker, NOTE_CHARS_MAX, authorise, invalid, tell, words_within};
use crate::app::App;
use crate::journal::Receipt;
use crate::policy::{Action, may};
use crate::problem::Problem;

/// Also about a conversation whose interaction has ended.
pub async fn add_note(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    text: &str,
) -> Result<Receipt, Problem> {
    let text = text.trim().to_owned();
    words_within("text", &text, NOTE_CHARS_MAX)?;
    if text.is_empty() {
        return Err(invalid("text", "is missing"));
    }
    let asked = format!("note/{text}");
    let command = Command::AddNote { by: asker.actor.agent(), text };
    annotate(app, asker, conversation, &asked, command).await
}

pub async fn tag(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    typed: &str,
) -> Result<Receipt, Problem> {
    let (tag, by) = (parse(typed)?, asker.actor.agent());
    annotate(app, asker, conversation, &format!("tag/{}", tag.key()), Command::Tag { tag, by }).await
}

pub async fn untag(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    typed: &str,
) -> Result<Receipt, Problem> {
    let (tag, by) = (parse(typed)?, asker.actor.agent());
    annotate(app, asker, conversation, &format!("untag/{}", tag.key()), Command::Untag { tag, by }).await
}

fn parse(typed: &str) -> Result<Tag, Problem> {
    Tag::parse(typed).ok_or_else(|| invalid("tag", Tag::EXPECTED))
}

async fn annotate(
    app: &Arc<App>,
    asker: Asker<'_>,
    conversation: ConversationId,
    asked: &str,
    command: Command,
) -> Result<Receipt, Problem> {
    let allowed = authorise(app, conversation, |audience, setup| may(asker.actor, Action::Annotate(audience), setup));
    tell(app, asker, conversation, asked, command, allowed).await
}
