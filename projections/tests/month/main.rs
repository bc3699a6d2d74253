//! The reporting tables against an independent recount: of histories whose figures are worked out on paper, of the golden
//! streams, and of whatever can happen.

#![cfg(test)]

mod golden;
mod paper;
mod random;
#[path = "../recount/mod.rs"]
mod recount;
