//! Histories whose figures are worked out on paper. Times are minutes and seconds after noon.

mod conversations;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent;
use gatehouse_domain::conversation::{
    Author, Content, Ending, Event as E, HowAssigned, InboundWords, OfferTo, Opening, OutboundWords, SlaClock,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{
    Address, AddressKind, Channel, Fact, FlowId, HoldId, InboxId, Kind, MessageId, OfferId, Personal, Recorded,
    StreamId, TransferId,
};
use uuid::Uuid;

use crate::recount::figures::Asked;
use crate::recount::projected::differences;
use crate::recount::{Figures, QUARTER, recount};

const NOON: DateTime<Utc> = DateTime::from_timestamp(1_780_056_000, 0).unwrap();
const NOBODY: u128 = 0;
/// Agents.
const ANNA: u128 = 0xA1;
const BEN: u128 = 0xA2;
const CEM: u128 = 0xA3;
/// Inboxes.
const SALES: u128 = 0xB1;
const CARE: u128 = 0xB2;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// So long after noon.
const fn after(minutes: i64, seconds: i64) -> i64 {
    minutes * MINUTE + seconds * SECOND
}

/// A log, written down as it happens.
#[derive(Default)]
struct Paper(Vec<Recorded>);

/// A sum: its column, the quarter after noon it is in (from 0), the inbox, the agent.
type Cell = (&'static str, i64, u128, u128, i64);

impl Paper {
    fn say(&mut self, conversation: u128, at: i64, event: impl FnOnce(DateTime<Utc>) -> E) {
        let event = event(NOON + TimeDelta::milliseconds(at));
        self.record(Kind::Conversation, conversation, Fact::Conversation(event));
    }

    fn agent(&mut self, agent: u128, at: i64, event: impl FnOnce(DateTime<Utc>) -> agent::Event) {
        let event = event(NOON + TimeDelta::milliseconds(at));
        self.record(Kind::Agent, agent, Fact::Agent(event));
    }

    fn record(&mut self, kind: Kind, id: u128, fact: Fact) {
        let stream = StreamId { kind, id: Uuid::from_u128(id) };
        let sequence = 1 + self.0.iter().filter(|one| one.stream == stream).count() as u64;
        let position = self.0.len() as u64 + 1;
        self.0.push(Recorded { position, stream, sequence, recorded_at: NOON, fact });
    }

    /// The columns named have these sums and no others, by the recount and by the tables.
    fn sums(&self, none: &[&'static str], expected: &[Cell]) -> Figures {
        assert_eq!(differences(&self.0), Vec::<String>::new(), "the tables and the recount");
        let figures = recount(&self.0);
        let columns: BTreeSet<&str> = expected.iter().map(|cell| cell.0).chain(none.iter().copied()).collect();
        let of = |column: &&'static str, quarter: i64, inbox: Uuid, agent: Uuid| (*column, quarter, inbox, agent);
        let counted: BTreeMap<_, i64> = figures
            .sums
            .iter()
            .filter(|((column, _), _)| columns.contains(column))
            .map(|((column, key), sum)| {
                let quarter = (key.quarter - NOON.timestamp_millis()).div_euclid(QUARTER);
                (of(column, quarter, key.whose.inbox, key.whose.agent), *sum)
            })
            .collect();
        let expected: BTreeMap<_, i64> = expected
            .iter()
            .map(|(column, quarter, inbox, agent, sum)| {
                (of(column, *quarter, Uuid::from_u128(*inbox), Uuid::from_u128(*agent)), *sum)
            })
            .collect();
        assert_eq!(counted, expected);
        figures
    }
}

/// A metric over everything.
fn metric(figures: &Figures, name: &str) -> Option<f64> {
    figures.metric(name, &everything())
}

fn everything() -> Asked<'static> {
    Asked { from: i64::MIN, to: i64::MAX, of: &|_| true }
}

fn opened(inbox: u128, opening: Opening, first: Option<u64>, next: Option<u64>) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::InteractionOpened {
        interaction: if matches!(opening, Opening::Retaken { .. }) { 2 } else { 1 },
        gateway: Uuid::from_u128(0x61).into(),
        channel: Channel::Whatsapp,
        contact: Uuid::from_u128(0xCC).into(),
        inbox: inbox_id(inbox),
        opening,
        at,
        sla: Sla { first_response_ms: first, next_response_ms: next },
    }
}

fn queued(inbox: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::Queued { inbox: inbox_id(inbox), since: NOON, at }
}

fn assigned(agent: u128, hold: u128, how: HowAssigned) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::Assigned { agent: Uuid::from_u128(agent).into(), hold: hold_id(hold), how, at, why: None }
}

fn received(message: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::MessageReceived {
        message: message_id(message),
        content: Content::Text,
        sent_at: at - TimeDelta::milliseconds(700),
        window_until: None,
        at,
        personal: Personal::<InboundWords>::Erased,
    }
}

fn reply(message: u128, author: Author) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::ReplyQueued {
        message: message_id(message),
        interaction: 1,
        author,
        gateway: Uuid::from_u128(0x61).into(),
        content: Content::Text,
        at,
        personal: Personal::Known(OutboundWords {
            to: Address { kind: AddressKind::Phone, value: "1".to_owned() },
            text: String::new(),
            parameters: vec![],
        }),
    }
}

fn by(agent: u128) -> Author {
    Author::Agent { agent: Uuid::from_u128(agent).into() }
}

fn breached(clock: SlaClock, due: i64) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::SlaBreached { clock, due: NOON + TimeDelta::milliseconds(due), at }
}

fn asked_for(transfer: u128, from: u128, to: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::TransferRequested {
        transfer: transfer_id(transfer),
        from: Uuid::from_u128(from).into(),
        to: Uuid::from_u128(to).into(),
        hold: hold_id(0x99),
        until: at + TimeDelta::minutes(1),
        at,
        personal: Personal::Erased,
        why: None,
    }
}

fn offered(offers: &[(u128, u128)]) -> impl FnOnce(DateTime<Utc>) -> E {
    let one = |(offer, agent): &(u128, u128)| OfferTo {
        offer: offer_id(*offer),
        agent: Uuid::from_u128(*agent).into(),
        hold: hold_id(*offer),
    };
    let offers = offers.iter().map(one).collect();
    move |at| E::Offered { offers, until: at + TimeDelta::seconds(30), at, why: None }
}

fn to_flow(inbox: u128) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::HandedToFlow { flow: flow_id(), inbox: inbox_id(inbox), at }
}

fn ended(ending: Ending) -> impl FnOnce(DateTime<Utc>) -> E {
    move |at| E::InteractionEnded { interaction: 1, ending, at }
}

fn solved(agent: u128) -> Ending {
    Ending::Reason { reason: Uuid::from_u128(0xE1).into(), by: Uuid::from_u128(agent).into() }
}

fn inbox_id(inbox: u128) -> InboxId {
    Uuid::from_u128(inbox).into()
}

fn hold_id(hold: u128) -> HoldId {
    Uuid::from_u128(hold).into()
}

fn message_id(message: u128) -> MessageId {
    Uuid::from_u128(message).into()
}

fn transfer_id(transfer: u128) -> TransferId {
    Uuid::from_u128(transfer).into()
}

fn offer_id(offer: u128) -> OfferId {
    Uuid::from_u128(offer).into()
}

fn flow_id() -> FlowId {
    Uuid::from_u128(0xF1).into()
}
