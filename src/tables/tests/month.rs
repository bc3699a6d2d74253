//! A month that might have been, in the tables of every store: every figure equals an independent recount of the events.
//!
//! `REQUESTS` and `SEED` in the environment choose how many and which.

#[expect(dead_code, reason = "figures are asked for in its own tests")]
#[path = "../../../projections/tests/recount/mod.rs"]
mod recount;

use std::sync::Arc;
use std::time::Duration;

use gatehouse_domain::Recorded;
use gatehouse_projections::facts::Reports;
use gatehouse_projections::table::{Group, Projection};

use super::homes::Home;
use super::{Server, every_store, life};
use crate::bench::seed::{Told, write};
use crate::installation::Installation;
use crate::journal::Journal;
use crate::server;
use crate::tables::Tables;
use crate::tables::command::verified;
use crate::tables::compare::Difference;
use crate::tables::model::{Model, models};
use recount::projected::{self, differences_in};

const REQUESTS: u32 = 2_000;
const PAGE: u32 = 1_000;
/// For each request, unoptimised and beside other tests.
const WITHIN: Duration = Duration::from_millis(150);

every_store!(every_figure_of_a_month_equals_the_recount);

fn every_figure_of_a_month_equals_the_recount(home: &Home) {
    life(async {
        let requests = written(home).await;
        let server = Server::start_with(home, &models()).await;
        for model in models() {
            assert!(
                server.tables.at_least(model.name, server.journal.head(), WITHIN * requests).await,
                "{} does not come on",
                model.name
            );
        }
        let log = everything(&server.journal).await;
        let found = differences_in(&reporting(&server.tables).await, &log);
        assert!(
            found.is_empty(),
            "{} figures of {} events differ: {:#?}",
            found.len(),
            log.len(),
            &found[..found.len().min(20)]
        );
        let (differences, parked) =
            verified(Model::of::<Reports>(), &home.place().await, &home.source().await).await.unwrap();
        assert!(differences.iter().all(Difference::is_none) && parked == 0, "what is built anew is what was kept");
    });
}

/// Writes the month, and says of how many requests.
async fn written(home: &Home) -> u32 {
    let number = |name: &str, otherwise| std::env::var(name).map_or(otherwise, |told| told.parse().unwrap());
    let (store, _, _) = server::stores(&home.config).await.unwrap();
    let installation = Arc::new(Installation::open(&home.config.data).unwrap());
    let clock = Arc::new(Told::default());
    let journal = Journal::open(store, installation, Arc::clone(&clock) as _).await.unwrap();
    let requests = number("REQUESTS", REQUESTS);
    write(journal, clock, requests.into(), number("SEED", 1).into()).await.unwrap();
    requests
}

async fn everything(journal: &Journal) -> Vec<Recorded> {
    let mut log: Vec<Recorded> = vec![];
    loop {
        let page = journal.read(log.len() as u64, PAGE).await.unwrap();
        if page.is_empty() {
            return log;
        }
        log.extend(page);
    }
}

/// What the database shows to analysts.
async fn reporting(tables: &Tables) -> projected::Tables {
    let mut shown = projected::Tables::default();
    for table in Reports::TABLES {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let types: Vec<_> = table.columns.iter().map(|column| column.of).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), table.name);
        for row in tables.read(Group::Reporting).rows(&sql, &[], &types).await.unwrap() {
            shown.put(table, row);
        }
    }
    shown
}
