//! Streams that a projection cannot read on. They are left out, everything else goes on, and they come later: after the
//! fix they are folded alone, which they can be because a row is made from events of one stream only.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gatehouse_domain::StreamId;
use gatehouse_projections::table::{Batch, Change, Type, Value};

use super::fold::panicked;
use super::generations::Generation;
use super::model::Model;
use super::session::Session;
use super::{Result, TablesError};
use crate::journal::{Journal, StoreError, parse_stream};

/// A stream that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    pub stream: StreamId,
    /// From here on, its events are missing in the tables.
    pub position: u64,
    pub error: String,
}

pub async fn all(session: &mut Session, generation: &Generation) -> Result<Vec<Parked>> {
    let sql = "SELECT stream, position, error FROM parked WHERE projection = $1 AND generation = $2";
    let rows = session.rows(sql, &of(generation), &[Type::Text, Type::Number, Type::Text]).await?;
    let parked = rows.into_iter().map(|row| match <[Value; 3]>::try_from(row) {
        Ok([Value::Text(stream), Value::Number(position), Value::Text(error)]) => {
            let stream = parse_stream(&stream).map_err(|error| TablesError::Unreadable(error.to_string()))?;
            Ok(Parked { stream, position: position.unsigned_abs(), error })
        }
        _ => Err(TablesError::Unreadable("a row in parked".to_owned())),
    });
    parked.collect()
}

/// Keeps that a stream is left out, in the transaction that leaves it out.
pub async fn park(session: &mut Session, generation: &Generation, parked: &Parked) -> Result<()> {
    let [projection, number] = of(generation);
    let position = i64::try_from(parked.position).expect("no log grows beyond 63 bits");
    let values = [
        projection,
        number,
        Value::Text(parked.stream.to_string()),
        Value::Number(position),
        Value::Text(parked.error.clone()),
    ];
    let sql = "INSERT INTO parked VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    session.run(sql, &values).await?;
    Ok(())
}

/// Forgets that a stream was left out, in the transaction that writes what was missing.
pub async fn unpark(session: &mut Session, generation: &Generation, stream: StreamId) -> Result<()> {
    let [projection, number] = of(generation);
    let values = [projection, number, Value::Text(stream.to_string())];
    session.run("DELETE FROM parked WHERE projection = $1 AND generation = $2 AND stream = $3", &values).await?;
    Ok(())
}

/// What is missing of a parked stream up to `position`; why, where it still cannot be read.
pub async fn missing(
    model: &Model,
    journal: &Journal,
    parked: &Parked,
    position: u64,
) -> Result<std::result::Result<Batch, String>> {
    let events = match journal.stream(parked.stream, 0).await {
        Ok(events) => events,
        Err(StoreError::Unreadable(error)) => return Ok(Err(error)),
        Err(error) => return Err(error.into()),
    };
    let (mut folding, mut batch) = ((model.make)(), Batch::default());
    for recorded in events.iter().filter(|recorded| recorded.position <= position) {
        let mut changes: Vec<Change> = vec![];
        let folded = catch_unwind(AssertUnwindSafe(|| folding.fold(recorded, &mut changes)));
        if let Err(panic) = folded {
            return Ok(Err(panicked(&*panic)));
        }
        if recorded.position >= parked.position {
            changes.into_iter().for_each(|change| batch.take(change));
        }
    }
    Ok(Ok(batch))
}

fn of(generation: &Generation) -> [Value; 2] {
    [Value::Text(generation.name.clone()), Value::Number(generation.number)]
}
