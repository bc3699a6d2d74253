//! Whole tables, page by page in the order of their keys: CSV that no spreadsheet runs, or one JSON object a line.

use chrono::{DateTime, SecondsFormat, Utc};
use gatehouse_projections::facts::Reports;
use gatehouse_projections::table::{Projection, Table, Type, Value};

use crate::tables::{Readers, TablesError};

/// Rows of one page: what is in memory of an export.
pub const PAGE: usize = 2_000;

/// What begins a formula in a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

/// Which rows of a table.
#[derive(Clone)]
pub struct Rows {
    pub table: &'static Table,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Columns that have one value.
    pub with: Vec<(&'static str, Value)>,
    /// The key of the row before the first.
    pub after: Option<Vec<Value>>,
}

/// A reporting table by its name.
pub fn table(name: &str) -> Option<&'static Table> {
    Reports::TABLES.iter().find(|table| table.name == name).copied()
}

/// The time rows are chosen by: what the table is looked up by first, or the time in its key.
pub fn chosen_by(table: &Table) -> Option<&'static str> {
    let first = table.indexes.first().and_then(|columns| columns.first()).copied();
    let of = |name: &str| table.columns[table.place(name)].of;
    let key = table.columns.first().map(|column| column.name);
    [key, first].into_iter().flatten().find(|name| of(name) == Type::Time)
}

/// The name of what is exported, and how, from the name of the file it becomes.
pub fn named(file: &str) -> Option<(&str, Format)> {
    match file.rsplit_once('.')? {
        (name, "csv") => Some((name, Format::Csv)),
        (name, "ndjson") => Some((name, Format::Ndjson)),
        _ => None,
    }
}

/// The cells of a key as they stand in an export, one after the other with commas between.
pub fn key(table: &Table, text: &str) -> Option<Vec<Value>> {
    let cells: Vec<&str> = text.split(',').collect();
    let columns = &table.columns[..table.key];
    let read = |(of, cell): (Type, &&str)| match of {
        Type::Id => cell.parse().ok().map(Value::Id),
        Type::Text => Some(Value::Text((*cell).to_owned())),
        Type::Number => cell.parse().ok().map(Value::Number),
        Type::Time => cell.parse().ok().map(Value::Time),
        Type::Flag => None,
    };
    if cells.len() != columns.len() {
        return None;
    }
    columns.iter().map(|column| column.of).zip(&cells).map(read).collect()
}

impl Rows {
    /// How many there are.
    pub async fn count(&self, tables: &Readers) -> Result<i64, TablesError> {
        let (only, values) = self.only();
        let sql = format!("SELECT COUNT(*) FROM {}{only}", self.table.name);
        let rows = tables.rows(&sql, &values, &[Type::Number]).await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Value::Number(count)) => *count,
            _ => 0,
        })
    }

    /// The next page; afterwards these are the rows behind it.
    pub async fn page(&mut self, tables: &Readers) -> Result<Vec<Vec<Value>>, TablesError> {
        let columns: Vec<&str> = self.table.columns.iter().map(|column| column.name).collect();
        let types: Vec<Type> = self.table.columns.iter().map(|column| column.of).collect();
        let (only, values) = self.only();
        let (all, key, name) = (columns.join(", "), columns[..self.table.key].join(", "), self.table.name);
        let sql = format!("SELECT {all} FROM {name}{only} ORDER BY {key} LIMIT {PAGE}");
        let page = tables.rows(&sql, &values, &types).await?;
        if let Some(last) = page.last() {
            self.after = Some(last[..self.table.key].to_vec());
        }
        Ok(page)
    }

    fn only(&self) -> (String, Vec<Value>) {
        let (mut only, mut values) = (vec![], vec![]);
        let mut told = |value: Value| {
            values.push(value);
            format!("${}", values.len())
        };
        if let Some(after) = &self.after {
            let key: Vec<&str> = self.table.columns[..self.table.key].iter().map(|column| column.name).collect();
            let places: Vec<String> = after.iter().map(|value| told(value.clone())).collect();
            only.push(format!("({}) > ({})", key.join(", "), places.join(", ")));
        }
        if let Some(time) = chosen_by(self.table) {
            only.extend(self.from.map(|from| format!("{time} >= {}", told(Value::Time(from)))));
            only.extend(self.to.map(|to| format!("{time} < {}", told(Value::Time(to)))));
        }
        only.extend(self.with.iter().map(|(column, value)| format!("{column} = {}", told(value.clone()))));
        let only = if only.is_empty() { String::new() } else { format!(" WHERE {}", only.join(" AND ")) };
        (only, values)
    }
}

/// The first line, where the format has one.
pub fn heading(table: &Table, format: Format) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    if format == Format::Csv { names.join(",") + "\r\n" } else { String::new() }
}

pub fn line(table: &Table, row: &[Value], format: Format) -> String {
    match format {
        Format::Csv => csv(row),
        Format::Ndjson => {
            let cells = table.columns.iter().zip(row).map(|(column, value)| (column.name.to_owned(), json(value)));
            serde_json::Value::Object(cells.collect()).to_string() + "\n"
        }
    }
}

/// A line of cells.
pub fn csv(row: &[Value]) -> String {
    row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Text that would begin a formula gets a ' before it, as spreadsheets understand.
fn cell(value: &Value) -> String {
    let Value::Text(text) = value else { return plain(value) };
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text.clone() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Id(id) => id.to_string(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Time(time) => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        Value::Flag(flag) => flag.to_string(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Id(_) | Value::Text(_) | Value::Time(_) => plain(value).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_in_a_spreadsheet() {
        let text = |text: &str| cell(&Value::Text(text.to_owned()));
        assert_eq!(text("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!([text("+1"), text("-1"), text("@a"), text("\ta")], ["'+1", "'-1", "'@a", "'\ta"]);
        assert_eq!(
            (text("a, b"), text("plain"), cell(&Value::Number(-5))),
            ("\"a, b\"".into(), "plain".into(), "-5".into())
        );
    }

    #[test]
    fn every_table_can_be_exported_and_every_fact_chosen_by_its_time() {
        let timeless = ["agents", "inboxes", "gateways", "end_reasons", "teams", "team_members"];
        for table in Reports::TABLES {
            assert_eq!(chosen_by(table).is_none(), timeless.contains(&table.name), "{}", table.name);
        }
    }

    #[test]
    fn an_export_goes_on_after_the_key_of_its_last_line() {
        let quarters = table("quarters").unwrap();
        let id = "00000000-0000-0000-0000-000000000001";
        let told = format!("2026-05-01T10:15:00.000Z,{id},{id},whatsapp,{id}");
        let read: Vec<String> = key(quarters, &told).unwrap().iter().map(plain).collect();
        assert_eq!(read.join(","), told);
        assert_eq!((key(quarters, id), key(table("offers").unwrap(), "1,2")), (None, None));
    }
}
