//! Histories of whatever people try, by the domain's own rules.

use chrono::TimeDelta;
use gatehouse_domain::agent::{self, Capacity, OfflineCause};
use gatehouse_domain::conversation::{
    Allowance, Author, Command, Delivery, HowAssigned, OfferTo, Owner, Resolution, Sending, SlaClock, Window, Withdrawn,
};
use gatehouse_domain::inbox::Sla;
use gatehouse_domain::{AgentId, Channel, ConversationId, HoldId, MessageId, OfferId, Recorded, TransferId};
use proptest::prelude::*;
use uuid::Uuid;

use super::story::*;

/// What somebody tries, who, and so many microseconds after the one before.
pub type Move = (u8, bool, i64);

pub fn moves() -> impl Strategy<Value = Vec<Move>> {
    let after = prop_oneof![10 => 0_i64..90_000_000, 2 => 0_i64..2_000_000_000, 1 => 0_i64..100_000_000_000, 1 => -5_000_000_i64..0];
    let what = prop_oneof![30 => 0_u8..36, 6 => 16_u8..20, 10 => Just(26_u8), 1 => Just(36_u8)];
    prop::collection::vec((what, any::<bool>(), after), 1..120)
}

pub fn played(conversation: ConversationId, moves: &[Move]) -> Vec<Recorded> {
    let sla = Sla { first_response_ms: Some(60_000), next_response_ms: Some(30_000) };
    let mut story = Story { id_of_conversation: conversation, sla, ..Story::default() };
    for agent in [ANNA, BORIS] {
        let capacity = Capacity { total: 3, ..Capacity::default() };
        story.agent(agent, agent::Command::Add { name: "An agent".to_owned() });
        story.agent(agent, agent::Command::SetCapacity { capacity }).agent(agent, agent::Command::GoOnline);
        story.agent(agent, agent::Command::Connect { socket: DESK });
    }
    for (what, first, after) in moves {
        story.now += TimeDelta::microseconds(*after);
        story.flow_first = what % 5 == 0;
        tried(&mut story, *what, if *first { ANNA } else { BORIS });
    }
    story.log
}

fn tried(story: &mut Story, what: u8, agent: AgentId) {
    let other = if agent == ANNA { BORIS } else { ANNA };
    let ownership = story.conversation.ownership;
    let owner = story.conversation.owning_agent();
    let by = owner.unwrap_or(agent);
    let (offer, transfer) = (open_offer(story), open_transfer(story));
    let unsent = story.conversation.messages.unsettled().map(|(id, one)| (id, one.sending.clone())).next();
    let id = story.id();
    match what {
        0..=4 => {
            let command = Command::Receive { message: message(MessageId(id), story.now), route: story.route() };
            story.tries(command);
        }
        5 => {
            story.tries(Command::ReceiveEcho { message: message(MessageId(id), story.now) });
        }
        6..=8 => {
            let to = |agent| OfferTo {
                offer: OfferId(if agent == ANNA { id } else { Uuid::from_u128(id.as_u128() << 32) }),
                agent,
                hold: HoldId(id),
            };
            let offers = if what == 6 { vec![to(agent)] } else { vec![to(ANNA), to(BORIS)] };
            story.tries(Command::Offer { offers, until: story.now, why: None });
        }
        9..=11 => {
            if let Some((offer, agent)) = offer {
                story.tries(Command::AcceptOffer { offer, agent });
            }
        }
        12..=14 => {
            if let Some((offer, agent)) = offer {
                story.tries(match what {
                    12 => Command::DeclineOffer { offer, agent, reason: None },
                    13 => Command::LapseOffer { offer },
                    _ => Command::WithdrawOffer { offer },
                });
            }
        }
        15 => {
            let hold = HoldId(id);
            story.tries(Command::Assign { agent, hold, how: HowAssigned::Pull, ownership, why: None });
        }
        16 => {
            let to = if by == agent { other } else { agent };
            let (transfer, hold, until) = (TransferId(id), HoldId(id), story.now);
            story.tries(Command::RequestTransfer { transfer, by, to, hold, note: String::new(), until, why: None });
        }
        17..=19 => {
            if let Some((transfer, to)) = transfer {
                let owner_available = agent == ANNA;
                story.tries(match (what, owner_available) {
                    (17, _) => Command::AcceptTransfer { transfer, agent: to },
                    (18, true) => Command::DeclineTransfer { transfer, agent: to, owner_available },
                    (18, false) => Command::WithdrawTransfer { transfer, owner_available, why: Withdrawn::Requested },
                    _ => Command::LapseTransfer { transfer, owner_available },
                });
            }
        }
        20 => {
            story.tries(Command::MoveToInbox { inbox: if agent == ANNA { SALES } else { SUPPORT }, ownership });
        }
        21 => {
            story.tries(Command::ReturnToInbox { ownership });
        }
        22 => {
            story.tries(Command::HandToFlow { flow: BOT, ownership });
        }
        23 => {
            story.tries(Command::EndFlow { flow: BOT, ownership });
        }
        24 | 25 => {
            let allowance = Allowance { reply_window: false, text_chars_max: 100, templates: true, opted_out: false };
            let author = owner.map_or(Author::Flow { flow: BOT }, |agent| Author::Agent { agent });
            story.tries(Command::Reply { message: MessageId(id), author, text: "Good day!".to_owned(), allowance });
        }
        26 => sent(story, unsent, agent),
        27 => {
            story.tries(Command::End { reason: Some(SOLVED), configured: vec![SOLVED], by });
        }
        28 => {
            if let Some(silent_since) = story.conversation.silent_since {
                story.tries(Command::CloseIdle { silent_since });
            }
        }
        29 => {
            let address = message(MessageId(id), story.now).addresses[0].clone();
            story.tries(match agent {
                ANNA => Command::Retake { agent, hold: HoldId(id) },
                _ => Command::StartOutbound { agent, hold: HoldId(id), route: story.route(), address },
            });
        }
        30 => {
            if let Some(due) = story.conversation.promise.due() {
                let clock = if agent == ANNA { due.clock } else { SlaClock::FirstResponse };
                story.tries(Command::BreachSla { clock, due: due.at });
            }
        }
        31 => {
            if let Window::OpenUntil(until) = story.conversation.window {
                story.now = story.now.max(until);
                story.tries(Command::ExpireWindow { until });
            }
        }
        36 => {
            story.tries(Command::Erase);
        }
        _ => shifted(story, what, agent),
    }
}

fn open_offer(story: &Story) -> Option<(OfferId, AgentId)> {
    match &story.conversation.open().ok()?.owner {
        Owner::Offered { offers, .. } => offers.first().map(|one| (one.offer, one.agent)),
        Owner::Queue | Owner::Agent { .. } | Owner::Flow { .. } => None,
    }
}

fn open_transfer(story: &Story) -> Option<(TransferId, AgentId)> {
    match &story.conversation.open().ok()?.owner {
        Owner::Agent { transfer, .. } => transfer.map(|one| (one.transfer, one.to)),
        Owner::Queue | Owner::Offered { .. } | Owner::Flow { .. } => None,
    }
}

/// One more step of the oldest message that is not settled.
fn sent(story: &mut Story, unsent: Option<(MessageId, Sending)>, agent: AgentId) {
    let Some((message, sending)) = unsent else { return };
    let until = story.now;
    story.tries(match (sending, story.log.len() % 5) {
        (Sending::Queued { attempts }, 1..) => Command::BeginSend { message, attempt: attempts + 1 },
        (Sending::Queued { .. }, _) => Command::DoubtSend { message },
        (Sending::Attempted { attempt }, 0) => {
            Command::DeferSend { message, attempt, until, reason: "busy".to_owned() }
        }
        (Sending::Attempted { attempt }, 1) => {
            Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } }
        }
        (Sending::Attempted { .. }, 2) => {
            Command::RecordDelivery { message, delivery: Delivery::Submitted { provider_id: "m".to_owned() } }
        }
        (Sending::Attempted { .. }, 3) => Command::RecordDelivery { message, delivery: Delivery::Read },
        (Sending::Indeterminate { .. }, 0) => Command::RecordDelivery { message, delivery: Delivery::Delivered },
        (Sending::Indeterminate { .. }, 1) => Command::RecordDelivery { message, delivery: Delivery::Sent },
        (Sending::Indeterminate { .. }, place) => Command::ResolveIndeterminate {
            message,
            resolution: if place == 2 { Resolution::Discard } else { Resolution::Resend },
            by: agent,
        },
        _ => Command::RecordDelivery { message, delivery: Delivery::Failed { reason: "no".to_owned() } },
    });
}

/// Something an agent does, apart from conversations.
fn shifted(story: &mut Story, what: u8, agent: AgentId) {
    let held = story.agents[&agent].holds.keys().next().copied();
    let id = story.id();
    let command = match (what, story.log.len() % 4) {
        (32, 0) => agent::Command::TakeBreak { reason: Some("lunch".to_owned()) },
        (32, 1) => agent::Command::GoOffline { cause: OfflineCause::Chosen },
        (32, 2) => agent::Command::MarkNotResponding,
        (32, _) | (33, 0) => agent::Command::GoOnline,
        (33, 1) => agent::Command::Disconnect { socket: DESK },
        (33, 2) => agent::Command::SetCapacity {
            capacity: Capacity { total: 1 + id.as_u128() as u32 % 4, ..Capacity::default() },
        },
        (33, _) => agent::Command::Connect { socket: DESK },
        (34, _) => {
            agent::Command::HoldSlot { hold: HoldId(id), conversation: ConversationId(id), channel: Channel::Whatsapp }
        }
        _ => match held {
            Some(hold) => agent::Command::ReleaseSlot { hold },
            None => return,
        },
    };
    story.agent(agent, command);
}
