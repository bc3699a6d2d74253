//! `docs/METRICS.md`: the rules for all metrics, every definition and every table, told from the code.

use std::fmt::Write;

use super::{Facts, METRICS, Metric, Source, Unit, When};
use crate::facts::Reports;
use crate::table::{Projection, Table, Type, View};

/// The whole document.
pub fn document() -> String {
    let mut text = include_str!("rules.md").to_owned();
    text.push_str("\n## Metrics\n");
    METRICS.iter().for_each(|metric| tell(&mut text, metric));
    text.push_str("\n## Tables\n");
    Reports::TABLES.iter().for_each(|table| columns(&mut text, table));
    text.push_str(
        "\n## Views\n\nThe same in the words of whoever asks about a day; made of the tables, and of nothing else.\n",
    );
    Reports::VIEWS.iter().for_each(|of| view(&mut text, of));
    text
}

fn tell(text: &mut String, metric: &Metric) {
    let Metric { name, version, title, unit, formula, about, by, source, spread } = metric;
    let told = match unit {
        Unit::Count => "a count",
        Unit::Share => "a share, 0 to 1",
        Unit::Milliseconds => "milliseconds",
    };
    let by: Vec<&str> = by.iter().map(|by| by.name()).collect();
    let mut line = |told: String| writeln!(text, "{told}").expect("text takes everything");
    line(format!("\n### {name}\n\n**{title}** (version {version}; {told}): {formula}.\n\n{about}\n"));
    line(format!("- By: {}.", by.join(", ")));
    match source {
        Source::Sums { table, part, whole, without } => {
            let part = part.join(" + ");
            let less: String = without.iter().map(|one| format!(" − {one}")).collect();
            let share = if whole.is_empty() { part } else { format!("({part}) ÷ ({}{less})", whole.join(" + ")) };
            line(format!("- From the roll-up `{}`: {share}.", table.name));
        }
        Source::Facts(Facts { table, joined, when, only, value, .. }) => {
            let joined = if joined.is_empty() { String::new() } else { format!(" AS f {joined}") };
            let only = if only.is_empty() { String::new() } else { format!(", where `{only}`") };
            let when = match when {
                When::At(at) => format!("by `{at}`"),
                When::Open { began, ended } => {
                    format!("open at the end of the interval: `{began}` up to it, no `{ended}` yet")
                }
            };
            line(format!(
                "- From the facts `{}{joined}`, {when}{only}: `{value}` (`{{...}}` is a time in milliseconds).",
                table.name
            ));
            if *unit == Unit::Milliseconds {
                line("- Median and percentiles: of the same.".to_owned());
            }
        }
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

fn view(text: &mut String, view: &View) {
    let mut line = |told: String| writeln!(text, "{told}").expect("text takes everything");
    line(format!("\n### {}\n\n{}\n\n| column | meaning |\n| --- | --- |", view.name, view.about));
    view.columns.iter().for_each(|(name, about)| line(format!("| {name} | {about} |")));
}
