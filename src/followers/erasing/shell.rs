//! Asks conversations to close.

use std::sync::Arc;

use gatehouse_domain::conversation::Command;
use tokio::sync::watch;

use super::{Close, Erasing};
use crate::followers::{Done, Given};

/// Starts the follower.
pub fn start(given: Given) -> watch::Receiver<u64> {
    let actors = Arc::clone(&given.actors);
    super::super::start(Erasing::default(), given, move |Close(id)| {
        let actors = Arc::clone(&actors);
        // Without a key: the conversation itself knows that it was closed.
        async move { Done::of(&actors.conversations.execute(id, Command::Erase, None).await) }
    })
}
