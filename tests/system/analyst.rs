//! An analyst's visit: somebody who was given the reports and their documents, and nothing else, in a month that is over.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Database, Executor, PgConnection, Row, ValueRef};

use crate::roles::Database as Home;
use crate::server::{DATABASE, PATIENCE};
use crate::world::{CLARA, World};

const GUIDE: &str = include_str!("../../docs/ANALYSTS.md");
const DEFINITIONS: &str = include_str!("../../docs/METRICS.md");
const NOTEBOOK: &str = include_str!("../../deploy/notebook/month.sql");
const DASHBOARDS: [&str; 2] = [
    include_str!("../../deploy/grafana/operations_today.json"),
    include_str!("../../deploy/grafana/service_over_weeks.json"),
];
/// Customers' requests in the month: few, because the program under test is not optimised.
const REQUESTS: &str = "300";
/// The month of `bench seed`.
const MONTH: &str = "from=2026-05-04T00:00:00Z&to=2026-06-01T00:00:00Z";

#[tokio::test]
async fn an_analyst_finds_the_answers_and_can_touch_nothing() {
    let home = Home::make("analyst").await;
    let owner = vec![(DATABASE, home.url_of("gatehouse_owner"))];
    let world = World::start_on_a_month(owner, REQUESTS).await;
    somebody_waits(&world).await;
    let analyst: PgConnectOptions = home.url_of("gatehouse_analyst").parse().unwrap();
    let mut analyst = analyst.connect().await.unwrap();

    let found = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'reporting'";
    let found: Vec<String> = sqlx::query_scalar(found).fetch_all(&mut analyst).await.unwrap();
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), documented());
    let silent = "SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c
                    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                   WHERE c.relnamespace = 'reporting'::regnamespace AND has_table_privilege(c.oid, 'SELECT')
                     AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)";
    let silent: Vec<String> = sqlx::query_scalar(silent).fetch_all(&mut analyst).await.unwrap();
    assert_eq!(silent, Vec::<String>::new(), "nobody says what they mean");

    for statement in guide() {
        answered(&mut analyst, &statement).await;
    }
    for statement in DASHBOARDS.into_iter().flat_map(panels).chain(notebook()) {
        answered(&mut analyst, &statement).await;
    }
    adds_up(&world, &mut analyst).await;
    every_metric_is_told(&world).await;
    refused(&mut analyst).await;
}

#[tokio::test]
async fn the_file_of_the_reports_answers_the_same_beside_the_running_server() {
    let world = World::start_on_a_month(vec![], REQUESTS).await;
    somebody_waits(&world).await;
    let file = world.server.data().join("reports.db");
    let mut file = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap();
    for statement in guide() {
        answered(&mut file, &statement).await;
    }
    let known: BTreeSet<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'view'")
        .fetch_all(&mut file)
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(known, documented());
    for change in ["DELETE FROM offers_g1", "CREATE TABLE mine (a)", "DROP VIEW offers"] {
        let refused = sqlx::raw_sql(change).execute(&mut file).await.unwrap_err().to_string();
        assert!(refused.contains("readonly"), "{change}: {refused}");
    }
    every_metric_is_told(&world).await;
}

/// A customer writes, and the tables have come so far.
async fn somebody_waits(world: &World) {
    world.writes(CLARA, "Is anybody there?");
    let since = std::time::Instant::now();
    let today = "/reports/backlog?from=2026-05-04T00:00:00Z&to=2036-05-04T00:00:00Z";
    while world.admin.get(today).await.good()["total"]["part"] == 0 || lag(world).await != 0 {
        assert!(since.elapsed() < PATIENCE, "the tables do not come so far");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn lag(world: &World) -> u64 {
    let answer = reqwest::get(format!("{}/health/ready", world.server.own_url())).await.unwrap();
    answer.json::<Value>().await.unwrap()["lag"]["reports"].as_u64().unwrap_or(u64::MAX)
}

/// The tables and views that the definitions name.
fn documented() -> BTreeSet<String> {
    let (_, tables) = DEFINITIONS.split_once("\n## Tables\n").unwrap();
    tables.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect()
}

/// The statements of the guide: five questions, and what it says beside them.
fn guide() -> Vec<String> {
    let questions = GUIDE.lines().filter(|line| line.starts_with("## ") && line.ends_with('?')).count();
    assert_eq!(questions, 5);
    let blocks = GUIDE.split("```sql\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned());
    let blocks: Vec<String> = blocks.collect();
    assert!(blocks.len() > questions);
    blocks
}

/// The statements of a dashboard, over the month.
fn panels(dashboard: &str) -> Vec<String> {
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let statements = panels.flat_map(|panel| panel["targets"].as_array().unwrap()).map(|target| {
        assert_eq!(target["datasource"]["uid"], "${datasource}");
        let sql = without_macros(target["rawSql"].as_str().unwrap());
        assert!(!sql.contains("$__"), "{sql}");
        sql
    });
    statements.collect()
}

/// What Grafana makes of its macros.
fn without_macros(sql: &str) -> String {
    let Some((before, rest)) = sql.split_once("$__") else { return sql.to_owned() };
    let (named, rest) = rest.split_once('(').unwrap();
    let (of, rest) = rest.split_once(')').unwrap();
    let column = of.split(',').next().unwrap();
    let meant = match named {
        "timeFilter" => format!("{column} BETWEEN '2026-05-04T00:00:00Z' AND '2026-06-01T00:00:00Z'"),
        "timeGroup" => format!("to_timestamp(floor(extract(epoch FROM {column}) / 86400) * 86400)"),
        other => panic!("nobody knows {other}"),
    };
    format!("{before}{meant}{}", without_macros(rest))
}

/// The notebook's cells.
fn notebook() -> Vec<String> {
    let text = NOTEBOOK.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    let cells = text.split(';').map(str::trim).filter(|cell| !cell.is_empty() && !cell.starts_with("SET "));
    cells.map(str::to_owned).collect()
}

/// There is an answer, and it says something.
async fn answered<C, DB>(connection: &mut C, statement: &str)
where
    DB: Database,
    for<'c> &'c mut C: Executor<'c, Database = DB>,
    usize: sqlx::ColumnIndex<DB::Row>,
{
    let rows = connection.fetch_all(statement).await.unwrap_or_else(|error| panic!("{error}: {statement}"));
    let told = |row: &DB::Row| !row.try_get_raw(row.len() - 1).unwrap().is_null();
    assert!(rows.iter().any(told), "{} rows say nothing: {statement}", rows.len());
}

/// A view, the tables and the API tell the same.
async fn adds_up(world: &World, analyst: &mut PgConnection) {
    for (metric, sql) in [
        ("answered", "SELECT sum(answered) FROM daily_service_level WHERE day < '2026-06-01'"),
        ("first_response", "SELECT sum(first_response_ms) FROM daily_responses WHERE day < '2026-06-01'"),
        ("delivery_success", "SELECT sum(delivered) FROM daily_delivery WHERE day < '2026-06-01'"),
        ("occupancy", "SELECT sum(busy_ms) FROM agent_day WHERE day < '2026-06-01'"),
        ("opened", "SELECT sum(opened) FROM daily_traffic WHERE day < '2026-06-01'"),
        (
            "reopen_rate",
            "SELECT count(*) FROM interactions e JOIN interactions n USING (conversation_id)
                          WHERE n.interaction = e.interaction + 1 AND n.opened_at - e.ended_at <= interval '24 hours'
                            AND e.ending <> 'erased' AND e.ended_at < '2026-06-01'",
        ),
    ] {
        let row: PgRow = sqlx::query(&format!("SELECT ({sql})::bigint")).fetch_one(&mut *analyst).await.unwrap();
        let total = world.admin.get(&format!("/reports/{metric}?{MONTH}")).await.good()["total"]["part"].clone();
        assert_eq!(total, row.get::<i64, _>(0), "{metric}");
    }
}

/// Every metric has a figure of the month, and what it is told by adds up to it.
async fn every_metric_is_told(world: &World) {
    let metrics = world.admin.items("/reports").await;
    assert!(metrics.len() > 30);
    for metric in metrics {
        let name = metric["name"].as_str().unwrap();
        let whole = world.admin.get(&format!("/reports/{name}?{MONTH}")).await.good()["total"].clone();
        assert!(whole["value"].is_number(), "{name} says nothing: {whole}");
        if metric["unit"] == "milliseconds" && name != "resolution_time" {
            assert!(
                whole["median"].as_i64() <= whole["p90"].as_i64() && whole["p90"].as_i64() <= whole["p95"].as_i64()
            );
            assert!(whole["p95"].is_number(), "{name}: {whole}");
        }
        for by in metric["by"].as_array().unwrap() {
            let by = by.as_str().unwrap();
            let report = world.admin.get(&format!("/reports/{name}?{MONTH}&by={by}")).await.good();
            let part: i64 = report["rows"].as_array().unwrap().iter().map(|row| row["part"].as_i64().unwrap()).sum();
            assert_eq!(part, whole["part"].as_i64().unwrap(), "{name} by {by}");
        }
        if !["backlog", "backlog_age"].contains(&name) {
            let weeks = world.admin.get(&format!("/reports/{name}?{MONTH}&interval=week")).await.good();
            let part: i64 = weeks["rows"].as_array().unwrap().iter().map(|row| row["part"].as_i64().unwrap()).sum();
            assert_eq!(part, whole["part"].as_i64().unwrap(), "{name} week by week");
        }
    }
}

async fn refused(analyst: &mut PgConnection) {
    analyst.execute("SET default_transaction_read_only = off").await.unwrap();
    for attempt in [
        "DELETE FROM offers",
        "UPDATE quarters SET answered = 0",
        "INSERT INTO inboxes SELECT * FROM inboxes",
        "DROP VIEW offers",
        "CREATE TABLE reporting.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE SCHEMA mine",
        "SELECT * FROM gatehouse_log.events",
        "SELECT * FROM gatehouse_log.contact_keys",
        "SELECT * FROM gatehouse_cabinet.sessions",
        "SELECT * FROM work.messages",
        "SELECT * FROM work.interactions",
        "SET ROLE gatehouse_server",
    ] {
        let error = analyst.execute(attempt).await.unwrap_err();
        let code = error.as_database_error().unwrap().code().unwrap().into_owned();
        // Must be owner, or has no privilege: both are 42501.
        assert_eq!(code, "42501", "{attempt}: {error}");
    }
}
