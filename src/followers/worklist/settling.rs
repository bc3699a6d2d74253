//! What a conversation's holds and offers need, so that every hold serves something and every offer can be taken.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::conversation::OfferTo;
use gatehouse_domain::inbox::{Mode, OnOffline, Strategy};
use gatehouse_domain::{AgentId, ConversationId, HoldId, OfferId};
use uuid::Uuid;

use super::serving::rule;
use super::{Act, Standing, Subject, Work, Worklist};

/// Nothing waits for an answer longer than a day, whatever an inbox says.
const ANSWER_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

impl Worklist {
    pub(super) fn settle(&mut self, id: ConversationId, now: DateTime<Utc>) -> Vec<Act> {
        #[cfg(test)]
        if self.bug == Some(super::tests::Bug::KeepsUselessHolds) && !self.open.contains_key(&id) {
            return vec![];
        }
        if self.is_apart(id) {
            return vec![];
        }
        let Some(work) = self.open.get(&id) else { return self.settle_ended(id, now) };
        let none = BTreeMap::new();
        let holds = self.holds.get(&id).unwrap_or(&none);
        let release =
            |(hold, agent): (&HoldId, &AgentId)| Act::Release { conversation: id, agent: *agent, hold: *hold };
        match &work.standing {
            Standing::Waiting { spent } => {
                let manual = self.inboxes.get(&work.inbox).is_none_or(|inbox| inbox.routing.mode == Mode::Manual);
                let useless = |(hold, agent): &(&HoldId, &AgentId)| {
                    manual || spent.contains(hold) || !self.could_take(**agent, work.inbox)
                };
                let releases: Vec<Act> = holds.iter().filter(useless).map(release).collect();
                if releases.is_empty() { self.offer(id, work, holds, now).into_iter().collect() } else { releases }
            }
            Standing::Offered(offers) => {
                // A desk that reconnects keeps its offers; whoever went on break or offline does not.
                let gone = offers.iter().find(|(_, (agent, _))| !self.is_on_duty(*agent, work.inbox));
                if let Some((offer, _)) = gone {
                    return vec![Act::Withdraw { conversation: id, offer: *offer }];
                }
                let serves = |hold: &HoldId| offers.values().any(|(_, held)| held == hold);
                holds.iter().filter(|(hold, _)| !serves(hold)).map(release).collect()
            }
            Standing::Owned { agent, .. } if self.is_offline(*agent) && self.gives_back(work) => {
                vec![Act::Return { conversation: id, agent: *agent }]
            }
            Standing::Owned { agent, transfer: Some(handover), .. } if !self.is_online(handover.to) => {
                let owner_available = self.is_online(*agent);
                vec![Act::WithdrawTransfer { conversation: id, transfer: handover.transfer, owner_available }]
            }
            Standing::Owned { hold, transfer, .. } => {
                let kept = transfer.map(|handover| handover.hold);
                holds.iter().filter(|(held, _)| *held != hold && Some(**held) != kept).map(release).collect()
            }
            Standing::Flow => holds.iter().map(release).collect(),
        }
    }

    /// Nothing is open: all there may be is somebody finishing up.
    fn settle_ended(&mut self, id: ConversationId, now: DateTime<Utc>) -> Vec<Act> {
        let wrapping = self.wraps.get(&id).and_then(|wrap| {
            let ms = self.inboxes.get(&wrap.inbox)?.routing.wrap_up_ms?;
            let until = wrap.ended_at + millis(ms);
            (until > now && !self.is_offline(wrap.agent)).then_some((wrap.hold, until))
        });
        if let Some((_, until)) = wrapping {
            self.later.insert((until, Subject::Conversation(id)));
        }
        let kept = wrapping.map(|(hold, _)| hold);
        let holds = self.holds.get(&id).into_iter().flatten().filter(|(hold, _)| Some(**hold) != kept);
        holds.map(|(hold, agent)| Act::Release { conversation: id, agent: *agent, hold: *hold }).collect()
    }

    /// Offers what waits to whoever a slot is held of, or gives it to them.
    fn offer(
        &self,
        id: ConversationId,
        work: &Work,
        holds: &BTreeMap<HoldId, AgentId>,
        now: DateTime<Utc>,
    ) -> Option<Act> {
        let routing = &self.inboxes.get(&work.inbox)?.routing;
        let rings = routing.strategy == Strategy::RingAll && routing.mode == Mode::Offer;
        let held: Vec<(HoldId, AgentId)> =
            holds.iter().take(if rings { usize::MAX } else { 1 }).map(|(hold, agent)| (*hold, *agent)).collect();
        let (hold, agent) = *held.first()?;
        let agents: Vec<AgentId> = held.iter().map(|(_, agent)| *agent).collect();
        let mut why = work.why.clone().unwrap_or_else(|| self.why(id, work, rule(routing.strategy), &agents));
        why.passed_over = self.passed_over(work, &why.candidates, &agents);
        let why = Some(why);
        if routing.mode == Mode::Assign {
            return Some(Act::Give { conversation: id, agent, hold, why });
        }
        let to = |(hold, agent): (HoldId, AgentId)| OfferTo {
            offer: OfferId(Uuid::new_v5(&hold.0, &work.version.to_be_bytes())),
            agent,
            hold,
        };
        let until = now + millis(routing.offer_timeout_ms);
        Some(Act::Offer { conversation: id, offers: held.into_iter().map(to).collect(), until, why })
    }

    /// Whether the work of somebody who is offline goes back to its inbox.
    pub(super) fn gives_back(&self, work: &Work) -> bool {
        self.inboxes.get(&work.inbox).is_none_or(|inbox| inbox.routing.on_offline == OnOffline::Return)
    }
}

pub(super) fn millis(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(ms.min(ANSWER_MS_MAX).try_into().unwrap_or_default())
}
