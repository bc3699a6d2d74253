//! How far an outbound message has come: a lattice, so that receipts may arrive in any order and number.

use serde::{Deserialize, Serialize};

/// The way of one outbound message from queued to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Sending {
    /// May be attempted; `attempts` have been made.
    Queued { attempts: u32 },
    /// An attempt is under way and has no outcome yet.
    Attempted { attempt: u32 },
    /// Nobody knows whether the attempt went through.
    Indeterminate { attempt: u32 },
    /// A person decided not to send it again.
    Discarded,
    /// The provider has it: everything it reported so far.
    Reported(Reports),
}

/// What the provider has reported of a message: a set, so joining is commutative and idempotent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    pub submitted: bool,
    pub sent: bool,
    pub failed: bool,
    pub delivered: bool,
    pub read: bool,
}

/// One thing a provider can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    Submitted,
    Sent,
    Failed,
    Delivered,
    Read,
}

impl Reports {
    pub fn has(self, report: Report) -> bool {
        match report {
            Report::Submitted => self.submitted,
            Report::Sent => self.sent,
            Report::Failed => self.failed,
            Report::Delivered => self.delivered,
            Report::Read => self.read,
        }
    }

    fn with(mut self, report: Report) -> Self {
        match report {
            Report::Submitted => self.submitted = true,
            Report::Sent => self.sent = true,
            Report::Failed => self.failed = true,
            Report::Delivered => self.delivered = true,
            Report::Read => self.read = true,
        }
        self
    }
}

impl Sending {
    /// A provider's word counts more than our own idea of what became of a message.
    pub fn report(&mut self, report: Report) {
        let before = if let Self::Reported(reports) = self { *reports } else { Reports::default() };
        *self = Self::Reported(before.with(report));
    }

    /// Whether `report` would be news.
    pub fn is_news(&self, report: Report) -> bool {
        !matches!(self, Self::Reported(reports) if reports.has(report))
    }

    /// Settled messages need nothing more from us.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Reported(_) | Self::Discarded)
    }
}
