//! The definitions hold together, and say what they compute.

use std::collections::BTreeSet;

use super::*;
use crate::table::{Table, Type};

#[test]
fn the_published_definitions_are_those_the_code_computes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
    assert_eq!(std::fs::read_to_string(path).unwrap(), document(), "run `make metrics`");
}

#[test]
fn every_metric_has_a_name_of_its_own_and_columns_that_exist() {
    let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len());
    let number = |table: &Table, column: &str| table.columns[table.place(column)].of == Type::Number;
    for metric in METRICS {
        if let Source::Facts(facts) = &metric.source {
            let told = [facts.value, facts.only, facts.joined].concat();
            let of_f =
                told.split("f.").skip(1).map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_').next());
            of_f.flatten().for_each(|column| assert!(facts.table.place(column) < facts.table.columns.len()));
        }
        if let Source::Sums { table, part, whole, without } = metric.source {
            let mut all = part.iter().chain(whole).chain(without);
            assert!(all.all(|column| number(table, column)), "{}", metric.name);
            assert_eq!(whole.is_empty(), metric.unit == Unit::Count, "{}: a count is not divided", metric.name);
        }
        if let Some(Spread { table, at, value, only }) = &metric.spread {
            assert_eq!((number(table, value), table.columns[table.place(at)].of), (true, Type::Time));
            only.iter().for_each(|(column, _)| assert_eq!(table.columns[table.place(column)].of, Type::Text));
        }
    }
}

#[test]
fn quarters_are_merged_before_they_are_divided() {
    let level = METRICS.iter().find(|metric| metric.name == "service_level").unwrap();
    let quarter = |in_time: i64, answered: i64, abandoned: i64, short: i64| {
        let sum = move |column: &str| match column {
            "answered_in_time" => in_time,
            "answered" => answered,
            "abandoned" => abandoned,
            "abandoned_short" => short,
            other => panic!("{other} is no part of it"),
        };
        Figure::of(level, sum).unwrap()
    };
    // One busy quarter at 50 %, one with a single answer at 100 %: no average of the two.
    let mut all = quarter(45, 88, 3, 1);
    all += quarter(1, 1, 0, 0);
    assert_eq!(all, Figure { part: 46, whole: Some(91) });
    assert_eq!(quarter(0, 0, 1, 1).value(), None);
    assert_eq!(quarter(1, 2, 0, 0).value(), Some(0.5));
}

#[test]
fn percentiles_are_values_that_were_measured() {
    let measured: Vec<i64> = (1..=10).map(|value| value * 100).collect();
    let told = [50, 90, 95, 100].map(|percent| percentile(&measured, percent));
    assert_eq!(told, [Some(500), Some(900), Some(1_000), Some(1_000)]);
    assert_eq!((percentile(&[7], 50), percentile(&[], 50)), (Some(7), None));
}
