//! What every aggregate of ours offers beside cqrs-es: rules that read and never change, and what its events claim.

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use uuid::Uuid;

use crate::ContactId;
use crate::record::{Claim, Fact, Kind};

/// An aggregate whose rules are pure. Actors call `decide`, append, and only then `apply`.
pub trait Rules: Aggregate<Command: Send + Clone, Error: Send + Sync> + Clone + 'static {
    /// The kind of stream its events live in.
    const KIND: Kind;

    /// The version of the fold, raised whenever the same events no longer give the same state as before, or the state is
    /// written in another way. Snapshots of any other version are no help. A golden stream tells when to raise it.
    const FOLD_VERSION: u32;

    /// Decides what `command` makes happen at `now`. No events means: it has happened already.
    fn decide(&self, command: Self::Command, now: DateTime<Utc>) -> Result<Vec<Self::Event>, Self::Error>;

    /// Wraps an event as a fact of the log.
    fn fact(event: Self::Event) -> Fact;

    /// What these events claim as the stream's own: stored with them in one transaction, or not at all.
    fn claims(&self, _events: &[Self::Event]) -> Vec<Claim> {
        vec![]
    }

    /// What these events give back, of what the stream owns: freed with them in one transaction.
    fn releases(&self, _events: &[Self::Event]) -> Vec<Claim> {
        vec![]
    }

    /// Whose words these events carry: the contact under whose key their personal part is sealed.
    fn subject(&self, _events: &[Self::Event]) -> Option<ContactId> {
        None
    }

    /// Whose words the state of the aggregate called `_id` holds: under their key a snapshot of it is sealed.
    fn words(&self, _id: Uuid) -> Words {
        Words::Nobodys
    }
}

/// Whose words a state holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Nobodys,
    Of(ContactId),
    /// Of somebody not told yet: there is no key for them, so no snapshot is taken.
    Unknown,
}

/// Writes the glue to cqrs-es, the same for every aggregate: event names, `handle` over `decide`, `apply` over `evolve`.
macro_rules! aggregate {
    ($state:ident) => {
        impl cqrs_es::Aggregate for $state {
            const TYPE: &'static str = <$state as $crate::Rules>::KIND.name();
            type Command = Command;
            type Event = Event;
            type Error = Refusal;
            type Services = std::sync::Arc<dyn $crate::Clock>;

            async fn handle(
                &mut self,
                command: Command,
                clock: &Self::Services,
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), Refusal> {
                for event in $crate::Rules::decide(self, command, clock.now())? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Event) {
                self.evolve(event);
            }
        }

        impl cqrs_es::DomainEvent for Event {
            fn event_type(&self) -> String {
                self.name().to_owned()
            }

            fn event_version(&self) -> String {
                $crate::UPCASTS.newest(self.name()).to_string()
            }
        }
    };
}

/// Declares an aggregate's events with the names they are stored under. The names are for ever; Rust's may change.
macro_rules! events {
    ($(#[$doc:meta])* pub enum Event {
        $($(#[$variant_doc:meta])* $name:literal => $variant:ident {
            $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)?
        },)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "event")]
        pub enum Event {
            $($(#[$variant_doc])* #[serde(rename = $name)] $variant {
                $($(#[$field_meta])* $field : $type),*
            },)*
        }

        impl Event {
            /// Every event name this aggregate stores.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name it is stored under.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// When it happened.
            pub const fn at(&self) -> chrono::DateTime<chrono::Utc> {
                match self {
                    $(Self::$variant { at, .. } => *at,)*
                }
            }
        }
    };
}

pub(crate) use {aggregate, events};
