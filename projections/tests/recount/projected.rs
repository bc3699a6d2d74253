//! What the reporting tables say, through the public contract of projections only: the same figures as a recount gives,
//! read from rows.

use std::collections::BTreeMap;

use chrono::DateTime;
use gatehouse_domain::{Channel, Fact, Recorded};
use gatehouse_projections::facts::Reports;
use gatehouse_projections::table::{Change, Projection, Table, Value};
use uuid::Uuid;

use super::{Figures, Key, Sample, Whose, recount};

/// Tables in memory.
#[derive(Default)]
pub struct Tables(BTreeMap<&'static str, (Option<&'static Table>, Rows)>);

/// Rows by their key.
type Rows = BTreeMap<Vec<Value>, Vec<Value>>;

/// A row with the names of its columns.
struct Row<'a>(&'static Table, &'a [Value]);

/// Every figure that differs, told: empty where what is folded and the recount agree.
pub fn differences(log: &[Recorded]) -> Vec<String> {
    let mut reports = Reports::default();
    let mut tables = Tables::default();
    for one in log {
        let mut changes = vec![];
        reports.fold(one, &mut changes);
        changes.into_iter().for_each(|change| tables.take(change));
    }
    differences_in(&tables, log)
}

/// The same of tables, wherever they were kept.
pub fn differences_in(tables: &Tables, log: &[Recorded]) -> Vec<String> {
    let mut told = tables.figures();
    tables.of("agent_state_intervals").iter().for_each(|row| add_open(row, log, &mut told));
    told.sums.retain(|_, sum| *sum != 0);
    compare(&recount(log), &told)
}

/// What an open row has gathered since its sums were last written, up to the newest event of the agent.
fn add_open(row: &Row<'_>, log: &[Recorded], told: &mut Figures) {
    if row.time("ended_at").is_some() {
        return;
    }
    let (agent, from) = (row.id("agent_id"), row.time("counted_until").expect("sums reach somewhere"));
    let newest = log.iter().filter_map(|one| match &one.fact {
        Fact::Agent(event) if one.stream.id == agent => Some(event.at().timestamp_millis()),
        _ => None,
    });
    let until = newest.max().unwrap_or(from);
    let column = match row.text("state") {
        Some("available") => "available_ms",
        Some("busy") => "busy_ms",
        Some("break") => "break_ms",
        Some("not_responding") => "not_responding_ms",
        Some("disconnected") => "disconnected_ms",
        _ => return,
    };
    let whose = Whose { agent, ..Whose::default() };
    for (at, ms) in super::agents::split(from, until) {
        told.add(column, at, whose, ms);
        if matches!(column, "available_ms" | "busy_ms") {
            told.add("slot_ms", at, whose, ms * row.number("slots").unwrap_or_default());
            told.add("capacity_ms", at, whose, ms * row.number("capacity").unwrap_or_default());
        }
    }
}

fn compare(counted: &Figures, told: &Figures) -> Vec<String> {
    let mut found = vec![];
    let cells = counted.sums.keys().chain(told.sums.keys()).collect::<std::collections::BTreeSet<_>>();
    for cell in cells {
        let of = |figures: &Figures| figures.sums.get(cell).copied().unwrap_or_default();
        if of(counted) != of(told) {
            let (column, Key { quarter, whose }) = cell;
            let began = DateTime::from_timestamp_millis(*quarter).unwrap_or_default();
            found.push(format!("{column}: counted {}, told {}, {began} {whose:?}", of(counted), of(told)));
        }
    }
    let metrics = counted.samples.keys().chain(told.samples.keys()).collect::<std::collections::BTreeSet<_>>();
    for metric in metrics {
        let of = |figures: &Figures| figures.samples.get(metric).cloned().unwrap_or_default();
        let only = |these: &[Sample], those: &[Sample]| -> Vec<Sample> {
            let mut rest = those.to_vec();
            let is_missing = |one: &&Sample| match rest.iter().position(|other| other == *one) {
                Some(place) => {
                    rest.swap_remove(place);
                    false
                }
                None => true,
            };
            these.iter().filter(is_missing).copied().collect()
        };
        let (ours, theirs) = (of(counted), of(told));
        if ours != theirs {
            found.push(format!("{metric}: counted {:?}, told {:?}", only(&ours, &theirs), only(&theirs, &ours)));
        }
    }
    if counted.turns != told.turns {
        found.push(format!("turns: counted {:?}, told {:?}", counted.turns, told.turns));
    }
    found
}

impl Tables {
    pub fn put(&mut self, table: &'static Table, row: Vec<Value>) {
        self.rows(table).insert(row[..table.key].to_vec(), row);
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Put { table, row } => self.put(table, row),
            Change::Set { table, key, set } => {
                if let Some(row) = self.rows(table).get_mut(&key) {
                    set.into_iter().for_each(|(column, value)| row[table.place(column)] = value);
                }
            }
            Change::Add { table, key, sums } => {
                let zeros = || key.iter().cloned().chain(sums.iter().map(|_| Value::Number(0))).collect();
                let row = self.rows(table).entry(key.clone()).or_insert_with(zeros);
                for (cell, sum) in row[table.key..].iter_mut().zip(sums) {
                    let Value::Number(known) = cell else { panic!("{} sums what is no number", table.name) };
                    *known += sum;
                }
            }
            Change::Remove { table, column, value } => {
                let place = table.place(column);
                self.rows(table).retain(|_, row| row[place] != value);
            }
        }
    }

    fn rows(&mut self, table: &'static Table) -> &mut Rows {
        let (known, rows) = self.0.entry(table.name).or_default();
        *known = Some(table);
        rows
    }

    fn of(&self, table: &str) -> Vec<Row<'_>> {
        let Some((Some(table), rows)) = self.0.get(table) else { return vec![] };
        rows.values().map(|row| Row(table, row)).collect()
    }

    /// As `docs/METRICS.md` says from which rows and columns each metric is taken.
    fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        for table in ["quarters", "agent_quarters"] {
            for row in self.of(table) {
                let key =
                    Key { quarter: row.time("began_at").expect("a quarter begins"), whose: row.whose("inbox_id") };
                for (column, value) in row.0.columns.iter().zip(row.1).skip(row.0.key) {
                    let Value::Number(sum) = value else { panic!("{} is no sum", column.name) };
                    *figures.sums.entry((column.name, key)).or_default() += sum;
                }
            }
        }
        let mut add = |metric, at: Option<i64>, whose: Whose, value: Option<i64>| {
            if let (Some(at), Some(value)) = (at, value) {
                figures.sample(metric, at, whose, value);
            }
        };
        for row in self.of("queue_stays") {
            let metric = match row.text("outcome") {
                Some("answered") => "speed_of_answer",
                Some("abandoned") => "abandonment",
                _ => continue,
            };
            add(metric, row.time("left_at"), row.whose("inbox_id"), row.number("waited_ms"));
        }
        for row in self.of("responses").iter().filter(|row| row.text("outcome") == Some("answered")) {
            let metric = if row.text("clock") == Some("first") { "first_response" } else { "next_response" };
            add(metric, row.time("closed_at"), row.whose("inbox_id"), row.number("response_ms"));
            add("agent_response_ms", row.time("closed_at"), row.whose("inbox_id"), row.number("agent_response_ms"));
        }
        for row in self.of("offers").iter().filter(|row| row.text("outcome") == Some("accepted")) {
            add("acceptance", row.time("closed_at"), row.whose("inbox_id"), row.number("open_ms"));
        }
        let slots: BTreeMap<Uuid, Option<i64>> =
            self.of("slots").iter().map(|slot| (slot.id("hold_id"), slot.time("released_at"))).collect();
        for row in self.of("assignments") {
            add("handle_time", row.time("released_at"), row.whose("inbox_id"), row.number("handled_ms"));
            if matches!(row.text("released"), Some("ended" | "idle"))
                && let (Some(released), Some(Some(let_go))) = (row.time("released_at"), slots.get(&row.id("hold_id")))
            {
                add("wrap_up", Some(*let_go), row.whose("inbox_id"), Some(let_go - released));
            }
        }
        for row in self.of("messages") {
            let (whose, submitted) = (row.whose("inbox_id"), row.time("submitted_at"));
            if row.text("direction") == Some("inbound") {
                let lag = row.time("at").zip(row.time("provider_at")).map(|(ours, theirs)| (ours - theirs).max(0));
                add("ingress_lag", row.time("at"), whose, lag);
            }
            let first = [row.time("delivered_at"), row.time("read_at")].into_iter().flatten().min();
            add("delivery_success", submitted, whose, Some(i64::from(first.is_some())));
            add("delivery_latency", submitted, whose, first.zip(submitted).map(|(first, taken)| first - taken));
        }
        for row in self.of("delivery_attempts") {
            let doubtful = row.text("outcome") == Some("indeterminate");
            add("indeterminate_rate", row.time("closed_at"), row.whose("inbox_id"), Some(i64::from(doubtful)));
        }
        let interactions = self.of("interactions");
        for row in &interactions {
            for column in super::interactions::COLUMNS {
                add(column, row.time("ended_at"), row.whose("inbox_id"), row.number(column));
            }
        }
        let named =
            |row: &Row<'_>, nth| (row.id("conversation_id"), row.number("interaction").map(|number| number + nth));
        let began: BTreeMap<_, _> = interactions.iter().map(|row| (named(row, 0), row.time("opened_at"))).collect();
        for row in interactions.iter().filter(|row| row.text("ending") != Some("erased")) {
            let next = began.get(&named(row, 1)).copied().flatten();
            let ended = row.time("ended_at");
            let soon = next.zip(ended).is_some_and(|(next, ended)| next - ended <= 24 * 60 * 60 * 1_000);
            add("reopen_rate", ended, row.whose("inbox_id"), Some(i64::from(soon)));
        }
        for row in self.of("responses") {
            let whose = Whose { agent: Uuid::nil(), ..row.whose("inbox_id") };
            figures.turns.push((whose, row.time("asked_at").expect("a turn begins"), row.time("closed_at")));
        }
        figures.samples.values_mut().for_each(|samples| samples.sort());
        figures.turns.sort();
        figures
    }
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &Value {
        self.0.columns.iter().position(|one| one.name == column).map_or(&Value::Null, |place| &self.1[place])
    }

    fn id(&self, column: &str) -> Uuid {
        if let Value::Id(id) = self.cell(column) { *id } else { Uuid::nil() }
    }

    fn text(&self, column: &str) -> Option<&str> {
        if let Value::Text(text) = self.cell(column) { Some(text) } else { None }
    }

    fn number(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Value::Number(number) => Some(*number),
            Value::Flag(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    fn time(&self, column: &str) -> Option<i64> {
        if let Value::Time(time) = self.cell(column) { Some(time.timestamp_millis()) } else { None }
    }

    fn whose(&self, inbox: &str) -> Whose {
        let channel = self.text("channel").and_then(Channel::parse);
        Whose { inbox: self.id(inbox), agent: self.id("agent_id"), gateway: self.id("gateway_id"), channel }
    }
}
