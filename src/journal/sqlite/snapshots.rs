//! Snapshots in the log's file, over a connection of their own: they need not be on disk when they are done.

use gatehouse_domain::StreamId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqliteConnection, SqlitePool};

use super::signed;
use crate::journal::store::{SnapshotRow, StoreError};

/// A connection whose commits wait for no disk. It never moves the write-ahead log to the file: the lane's does.
pub async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let options = options.synchronous(SqliteSynchronous::Normal).pragma("wal_autocheckpoint", "0");
    Ok(options.connect().await?)
}

pub async fn newest(readers: &SqlitePool, stream: StreamId) -> Result<Option<SnapshotRow>, StoreError> {
    let row = sqlx::query(
        "SELECT log_id, sequence, fold_version, payload FROM snapshots WHERE aggregate_type = ? AND aggregate_id = ?",
    )
    .bind(stream.kind.name())
    .bind(stream.id.to_string())
    .fetch_optional(readers)
    .await?;
    let read = |row: SqliteRow| {
        SnapshotRow::read(stream, row.get("log_id"), row.get("sequence"), row.get("fold_version"), row.get("payload"))
    };
    row.map(read).transpose()
}

pub async fn keep(connection: &mut SqliteConnection, snapshot: &SnapshotRow) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?)")
        .bind(snapshot.stream.kind.name())
        .bind(snapshot.stream.id.to_string())
        .bind(&snapshot.log_id)
        .bind(signed(snapshot.sequence))
        .bind(snapshot.fold_version)
        .bind(&snapshot.payload)
        .execute(connection)
        .await?;
    Ok(())
}
