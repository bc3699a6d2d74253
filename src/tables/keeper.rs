//! Keeps the tables of one projection: folds the log in silence up to where they are, and from there on writes what
//! changes, with the position, in one transaction.
//!
//! Owns: the generation it writes. Restart: folds the log again. Whatever is not as it expects (another server wrote,
//! somebody swapped generations) makes it begin again; a write whose outcome it does not know is looked up.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_projections::table::{Batch, Group};
use tokio::sync::watch;

use super::fold::Fold;
use super::generations::{self, Generation, State};
use super::model::Model;
use super::parked::{self, Parked};
use super::place::Place;
use super::reading::Reading;
use super::session::Session;
use super::{Kept, Result, TablesError, bulk};
use crate::journal::Journal;

/// Events of one transaction, about.
pub const BATCH_MAX: usize = 4_000;
/// What could not be read or written is tried again after this long; so often, too, a server that stands by looks how far
/// the one that works has come.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

pub struct Keeper {
    model: Model,
    place: Arc<Place>,
    journal: Arc<Journal>,
    opened: watch::Receiver<bool>,
    position: watch::Sender<u64>,
    parked: watch::Sender<usize>,
    /// Whether what this server writes was live already: whoever shows another version since has gone back to it.
    was_live: bool,
}

impl Keeper {
    pub fn start(model: Model, place: Arc<Place>, journal: Arc<Journal>, opened: watch::Receiver<bool>) -> Kept {
        let (position, at) = watch::channel(0);
        let (parked, left_out) = watch::channel(0);
        let mut keeper = Self { model, place, journal, opened, position, parked, was_live: false };
        tokio::spawn(async move {
            loop {
                if let Err(error) = keeper.keep().await {
                    tracing::error!(follower = keeper.model.name, %error, "tables cannot be kept now");
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        });
        Kept { name: model.name, position: at, parked: left_out }
    }

    /// Keeps the tables until something is not as expected.
    async fn keep(&mut self) -> Result<()> {
        let mut session = self.place.session().await?;
        let mut reading = Reading::start(&self.journal);
        let (mut fold, mut generation) = self.catch_up(&mut session, &mut reading).await?;
        self.drain(&mut session, &generation).await?;
        loop {
            if generation.state == State::Building && reading.caught_up() {
                self.swap(&mut session, &mut generation).await?;
            }
            let pieces = reading.gather(u64::MAX, BATCH_MAX).await?;
            let mut batch = Batch::default();
            pieces.iter().for_each(|piece| fold.take(piece, &mut batch));
            let parked = fold.newly_parked();
            while !self.written(&mut session, &mut generation, reading.position(), &batch, &parked).await? {}
            self.parked.send_replace(fold.parked());
            self.position.send_replace(reading.position());
        }
    }

    /// Folds in silence up to where the tables are, and until this server may write.
    async fn catch_up(&mut self, session: &mut Session, reading: &mut Reading) -> Result<(Fold, Generation)> {
        let mut fold: Option<(i64, Fold)> = None;
        loop {
            let open = *self.opened.borrow_and_update();
            // Whoever has taken the log over knows where it ends.
            let ends_at = open.then(|| self.journal.head());
            if let Some(generation) = self.generation(session, open, ends_at).await? {
                let (number, fold) = match &mut fold {
                    Some(fold) => fold,
                    none => none.insert((generation.number, self.fold(session, &generation).await?)),
                };
                if *number != generation.number || reading.position() > generation.position {
                    return Err(TablesError::Disturbed(self.model.name.to_owned()));
                }
                while reading.position() < generation.position {
                    fold.silently(&reading.next(generation.position).await?);
                    self.position.send_replace(reading.position());
                }
                if open {
                    let stays = self.place_of(session, generation.number).await?;
                    if stays == Some(generation.position) {
                        self.park_found(session, fold, &generation).await?;
                        self.parked.send_replace(fold.parked());
                        let fold = std::mem::replace(fold, Fold::new(&self.model, []));
                        return Ok((fold, generation));
                    }
                    continue;
                }
            }
            tokio::select! {
                _ = self.opened.changed(), if !open => {}
                () = tokio::time::sleep(AGAIN_AFTER) => {}
            }
        }
    }

    /// What this server is to write: what is live of its version, or what is to be. None: for now it writes nothing.
    ///
    /// What is beyond the end of the log was folded from a future that is gone: an older copy of its files was put back.
    async fn generation(
        &mut self,
        session: &mut Session,
        open: bool,
        ends_at: Option<u64>,
    ) -> Result<Option<Generation>> {
        let (version, log) = (i64::from(self.model.version), self.journal.log_id());
        let all = generations::all(session, self.model.name).await?;
        let there = |one: &Generation| ends_at.is_none_or(|end| one.position <= end);
        if let Some(live) = generations::of(&all, State::Live, version, log).filter(there) {
            self.was_live = true;
            return Ok(Some(live));
        }
        if let (Some(live), true) = (all.iter().find(|one| one.state == State::Live), self.was_live) {
            let (name, shown) = (self.model.name, live.version);
            tracing::error!(follower = name, shown, version, "tables of another version are shown: nothing is written");
            return Ok(None);
        }
        if let Some(building) = generations::of(&all, State::Building, version, log).filter(there) {
            return Ok(Some(building));
        }
        if !open {
            return Ok(None);
        }
        let _turn = self.place.turn.lock().await;
        generations::remove_all(session, &all, State::Building).await?;
        tracing::info!(projection = self.model.name, version, "tables are built anew");
        Ok(Some(generations::create(session, &self.model, log, State::Building).await?))
    }

    /// A fold that leaves out what still cannot be read.
    async fn fold(&self, session: &mut Session, generation: &Generation) -> Result<Fold> {
        let mut left_out = vec![];
        for parked in parked::all(session, generation).await? {
            let read = parked::missing(&self.model, &self.journal, &parked, u64::MAX).await?;
            if read.is_err() {
                left_out.push(parked);
            }
        }
        Ok(Fold::new(&self.model, left_out))
    }

    /// Keeps what was found unreadable on the way, although it was read once: by a newer server than this one.
    async fn park_found(&self, session: &mut Session, fold: &mut Fold, generation: &Generation) -> Result<()> {
        let mut found = fold.newly_parked();
        for parked in &mut found {
            parked.position = generation.position + 1;
        }
        if !found.is_empty() {
            write(session, &self.place, generation, generation.position, &Batch::default(), &found, &[]).await?;
        }
        Ok(())
    }

    /// Writes what was missing of streams that can be read again.
    async fn drain(&self, session: &mut Session, generation: &Generation) -> Result<()> {
        for parked in parked::all(session, generation).await? {
            let at = generation.position;
            let Ok(batch) = parked::missing(&self.model, &self.journal, &parked, at).await? else { continue };
            if write(session, &self.place, generation, at, &batch, &[], std::slice::from_ref(&parked)).await? {
                tracing::info!(projection = generation.name, stream = %parked.stream, "a parked stream is read again");
            }
        }
        Ok(())
    }

    /// Writes a batch, and looks again where that did not work: whether it did after all, whether another generation has
    /// taken the place of ours and goes on where it was. No: once more.
    async fn written(
        &mut self,
        session: &mut Session,
        generation: &mut Generation,
        to: u64,
        batch: &Batch,
        parked: &[Parked],
    ) -> Result<bool> {
        match write(session, &self.place, generation, to, batch, parked, &[]).await {
            Ok(true) => {
                generation.position = to;
                return Ok(true);
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(follower = self.model.name, %error, "a batch could not be written");
                tokio::time::sleep(AGAIN_AFTER).await;
                *session = self.place.session().await?;
            }
        }
        let now = self.generation(session, true, None).await?;
        match now {
            Some(now) if now.number == generation.number && now.position == to => *generation = now,
            Some(now) if now.position == generation.position => {
                *generation = now;
                return Ok(false);
            }
            _ => {
                return Err(TablesError::Disturbed(self.model.name.to_owned()));
            }
        }
        Ok(true)
    }

    /// Shows what was built, in place of what an older version built.
    async fn swap(&mut self, session: &mut Session, generation: &mut Generation) -> Result<()> {
        let _turn = self.place.turn.lock().await;
        session.begin().await?;
        let all = generations::locked(session, self.model.name).await?;
        if !all.contains(generation) {
            return Err(TablesError::Disturbed(self.model.name.to_owned()));
        }
        generations::index(session, &self.model, generation).await?;
        generations::make_live(session, &self.model, generation, &all).await?;
        if self.place.group() == Group::Work {
            // What stood still meanwhile may show whom the new tables have forgotten.
            generations::forget_others(session, generation).await?;
        }
        session.commit().await?;
        generation.state = State::Live;
        self.was_live = true;
        tracing::info!(projection = self.model.name, version = generation.version, "the new tables are shown");
        Ok(())
    }

    async fn place_of(&self, session: &mut Session, number: i64) -> Result<Option<u64>> {
        let all = generations::all(session, self.model.name).await?;
        Ok(all.into_iter().find(|one| one.number == number).map(|one| one.position))
    }
}

/// Writes everything there is to write of a batch in one transaction. No: the generation is not where, or what, it was,
/// and nothing is written.
pub async fn write(
    session: &mut Session,
    place: &Place,
    generation: &Generation,
    to: u64,
    batch: &Batch,
    parked: &[Parked],
    drained: &[Parked],
) -> Result<bool> {
    let _turn = place.turn.lock().await;
    session.begin().await?;
    if !generations::advance(session, generation, to).await? {
        session.rollback().await?;
        return Ok(false);
    }
    write_within(session, generation, batch, parked).await?;
    for one in drained {
        parked::unpark(session, generation, one.stream).await?;
    }
    let forgets = place.group() == Group::Work && batch.removes() && generation.state == State::Live;
    if forgets {
        generations::forget_others(session, generation).await?;
    }
    session.commit().await?;
    if forgets {
        session.overwrite_traces().await;
    }
    Ok(true)
}

/// The same in a transaction that is under way.
pub async fn write_within(
    session: &mut Session,
    generation: &Generation,
    batch: &Batch,
    parked: &[Parked],
) -> Result<()> {
    bulk::write(session, generation, batch).await?;
    for one in parked {
        parked::park(session, generation, one).await?;
    }
    Ok(())
}
