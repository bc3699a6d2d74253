//! The golden streams.

use std::fs;
use std::path::Path;

use gatehouse_domain::{Fact, Kind, Recorded, StreamId, UPCASTS};
use serde_json::Value;
use uuid::Uuid;

use crate::recount::projected::differences;
use crate::recount::recount;

#[test]
fn the_tables_of_the_golden_streams_are_as_counted() {
    let log = golden();
    assert!(recount(&log).sums.len() > 30, "there is something to count");
    assert_eq!(differences(&log), Vec::<String>::new());
}

fn golden() -> Vec<Recorded> {
    let mut log: Vec<Recorded> = vec![];
    for (kind, id) in Kind::ALL.into_iter().zip(1..) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/fixtures/golden");
        let text = fs::read_to_string(folder.join(kind.name()).with_extension("json")).unwrap();
        let stored: Value = serde_json::from_str(&text).unwrap();
        for (told, sequence) in stored["history"].as_array().unwrap().iter().zip(1..) {
            let name = told["event"]["event"].as_str().unwrap();
            let version = told["version"].as_u64().unwrap().try_into().unwrap();
            let payload = UPCASTS.to_newest(name, version, told["event"].clone()).unwrap();
            let fact = Fact::from_json(kind, payload).unwrap();
            let stream = StreamId { kind, id: Uuid::from_u128(id) };
            let position = log.len() as u64 + 1;
            log.push(Recorded { position, stream, sequence, recorded_at: chrono::DateTime::UNIX_EPOCH, fact });
        }
    }
    log
}
