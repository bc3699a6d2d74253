//! What is counted from single facts, where the sums of quarters do not have it.

use super::{Facts, When};
use crate::facts::{ASSIGNMENTS, DELIVERY_ATTEMPTS, INTERACTIONS, MESSAGES, RESPONSES};
use crate::table::Table;

const HOUR_MS: i64 = 3_600_000;
const OPEN_TURNS: When = When::Open { began: "f.asked_at", ended: "f.closed_at" };

pub const WRAP_UP: Facts = Facts {
    joined: "JOIN slots AS s ON s.agent_id = f.agent_id AND s.hold_id = f.hold_id",
    only: "f.released IN ('ended', 'idle')",
    ..facts(
        &ASSIGNMENTS,
        When::At("s.released_at"),
        "CASE WHEN {s.released_at} > {f.released_at} THEN {s.released_at} - {f.released_at} ELSE 0 END",
    )
};

pub const BACKLOG: Facts = facts(&RESPONSES, OPEN_TURNS, "1");

pub const BACKLOG_AGE: Facts = Facts {
    classes: &[
        ("under_1_h", HOUR_MS),
        ("from_1_to_4_h", 4 * HOUR_MS),
        ("from_4_to_24_h", 24 * HOUR_MS),
        ("from_1_to_3_days", 72 * HOUR_MS),
        ("longer", i64::MAX),
    ],
    ..facts(&RESPONSES, OPEN_TURNS, "{instant} - {f.asked_at}")
};

pub const DELIVERY_SUCCESS: Facts = facts(
    &MESSAGES,
    When::At("f.submitted_at"),
    "CASE WHEN f.delivered_at IS NULL AND f.read_at IS NULL THEN 0 ELSE 1 END",
);

pub const DELIVERY_LATENCY: Facts = Facts {
    only: "(f.delivered_at IS NOT NULL OR f.read_at IS NOT NULL)",
    ..facts(
        &MESSAGES,
        When::At("f.submitted_at"),
        "CASE WHEN f.delivered_at < f.submitted_at OR f.read_at < f.submitted_at THEN 0 \
         WHEN f.read_at IS NULL OR f.delivered_at < f.read_at THEN {f.delivered_at} - {f.submitted_at} \
         ELSE {f.read_at} - {f.submitted_at} END",
    )
};

pub const INDETERMINATE_RATE: Facts =
    facts(&DELIVERY_ATTEMPTS, When::At("f.closed_at"), "CASE WHEN f.outcome = 'indeterminate' THEN 1 ELSE 0 END");

pub const INGRESS_LAG: Facts = Facts {
    only: "f.direction = 'inbound'",
    ..facts(&MESSAGES, When::At("f.at"), "CASE WHEN f.at > f.provider_at THEN {f.at} - {f.provider_at} ELSE 0 END")
};

pub const REOPEN_RATE: Facts = Facts {
    joined: "LEFT JOIN interactions AS n ON n.conversation_id = f.conversation_id AND n.interaction = f.interaction + 1",
    only: "f.ending IN ('reason', 'idle')",
    ..facts(
        &INTERACTIONS,
        When::At("f.ended_at"),
        "CASE WHEN {n.opened_at} - {f.ended_at} <= 86400000 THEN 1 ELSE 0 END",
    )
};

const fn facts(table: &'static Table, when: When, value: &'static str) -> Facts {
    Facts { table, joined: "", when, only: "", value, classes: &[] }
}
