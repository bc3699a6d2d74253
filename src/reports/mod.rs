//! Figures from the reporting tables: one definition, asked for a time, by something, in intervals of somebody's day.
//!
//! - `asked`: what is asked, checked.
//! - `intervals`: hours and days of a time zone.
//! - `reading`: the sums, percentiles and names a report is made of.
//! - `export`: whole tables, row by row.

mod asked;
pub mod export;
mod intervals;
mod reading;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_projections::metrics::{Figure, Metric};
use gatehouse_projections::table::Value;
use serde::Serialize;
use utoipa::ToSchema;

pub use asked::{Asked, ReportQuery};

use crate::tables::{Readers, TablesError};

/// A metric over a time.
#[derive(Serialize, ToSchema)]
pub struct Report {
    metric: Definition,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    rows: Vec<Row>,
    /// Over everything that was asked for: sums first, divided last.
    total: Told,
}

/// What a figure means, to be shown with it.
#[derive(Serialize, ToSchema)]
pub struct Definition {
    name: &'static str,
    version: u32,
    title: &'static str,
    unit: &'static str,
    formula: &'static str,
    about: &'static str,
    /// What it can be told by.
    by: Vec<&'static str>,
}

/// The figure of one interval, and of one inbox, agent, ... where that was asked.
#[derive(Serialize, ToSchema)]
pub struct Row {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// The id, channel or brand it is told by; none for the whole, and for nobody.
    #[schema(required)]
    key: Option<String>,
    #[schema(required)]
    name: Option<String>,
    #[serde(flatten)]
    told: Told,
}

/// A figure with the sums it is made of.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
pub struct Told {
    part: i64,
    /// What it is divided by; none where the metric is a count.
    #[schema(required)]
    whole: Option<i64>,
    /// None where there is nothing to divide by.
    #[schema(required)]
    value: Option<f64>,
    /// In milliseconds, where the metric has durations.
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p90: Option<i64>,
}

impl Definition {
    pub fn of(metric: &Metric) -> Self {
        Self {
            name: metric.name,
            version: metric.version,
            title: metric.title,
            unit: metric.unit.name(),
            formula: metric.formula,
            about: metric.about,
            by: metric.by.iter().map(|by| by.name()).collect(),
        }
    }
}

impl Told {
    fn of(figure: Figure, percentiles: Option<(i64, i64)>) -> Self {
        let Figure { part, whole } = figure;
        let (median, p90) = percentiles.unzip();
        Self { part, whole, value: figure.value(), median, p90 }
    }
}

/// Computes what is asked; time that is still running counts up to `now`.
pub async fn report(tables: &Readers, asked: &Asked, now: DateTime<Utc>) -> Result<Report, TablesError> {
    let names = reading::names(tables, asked.by).await?;
    let mut rows = vec![];
    for (from, to) in asked.intervals() {
        let mut told = told(tables, asked, from, to, now).await?;
        if asked.by.is_none() {
            told.entry(Value::Text(String::new())).or_insert_with(|| nothing(asked));
        } else {
            // Whoever has no part in it is no row.
            told.retain(|_, told| told.part != 0 || told.whole.is_some_and(|whole| whole != 0));
        }
        for (key, told) in told {
            let name = names.get(&key).cloned();
            rows.push(Row { from, to, key: word(&key), name, told });
        }
    }
    let total = told(tables, &asked.whole(), asked.from, asked.to, now).await?.into_values().next();
    let total = total.unwrap_or_else(|| nothing(asked));
    Ok(Report { metric: Definition::of(asked.metric), from: asked.from, to: asked.to, rows, total })
}

/// The figure of a time in which nothing happened.
fn nothing(asked: &Asked) -> Told {
    Figure::of(asked.metric, |_| 0).map_or_else(Told::default, |figure| Told::of(figure, None))
}

/// The figures of one interval, by what is asked.
async fn told(
    tables: &Readers,
    asked: &Asked,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<Value, Told>, TablesError> {
    let sums = reading::sums(tables, asked, from, to, now).await?;
    let percentiles = reading::percentiles(tables, asked, from, to).await?;
    let told = sums.into_iter().filter_map(|(key, sums)| {
        let figure = Figure::of(asked.metric, |column| sums.get(column).copied().unwrap_or_default())?;
        let percentiles = percentiles.get(&key).copied();
        Some((key, Told::of(figure, percentiles)))
    });
    Ok(told.collect())
}

fn word(key: &Value) -> Option<String> {
    match key {
        Value::Id(id) if !id.is_nil() => Some(id.to_string()),
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}
