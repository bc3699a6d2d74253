//! What an open interaction is about, in a word. Tags are kept as they were typed and compared without case.

use chrono::{DateTime, Utc};

use super::Decision;
use crate::AgentId;
use crate::conversation::{Conversation, Event, Refusal, Tag};

/// More would not be read.
const TAGS_MAX: usize = 20;

pub fn tag(this: &Conversation, tag: Tag, by: AgentId, at: DateTime<Utc>) -> Decision {
    let tags = &this.open()?.tags;
    if tags.iter().any(|one| one.key() == tag.key()) {
        return Ok(vec![]);
    }
    if tags.len() >= TAGS_MAX {
        return Err(Refusal::TooManyTags { max: TAGS_MAX });
    }
    Ok(vec![Event::Tagged { tag, by, at }])
}

/// Told as it had been put on, however it is typed now.
pub fn untag(this: &Conversation, tag: &Tag, by: AgentId, at: DateTime<Utc>) -> Decision {
    let on = this.open()?.tags.iter().find(|one| one.key() == tag.key());
    Ok(on.map(|tag| Event::Untagged { tag: tag.clone(), by, at }).into_iter().collect())
}
