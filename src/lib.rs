//! Gatehouse: whatever happens is one event in one log; who answers, what supervisors see and what analysts count is
//! derived from it. Start reading at `docs/ARCHITECTURE.md`.

pub mod actors;
pub mod clock;
pub mod installation;
pub mod journal;
pub mod seal;
