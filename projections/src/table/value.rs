//! What a cell holds.

use chrono::{DateTime, Utc};
use gatehouse_domain::{
    AgentId, Channel, ContactId, ConversationId, EndReasonId, FlowId, GatewayId, HoldId, InboxId, MessageId, OfferId,
    TeamId, TransferId,
};
use uuid::Uuid;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Id,
    Text,
    /// A count, or a duration in milliseconds.
    Number,
    /// An instant in UTC, exact to the microsecond.
    Time,
    Flag,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Null,
    Id(Uuid),
    Text(String),
    Number(i64),
    Time(DateTime<Utc>),
    Flag(bool),
}

/// A Rust type that fits a column.
pub trait Cell {
    const OF: Type;
    const NULLABLE: bool = false;

    fn value(self) -> Value;
}

impl<T: Cell> Cell for Option<T> {
    const OF: Type = T::OF;
    const NULLABLE: bool = true;

    fn value(self) -> Value {
        self.map_or(Value::Null, Cell::value)
    }
}

macro_rules! cells {
    ($($of:ident($this:ident) $rust:ty => $value:expr;)*) => {$(
        impl Cell for $rust {
            const OF: Type = Type::$of;

            fn value(self) -> Value {
                let $this = self;
                Value::$of($value)
            }
        }
    )*};
}

cells! {
    Id(this) Uuid => this;
    Id(this) AgentId => this.0;
    Id(this) ContactId => this.0;
    Id(this) ConversationId => this.0;
    Id(this) EndReasonId => this.0;
    Id(this) FlowId => this.0;
    Id(this) GatewayId => this.0;
    Id(this) HoldId => this.0;
    Id(this) InboxId => this.0;
    Id(this) MessageId => this.0;
    Id(this) OfferId => this.0;
    Id(this) TeamId => this.0;
    Id(this) TransferId => this.0;
    Text(this) String => this;
    Text(this) &str => this.to_owned();
    Text(this) Channel => this.name().to_owned();
    Number(this) i64 => this;
    Number(this) u8 => i64::from(this);
    Number(this) u32 => i64::from(this);
    Time(this) DateTime<Utc> => this;
    Flag(this) bool => this;
}
