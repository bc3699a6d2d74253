//! Begins an attempt, hands the message to its provider, and records what the answer means.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use gatehouse_domain::conversation::{Command, Content, Conversation, Delivery, OutboundWords, Sending};
use gatehouse_domain::{Clock, ConversationId, GatewayId, MessageId, Personal};
use tokio::sync::{RwLock, watch};

use super::{Act, Outbox};
use crate::actors::Actors;
use crate::followers::desks::Desks;
use crate::followers::{Done, Effect, Given};
use crate::journal::{CommandKey, Journal};
use crate::outbound::Outbound as Client;
use crate::providers::{self, Access, Outbound, SendOutcome};
use crate::telemetry;
use crate::vault::Vault;

const RECORD_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// When a message that was not taken is tried again: after the first attempt, the second, ... Then it has failed.
#[derive(Clone, Debug)]
pub struct RetrySchedule(pub Vec<TimeDelta>);

/// What the outbox works with.
struct Shell {
    journal: Arc<Journal>,
    actors: Arc<Actors>,
    clock: Arc<dyn Clock>,
    desks: Arc<Desks>,
    vault: Arc<Vault>,
    client: Client,
    retries: RetrySchedule,
    paused: watch::Receiver<bool>,
    under_way: Arc<RwLock<()>>,
}

/// Starts the follower. Events up to `restored` came out of a backup.
pub fn start(
    given: Given,
    restored: u64,
    desks: Arc<Desks>,
    vault: Arc<Vault>,
    client: Client,
    retries: RetrySchedule,
    under_way: Arc<RwLock<()>>,
) -> watch::Receiver<u64> {
    let (journal, actors, clock) = (Arc::clone(&given.journal), Arc::clone(&given.actors), Arc::clone(&given.clock));
    let paused = given.paused.clone();
    let shell = Arc::new(Shell { journal, actors, clock, desks, vault, client, retries, paused, under_way });
    super::super::start(Outbox::of_restored(restored), given, move |act| {
        let shell = Arc::clone(&shell);
        async move { shell.perform(act).await }
    })
}

impl Shell {
    async fn perform(&self, act: Act) -> Done {
        match act {
            Act::Send { conversation, message, gateway, attempt } => {
                self.send(conversation, message, gateway, attempt).await
            }
            Act::GiveUp { conversation, message, attempt } => {
                let command = Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } };
                self.record(conversation, message, attempt, command).await
            }
            Act::Doubt { conversation, message } => {
                let key = Some(self.key(conversation, message, "doubt"));
                Done::of(&self.actors.conversations.execute(conversation, Command::DoubtSend { message }, key).await)
            }
        }
    }

    async fn send(&self, conversation: ConversationId, message: MessageId, gateway: GatewayId, attempt: u32) -> Done {
        let _under_way = self.under_way.read().await;
        // It may have been paused since this was due: whoever stops sending means now.
        if *self.paused.borrow() {
            return Done::Refused;
        }
        let key = Some(self.key(conversation, message, &format!("begin/{attempt}")));
        let begun = self.actors.conversations.execute(conversation, Command::BeginSend { message, attempt }, key).await;
        if begun.is_err() {
            return Done::of(&begun);
        }
        let outcome = match self.prepared(conversation, message, gateway, attempt).await {
            Ok((provider, access, outbound)) => provider.send(&self.client, &access, &outbound).await,
            Err(Unready::Outcome(outcome)) => outcome,
            Err(Unready::NotBegun) => return Done::Refused,
        };
        let command = self.meaning(message, attempt, outcome);
        self.record(conversation, message, attempt, command).await
    }

    /// What an outcome means for the conversation.
    fn meaning(&self, message: MessageId, attempt: u32, outcome: SendOutcome) -> Command {
        let failed = |reason: String| Command::RecordDelivery { message, delivery: Delivery::Failed { reason } };
        match outcome {
            SendOutcome::Submitted { provider_id } => {
                Command::RecordDelivery { message, delivery: Delivery::Submitted { provider_id } }
            }
            SendOutcome::Indeterminate { reason } => {
                tracing::warn!(message.id = %message, attempt, %reason, "nobody knows whether a message was sent");
                Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } }
            }
            SendOutcome::WindowClosed => failed("the reply window is closed: only templates may be sent".to_owned()),
            SendOutcome::Rejected { reason } => failed(reason),
            SendOutcome::Retry { after, reason } => self.again(message, attempt, after, reason),
            SendOutcome::Credentials { reason } => {
                tracing::error!(message.id = %message, %reason, "a provider refuses our credentials");
                self.again(message, attempt, None, reason)
            }
        }
    }

    fn again(&self, message: MessageId, attempt: u32, after: Option<Duration>, reason: String) -> Command {
        let Some(pause) = self.retries.0.get(attempt as usize - 1) else {
            let delivery = Delivery::Failed { reason: format!("given up after {attempt} attempts: {reason}") };
            return Command::RecordDelivery { message, delivery };
        };
        let asked = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or_default();
        let pause = (*pause).max(asked);
        // A fifth of jitter, spread by the message's id, so that an outage does not end in one burst.
        let jitter = pause * i32::from(message.0.as_bytes()[15]) / (5 * 256);
        Command::DeferSend { message, attempt, until: self.clock.now() + pause + jitter, reason }
    }

    /// Records an outcome, however long the log is away: forgetting it would mean not knowing. Only the end of the
    /// process ends it, and then the attempt is found without outcome.
    async fn record(&self, conversation: ConversationId, message: MessageId, attempt: u32, command: Command) -> Done {
        let key = self.key(conversation, message, &format!("outcome/{attempt}"));
        telemetry::sent(named(&command));
        loop {
            let recorded = self.actors.conversations.execute(conversation, command.clone(), Some(key)).await;
            match Done::of(&recorded) {
                Done::Failed => tokio::time::sleep(RECORD_AGAIN_AFTER).await,
                done => return done,
            }
        }
    }

    /// Everything a provider needs for one message, or why it cannot be sent.
    async fn prepared(
        &self,
        conversation: ConversationId,
        message: MessageId,
        gateway: GatewayId,
        attempt: u32,
    ) -> Result<(&'static dyn providers::Provider, Access, Outbound), Unready> {
        let rejected = |reason: &str| Unready::Outcome(SendOutcome::Rejected { reason: reason.to_owned() });
        let look = move |state: &Conversation, _| {
            let outbound = state.messages.outbound(message)?;
            // The provider is called for an attempt that stands in the log and has no outcome, and for nothing else.
            let begun = outbound.sending == Sending::Attempted { attempt };
            begun.then(|| (outbound.content.clone(), outbound.words.clone()))
        };
        let found: Option<(Content, Option<Personal<OutboundWords>>)> =
            self.actors.conversations.observe(conversation, look).await.map_err(|_| retry("the log is away"))?;
        let (content, words) = found.ok_or(Unready::NotBegun)?;
        let Some(Personal::Known(words)) = words else {
            return Err(rejected("the words of this message were erased"));
        };
        let (provider, settings, account, connection, version) = {
            let desk = self.desks.read();
            let account = desk.setup.gateways.get(&gateway).map(|gateway| gateway.account.clone());
            let account = account.ok_or_else(|| rejected("the gateway is gone"))?;
            let connection = desk.setup.connections.get(&account.connection);
            let connection = connection.ok_or_else(|| rejected("the connection is gone"))?;
            let provider = providers::find(&connection.provider).ok_or_else(|| rejected("no such provider"))?;
            (provider, connection.settings.clone(), account.id, account.connection, connection.secrets_version)
        };
        let secrets = self.vault.secrets(connection, version).await.map_err(|_| retry("the vault is away"))?;
        let ours = format!("{conversation}.{message}");
        let outbound = Outbound { ours, to: words.to, content, text: words.text, parameters: words.parameters };
        Ok((provider, Access { settings, secrets, account }, outbound))
    }

    /// A message's id is its client's choice and unique only within its conversation.
    fn key(&self, conversation: ConversationId, message: MessageId, version: &str) -> CommandKey {
        let (installation, log_id) = (self.journal.installation(), self.journal.log_id());
        let version = format!("{message}/{version}");
        CommandKey::of_follower(installation, Outbox::NAME, log_id, conversation.0, &version)
    }
}

/// Why a message is not handed to its provider.
enum Unready {
    /// It has an outcome without asking the provider.
    Outcome(SendOutcome),
    /// The attempt was not begun, or has an outcome already.
    NotBegun,
}

/// What an outcome is called by whoever counts.
fn named(outcome: &Command) -> &'static str {
    match outcome {
        Command::DeferSend { .. } => "deferred",
        Command::RecordDelivery { delivery: Delivery::Failed { .. }, .. } => "failed",
        Command::RecordDelivery { delivery: Delivery::Indeterminate { .. }, .. } => "indeterminate",
        _ => "submitted",
    }
}

fn retry(reason: &str) -> Unready {
    Unready::Outcome(SendOutcome::Retry { after: None, reason: reason.to_owned() })
}
