//! Read models: pure folds of the log. They know no actor, no provider and no HTTP, and can issue no command.
//!
//! - `setup`: what administrators configured, and who is there.
//! - `timeline`: one conversation, told.
//! - `desk`: what agents see: every conversation as one row, and each event as a change of it.
//! - `history`: every interaction as a row, and every message with its words, to be listed and searched.
//! - `board`: how things stand now, overall and in each inbox, for supervisors.
//! - `table`: what read models that are kept in tables are made of.
//! - `facts`: the reporting tables.
//! - `metrics`: what is computed from them.

pub mod board;
pub mod desk;
pub mod facts;
pub mod history;
pub mod metrics;
pub mod setup;
pub mod table;
pub mod timeline;

#[cfg(test)]
mod fixtures;
