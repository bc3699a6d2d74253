//! Keys of claims: 16-byte keyed hashes, never a phone number in clear.

use gatehouse_domain::Claim;
use uuid::Uuid;

use crate::installation::Installation;

/// Names one command, so that it happens once however often it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommandKey(pub(super) [u8; 16]);

impl CommandKey {
    /// The key of the command that `parts` name: a provider's message, a client's request, a follower's decision.
    pub fn new(installation: &Installation, parts: &[&str]) -> Self {
        let mut all = vec!["command"];
        all.extend(parts);
        Self(installation.keyed_hash(&all))
    }

    /// The key of a follower's decision on `subject` at `version`: what it stands for, never where it was made.
    pub fn of_follower(
        installation: &Installation,
        follower: &str,
        log_id: Uuid,
        subject: Uuid,
        version: &str,
    ) -> Self {
        Self::new(installation, &[follower, &log_id.to_string(), &subject.to_string(), version])
    }
}

pub fn claim_key(installation: &Installation, claim: &Claim) -> [u8; 16] {
    installation.keyed_hash(&["claim", &claim.canonical()])
}
