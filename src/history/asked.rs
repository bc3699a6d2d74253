//! What is asked of the history, checked: every mistake is named at once.

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use gatehouse_domain::conversation::Tag;
use gatehouse_domain::{AgentId, Channel, EndReasonId, InboxId};
use gatehouse_projections::setup::Setup;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::Fields;
use crate::problem::Problem;
use crate::tables::search::Word;

pub const LIMIT_DEFAULT: usize = 50;
pub const LIMIT_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 200;
const WORDS_MAX: usize = 10;
/// Letters before a `*`: fewer would find almost everything.
const BEGUN_CHARS_MIN: usize = 2;
/// A number of fewer digits is nobody's.
const PHONE_DIGITS_MIN: usize = 5;

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
pub struct HistoryQuery {
    /// Words that a message or a note has, all of them; `ord*` is whatever begins like that.
    text: Option<String>,
    /// A contact's id, a phone number or another address, or how the parts of a name begin.
    contact: Option<String>,
    /// An agent who had the interaction.
    agent: Option<String>,
    channel: Option<String>,
    inbox: Option<String>,
    /// However its letters are written.
    tag: Option<String>,
    /// The end reason.
    reason: Option<String>,
    /// Opened then or later; where words are looked for, said then or later.
    from: Option<String>,
    /// Opened, or said, before.
    to: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Up to 200; 50 where nothing is said.
    limit: Option<String>,
    /// Waits until everything up to this position of the log can be found.
    pub at_least: Option<u64>,
}

/// What is asked, and can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub words: Vec<Word>,
    pub contact: Option<Who>,
    pub agent: Option<AgentId>,
    pub channel: Option<Channel>,
    pub inbox: Option<InboxId>,
    pub tag: Option<String>,
    pub reason: Option<EndReasonId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub after: Option<After>,
    pub limit: usize,
}

/// Whom to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Id(Uuid),
    Like { addresses: Vec<String>, name: Vec<Word> },
}

/// The last of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Said { position: i64 },
    Opened { at: DateTime<Utc>, conversation: Uuid, interaction: i64 },
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { position } => write!(f, "{position}"),
            Self::Opened { at, conversation, interaction } => {
                write!(f, "{}_{conversation}_{interaction}", at.to_rfc3339_opts(SecondsFormat::Micros, true))
            }
        }
    }
}

impl After {
    fn parse(cursor: &str) -> Option<Self> {
        let parts: Vec<&str> = cursor.split('_').collect();
        match parts[..] {
            [position] => Some(Self::Said { position: position.parse().ok()? }),
            [at, conversation, interaction] => Some(Self::Opened {
                at: time(at)?,
                conversation: conversation.parse().ok()?,
                interaction: interaction.parse().ok()?,
            }),
            _ => None,
        }
    }
}

impl Asked {
    pub fn parse(query: &HistoryQuery, setup: &Setup) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let words = query.text.as_deref().map(|text| words(&mut fields, text)).unwrap_or_default();
        let contact = query.contact.as_deref().map(|typed| who(&mut fields, typed));
        let agent = known(&mut fields, "agent", query.agent.as_deref(), |id| setup.agents.contains_key(&AgentId(id)));
        let inbox = known(&mut fields, "inbox", query.inbox.as_deref(), |id| setup.inboxes.contains_key(&InboxId(id)));
        let is_reason = |id| setup.end_reasons.contains_key(&EndReasonId(id));
        let reason = known(&mut fields, "reason", query.reason.as_deref(), is_reason);
        let channel = query.channel.as_deref().map(Channel::parse);
        fields.check(channel != Some(None), "channel", "is no channel");
        let tag = query.tag.as_deref().map(Tag::parse);
        fields.check(tag != Some(None), "tag", Tag::EXPECTED);
        let from = query.from.as_deref().map(time);
        fields.check(from != Some(None), "from", "is no time, as 2026-11-01T00:00:00Z");
        let to = query.to.as_deref().map(time);
        fields.check(to != Some(None), "to", "is no time, as 2026-11-01T00:00:00Z");
        let (from, to) = (from.flatten(), to.flatten());
        fields.check(from.zip(to).is_none_or(|(from, to)| from < to), "to", "is not after from");
        let after = query.cursor.as_deref().map(After::parse);
        let fits = |after| matches!(after, After::Said { .. }) != words.is_empty();
        fields.check(after.is_none_or(|after| after.is_some_and(fits)), "cursor", "is of no page of this search");
        let limit = query.limit.as_deref().map_or(Some(LIMIT_DEFAULT), |limit| limit.parse().ok());
        let fits = limit.is_some_and(|limit| (1..=LIMIT_MAX).contains(&limit));
        fields.check(fits, "limit", format!("is none from 1 to {LIMIT_MAX}"));
        fields.done()?;
        Ok(Self {
            words,
            contact,
            agent: agent.map(AgentId),
            channel: channel.flatten(),
            inbox: inbox.map(InboxId),
            tag: tag.flatten().map(|tag| tag.key()),
            reason: reason.map(EndReasonId),
            from,
            to,
            after: after.flatten(),
            limit: limit.unwrap_or(LIMIT_DEFAULT),
        })
    }
}

fn words(fields: &mut Fields, typed: &str) -> Vec<Word> {
    let long = typed.chars().count() > TEXT_CHARS_MAX;
    fields.check(!long, "text", format!("is longer than {TEXT_CHARS_MAX} characters"));
    let mut words = vec![];
    for piece in typed.split_whitespace().filter(|_| !long) {
        let mut found = Word::all(piece, false);
        if piece.ends_with('*')
            && let Some(last) = found.pop()
        {
            let many = format!("has fewer than {BEGUN_CHARS_MIN} letters before *");
            fields.check(last.chars() >= BEGUN_CHARS_MIN, "text", many);
            found.push(last.begun());
        }
        words.extend(found);
    }
    fields.check(long || !words.is_empty(), "text", "has no word to look for");
    fields.check(words.len() <= WORDS_MAX, "text", format!("has more than {WORDS_MAX} words"));
    words
}

fn who(fields: &mut Fields, typed: &str) -> Who {
    let typed = typed.trim();
    if let Ok(id) = typed.parse() {
        return Who::Id(id);
    }
    let long = typed.chars().count() > TEXT_CHARS_MAX;
    fields.check(!long, "contact", format!("is longer than {TEXT_CHARS_MAX} characters"));
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_phone = typed.chars().all(|c| c.is_ascii_digit() || " \u{a0}+-./()".contains(c));
    if is_phone && digits.len() >= PHONE_DIGITS_MIN {
        // 00 is the plus sign of those who have none.
        let number = digits.strip_prefix("00").unwrap_or(&digits).to_owned();
        let mut addresses = vec![number, digits];
        addresses.dedup();
        return Who::Like { addresses, name: vec![] };
    }
    let name = if long { vec![] } else { Word::all(typed, true) };
    fields.check(long || !name.is_empty(), "contact", "has no letter or digit");
    fields.check(name.len() <= WORDS_MAX, "contact", format!("has more than {WORDS_MAX} words"));
    let mut addresses = vec![typed.to_owned(), typed.to_lowercase()];
    addresses.dedup();
    Who::Like { addresses, name }
}

fn known(
    fields: &mut Fields,
    field: &'static str,
    typed: Option<&str>,
    is_known: impl Fn(Uuid) -> bool,
) -> Option<Uuid> {
    let typed = typed?;
    let id = typed.parse().ok().filter(|id| is_known(*id));
    fields.check(id.is_some(), field, "is not known");
    id
}

pub(super) fn time(typed: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(typed).ok().map(|time| time.with_timezone(&Utc))
}
