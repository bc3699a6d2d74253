//! The lease, in the row of the head. All servers are on one machine and go by its clock.

use chrono::DateTime;
use sqlx::{Row, SqliteConnection, SqlitePool, query, query_scalar};

use super::{head, signed};
use crate::journal::store::{Head, Lease, Standing, StoreError};

/// Whether the holder ?1 is granted the lease at ?2.
const FREE: &str = "(lease_until IS NULL OR lease_until <= ?2 OR lease_holder = ?1)";

/// A log from before there were leases gets their columns.
pub async fn add_columns(writer: &mut SqliteConnection) -> Result<(), StoreError> {
    let there: i64 = query_scalar("SELECT count(*) FROM pragma_table_info('log_head') WHERE name = 'lease_until'")
        .fetch_one(&mut *writer)
        .await?;
    if there == 0 {
        let columns = "ALTER TABLE log_head ADD COLUMN lease_holder TEXT;
                       ALTER TABLE log_head ADD COLUMN lease_until INTEGER";
        sqlx::raw_sql(columns).execute(writer).await?;
    }
    Ok(())
}

pub async fn standing(readers: &SqlitePool, lease: &Lease) -> Result<Standing, StoreError> {
    let sql = format!("SELECT position, fence, log_id, lease_until, coalesce({FREE}, false) AS free FROM log_head");
    let row = bound(query(&sql), lease).fetch_one(readers).await?;
    let until: Option<i64> = row.get("lease_until");
    Ok(Standing { head: head(&row)?, free: row.get("free"), until: until.and_then(DateTime::from_timestamp_micros) })
}

pub async fn take_over(writer: &mut SqliteConnection, lease: &Lease) -> Result<Option<Head>, StoreError> {
    let sql = format!(
        "UPDATE log_head SET fence = fence + 1, lease_holder = ?1, lease_until = ?2 + ?3 WHERE {FREE}
         RETURNING position, fence, log_id"
    );
    let row = bound(query(&sql), lease).fetch_optional(writer).await?;
    row.as_ref().map(head).transpose()
}

pub async fn renew(writer: &mut SqliteConnection, fence: u64, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE log_head SET lease_holder = ?1, lease_until = ?2 + ?3 WHERE fence = ?4";
    let renewed = bound(query(sql), lease).bind(signed(fence)).execute(writer).await?;
    if renewed.rows_affected() == 0 { Err(StoreError::Fenced) } else { Ok(()) }
}

pub async fn give_up(writer: &mut SqliteConnection, fence: u64) -> Result<(), StoreError> {
    let sql = "UPDATE log_head SET lease_holder = NULL, lease_until = NULL WHERE fence = ?";
    query(sql).bind(signed(fence)).execute(writer).await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments<'q>>;

fn bound<'q>(query: Query<'q>, lease: &'q Lease) -> Query<'q> {
    query
        .bind(lease.holder.as_deref())
        .bind(lease.now.timestamp_micros())
        .bind(lease.length.num_microseconds().expect("a lease is short"))
}
