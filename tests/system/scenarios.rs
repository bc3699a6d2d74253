//! Scenarios kept as data in `tests/scenarios/`: who does what, and what is seen then. One world per file, one scenario
//! after the other; `stage` knows the words.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::stage::Stage;
use crate::world::World;

/// A file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The promises it shows.
    #[expect(dead_code, reason = "said to whoever reads the file")]
    promises: Vec<String>,
    /// Settings of the server.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    /// How the front desk routes; what is left out has its default.
    #[serde(default)]
    routing: Value,
    /// Slots, of whoever has not four.
    #[serde(default)]
    slots: BTreeMap<String, u32>,
    /// Skills by agent.
    #[serde(default)]
    skills: BTreeMap<String, Vec<String>>,
    steps: Vec<String>,
}

async fn play(text: &str) {
    let file: File = toml::from_str(text).unwrap();
    let settings: Vec<(&'static str, &str)> = file
        .settings
        .iter()
        .map(|(name, value)| match name.as_str() {
            "interactions_max" => ("GATEHOUSE_LICENCE__INTERACTIONS_MAX", value.as_str()),
            other => panic!("a setting nobody knows: {other}"),
        })
        .collect();
    let mut stage = Stage::set(World::start_with(&settings).await).await;
    for scenario in file.scenarios {
        eprintln!("{}", scenario.name);
        stage.prepare(scenario.routing, &scenario.slots, &scenario.skills).await;
        for step in &scenario.steps {
            eprintln!("  {step}");
            stage.step(step).await;
        }
        stage.clear().await;
    }
}

macro_rules! scenarios {
    ($($name:ident),*) => {
        $(#[tokio::test]
        async fn $name() {
            play(include_str!(concat!("../scenarios/", stringify!($name), ".toml"))).await;
        })*
    };
}

scenarios!(transfers, queues, offers, supervisors, licence, ends, inboxes, slots, promises, conversations);
