//! Why an interaction goes to whom it goes, and why one waits.

use gatehouse_domain::conversation::{PassedOver, Reason, Rule, Why};
use gatehouse_domain::inbox::Mode;
use gatehouse_domain::{AgentId, ConversationId};
use serde::Serialize;

use super::line::EARLIER_COUNTED_MAX;
use super::serving::rule;
use super::{Standing, Work, Worklist};

/// Why an interaction waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    #[serde(flatten)]
    pub why: Why,
    pub held_by: HeldBy,
}

/// What keeps it waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// As many interactions are in progress as the licence allows.
    Licence,
    /// Nothing of this inbox flows by itself.
    Manual,
    /// Nobody who could take it is free.
    NobodyFree,
    /// A slot is being held for it at this moment.
    Nothing,
}

impl Worklist {
    /// Why an interaction waits; none where it does not.
    pub fn explain(&self, id: ConversationId) -> Option<Explanation> {
        let work = self.open.get(&id).filter(|work| matches!(work.standing, Standing::Waiting { .. }))?;
        let routing = &self.inboxes.get(&work.inbox)?.routing;
        let held_by = if self.licence.is_full(work.channel) && !self.licence.counts(id) {
            HeldBy::Licence
        } else if routing.mode == Mode::Manual {
            HeldBy::Manual
        } else if work.lined.is_some_and(|(class, _)| self.line.free(class).is_empty()) {
            HeldBy::NobodyFree
        } else {
            HeldBy::Nothing
        };
        let mut why = self.told(id, work, rule(routing.strategy), &[], usize::MAX);
        why.passed_over = self.passed_over(work, &why.candidates, &[]);
        Some(Explanation { why, held_by })
    }

    /// What is told with an offer: bounded work, however many wait. Who was passed over is added when it is offered.
    pub(super) fn why(&self, id: ConversationId, work: &Work, rule: Rule, chosen: &[AgentId]) -> Why {
        self.told(id, work, rule, chosen, EARLIER_COUNTED_MAX)
    }

    fn told(&self, id: ConversationId, work: &Work, rule: Rule, chosen: &[AgentId], earlier_max: usize) -> Why {
        let inbox = self.inboxes.get(&work.inbox);
        let classes = || inbox.into_iter().flat_map(|inbox| &inbox.channels).copied();
        let (lined, earlier) = self.line.before(classes().map(|(_, class)| class), work.place, id, earlier_max);
        let waiting = if work.lined.is_some() { lined } else { lined + 1 };
        let class = classes().find(|(channel, _)| *channel == work.channel);
        let free = class.map(|(_, class)| self.line.free(class));
        let could = free.map_or(0, std::collections::BTreeSet::len).max(chosen.len());
        let mut candidates: Vec<AgentId> = chosen.iter().copied().take(Why::CANDIDATES_MAX).collect();
        if rule != Rule::Requested {
            let others = free.into_iter().flatten().map(|(_, agent)| *agent);
            let others = others.filter(|agent| !chosen.contains(agent) && !work.passed.contains(agent));
            candidates.extend(others.take(Why::CANDIDATES_MAX - candidates.len()));
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let position = count(earlier + 1);
        Why { rule, position, waiting: count(waiting), could: count(could), candidates, passed_over: vec![] }
    }

    /// Agents of the inbox who were not asked: who had it before, then the first of the others.
    pub(super) fn passed_over(&self, work: &Work, candidates: &[AgentId], chosen: &[AgentId]) -> Vec<PassedOver> {
        let Some(inbox) = self.inboxes.get(&work.inbox) else { return vec![] };
        let had = work.passed.iter().filter(|agent| inbox.serving.contains(agent));
        let others = inbox.serving.iter().filter(|agent| !work.passed.contains(agent));
        let told = |agent: &AgentId| {
            let known = self.agents.get(agent)?;
            let reason = known.unable_in(work.inbox, inbox, work.channel, true);
            let reason = reason.or_else(|| work.passed.contains(agent).then_some(Reason::HadIt))?;
            Some(PassedOver { agent: *agent, reason })
        };
        let asked = |agent: &&AgentId| !candidates.contains(agent) && !chosen.contains(agent);
        had.chain(others).take(Why::PASSED_OVER_MAX).filter(asked).filter_map(told).collect()
    }
}
