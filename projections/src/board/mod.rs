//! The supervisor's board: how things stand now, overall and in each inbox.
//!
//! Each event changes the sums it concerns, once, whoever is watching; what only time changes waits in order of its
//! moment. A board that is watched tells what has changed on it since it was asked last. What the numbers mean is in
//! `view`, and for people in docs/METRICS.md.
//!
//! - `row`: one conversation, and what it counts as. `tally`: the sums of one board. `stays`: what today and the last half
//!   hour are made of. `agents`, `gateways`: the tables. `telling`: what is shown, and what
//!   has changed.

mod agents;
mod gateways;
mod row;
mod stays;
mod tally;
mod telling;
#[cfg(test)]
mod tests;
mod view;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use gatehouse_domain::{AgentId, ConversationId, Fact, GatewayId, InboxId, Kind, Recorded, StreamId, conversation};

pub use row::{CLOSING_SOON, DUE_SOON};
pub use stays::RECENT;
pub use tally::LicenceMax;
pub use view::{
    AgentState, BoardAgent, BoardChange, BoardDefinitions, BoardGateway, BoardPatch, BoardTiles, BoardView, InProgress,
    Lens, LightIn, LightOut, People, Promises, Service, ServiceLevel, TilesPatch, Waiting, Windows,
};

use crate::setup::Setup;
use agents::Agents;
use gateways::Gateways;
use row::{Place, Row, Standing};
use stays::{Period, Stay, Stays, Turn};
use tally::{Tally, Way};

/// What the numbers depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definitions {
    pub answer_within: TimeDelta,
    pub short_abandon: TimeDelta,
    pub zone: Tz,
    pub licence: LicenceMax,
}

/// Everything, or one inbox.
pub type Scope = Option<InboxId>;

/// The fold behind every board.
#[derive(Debug)]
pub struct Board {
    definitions: Definitions,
    setup: Setup,
    now: DateTime<Utc>,
    rows: HashMap<ConversationId, (Row, Standing)>,
    /// When a conversation may count as something else, by itself.
    due: BTreeSet<(DateTime<Utc>, ConversationId)>,
    due_at: HashMap<ConversationId, DateTime<Utc>>,
    stays: Stays,
    agents: Agents,
    gateways: Gateways,
    all: Tally,
    by_inbox: BTreeMap<InboxId, Tally>,
    /// The boards somebody watches, with what was told of them last.
    watched: BTreeMap<Scope, BoardTiles>,
    /// Watched boards that may have changed since.
    touched: BTreeSet<Scope>,
    /// What was set up has changed: boards are told anew.
    anew: bool,
    computations: u64,
}

impl Board {
    pub fn new(definitions: Definitions) -> Self {
        Self {
            stays: Stays::new(definitions.zone),
            definitions,
            setup: Setup::default(),
            now: DateTime::UNIX_EPOCH,
            rows: HashMap::new(),
            due: BTreeSet::new(),
            due_at: HashMap::new(),
            agents: Agents::default(),
            gateways: Gateways::default(),
            all: Tally::default(),
            by_inbox: BTreeMap::new(),
            watched: BTreeMap::new(),
            touched: BTreeSet::new(),
            anew: false,
            computations: 0,
        }
    }

    /// Takes one event in. The time comes by `tick`.
    pub fn fold(&mut self, recorded: &Recorded) {
        match &recorded.fact {
            Fact::Conversation(event) => self.fold_conversation(ConversationId(recorded.stream.id), recorded, event),
            Fact::Contact(_) => {}
            Fact::Agent(_) => {
                self.setup.fold(recorded);
                self.look_at(AgentId(recorded.stream.id), recorded.recorded_at);
            }
            Fact::Gateway(_) => {
                self.setup.fold(recorded);
                self.gateways.touch(GatewayId(recorded.stream.id));
                self.anew = true;
            }
            Fact::Inbox(_) | Fact::Team(_) => {
                self.setup.fold(recorded);
                self.anew = true;
                for agent in self.setup.regrouped_by(recorded) {
                    self.regroup(agent);
                }
            }
            Fact::Connection(_) | Fact::EndReason(_) | Fact::User(_) => {}
        }
    }

    /// A stream cannot be read on: a conversation counts no more, because nobody knows how it stands.
    pub fn set_apart(&mut self, stream: StreamId) {
        if stream.kind == Kind::Conversation {
            self.forget(ConversationId(stream.id), self.now);
        }
    }

    /// Lets time pass. It never goes back.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        self.now = self.now.max(now);
        let now = self.now;
        while let Some((_, id)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.stand(id, now);
        }
        let turns = self.stays.tick(now);
        self.count_stays(turns);
        self.gateways.tick(now);
    }

    /// When something changes without any event.
    pub fn wake_at(&self) -> DateTime<Utc> {
        let due = self.due.first().map(|(at, _)| *at);
        [due, self.gateways.next_at()]
            .into_iter()
            .flatten()
            .min()
            .map_or(self.stays.next_at(), |at| at.min(self.stays.next_at()))
    }

    /// How often something was computed: what an event or a moment changes, and what is told of it.
    pub fn computations(&self) -> u64 {
        self.computations
    }

    fn fold_conversation(&mut self, id: ConversationId, recorded: &Recorded, event: &conversation::Event) {
        if let conversation::Event::Erased { .. } = event {
            return self.forget(id, recorded.recorded_at);
        }
        let row = match self.rows.entry(id) {
            Entry::Occupied(entry) => &mut entry.into_mut().0,
            Entry::Vacant(entry) => match Row::opened_by(event) {
                Some(row) => {
                    let (standing, _) = row.standing(self.now, &self.definitions);
                    &mut entry.insert((row, standing)).0
                }
                None => return,
            },
        };
        let stayed = row.fold(event, &self.definitions);
        self.gateways.fold(row.gateway, recorded.position, event);
        if let Some((inbox, at, how)) = stayed {
            let turns = self.stays.add(at, recorded.position, Stay { conversation: id, inbox, how });
            self.count_stays(turns);
        }
        self.stand(id, recorded.recorded_at);
    }

    /// Finds out what a conversation counts as now, and counts it as that.
    fn stand(&mut self, id: ConversationId, at: DateTime<Utc>) {
        let Some((row, before)) = self.rows.get_mut(&id) else {
            self.wake_for(id, None);
            return;
        };
        self.computations += 1;
        if row.is_over(self.now) {
            return self.forget(id, at);
        }
        let (standing, next) = row.standing(self.now, &self.definitions);
        let before = std::mem::replace(before, standing.clone());
        self.wake_for(id, next);
        if before != standing {
            self.move_between(id, Some(&before), Some(&standing), at);
        }
    }

    fn forget(&mut self, id: ConversationId, at: DateTime<Utc>) {
        self.wake_for(id, None);
        if let Some((_, standing)) = self.rows.remove(&id) {
            self.move_between(id, Some(&standing), None, at);
        }
    }

    fn move_between(
        &mut self,
        id: ConversationId,
        before: Option<&Standing>,
        now: Option<&Standing>,
        at: DateTime<Utc>,
    ) {
        let mut agents = BTreeSet::new();
        for (way, standing) in [(Way::Out, before), (Way::In, now)] {
            let Some(standing) = standing.filter(|standing| standing.counts()) else { continue };
            agents.extend(self.agents.count(way, standing));
            self.all.count(way, id, standing);
            self.by_inbox.entry(standing.inbox).or_default().count(way, id, standing);
            self.touched.insert(Some(standing.inbox));
        }
        self.touched.insert(None);
        if self.definitions.licence != LicenceMax::default() {
            // What is under way in one inbox holds back what waits in another.
            self.touch_all();
        }
        for agent in agents {
            self.look_at(agent, at);
        }
    }

    fn wake_for(&mut self, id: ConversationId, at: Option<DateTime<Utc>>) {
        let before = match at {
            Some(at) => self.due_at.insert(id, at),
            None => self.due_at.remove(&id),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.due.remove(&(before, id));
        }
        self.due.extend(at.map(|at| (at, id)));
    }

    fn count_stays(&mut self, turns: Vec<Turn>) {
        for (way, period, stay) in turns {
            for tally in [&mut self.all, self.by_inbox.entry(stay.inbox).or_default()] {
                match period {
                    Period::Today => tally.today.count(way, stay.how),
                    Period::Recent => tally.recent.count(way, stay.how),
                }
            }
            self.touched.extend([None, Some(stay.inbox)]);
        }
    }

    fn look_at(&mut self, id: AgentId, at: DateTime<Utc>) {
        self.computations += 1;
        let Some((before, now)) = self.agents.look(id, &self.setup, at) else { return };
        let inboxes: Vec<InboxId> = self.agents.inboxes(id).collect();
        for (way, row) in [(Way::Out, before.as_ref()), (Way::In, Some(&now))] {
            let Some(row) = row else { continue };
            self.all.count_agent(way, row);
            for inbox in &inboxes {
                self.by_inbox.entry(*inbox).or_default().count_agent(way, row);
            }
        }
        self.touched.insert(None);
        self.touched.extend(inboxes.into_iter().map(Some));
    }

    /// An agent may serve other inboxes than before.
    fn regroup(&mut self, id: AgentId) {
        let (left, come) = self.agents.regroup(id, &self.setup);
        let Some(row) = self.agents.row_of(id) else { return };
        for (way, inboxes) in [(Way::Out, left), (Way::In, come)] {
            for inbox in inboxes {
                self.by_inbox.entry(inbox).or_default().count_agent(way, row);
            }
        }
    }

    fn touch_all(&mut self) {
        self.touched.extend(self.watched.keys().copied());
    }
}

impl Standing {
    /// Whether it counts for anything.
    fn counts(&self) -> bool {
        self.place != Place::Nowhere
    }
}
