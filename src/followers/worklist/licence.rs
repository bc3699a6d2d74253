//! The licence: how many interactions may be offered to agents or owned by them at a time.

use std::collections::BTreeMap;

use gatehouse_domain::{Channel, ConversationId};
use serde::Deserialize;

use super::by_id::ById;

/// How many at a time; none: as many as there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceConfig {
    #[serde(default)]
    pub interactions_max: Option<u32>,
    #[serde(default)]
    pub per_channel_max: BTreeMap<Channel, u32>,
}

/// What counts now.
#[derive(Debug, Default)]
pub struct Licence {
    config: LicenceConfig,
    /// Whether anything is limited; if not, nothing is counted.
    limits: bool,
    counted: ById<ConversationId, Channel>,
    per_channel: BTreeMap<Channel, u32>,
}

impl Licence {
    pub fn new(config: LicenceConfig) -> Self {
        let limits = config.interactions_max.is_some() || !config.per_channel_max.is_empty();
        Self { config, limits, ..Self::default() }
    }

    /// Whether one more on this channel would be too many.
    pub fn is_full(&self, channel: Channel) -> bool {
        let total = self.config.interactions_max.is_some_and(|max| self.counted.len() >= max as usize);
        let used = || self.per_channel.get(&channel).copied().unwrap_or_default();
        total || self.config.per_channel_max.get(&channel).is_some_and(|max| used() >= *max)
    }

    pub fn counts(&self, id: ConversationId) -> bool {
        self.counted.contains_key(&id)
    }

    /// Counts an interaction, or counts it no more; whether somebody else could be served for that.
    pub fn count(&mut self, id: ConversationId, channel: Option<Channel>) -> bool {
        if !self.limits {
            return false;
        }
        let before = match channel {
            Some(channel) => self.counted.insert(id, channel),
            None => self.counted.remove(&id),
        };
        if before == channel {
            return false;
        }
        if let Some(channel) = channel {
            *self.per_channel.entry(channel).or_default() += 1;
        }
        if let Some(used) = before.and_then(|before| self.per_channel.get_mut(&before)) {
            *used -= 1;
        }
        before.is_some()
    }
}
