//! Folding a projection over the log, without the streams that it cannot read on.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gatehouse_domain::{Recorded, StreamId};
use gatehouse_projections::table::{Batch, Change};

use super::model::{Folding, Model};
use super::parked::Parked;
use crate::journal::Piece;

pub struct Fold {
    name: &'static str,
    folding: Box<dyn Folding>,
    /// Left out.
    parked: BTreeMap<StreamId, Parked>,
    /// Left out since somebody asked last.
    newly: Vec<Parked>,
    changes: Vec<Change>,
}

impl Fold {
    pub fn new(model: &Model, parked: impl IntoIterator<Item = Parked>) -> Self {
        let parked = parked.into_iter().map(|parked| (parked.stream, parked)).collect();
        Self { name: model.name, folding: (model.make)(), parked, newly: vec![], changes: vec![] }
    }

    /// Takes events in whose changes are in the tables already.
    pub fn silently(&mut self, piece: &Piece) {
        self.piece(piece, |changes| changes.clear());
    }

    /// Takes events in, and their changes into `batch`.
    pub fn take(&mut self, piece: &Piece, batch: &mut Batch) {
        self.piece(piece, |changes| changes.drain(..).for_each(|change| batch.take(change)));
    }

    /// What was parked since this was asked last.
    pub fn newly_parked(&mut self) -> Vec<Parked> {
        std::mem::take(&mut self.newly)
    }

    /// How many streams are left out.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    fn piece(&mut self, piece: &Piece, mut changed: impl FnMut(&mut Vec<Change>)) {
        match piece {
            Piece::Events(events) => {
                for recorded in events.iter() {
                    self.event(recorded);
                    changed(&mut self.changes);
                }
            }
            Piece::Unread(unread) => {
                // Of a stream of an unknown kind nothing is in these tables: a model that folds a new kind has a new version.
                if let Some(stream) = unread.stream_id() {
                    self.park(stream, unread.position, unread.error.clone());
                }
            }
        }
    }

    fn event(&mut self, recorded: &Recorded) {
        if !self.parked.is_empty() && self.parked.contains_key(&recorded.stream) {
            return;
        }
        let Self { folding, changes, .. } = self;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| folding.fold(recorded, changes))) {
            self.changes.clear();
            self.park(recorded.stream, recorded.position, panicked(&*panic));
        }
    }

    fn park(&mut self, stream: StreamId, position: u64, error: String) {
        if self.parked.contains_key(&stream) {
            return;
        }
        tracing::error!(projection = self.name, %stream, position, error, "a stream is parked: it cannot be read on");
        let parked = Parked { stream, position, error };
        self.parked.insert(stream, parked.clone());
        self.newly.push(parked);
    }
}

/// What whoever panicked said.
pub fn panicked(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the projection panicked: {}", said.unwrap_or_default())
}
