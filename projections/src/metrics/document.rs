//! `docs/METRICS.md`: the rules for all metrics, every definition and every table, told from the code.

use std::fmt::Write;

use super::{METRICS, Metric, Source, Unit};
use crate::facts::Reports;
use crate::table::{Projection, Table, Type};

/// The whole document.
pub fn document() -> String {
    let mut text = include_str!("rules.md").to_owned();
    text.push_str("\n## Metrics\n");
    METRICS.iter().for_each(|metric| tell(&mut text, metric));
    text.push_str("\n## Tables\n");
    Reports::TABLES.iter().for_each(|table| columns(&mut text, table));
    text
}

fn tell(text: &mut String, metric: &Metric) {
    let Metric { name, version, title, unit, formula, about, by, source, spread } = metric;
    let unit = match unit {
        Unit::Count => "a count",
        Unit::Share => "a share, 0 to 1",
        Unit::Milliseconds => "milliseconds",
    };
    let by: Vec<&str> = by.iter().map(|by| by.name()).collect();
    let mut line = |told: String| writeln!(text, "{told}").expect("text takes everything");
    line(format!("\n### {name}\n\n**{title}** (version {version}; {unit}): {formula}.\n\n{about}\n"));
    line(format!("- By: {}.", by.join(", ")));
    match source {
        Source::Sums { table, part, whole, without } => {
            let part = part.join(" + ");
            let less: String = without.iter().map(|one| format!(" − {one}")).collect();
            let share = if whole.is_empty() { part } else { format!("({part}) ÷ ({}{less})", whole.join(" + ")) };
            line(format!("- From the roll-up `{}`: {share}.", table.name));
        }
        Source::Facts(table) => line(format!("- From the facts in `{}`.", table.name)),
    }
    if let Some(spread) = spread {
        let only: String = spread.only.iter().map(|(column, value)| format!(", {column} = {value}")).collect();
        let (table, value, at) = (spread.table.name, spread.value, spread.at);
        line(format!("- Median and percentiles: `{table}.{value}`, by {at}{only}."));
    }
}

fn columns(text: &mut String, table: &Table) {
    let mut line = |told: String| writeln!(text, "{told}").expect("text takes everything");
    line(format!("\n### {}\n\n{}\n\n| column | type | meaning |\n| --- | --- | --- |", table.name, table.about));
    for (place, column) in table.columns.iter().enumerate() {
        let of = match column.of {
            Type::Id => "id",
            Type::Text => "text",
            Type::Number => "number",
            Type::Time => "time",
            Type::Flag => "yes or no",
        };
        let empty = if column.nullable { ", may be empty" } else { "" };
        let key = if place < table.key { ", key" } else { "" };
        line(format!("| {} | {of}{key}{empty} | {} |", column.name, column.about));
    }
}
