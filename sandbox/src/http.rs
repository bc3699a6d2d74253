//! The one way in which the sandbox calls others.

use std::time::Duration;

/// Makes a client that goes straight where it is told.
///
/// Meta follows no redirect of a webhook, and a proxy has no business between two programs on one machine.
#[expect(clippy::disallowed_methods, reason = "the URL policy is the server's; the sandbox calls this machine only")]
pub fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(timeout).build()
}
