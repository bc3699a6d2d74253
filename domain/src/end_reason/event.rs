//! What can have happened to an end reason. Stored for ever: add, never rename.

use chrono::{DateTime, Utc};

use crate::aggregate::events;

events! {
    pub enum Event {
        "end_reason_added" => EndReasonAdded { name: String, at: DateTime<Utc> },
        "end_reason_retired" => EndReasonRetired { at: DateTime<Utc> },
    }
}
