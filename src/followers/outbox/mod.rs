//! Hands replies to providers: in order within a conversation, and never a silent second time.
//!
//! Owns: what is unsent or unsettled per conversation, folded from the log. Restart: folds the log again; an attempt it
//! finds without outcome is recorded as indeterminate, because nobody knows whether it went through. After a restore
//! from backup so is everything unsent that came out of the backup: the life that was lost may have sent it.

mod shell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::{self, Resolution};
use gatehouse_domain::{ConversationId, Fact, GatewayId, Kind, MessageId, Recorded, StreamId};

use super::{ASK_AGAIN_AFTER, Done, Effect};

pub use shell::{RetrySchedule, start};

/// Sends under way at one gateway: a slow provider stops nobody else.
const SENDS_PER_GATEWAY_MAX: usize = 16;
/// An indeterminate message stops blocking its conversation after this long.
const INDETERMINATE_BLOCKS_FOR: TimeDelta = TimeDelta::minutes(5);

/// One thing to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begin attempt `attempt` and hand it to the provider.
    Send { conversation: ConversationId, message: MessageId, gateway: GatewayId, attempt: u32 },
    /// An attempt of an earlier life has no outcome.
    GiveUp { conversation: ConversationId, message: MessageId, attempt: u32 },
    /// Unsent, says a log that was restored: perhaps sent since the backup was made.
    Doubt { conversation: ConversationId, message: MessageId },
}

impl Act {
    fn conversation(self) -> ConversationId {
        match self {
            Self::Send { conversation, .. } | Self::GiveUp { conversation, .. } | Self::Doubt { conversation, .. } => {
                conversation
            }
        }
    }
}

/// What has to be sent, per conversation, oldest first.
#[derive(Debug, Default)]
pub struct Outbox {
    lanes: BTreeMap<ConversationId, VecDeque<Item>>,
    /// Conversations to look at now, and later.
    ready: BTreeSet<ConversationId>,
    later: BTreeSet<(DateTime<Utc>, ConversationId)>,
    busy: BTreeSet<ConversationId>,
    sends: BTreeMap<GatewayId, usize>,
    /// Conversations that wait for room at their gateway.
    crowded: BTreeMap<GatewayId, BTreeSet<ConversationId>>,
    /// Everything up to this position came out of a backup; 0 where the log was never restored.
    restored: u64,
    /// Nothing is handed to providers for now; the conversations that wait for that to end.
    paused: bool,
    held: BTreeSet<ConversationId>,
}

#[derive(Debug)]
struct Item {
    message: MessageId,
    gateway: GatewayId,
    /// Attempts begun so far.
    attempts: u32,
    /// Where the log last told of it.
    told_at: u64,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting { not_before: Option<DateTime<Utc>> },
    Attempted,
    Indeterminate { since: DateTime<Utc> },
}

impl Outbox {
    /// An outbox over a log whose events up to `restored` came out of a backup.
    pub fn of_restored(restored: u64) -> Self {
        Self { restored, ..Self::default() }
    }

    fn fold_conversation(&mut self, id: ConversationId, at: u64, event: &conversation::Event) {
        use conversation::Event as E;
        match event {
            E::ReplyQueued { message, gateway, .. } => {
                let item = Item {
                    message: *message,
                    gateway: *gateway,
                    attempts: 0,
                    told_at: at,
                    state: State::Waiting { not_before: None },
                };
                self.lanes.entry(id).or_default().push_back(item);
            }
            E::SendAttempted { message, attempt, .. } => {
                self.attempted(id, *message, *attempt);
                self.set(id, at, *message, State::Attempted);
            }
            E::SendDeferred { message, until, .. } => {
                self.set(id, at, *message, State::Waiting { not_before: Some(*until) });
            }
            E::ReplyIndeterminate { message, attempt, at: since } => {
                // After a restore it is an attempt the log knew nothing of.
                self.attempted(id, *message, *attempt);
                self.set(id, at, *message, State::Indeterminate { since: *since });
            }
            E::SendResolved { message, resolution: Resolution::Resend, .. } => {
                self.set(id, at, *message, State::Waiting { not_before: None });
            }
            E::SendResolved { message, resolution: Resolution::Discard, .. }
            | E::ReplySubmitted { message, .. }
            | E::ReplySent { message, .. }
            | E::ReplyDelivered { message, .. }
            | E::ReplyRead { message, .. }
            | E::ReplyFailed { message, .. } => self.settle(id, *message),
            _ => return,
        }
        self.ready.insert(id);
    }

    fn set(&mut self, id: ConversationId, at: u64, message: MessageId, state: State) {
        if let Some(item) = self.item(id, message) {
            (item.told_at, item.state) = (at, state);
        }
    }

    fn attempted(&mut self, id: ConversationId, message: MessageId, attempt: u32) {
        if let Some(item) = self.item(id, message) {
            item.attempts = attempt;
        }
    }

    fn item(&mut self, id: ConversationId, message: MessageId) -> Option<&mut Item> {
        self.lanes.get_mut(&id)?.iter_mut().find(|item| item.message == message)
    }

    fn settle(&mut self, id: ConversationId, message: MessageId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.retain(|item| item.message != message);
        if lane.is_empty() {
            self.lanes.remove(&id);
        }
    }

    /// What to do in a conversation now: doubt what has to be doubted, then look at its oldest live message only.
    fn next(&mut self, id: ConversationId, now: DateTime<Utc>) -> Option<Act> {
        let unfinished = |item: &&Item| !matches!(item.state, State::Indeterminate { .. });
        let mut doubtful = self.lanes.get(&id)?.iter().filter(|item| item.told_at <= self.restored);
        if let Some(Item { message, .. }) = doubtful.find(unfinished) {
            return Some(Act::Doubt { conversation: id, message: *message });
        }
        let live = |item: &&Item| match item.state {
            State::Indeterminate { since } => now < since + INDETERMINATE_BLOCKS_FOR,
            State::Waiting { .. } | State::Attempted => true,
        };
        let item = self.lanes.get(&id)?.iter().find(live)?;
        match item.state {
            State::Waiting { not_before: Some(at) } if now < at => {
                self.later.insert((at, id));
                None
            }
            State::Waiting { .. } if self.paused => {
                self.held.insert(id);
                None
            }
            State::Waiting { .. } => {
                let (message, gateway, attempts) = (item.message, item.gateway, item.attempts);
                if self.sends.get(&gateway).copied().unwrap_or(0) >= SENDS_PER_GATEWAY_MAX {
                    self.crowded.entry(gateway).or_default().insert(id);
                    return None;
                }
                Some(Act::Send { conversation: id, message, gateway, attempt: attempts + 1 })
            }
            State::Attempted => Some(Act::GiveUp { conversation: id, message: item.message, attempt: item.attempts }),
            State::Indeterminate { since } => {
                self.later.insert((since + INDETERMINATE_BLOCKS_FOR, id));
                None
            }
        }
    }
}

impl Effect for Outbox {
    const NAME: &'static str = "outbox";
    type Act = Act;

    fn fold(&mut self, recorded: &Recorded) {
        if let Fact::Conversation(event) = &recorded.fact {
            self.fold_conversation(ConversationId(recorded.stream.id), recorded.position, event);
        }
    }

    fn set_apart(&mut self, stream: StreamId) {
        if stream.kind == Kind::Conversation {
            self.lanes.remove(&ConversationId(stream.id));
        }
    }

    fn due(&mut self, now: DateTime<Utc>) -> Vec<Act> {
        while let Some((at, id)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, id));
            self.ready.insert(id);
        }
        let mut acts = vec![];
        for id in std::mem::take(&mut self.ready) {
            if self.busy.contains(&id) {
                continue;
            }
            if let Some(act) = self.next(id, now) {
                self.busy.insert(id);
                if let Act::Send { gateway, .. } = act {
                    *self.sends.entry(gateway).or_default() += 1;
                }
                acts.push(act);
            }
        }
        acts
    }

    fn done(&mut self, act: Act, outcome: Done, now: DateTime<Utc>) {
        let id = act.conversation();
        self.busy.remove(&id);
        if let Act::Send { gateway, .. } = act {
            self.sends.entry(gateway).and_modify(|sends| *sends = sends.saturating_sub(1));
            self.ready.extend(self.crowded.remove(&gateway).unwrap_or_default());
        }
        match outcome {
            Done::Committed(_) => {
                self.ready.insert(id);
            }
            // What was folded meanwhile decides; a moment's pause keeps a disagreement from spinning.
            Done::Refused | Done::Failed => {
                self.later.insert((now + ASK_AGAIN_AFTER, id));
            }
        }
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if !paused {
            self.ready.append(&mut self.held);
        }
    }

    fn wake_at(&self) -> Option<DateTime<Utc>> {
        self.later.first().map(|(at, _)| *at)
    }
}
