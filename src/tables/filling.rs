//! Tables filled with rows that no log tells of, the way a rebuild fills them: for whoever measures how they are read.

use gatehouse_projections::history::History;
use gatehouse_projections::table::{Batch, Group};
use uuid::Uuid;

use super::generations::{self, State};
use super::keeper::write;
use super::model::Model;
use super::place::Place;
use super::{Readers, Result, TablesError};
use crate::config::Config;

/// Makes the tables of a history, where there are none, and fills them.
pub async fn history(config: &Config, batches: impl Iterator<Item = Batch>) -> Result<Readers> {
    let model = Model::of::<History>();
    let place = Place::open(config, Group::Work).await?;
    let mut session = place.session().await?;
    session.take_its_time().await?;
    let mut generation = generations::create(&mut session, &model, Uuid::nil(), State::Building).await?;
    for batch in batches {
        let to = generation.position + 1;
        if !write(&mut session, &place, &generation, to, &batch, &[], &[]).await? {
            return Err(TablesError::Disturbed(generation.name));
        }
        generation.position = to;
    }
    session.begin().await?;
    let all = generations::locked(&mut session, model.name).await?;
    generations::index(&mut session, &model, &generation).await?;
    generations::make_live(&mut session, &model, &generation, &all).await?;
    session.commit().await?;
    place.readers().await
}
