//! The agents on the board: what each is doing, and since when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gatehouse_domain::agent::Presence;
use gatehouse_domain::{AgentId, InboxId};

use super::row::Standing;
use super::tally::Way;
use super::view::{AgentState, BoardAgent};
use crate::setup::Setup;

#[derive(Debug, Default)]
pub struct Agents {
    rows: BTreeMap<AgentId, BoardAgent>,
    hands: BTreeMap<AgentId, Hands>,
    inboxes: BTreeMap<AgentId, BTreeSet<InboxId>>,
    changed: BTreeSet<AgentId>,
}

/// What an agent has to do with.
#[derive(Clone, Copy, Debug, Default)]
struct Hands {
    has: u32,
    asked: u32,
}

impl Agents {
    /// Counts an interaction in for whoever has it or is asked for it, or out; tells whom it concerns.
    pub fn count<'a>(&mut self, way: Way, standing: &'a Standing) -> impl Iterator<Item = AgentId> + use<'a> {
        if let Some(agent) = standing.owner {
            way.count(&mut self.hands.entry(agent).or_default().has, true);
        }
        for agent in &standing.asked {
            way.count(&mut self.hands.entry(*agent).or_default().asked, true);
        }
        standing.owner.into_iter().chain(standing.asked.iter().copied())
    }

    /// Looks at an agent again; the row before and the row now come back where they differ.
    pub fn look(&mut self, id: AgentId, setup: &Setup, at: DateTime<Utc>) -> Option<(Option<BoardAgent>, BoardAgent)> {
        let mut row = self.row(id, setup, at)?;
        let before = self.rows.get(&id);
        if let Some(before) = before.filter(|before| before.state == row.state) {
            row.since = before.since;
        }
        if before == Some(&row) {
            return None;
        }
        self.changed.insert(id);
        Some((self.rows.insert(id, row.clone()), row))
    }

    /// The inboxes an agent serves.
    pub fn inboxes(&self, id: AgentId) -> impl Iterator<Item = InboxId> {
        self.inboxes.get(&id).into_iter().flatten().copied()
    }

    /// Finds out anew what an agent serves: what they left, and what they came to.
    pub fn regroup(&mut self, id: AgentId, setup: &Setup) -> (Vec<InboxId>, Vec<InboxId>) {
        let serves: BTreeSet<_> = setup.inboxes.keys().copied().filter(|inbox| setup.is_member(*inbox, id)).collect();
        let served = self.inboxes.insert(id, serves.clone()).unwrap_or_default();
        (served.difference(&serves).copied().collect(), serves.difference(&served).copied().collect())
    }

    /// Those of an inbox, or everybody.
    pub fn of(&self, inbox: Option<InboxId>) -> impl Iterator<Item = &BoardAgent> {
        let serves = move |id: &AgentId| inbox.is_none_or(|inbox| self.serves(*id, inbox));
        self.rows.iter().filter(move |(id, _)| serves(id)).map(|(_, row)| row)
    }

    pub fn row_of(&self, id: AgentId) -> Option<&BoardAgent> {
        self.rows.get(&id)
    }

    /// Those of an inbox, or everybody, among these.
    pub fn among(&self, ids: &BTreeSet<AgentId>, inbox: Option<InboxId>) -> Vec<BoardAgent> {
        let concerned = ids.iter().filter(|id| inbox.is_none_or(|inbox| self.serves(**id, inbox)));
        concerned.filter_map(|id| self.rows.get(id)).cloned().collect()
    }

    /// Whether any has changed since `take_changed`.
    pub fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Those that changed since this was asked last.
    pub fn take_changed(&mut self) -> BTreeSet<AgentId> {
        std::mem::take(&mut self.changed)
    }

    fn serves(&self, id: AgentId, inbox: InboxId) -> bool {
        self.inboxes.get(&id).is_some_and(|inboxes| inboxes.contains(&inbox))
    }

    fn row(&self, id: AgentId, setup: &Setup, since: DateTime<Utc>) -> Option<BoardAgent> {
        let known = setup.agents.get(&id)?;
        let Hands { has, asked } = self.hands.get(&id).copied().unwrap_or_default();
        let in_use = u32::try_from(known.holds.len()).unwrap_or(u32::MAX);
        let state = match &known.presence {
            Presence::Offline => AgentState::Offline,
            Presence::OnBreak { .. } => AgentState::Break,
            Presence::NotResponding => AgentState::NotResponding,
            Presence::Online if known.sockets.is_empty() => AgentState::Disconnected,
            Presence::Online if in_use == 0 => AgentState::Available,
            Presence::Online if has > 0 => AgentState::Busy,
            Presence::Online if asked > 0 => AgentState::Offered,
            Presence::Online => AgentState::WrappingUp,
        };
        let reason = if let Presence::OnBreak { reason } = &known.presence { reason.clone() } else { None };
        Some(BoardAgent {
            id: id.0,
            name: known.name.clone(),
            state,
            reason,
            since,
            interactions: has,
            asked,
            slots: known.capacity.total,
            slots_in_use: in_use,
        })
    }
}
