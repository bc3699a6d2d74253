//! What a board shows, what has changed on it, and what is behind a number.

use chrono::TimeDelta;
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId};

use super::row::{Place, Standing, Stayed};
use super::stays::Stay;
use super::{Board, BoardChange, BoardDefinitions, BoardPatch, BoardTiles, BoardView, Lens, Scope, TilesPatch};
use crate::desk;

impl Board {
    /// Whether there is a board of it.
    pub fn has(&self, scope: Scope) -> bool {
        scope.is_none_or(|inbox| self.setup.inboxes.contains_key(&inbox))
    }

    /// One board as it stands.
    pub fn view(&self, scope: Scope) -> BoardView {
        let gateways = self.setup.gateways.keys().filter(|id| self.concerns(**id, scope));
        BoardView {
            inbox: scope.map(|inbox| inbox.0),
            as_of: self.now,
            definitions: BoardDefinitions {
                answer_within_s: seconds(self.definitions.answer_within),
                short_abandon_s: seconds(self.definitions.short_abandon),
                time_zone: self.definitions.zone.name(),
            },
            tiles: self.tiles(scope),
            agents: self.agents.of(scope).cloned().collect(),
            gateways: gateways.filter_map(|id| self.gateways.view(*id, &self.setup)).collect(),
            inboxes: desk::names(&self.setup).0,
        }
    }

    /// One board as it stands, whose changes are told from now on.
    pub fn watch(&mut self, scope: Scope) -> BoardView {
        let view = self.view(scope);
        // Whoever watches already is told from where they stand.
        self.watched.entry(scope).or_insert_with(|| view.tiles.clone());
        view
    }

    /// Nobody watches it any more.
    pub fn unwatch(&mut self, scope: Scope) {
        self.watched.remove(&scope);
    }

    /// What has changed on every watched board since this was asked last.
    pub fn changes(&mut self) -> Vec<(Scope, BoardChange)> {
        let anew = std::mem::take(&mut self.anew);
        let touched = std::mem::take(&mut self.touched);
        let (agents, gateways) = (self.agents.take_changed(), self.gateways.take_changed());
        let scopes: Vec<Scope> = self.watched.keys().copied().collect();
        let mut changes = vec![];
        for scope in scopes {
            if anew {
                let view = self.view(scope);
                self.computations += 1;
                self.watched.insert(scope, view.tiles.clone());
                changes.push((scope, BoardChange::Whole(Box::new(view))));
                continue;
            }
            let concerned = gateways.iter().filter(|id| self.concerns(**id, scope));
            let mut patch = BoardPatch {
                as_of: self.now,
                tiles: TilesPatch::default(),
                agents: self.agents.among(&agents, scope),
                gateways: concerned.filter_map(|id| self.gateways.view(*id, &self.setup)).collect(),
            };
            if touched.contains(&scope) {
                let tiles = self.tiles(scope);
                self.computations += 1;
                if let Some(before) = self.watched.insert(scope, tiles.clone()) {
                    patch.tiles = TilesPatch::between(&before, &tiles);
                }
            }
            if !patch.is_empty() {
                changes.push((scope, BoardChange::Patch(Box::new(patch))));
            }
        }
        changes
    }

    /// Whether any watched board may have changed since `changes` was asked last.
    pub fn has_changed(&self) -> bool {
        let rows = self.agents.has_changed() || self.gateways.has_changed();
        !self.watched.is_empty() && (self.anew || rows || !self.touched.is_empty())
    }

    /// The interactions behind a number, those that wait longest first; `agent` narrows it to what one has.
    pub fn behind(&self, scope: Scope, lens: Lens, agent: Option<AgentId>) -> Vec<ConversationId> {
        if lens == Lens::AbandonedToday {
            let of_scope = |stay: &&Stay| scope.is_none_or(|inbox| stay.inbox == inbox);
            let abandoned = self.stays.today().filter(of_scope);
            let abandoned = abandoned.filter(|stay| matches!(stay.how, Stayed::Abandoned { .. }));
            return abandoned.map(|stay| stay.conversation).collect();
        }
        let is_full = self.all.full(&self.definitions.licence);
        let counts = |standing: &Standing| {
            scope.is_none_or(|inbox| standing.inbox == inbox)
                && agent.is_none_or(|agent| standing.owner == Some(agent))
                && standing.shows(lens, &is_full)
        };
        let mut found: Vec<_> = self.rows.iter().filter(|(_, (_, standing))| counts(standing)).collect();
        found.sort_by_key(|(id, (row, _))| (row.since(), **id));
        found.into_iter().map(|(id, _)| *id).collect()
    }

    fn tiles(&self, scope: Scope) -> BoardTiles {
        let is_full = self.all.full(&self.definitions.licence);
        match scope {
            None => self.all.tiles(is_full),
            Some(inbox) => self.by_inbox.get(&inbox).cloned().unwrap_or_default().tiles(is_full),
        }
    }

    /// Whether a gateway is on a board: on an inbox's, where it feeds it now.
    fn concerns(&self, gateway: GatewayId, scope: Scope) -> bool {
        let Some(known) = self.setup.gateways.get(&gateway) else { return false };
        scope.is_none_or(|inbox| self.setup.fed_by(known).is_some_and(|(fed, _)| fed == inbox))
    }
}

impl Standing {
    fn shows(&self, lens: Lens, is_full: impl Fn(Channel) -> bool) -> bool {
        let waits = matches!(self.place, Place::Waiting { .. });
        match (lens, self.place) {
            (Lens::Waiting, _) => waits,
            (Lens::Offered, Place::Waiting { offered, .. }) => offered,
            (Lens::PastTarget, Place::Waiting { past_target, .. }) => past_target,
            (Lens::HeldByLicence, Place::Waiting { offered, .. }) => !offered && is_full(self.channel),
            (Lens::Active, place) => place == Place::Active,
            (Lens::InTransfer, place) => place == Place::InTransfer,
            (Lens::WithFlow, place) => place == Place::Flow,
            (Lens::Unanswered, _) => self.unanswered,
            (Lens::Overdue, _) => self.overdue,
            (Lens::DueSoon, _) => self.due_soon,
            (Lens::ClosingSoon, _) => self.closing_soon,
            (Lens::OfAgent, _) => self.owner.is_some(),
            (Lens::Offered | Lens::PastTarget | Lens::HeldByLicence | Lens::AbandonedToday, _) => false,
        }
    }
}

fn seconds(span: TimeDelta) -> u32 {
    u32::try_from(span.num_seconds()).unwrap_or_default()
}
