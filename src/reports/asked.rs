//! What is asked of a report, checked: every mistake is named at once.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use gatehouse_projections::metrics::{By, METRICS, Metric};
use serde::Deserialize;
use utoipa::IntoParams;

use super::intervals::{Every, begins_a_quarter, end};
use crate::http::Fields;
use crate::problem::Problem;

/// Intervals of one report: a month of hours, two years of days.
const INTERVALS_MAX: usize = 750;

#[derive(Deserialize, IntoParams)]
pub struct ReportQuery {
    /// A quarter of an hour: included.
    from: DateTime<Utc>,
    /// A quarter of an hour: not included.
    to: DateTime<Utc>,
    /// inbox, agent, channel, gateway or brand, as the metric allows.
    by: Option<String>,
    #[serde(default)]
    #[param(inline)]
    interval: Every,
    /// A time zone as in the IANA database, whose hours and days are meant; UTC where nothing is said.
    tz: Option<String>,
}

/// What is asked, and can be told.
#[derive(Clone)]
pub struct Asked {
    pub metric: &'static Metric,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub by: Option<Key>,
    every: Every,
    zone: Tz,
}

/// What a figure is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Of(By),
    /// Of the gateway, as it is now.
    Brand,
}

impl Asked {
    pub fn parse(metric: &str, query: &ReportQuery) -> Result<Self, Problem> {
        let known = METRICS.iter().find(|known| known.name == metric);
        let metric = known.ok_or_else(|| Problem::not_found("report"))?;
        let mut fields = Fields::default();
        let by = query.by.as_deref().map(|by| key(metric, by));
        fields.check(by != Some(None), "by", format!("{} cannot be told by it", metric.name));
        let zone = query.tz.as_deref().map_or(Ok(Tz::UTC), str::parse);
        fields.check(zone.is_ok(), "tz", "is no time zone");
        fields.check(begins_a_quarter(query.from), "from", "is no full quarter of an hour");
        fields.check(begins_a_quarter(query.to), "to", "is no full quarter of an hour");
        fields.check(query.from < query.to, "to", "is not after from");
        let zone = zone.unwrap_or(Tz::UTC);
        let asked = Self { metric, from: query.from, to: query.to, by: by.flatten(), every: query.interval, zone };
        let few = asked.intervals().nth(INTERVALS_MAX).is_none();
        fields.check(few, "interval", format!("makes more than {INTERVALS_MAX} intervals"));
        fields.done()?;
        Ok(asked)
    }

    /// The same, not told by anything.
    pub fn whole(&self) -> Self {
        Self { by: None, ..self.clone() }
    }

    /// Every interval; the first and the last are cut where the report begins and ends.
    pub fn intervals(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let (mut at, to, every, zone) = (self.from, self.to, self.every, self.zone);
        std::iter::from_fn(move || {
            let from = at;
            (from < to).then(|| {
                at = end(every, from, zone).min(to);
                (from, at)
            })
        })
    }
}

fn key(metric: &Metric, by: &str) -> Option<Key> {
    if by == "brand" {
        return metric.by.contains(&By::Gateway).then_some(Key::Brand);
    }
    metric.by.iter().find(|known| known.name() == by).map(|known| Key::Of(*known))
}
