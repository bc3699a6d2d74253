//! The lease, in the row of the head. Servers are on different machines and go by the database's clock.

use sqlx::{PgPool, Row, query};

use super::{head, signed};
use crate::journal::store::{Head, Lease, Standing, StoreError};

/// Whether the lease of the holder $1 is granted now. Asked again for a row that somebody changed meanwhile, so of two
/// who try at once one is told no.
const FREE: &str = "(lease_until IS NULL OR lease_until <= clock_timestamp() OR lease_holder = $1)";

pub async fn standing(readers: &PgPool, lease: &Lease) -> Result<Standing, StoreError> {
    let sql = format!("SELECT position, fence, log_id, lease_until, coalesce({FREE}, false) AS free FROM log_head");
    let row = query(&sql).bind(lease.holder.as_deref()).fetch_one(readers).await?;
    Ok(Standing { head: head(&row), free: row.get("free"), until: row.get("lease_until") })
}

pub async fn take_over(pool: &PgPool, lease: &Lease) -> Result<Option<Head>, StoreError> {
    let sql = format!(
        "UPDATE log_head SET fence = fence + 1, lease_holder = $1, lease_until = clock_timestamp() + $2 WHERE {FREE}
         RETURNING position, fence, log_id"
    );
    let row = query(&sql).bind(lease.holder.as_deref()).bind(lease.length).fetch_optional(pool).await?;
    Ok(row.as_ref().map(head))
}

pub async fn renew(pool: &PgPool, fence: u64, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE log_head SET lease_holder = $1, lease_until = clock_timestamp() + $2 WHERE fence = $3";
    let row = query(sql).bind(lease.holder.as_deref()).bind(lease.length).bind(signed(fence));
    if row.execute(pool).await?.rows_affected() == 0 { Err(StoreError::Fenced) } else { Ok(()) }
}

pub async fn give_up(pool: &PgPool, fence: u64) -> Result<(), StoreError> {
    let sql = "UPDATE log_head SET lease_holder = NULL, lease_until = NULL WHERE fence = $1";
    query(sql).bind(signed(fence)).execute(pool).await?;
    Ok(())
}
