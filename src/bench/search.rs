//! Searching the history: a fixed mix of questions over a million messages, beside one page of the list.
//!
//! The messages are made here, and written as a rebuild writes them. Every question is asked in many ways, so that no answer
//! is only remembered.

use std::ops::Range;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use gatehouse_domain::{AgentId, Channel, ContactId, ConversationId, GatewayId, InboxId};
use gatehouse_projections::history::{ContactAddress, Interaction, InteractionAgent, Person, Said};
use gatehouse_projections::setup::Setup;
use gatehouse_projections::table::{Batch, Change};
use uuid::Uuid;

use super::Target;
use super::chance::Chance;
use super::fresh::Fresh;
use super::report::{Report, Speed};
use crate::config::Config;
use crate::history::{self, Asked, Page, Who};
use crate::policy::Reach;
use crate::tables::search::Word;
use crate::tables::{Readers, filling};

/// Messages of one interaction.
const MESSAGES_EACH: u64 = 10;
/// Interactions of one contact, about.
const INTERACTIONS_EACH: u64 = 4;
const AGENTS: u64 = 50;
const INBOXES: u64 = 5;
/// The messages are those of a year.
const SPAN_S: u64 = 365 * 24 * 3_600;
/// Monday, 2024-01-01.
const BEGIN_S: i64 = 1_704_067_200;
/// Interactions written with one transaction.
const BATCH: usize = 500;
const WORDS_EACH: u64 = 9;
/// One message in so many has the frequent word; a rare one is in five.
const FREQUENT: (&str, u64) = ("order", 4);
const RARE_IN: u64 = 5;
/// Every question is asked so often.
const ASKED: u64 = 400;
const PAGE: usize = 50;

const FIRST_NAMES: [&str; 12] = [
    "Anna",
    "Bertil",
    "Chiara",
    "Dmitri",
    "Elif",
    "Farouk",
    "Greta",
    "Hiroshi",
    "Ingrid",
    "Joao",
    "Katarzyna",
    "Lorenzo",
];
const SYLLABLES: [&str; 16] =
    ["ba", "den", "gor", "ka", "lin", "mo", "nar", "pel", "quo", "ras", "sil", "tam", "ul", "ven", "wor", "zi"];

#[derive(Args)]
pub struct Search {
    #[command(flatten)]
    target: Target,
    #[arg(long, hide = true, default_value_t = 1_000_000)]
    messages: u64,
}

pub async fn run(bench: Search) -> anyhow::Result<()> {
    Fresh::with(&bench.target, async |fresh| measure(&bench, fresh).await).await
}

/// A question, and what its figures are called.
struct Question {
    p50: &'static str,
    p99: &'static str,
    asks: fn(&mut Chance, u64) -> Asked,
}

const QUESTIONS: [Question; 6] = [
    Question { p50: "list_p50_ms", p99: "list_p99_ms", asks: |_, _| Asked::default() },
    Question {
        p50: "rare_word_p50_ms",
        p99: "rare_word_p99_ms",
        asks: |chance, messages| words(&rare(chance.step(), messages)),
    },
    Question { p50: "frequent_word_p50_ms", p99: "frequent_word_p99_ms", asks: |_, _| words(FREQUENT.0) },
    Question { p50: "name_prefix_p50_ms", p99: "name_prefix_p99_ms", asks: name_prefix },
    Question { p50: "agent_week_p50_ms", p99: "agent_week_p99_ms", asks: agent_and_week },
    Question { p50: "phone_p50_ms", p99: "phone_p99_ms", asks: phone_number },
];

fn words(words: &str) -> Asked {
    Asked { words: Word::all(words, false), ..Asked::default() }
}

fn name_prefix(chance: &mut Chance, messages: u64) -> Asked {
    let name = name(chance.below(contacts(messages)));
    let (first, last) = name.split_once(' ').unwrap_or_default();
    let begin: String = last.chars().take(4).collect();
    let typed = format!("{} {begin}", &first[..3]);
    let name = Word::all(&typed, true);
    Asked { contact: Some(Who::Like { addresses: vec![typed], name }), ..Asked::default() }
}

fn agent_and_week(chance: &mut Chance, _: u64) -> Asked {
    let week_s = 7 * 24 * 3_600;
    let from = at(chance.below(SPAN_S - week_s));
    let to = from + TimeDelta::seconds(week_s.cast_signed());
    let agent = Some(AgentId(id("agent", chance.below(AGENTS))));
    Asked { agent, from: Some(from), to: Some(to), ..Asked::default() }
}

fn phone_number(chance: &mut Chance, messages: u64) -> Asked {
    let addresses = vec![phone(chance.below(contacts(messages)))];
    Asked { contact: Some(Who::Like { addresses, name: vec![] }), ..Asked::default() }
}

async fn measure(bench: &Search, fresh: &Fresh) -> anyhow::Result<()> {
    let mut config = Config::load(None)?;
    config.data = fresh.directory().to_owned();
    config.set_database_url(fresh.database_url().unwrap_or_default().to_owned());
    let began = Instant::now();
    let tables = filling::history(&config, batches(bench.messages)).await?;
    let made_s = began.elapsed().as_secs_f64();
    eprintln!("{} messages made in {made_s:.1} s", bench.messages);

    let mut took: [Vec<Duration>; QUESTIONS.len()] = Default::default();
    let mut chance = Chance::new(7);
    for round in 0..=ASKED {
        for (times, question) in took.iter_mut().zip(&QUESTIONS) {
            let asked = Asked { limit: PAGE, ..(question.asks)(&mut chance, bench.messages) };
            let began = Instant::now();
            let found = ask(&tables, &asked).await?;
            // The first of each reads from the disk, and prepares its statement.
            if round > 0 {
                times.push(began.elapsed());
            }
            let may_be_empty = asked.agent.is_some();
            anyhow::ensure!(found > 0 || may_be_empty, "nothing was found for {asked:?}");
        }
    }
    let speeds = took.map(|took| Speed::of(took, Duration::from_secs(1)));
    let worst = speeds[1..].iter().map(|speed| speed.p99_ms).fold(0.0, f64::max);
    let mut report = Report::new("search", &bench.target)
        .figure("messages", Some(bench.messages as f64))
        .figure("made_s", Some(made_s))
        .figure("ratio", Some(worst / speeds[0].p99_ms));
    for (question, speed) in QUESTIONS.iter().zip(&speeds) {
        report = report.figure(question.p50, Some(speed.p50_ms)).figure(question.p99, Some(speed.p99_ms));
    }
    report.print(bench.target.json)
}

async fn ask(tables: &Readers, asked: &Asked) -> anyhow::Result<usize> {
    let found = history::find(tables, asked, &Reach::Everything).await?;
    Ok(Page::of(found, asked, &Setup::default())?.items.len())
}

/// Everything there is, in order.
fn batches(messages: u64) -> impl Iterator<Item = Batch> {
    let mut chance = Chance::new(1);
    let interactions: Vec<u64> = (0..messages / MESSAGES_EACH).collect();
    let chunks: Vec<Range<u64>> = interactions.chunks(BATCH).map(|all| all[0]..all[0] + all.len() as u64).collect();
    chunks.into_iter().map(move |chunk| {
        let mut batch = Batch::default();
        for number in chunk {
            interaction(&mut chance, number, messages, |change| batch.take(change));
        }
        batch
    })
}

/// One interaction with everything that was said in it; a contact's first one makes the contact.
fn interaction(chance: &mut Chance, number: u64, messages: u64, mut put: impl FnMut(Change)) {
    let contact = number % contacts(messages);
    let contact_id = ContactId(id("contact", contact));
    let begun_s = SPAN_S * number * MESSAGES_EACH / messages;
    if number == contact {
        let position = (number * (MESSAGES_EACH + 1) + 1).cast_signed();
        put(Change::put(Person { contact_id, name: Some(name(contact)), created_at: at(begun_s), position }));
        put(Change::put(ContactAddress { contact_id, channel: Channel::Whatsapp, address: phone(contact) }));
    }
    let (conversation_id, agent_id) =
        (ConversationId(id("conversation", number)), AgentId(id("agent", chance.below(AGENTS))));
    let opened_at = at(begun_s);
    put(Change::put(Interaction {
        conversation_id,
        interaction: 1,
        contact_id,
        gateway_id: GatewayId(id("gateway", 0)),
        channel: Channel::Whatsapp,
        inbox_id: InboxId(id("inbox", chance.below(INBOXES))),
        agent_id: Some(agent_id),
        state: "ended",
        priority: 0,
        opened_at,
        last_at: at(begun_s + MESSAGES_EACH),
        ended_at: Some(at(begun_s + MESSAGES_EACH)),
        end_reason_id: None,
    }));
    put(Change::put(InteractionAgent { conversation_id, interaction: 1, agent_id, opened_at }));
    for said in 0..MESSAGES_EACH {
        let message = number * MESSAGES_EACH + said;
        put(Change::put(Said {
            conversation_id,
            message_id: id("message", message),
            interaction: 1,
            contact_id,
            kind: if said % 2 == 0 { "received" } else { "sent" },
            agent_id: (said % 2 == 1).then_some(agent_id),
            at: at(begun_s + said),
            text: Some(text(chance, message, messages)),
            position: (number * (MESSAGES_EACH + 1) + 2 + said).cast_signed(),
        }));
    }
}

fn text(chance: &mut Chance, message: u64, messages: u64) -> String {
    let mut words: Vec<String> = (0..WORDS_EACH).map(|_| word(chance)).collect();
    if chance.one_in(FREQUENT.1) {
        words.push(FREQUENT.0.to_owned());
    }
    words.push(rare(message, messages));
    words.join(" ")
}

/// Three syllables, some far more often than others.
fn word(chance: &mut Chance) -> String {
    let count = SYLLABLES.len() as u64;
    let mut syllable = || SYLLABLES[(chance.below(count).min(chance.below(count))) as usize];
    [syllable(), syllable(), syllable()].concat()
}

/// A word that few messages have, as the number of an order is.
fn rare(number: u64, messages: u64) -> String {
    format!("nr{}", number % (messages / RARE_IN).max(1))
}

fn name(contact: u64) -> String {
    let mut chance = Chance::new(contact);
    let last = word(&mut chance) + &word(&mut chance);
    format!("{} {last}", FIRST_NAMES[chance.below(FIRST_NAMES.len() as u64) as usize])
}

fn phone(contact: u64) -> String {
    format!("49151{contact:08}")
}

fn contacts(messages: u64) -> u64 {
    (messages / MESSAGES_EACH / INTERACTIONS_EACH).max(1)
}

fn id(kind: &str, number: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{kind} {number}").as_bytes())
}

fn at(after_s: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(BEGIN_S + after_s.cast_signed(), 0).unwrap_or_default()
}
