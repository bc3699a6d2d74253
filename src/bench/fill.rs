//! Fills a log with conversations as live traffic leaves them: a contact with an address and a name, an open interaction
//! and its messages. The rules decide every event; only that each stream comes in one append is quicker than life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use gatehouse_domain::contact::{self, Contact};
use gatehouse_domain::conversation::{Command, Content, Conversation, Inbound, InboundWords, Route};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{
    Address, AddressKind, Channel, Clock, ContactId, ConversationId, GatewayId, InboxId, MessageId, Rules,
};
use tokio::task::JoinSet;

use super::fresh::Fresh;
use crate::clock::SystemClock;
use crate::installation::Installation;
use crate::journal::{Append, AppendError, Journal};

/// Streams appended at the same time.
const WRITERS: u64 = 128;

/// A machine that is busy with something else makes the log unavailable for a moment; filling it goes on.
const TRIES_MAX: u32 = 10;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The conversation of this number, as every process with the same keys calls it.
pub fn conversation(installation: &Installation, number: u64) -> ConversationId {
    ConversationId(installation.keyed_id(&["bench", "conversation", &number.to_string()]))
}

/// Adds the conversations of these numbers, each with as many messages as `messages`, and tells how long that took.
pub async fn fill(fresh: &Fresh, numbers: std::ops::Range<u64>, messages: u64) -> anyhow::Result<()> {
    let installation = Arc::new(Installation::open(fresh.directory())?);
    let journal = Journal::open(fresh.store().await?, installation, Arc::new(SystemClock)).await?;
    let (began, started, many) = (journal.head(), Instant::now(), numbers.end - numbers.start);
    eprintln!("filling the log with {many} conversations of {messages} messages");
    let mut running = JoinSet::new();
    for writer in 0..WRITERS {
        let (journal, numbers) = (Arc::clone(&journal), numbers.clone());
        running.spawn(async move {
            for number in numbers.filter(|number| number % WRITERS == writer) {
                add(&journal, number, messages).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    eprintln!("{} events were written in {:.0} s", journal.head() - began, started.elapsed().as_secs_f64());
    Ok(())
}

async fn add(journal: &Journal, number: u64, messages: u64) -> anyhow::Result<()> {
    let installation = journal.installation();
    let contact = ContactId(installation.keyed_id(&["bench", "contact", &number.to_string()]));
    let address = Address { kind: AddressKind::Phone, value: (4_915_200_000_000 + number).to_string() };
    let meet = contact::Command::Meet {
        channel: Channel::Whatsapp,
        addresses: vec![address.clone()],
        name: Some(format!("Customer {number}")),
    };
    append(journal, contact.0, &Contact::default(), vec![meet]).await?;

    let route = Route {
        gateway: GatewayId(installation.keyed_id(&["bench", "gateway"])),
        channel: Channel::Whatsapp,
        contact,
        inbox: InboxId(installation.keyed_id(&["bench", "inbox"])),
        flow: None,
        sla: Sla::default(),
        reply_window: Some(TimeDelta::hours(24)),
    };
    let receive = |message: u64| {
        let provider_id = format!("bench.{number}.{message}");
        let text = Some("Hello, where is my parcel? It should have come on Tuesday.".to_owned());
        let message = Inbound {
            message: MessageId(installation.keyed_id(&["message", &provider_id])),
            content: Content::Text,
            words: InboundWords { provider_id, text, original: None },
            sent_at: SystemClock.now(),
            addresses: vec![address.clone()],
        };
        Command::Receive { message, route: route.clone() }
    };
    let commands = (0..messages).map(receive).collect();
    append(journal, conversation(installation, number).0, &Conversation::default(), commands).await
}

/// Decides the commands one after the other and appends what they made happen.
async fn append<A: Rules>(journal: &Journal, id: uuid::Uuid, new: &A, commands: Vec<A::Command>) -> anyhow::Result<()>
where
    A::Error: 'static,
{
    let (mut state, mut events) = (new.clone(), vec![]);
    for command in commands {
        let decided = state.decide(command, SystemClock.now())?;
        for event in &decided {
            state.apply(event.clone());
        }
        events.extend(decided);
    }
    for _ in 0..TRIES_MAX {
        let (claims, subject, events) = (new.claims(&events), new.subject(&events), events.clone());
        let append = Append::<A> { id, expected: 0, events, claims, releases: vec![], subject, key: None };
        match journal.append(append).await {
            // There already: it was written after all.
            Ok(_) | Err(AppendError::Conflict) => return Ok(()),
            Err(AppendError::Unavailable | AppendError::Overloaded) => tokio::time::sleep(TRY_AGAIN_AFTER).await,
            Err(error @ AppendError::Taken { .. }) => return Err(error.into()),
        }
    }
    anyhow::bail!("the log could not be filled")
}
