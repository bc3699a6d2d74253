//! The schemas: made and upgraded by their owner, only looked at by whoever may do no more than a server needs.

use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, query, query_scalar, raw_sql};

use crate::journal::store::StoreError;

const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Runs the script that makes `schema`, unless it is there as the script makes it. The script can be run again, and
/// which one was run last is told in the schema's comment: its digest, which nobody can forget to raise.
pub async fn prepare(options: &PgConnectOptions, schema: &str, script: &str) -> Result<(), StoreError> {
    let digest = Sha256::digest(script).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let marker = format!("of Gatehouse, as made by the script {digest}");
    let mut connection = options.clone().connect().await?;
    if !current(&mut connection, schema, &marker).await? {
        make(&mut connection, schema, script, &marker).await.map_err(|error| way_out(error, schema))?;
    }
    connection.close().await?;
    Ok(())
}

async fn current(connection: &mut PgConnection, schema: &str, marker: &str) -> Result<bool, sqlx::Error> {
    let sql =
        "SELECT obj_description(oid, 'pg_namespace') IS NOT DISTINCT FROM $2 AND has_schema_privilege(oid, 'USAGE')
               FROM pg_namespace WHERE nspname = $1";
    let current = query_scalar(sql).bind(schema).bind(marker).fetch_optional(connection).await?;
    Ok(current.unwrap_or(false))
}

async fn make(connection: &mut PgConnection, schema: &str, script: &str, marker: &str) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    // Two processes that start at once must not both make the schema.
    query("SELECT pg_advisory_xact_lock(hashtext($1))").bind(schema).execute(&mut *transaction).await?;
    if current(&mut transaction, schema, marker).await? {
        return Ok(());
    }
    // Asked first: to make a schema one must be allowed to, even where it is there.
    let there = query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)").bind(schema);
    if !there.fetch_one(&mut *transaction).await? {
        raw_sql(&format!("CREATE SCHEMA {schema}")).execute(&mut *transaction).await?;
    }
    raw_sql(script).execute(&mut *transaction).await?;
    raw_sql(&format!("COMMENT ON SCHEMA {schema} IS '{marker}'")).execute(&mut *transaction).await?;
    transaction.commit().await
}

fn way_out(error: sqlx::Error, schema: &str) -> StoreError {
    match error.as_database_error().and_then(|error| error.code()).as_deref() {
        Some(INSUFFICIENT_PRIVILEGE) => StoreError::Unavailable(format!(
            "the schema {schema} is not as this version needs it, and this role may not change it: start this version \
             once as the role that owns it, as docs/OPERATIONS.md says ({error})"
        )),
        _ => error.into(),
    }
}
