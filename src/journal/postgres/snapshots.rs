//! Snapshots beside the log.

use gatehouse_domain::StreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use super::signed;
use crate::journal::store::{SnapshotRow, StoreError};

pub async fn newest(readers: &PgPool, stream: StreamId) -> Result<Option<SnapshotRow>, StoreError> {
    let row = sqlx::query(
        "SELECT log_id, sequence, fold_version, payload FROM snapshots WHERE aggregate_type = $1 AND aggregate_id = $2",
    )
    .bind(stream.kind.name())
    .bind(stream.id.to_string())
    .fetch_optional(readers)
    .await?;
    let read = |row: PgRow| {
        SnapshotRow::read(stream, row.get("log_id"), row.get("sequence"), row.get("fold_version"), row.get("payload"))
    };
    row.map(read).transpose()
}

pub async fn keep(readers: &PgPool, snapshot: &SnapshotRow) -> Result<(), StoreError> {
    sqlx::query("SELECT keep_snapshot($1, $2, $3, $4, $5, $6)")
        .bind(snapshot.stream.kind.name())
        .bind(snapshot.stream.id.to_string())
        .bind(&snapshot.log_id)
        .bind(signed(snapshot.sequence))
        .bind(i64::from(snapshot.fold_version))
        .bind(&snapshot.payload)
        .execute(readers)
        .await?;
    Ok(())
}
