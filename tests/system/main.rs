//! The running system from outside: the real program, a stand-in for its provider, and people at their desks.

// Says to the linter what the test runner knows already.
#![cfg(test)]

#[macro_use]
mod stores;
mod door;
mod entry_points;
mod chance;
mod server;
mod cluster;
mod api;
mod hook;
mod board;
mod wall;
mod desk;
mod story;
mod world;
mod history;
mod crowd;
mod choosing;
mod agents;
mod witness;
mod storm;

mod journey;
mod real_input;
mod mixed;
mod redelivery;
mod newcomers;
mod offers;
mod stopping;
mod standby;
mod crash;
mod faults;
mod metrics;
mod planted;
mod bad_calls;
mod bad_frames;
mod refusals;
mod sending;
mod idempotency;
mod resume;
mod backup;
mod reports;
mod analyst;
mod roles;
mod tables;
mod unreadable;
mod history_search;
mod notes_and_tags;
mod contacts;
mod teams;
mod boards;
mod stage;
mod scenarios;
mod races;
mod clocks;
mod erasing;
mod erased_meanwhile;
mod erased_again;
