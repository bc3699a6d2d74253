//! Gatehouse: whatever happens is one event in one log; who answers, what supervisors see and what analysts count is
//! derived from it. Start reading at `docs/ARCHITECTURE.md`.

pub mod cli;
pub mod config;
pub mod server;

mod actors;
mod agent_commands;
mod app;
mod backup;
mod bench;
mod cabinet;
mod clock;
mod data_lock;
mod erase;
mod erasures;
mod first_start;
mod followers;
mod history;
mod http;
mod ingest;
mod installation;
mod journal;
mod outbound;
#[cfg(debug_assertions)]
mod planted;
mod policy;
mod problem;
mod reports;
mod providers;
mod seal;
mod sending;
mod set_aside;
mod shedding;
mod standby;
mod tables;
mod telemetry;
mod vault;
mod ws;
