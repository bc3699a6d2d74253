//! Building a generation beside the live one, in a process of its own while the server goes on.
//!
//! The server's keeper writes the live generation all the while. It waits only for the moment in which the two change
//! places: then both are at the same position, and it goes on with the new one.

use std::sync::Arc;

use gatehouse_projections::table::Batch;

use super::compare::{self, Difference};
use super::fold::Fold;
use super::generations::{self, Generation, State};
use super::keeper::{self, write_within};
use super::model::Model;
use super::parked::Parked;
use super::place::Place;
use super::reading::Reading;
use super::session::Session;
use super::{Result, TablesError};
use crate::journal::{Candidate, Journal};

/// Events of one transaction, about: an interaction that begins and ends in it is written once.
const BATCH_MAX: usize = 20_000;
/// How often the two generations are brought to the same position before they are compared under the lock.
const TRIES_MAX: u32 = 50;

/// The log as another process reads it.
pub struct Source {
    pub journal: Arc<Journal>,
    pub candidate: Candidate,
}

/// A generation that is being built.
pub struct Build<'a> {
    model: Model,
    place: &'a Place,
    source: &'a Source,
    session: Session,
    reading: Reading,
    fold: Fold,
    generation: Generation,
}

impl<'a> Build<'a> {
    /// Begins with nothing. What somebody left who was broken off goes away.
    pub async fn begin(model: Model, place: &'a Place, source: &'a Source, state: State) -> Result<Self> {
        let mut session = place.session().await?;
        session.take_its_time().await?;
        let log = source.journal.log_id();
        let all = generations::all(&mut session, model.name).await?;
        generations::remove_all(&mut session, &all, state).await?;
        let generation = generations::create(&mut session, &model, log, state).await?;
        let (reading, fold) = (Reading::start(&source.journal), Fold::new(&model, []));
        Ok(Self { model, place, source, session, reading, fold, generation })
    }

    /// Builds up to where the live one is, and says where that was.
    pub async fn level(&mut self, progress: &mut impl FnMut(u64, u64)) -> Result<u64> {
        let live = live(&generations::all(&mut self.session, self.model.name).await?, &self.generation)?;
        self.source.journal.catch_up(&self.source.candidate).await?;
        let mut next = folded(&mut self.reading, &mut self.fold, live.position, BATCH_MAX).await?;
        while self.generation.position < next.to {
            let Folded { batch, to, parked } = next;
            let write = keeper::write(&mut self.session, self.place, &self.generation, to, &batch, &parked, &[]);
            // The database writes while the next events are read and folded.
            let fold = folded(&mut self.reading, &mut self.fold, live.position, BATCH_MAX);
            let (written, folded) = tokio::try_join!(write, fold)?;
            if !written {
                return Err(TablesError::Disturbed(self.model.name.to_owned()));
            }
            self.generation.position = to;
            progress(to, live.position);
            next = folded;
        }
        Ok(live.position)
    }

    pub async fn index(&mut self) -> Result<()> {
        self.session.begin().await?;
        generations::index(&mut self.session, &self.model, &self.generation).await?;
        self.session.commit().await
    }

    /// What is different from the live one, both at the same position.
    pub async fn compare(&mut self) -> Result<Vec<Difference>> {
        for _ in 0..TRIES_MAX {
            self.level(&mut |_, _| {}).await?;
            self.session.begin_snapshot().await?;
            let all = generations::all(&mut self.session, self.model.name).await?;
            let live = live(&all, &self.generation)?;
            let found =
                if live.position == self.generation.position { Some(self.compare_with(&live).await?) } else { None };
            self.session.commit().await?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
        // The live one never rests: then it has to wait.
        self.session.begin().await?;
        let live = self.level_under_lock().await?.0;
        let found = self.compare_with(&live).await?;
        self.session.commit().await?;
        Ok(found)
    }

    /// Shows this generation in place of the live one.
    pub async fn swap(mut self) -> Result<()> {
        self.level(&mut |_, _| {}).await?;
        let _turn = self.place.turn.lock().await;
        self.session.begin().await?;
        let (_, all) = self.level_under_lock().await?;
        generations::make_live(&mut self.session, &self.model, &self.generation, &all).await?;
        self.session.commit().await
    }

    /// Drops it again.
    pub async fn discard(mut self) -> Result<()> {
        generations::remove(&mut self.session, &self.generation).await
    }

    /// Streams that are left out.
    pub fn parked(&self) -> usize {
        self.fold.parked()
    }

    /// The last few events, in the transaction that keeps the live one where it is.
    async fn level_under_lock(&mut self) -> Result<(Generation, Vec<Generation>)> {
        let all = generations::locked(&mut self.session, self.model.name).await?;
        let live = live(&all, &self.generation)?;
        self.source.journal.catch_up(&self.source.candidate).await?;
        let Folded { batch, parked, .. } = folded(&mut self.reading, &mut self.fold, live.position, usize::MAX).await?;
        if !generations::advance(&mut self.session, &self.generation, live.position).await? {
            return Err(TablesError::Disturbed(self.model.name.to_owned()));
        }
        write_within(&mut self.session, &self.generation, &batch, &parked).await?;
        self.generation.position = live.position;
        Ok((live, all))
    }

    async fn compare_with(&mut self, live: &Generation) -> Result<Vec<Difference>> {
        let mut found = vec![];
        for of in self.model.tables {
            found.push(compare::table(&mut self.session, of, live.number, self.generation.number).await?);
        }
        Ok(found)
    }
}

/// What events come down to.
struct Folded {
    batch: Batch,
    /// Position of the last of them.
    to: u64,
    parked: Vec<Parked>,
}

/// Reads and folds what there is up to a position, about `events_max` of it.
async fn folded(reading: &mut Reading, fold: &mut Fold, up_to: u64, events_max: usize) -> Result<Folded> {
    let (mut batch, mut events) = (Batch::default(), 0);
    while reading.position() < up_to && events < events_max {
        let piece = reading.next(up_to).await?;
        events += piece.size();
        fold.take(&piece, &mut batch);
    }
    Ok(Folded { batch, to: reading.position(), parked: fold.newly_parked() })
}

/// The live generation, if it is of the version and the log that are built.
fn live(all: &[Generation], built: &Generation) -> Result<Generation> {
    let live = generations::of(all, State::Live, built.version, built.log);
    live.ok_or_else(|| TablesError::NotLive(built.name.clone()))
}

/// Shows the former generation again.
pub async fn back(place: &Place, model: &Model) -> Result<Generation> {
    let mut session = place.session().await?;
    session.begin().await?;
    let all = generations::locked(&mut session, model.name).await?;
    let former = all.iter().find(|one| one.state == State::Former).cloned();
    let former = former.ok_or_else(|| TablesError::NoFormer(model.name.to_owned()))?;
    generations::make_live(&mut session, model, &former, &all).await?;
    session.commit().await?;
    Ok(former)
}
