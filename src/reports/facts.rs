//! What is counted from single facts, and how durations are spread. Statements that both databases understand.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_projections::metrics::{Facts, Source, Unit, When};
use gatehouse_projections::table::{Type, Value};

use super::asked::Asked;
use super::reading::{grouping, number};
use crate::tables::{Readers, TablesError};

type Result<T> = std::result::Result<T, TablesError>;

/// What the facts of an interval come to.
pub struct Counted {
    pub rows: i64,
    pub value: i64,
    /// The greatest value, and how many lie in each class, where the metric has classes.
    pub classes: Option<(i64, Vec<i64>)>,
}

/// Of a hundred sorted values, the 50th, 90th and 95th.
#[derive(Clone, Copy, Default)]
pub struct Percentiles {
    pub median: i64,
    pub p90: i64,
    pub p95: i64,
}

/// An interval of a report; what still runs counts up to `now`.
#[derive(Clone, Copy)]
pub struct Interval {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Interval {
    /// Its end, or now, in whole milliseconds as everything in the tables.
    fn instant(&self) -> DateTime<Utc> {
        let instant = self.to.min(self.now);
        instant - TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos() % 1_000_000))
    }
}

/// What the facts of an interval come to, by what is asked; nothing where the metric is made of sums.
pub async fn counted(tables: &Readers, asked: &Asked, interval: &Interval) -> Result<BTreeMap<Value, Counted>> {
    let Source::Facts(facts) = &asked.metric.source else { return Ok(BTreeMap::new()) };
    let (values, bound, of) = of_facts(tables, asked, facts, interval);
    let mut from = 0;
    let classes = facts.classes.iter().map(|(_, to)| {
        let class = format!(", CAST(SUM(CASE WHEN value >= {from} AND value < {to} THEN 1 ELSE 0 END) AS BIGINT)");
        from = *to;
        class
    });
    let sql = format!(
        "SELECT k, COUNT(*), CAST(SUM(value) AS BIGINT), CAST(MAX(value) AS BIGINT){} FROM ({values}) AS facts GROUP BY k",
        classes.collect::<String>()
    );
    let types = [vec![of], vec![Type::Number; 3 + facts.classes.len()]].concat();
    let rows = tables.rows(&sql, &bound, &types).await?.into_iter().map(|mut row| {
        let cells: Vec<i64> = row.split_off(1).into_iter().map(number).collect();
        let classes = (!facts.classes.is_empty()).then(|| (cells[2], cells[3..].to_vec()));
        (row.remove(0), Counted { rows: cells[0], value: cells[1], classes })
    });
    Ok(rows.collect())
}

/// How the durations of an interval are spread, by nearest rank, by what is asked; nothing where it has none.
pub async fn percentiles(tables: &Readers, asked: &Asked, interval: &Interval) -> Result<BTreeMap<Value, Percentiles>> {
    let durations = asked.metric.unit == Unit::Milliseconds;
    let (values, bound, of) = match (&asked.metric.source, &asked.metric.spread) {
        (Source::Facts(facts), _) if durations => of_facts(tables, asked, facts, interval),
        (Source::Sums { .. }, Some(spread)) => {
            let (key, joined, of) = grouping(asked.by);
            let only: String = spread.only.iter().map(|(name, value)| format!(" AND f.{name} = '{value}'")).collect();
            let (table, at, value) = (spread.table.name, spread.at, spread.value);
            let values = format!(
                "SELECT {key} AS k, f.{value} AS value FROM {table} AS f {joined}
                  WHERE f.{at} >= $1 AND f.{at} < $2 AND f.{value} IS NOT NULL{only}"
            );
            (values, vec![Value::Time(interval.from), Value::Time(interval.to)], of)
        }
        _ => return Ok(BTreeMap::new()),
    };
    let place = |percent: u32| format!("(n * {percent} + 99) / 100");
    let sql = format!(
        "SELECT k, n, place, value FROM (
             SELECT k, value, ROW_NUMBER() OVER (PARTITION BY k ORDER BY value) AS place, COUNT(*) OVER (PARTITION BY k) AS n
             FROM ({values}) AS facts) AS places
         WHERE place IN ({}, {}, {})",
        place(50),
        place(90),
        place(95)
    );
    let mut found: BTreeMap<Value, Percentiles> = BTreeMap::new();
    for row in tables.rows(&sql, &bound, &[of, Type::Number, Type::Number, Type::Number]).await? {
        let Ok([key, count, place, value]) = <[Value; 4]>::try_from(row) else { continue };
        let (count, place, value) = (number(count), number(place), number(value));
        let found = found.entry(key).or_default();
        let is = |percent: i64| (count * percent + 99) / 100 == place;
        for (percent, told) in [(50, &mut found.median), (90, &mut found.p90), (95, &mut found.p95)] {
            if is(percent) {
                *told = value;
            }
        }
    }
    Ok(found)
}

/// The statement that gives each fact's key and value, what is bound in it, and the type of the key.
fn of_facts(tables: &Readers, asked: &Asked, facts: &Facts, interval: &Interval) -> (String, Vec<Value>, Type) {
    let (key, of_gateway, of) = grouping(asked.by);
    let Facts { table, joined, when, only, value, .. } = facts;
    let instant = interval.instant();
    let (when, bound) = match when {
        When::At(at) => {
            (format!("{at} >= $1 AND {at} < $2"), vec![Value::Time(interval.from), Value::Time(interval.to)])
        }
        When::Open { began, ended } => {
            (format!("{began} <= $1 AND ({ended} > $1 OR {ended} IS NULL)"), vec![Value::Time(instant)])
        }
    };
    let only = if only.is_empty() { String::new() } else { format!(" AND {only}") };
    let values = format!(
        "SELECT {key} AS k, {value} AS value FROM {} AS f {joined} {of_gateway} WHERE {when}{only}",
        table.name
    );
    (tables.statement(&values, instant.timestamp_millis()), bound, of)
}
