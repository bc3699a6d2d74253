//! Figures from the reporting tables: one definition, asked for a time, by something, in intervals of somebody's day.
//!
//! - `asked`: what is asked, checked.
//! - `intervals`: hours and days of a time zone.
//! - `reading`: the sums and names a report is made of; `facts`: what is counted from single facts, and percentiles.
//! - `export`: whole tables, row by row.

mod asked;
pub mod export;
mod facts;
mod intervals;
mod reading;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gatehouse_projections::metrics::{Figure, Metric, Source};
use gatehouse_projections::table::Value;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub use asked::{Asked, ReportQuery};
use facts::{Counted, Interval, Percentiles};

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
#[derive(Clone, Default, Serialize, ToSchema)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    p95: Option<i64>,
    /// In milliseconds, where the metric has classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    greatest: Option<i64>,
    /// How many lie in each class, where the metric has classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    classes: Vec<Class>,
}

/// How many durations are that long.
#[derive(Clone, Serialize, ToSchema)]
pub struct Class {
    name: &'static str,
    count: i64,
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
    fn of(figure: Figure, percentiles: Option<&Percentiles>) -> Self {
        let Figure { part, whole } = figure;
        Self {
            part,
            whole,
            value: figure.value(),
            median: percentiles.map(|all| all.median),
            p90: percentiles.map(|all| all.p90),
            p95: percentiles.map(|all| all.p95),
            ..Self::default()
        }
    }

    fn counted(metric: &Metric, counted: &Counted, percentiles: Option<&Percentiles>) -> Self {
        let mut told = Self::of(Figure::of_facts(metric, counted.value, counted.rows), percentiles);
        if let (Some((greatest, counts)), Source::Facts(facts)) = (&counted.classes, &metric.source) {
            let classes = facts.classes.iter().zip(counts);
            told.greatest = Some(*greatest);
            told.classes = classes.map(|((name, _), count)| Class { name, count: *count }).collect();
        }
        told
    }
}

/// Computes what is asked; what is still running counts up to `now`.
pub async fn report(tables: &Readers, asked: &Asked, now: DateTime<Utc>) -> Result<Report, TablesError> {
    let names = reading::names(tables, asked.by).await?;
    let mut rows = vec![];
    for (from, to) in asked.intervals() {
        let mut told = told(tables, asked, Interval { from, to, now }).await?;
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
    let all = Interval { from: asked.from, to: asked.to, now };
    let total = told(tables, &asked.whole(), all).await?.into_values().next().unwrap_or_else(|| nothing(asked));
    Ok(Report { metric: Definition::of(asked.metric), from: asked.from, to: asked.to, rows, total })
}

/// The figure of a time in which nothing happened.
fn nothing(asked: &Asked) -> Told {
    let figure = Figure::of(asked.metric, |_| 0).unwrap_or_else(|| Figure::of_facts(asked.metric, 0, 0));
    Told::of(figure, None)
}

/// The figures of one interval, by what is asked.
async fn told(tables: &Readers, asked: &Asked, interval: Interval) -> Result<BTreeMap<Value, Told>, TablesError> {
    let percentiles = facts::percentiles(tables, asked, &interval).await?;
    let mut told = BTreeMap::new();
    for (key, sums) in reading::sums(tables, asked, &interval).await? {
        if let Some(figure) = Figure::of(asked.metric, |column| sums.get(column).copied().unwrap_or_default()) {
            let found = percentiles.get(&key);
            told.insert(key, Told::of(figure, found));
        }
    }
    for (key, counted) in facts::counted(tables, asked, &interval).await? {
        let found = percentiles.get(&key);
        told.insert(key, Told::counted(asked.metric, &counted, found));
    }
    Ok(told)
}

impl Report {
    /// Its rows, for a spreadsheet.
    pub fn csv(&self, asked: &Asked) -> String {
        let classes = match &asked.metric.source {
            Source::Facts(facts) => facts.classes,
            Source::Sums { .. } => &[],
        };
        let mut names = vec!["from", "to", "key", "name", "part", "whole", "value", "median", "p90", "p95"];
        if !classes.is_empty() {
            names.push("greatest");
            names.extend(classes.iter().map(|(name, _)| *name));
        }
        let mut csv = names.join(",") + "\r\n";
        for Row { from, to, key, name, told } in &self.rows {
            let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
            let number = |number: Option<i64>| number.map_or(Value::Null, Value::Number);
            let mut cells = vec![Value::Time(*from), Value::Time(*to), text(key), text(name), Value::Number(told.part)];
            cells.extend([number(told.whole), text(&told.value.map(|value| value.to_string()))]);
            cells.extend([told.median, told.p90, told.p95].map(number));
            if !classes.is_empty() {
                cells.push(number(told.greatest));
                cells.extend((0..classes.len()).map(|place| number(told.classes.get(place).map(|class| class.count))));
            }
            csv.push_str(&export::csv(&cells));
        }
        csv
    }

    /// Its rows, one a line.
    pub fn ndjson(&self) -> String {
        self.rows.iter().map(|row| json!(row).to_string() + "\n").collect()
    }
}

fn word(key: &Value) -> Option<String> {
    match key {
        Value::Id(id) if !id.is_nil() => Some(id.to_string()),
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}
