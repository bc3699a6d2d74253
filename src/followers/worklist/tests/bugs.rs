//! Mistakes the simulation has to catch, planted on purpose. Only tests know them.

/// One mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The newest is served first.
    NewestFirst,
    /// What was held for an interaction that ended is never released.
    KeepsUselessHolds,
    /// The slot a request is about to need is released as if it served nothing.
    ReleasesRequested,
}
