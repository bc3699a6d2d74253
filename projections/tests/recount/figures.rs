//! The metrics, as their formulas say, from the sums and the facts counted anew.

use super::{Figures, Whose};

type Columns = &'static [&'static str];

/// Quotients of sums: the columns above the line, those below it that are added, and those that are taken off.
const QUOTIENTS: [(&str, Columns, Columns, Columns); 17] = [
    ("service_level", &["answered_in_time"], &["answered", "abandoned"], &["abandoned_short"]),
    ("speed_of_answer", &["answered_ms"], &["answered"], &[]),
    ("abandonment", &["abandoned"], &["answered", "abandoned", "flowed_out"], &[]),
    ("first_response", &["first_response_ms"], &["first_responses"], &[]),
    ("next_response", &["next_response_ms"], &["next_responses"], &[]),
    ("handle_time", &["handled_ms"], &["handled"], &[]),
    ("occupancy", &["busy_ms"], &["busy_ms", "available_ms"], &[]),
    ("slot_utilisation", &["slot_ms"], &["capacity_ms"], &[]),
    ("transfers_returned", &["transfers_returned"], &["transfers_in", "transfers_returned"], &[]),
    ("non_response", &["offers_lapsed"], &["offers_accepted", "offers_declined", "offers_lapsed"], &[]),
    ("acceptance", &["offers_accepted"], &["offers_accepted", "offers_declined", "offers_lapsed"], &[]),
    (
        "sla_met",
        &["sla_first_met", "sla_next_met"],
        &["sla_first_met", "sla_next_met", "sla_first_breached", "sla_next_breached"],
        &[],
    ),
    ("sla_first_met", &["sla_first_met"], &["sla_first_met", "sla_first_breached"], &[]),
    ("window_expiry_rate", &["ended_window_missed"], &["ended"], &[]),
    ("containment", &["ended_contained"], &["ended_with_flow"], &[]),
    ("one_touch", &["ended_one_touch"], &["ended_spoken"], &[]),
    ("resolution_time", &["ended_ms"], &["ended"], &[]),
];

/// Metrics that are one sum, under the name of its column.
const COUNTS: [(&str, &str); 10] = [
    ("offered", "offered"),
    ("answered", "answered"),
    ("short_abandonment", "abandoned_short"),
    ("flow_out", "flowed_out"),
    ("transfers_out", "transfers_out"),
    ("transfers_in", "transfers_in"),
    ("moves", "moves_out"),
    ("window_expiries", "windows_missed"),
    ("opened", "opened"),
    ("ended", "ended"),
];

/// Metrics that are the mean of their facts: a rate where each is 0 or 1.
const MEANS: [&str; 4] = ["wrap_up", "delivery_success", "indeterminate_rate", "reopen_rate"];

/// Some rows: an interval of whole quarters, and whose.
pub struct Asked<'a> {
    pub from: i64,
    pub to: i64,
    pub of: &'a dyn Fn(&Whose) -> bool,
}

impl Asked<'_> {
    fn takes(&self, at: i64, whose: &Whose) -> bool {
        (self.from..self.to).contains(&at) && (self.of)(whose)
    }
}

impl Figures {
    /// A metric over an interval. None where the divisor is 0, and for what has no single figure: see `percentile` and
    /// `backlog`.
    pub fn metric(&self, name: &str, asked: &Asked<'_>) -> Option<f64> {
        if let Some((_, column)) = COUNTS.iter().find(|(metric, _)| *metric == name) {
            return Some(self.sum(column, asked) as f64);
        }
        if MEANS.contains(&name) {
            let values = self.values(name, asked);
            return quotient(values.iter().sum(), values.len() as i64);
        }
        let (_, above, added, taken_off) = QUOTIENTS.iter().find(|(metric, ..)| *metric == name)?;
        let sum = |columns: &[&str]| columns.iter().map(|column| self.sum(column, asked)).sum::<i64>();
        quotient(sum(above), sum(added) - sum(taken_off))
    }

    /// The nearest rank: of n sorted values the one at place ceil(p × n). `percent` is p in hundredths.
    pub fn percentile(&self, name: &str, percent: usize, asked: &Asked<'_>) -> Option<i64> {
        let mut values = self.values(name, asked);
        values.sort_unstable();
        let place = (values.len() * percent).div_ceil(100);
        values.get(place.saturating_sub(1)).copied()
    }

    /// How old each turn is that is open at an instant; as many as the backlog has.
    pub fn backlog(&self, at: i64, of: &dyn Fn(&Whose) -> bool) -> Vec<i64> {
        let open = |(whose, asked, closed): &&(Whose, i64, Option<i64>)| {
            *asked <= at && closed.is_none_or(|closed| closed > at) && of(whose)
        };
        self.turns.iter().filter(open).map(|(_, asked, _)| at - asked).collect()
    }

    fn sum(&self, column: &str, asked: &Asked<'_>) -> i64 {
        let rows = self.sums.iter().filter(|((of, key), _)| *of == column && asked.takes(key.quarter, &key.whose));
        rows.map(|(_, sum)| sum).sum()
    }

    fn values(&self, name: &str, asked: &Asked<'_>) -> Vec<i64> {
        let samples = self.samples.get(name).into_iter().flatten();
        samples.filter(|one| asked.takes(one.at, &one.whose)).map(|one| one.value).collect()
    }
}

fn quotient(above: i64, below: i64) -> Option<f64> {
    (below != 0).then(|| above as f64 / below as f64)
}

/// How many ages are under 1 h, 1 to 4 h, 4 to 24 h, 1 to 3 days, and longer.
pub fn age_classes(ages: &[i64]) -> [usize; 5] {
    const HOUR: i64 = 60 * 60 * 1_000;
    let bounds = [0, HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR, i64::MAX];
    std::array::from_fn(|class| ages.iter().filter(|age| (bounds[class]..bounds[class + 1]).contains(age)).count())
}
