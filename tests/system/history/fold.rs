//! Where everything stands, from the log alone and by the meaning of its events: not by the program's own code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Event;

/// Who has an interaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// It began, and nothing says who has it.
    #[default]
    Missing,
    Queue,
    /// Offers, by id, to agents.
    Offered(BTreeMap<String, String>),
    Agent(String),
    Flow,
    /// No interaction is open.
    Nobody,
}

/// A conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    pub owner: Owner,
    /// The agent who is asked to take it over, and holds a slot for it.
    pub transfer_to: Option<String>,
    pub version: u64,
    /// Sequence and moment of every event that is told as a line.
    pub lines: Vec<(u64, String)>,
    /// Replies, in the order in which they were stored.
    pub replies: Vec<String>,
    /// How far each has come.
    pub sending: BTreeMap<String, Sending>,
}

/// How far a reply has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    pub accepted: bool,
    pub delivered: bool,
    pub failed: bool,
    pub indeterminate: bool,
}

/// An agent.
#[derive(Clone, Debug, Default)]
pub struct Agent {
    pub capacity: u64,
    pub online: bool,
    pub sockets: BTreeSet<String>,
    /// Conversations by hold.
    pub holds: BTreeMap<String, String>,
    /// The position at which more was held than there is room for.
    pub above_at: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub conversations: BTreeMap<String, Conversation>,
    pub agents: BTreeMap<String, Agent>,
}

/// Events of a conversation that no line tells of.
const SILENT: [&str; 4] = ["offer_accepted", "transfer_accepted", "address_added", "attachment_recorded"];

impl Fold {
    pub fn of(log: &[Event]) -> Self {
        let mut fold = Self::default();
        log.iter().for_each(|event| fold.take(event));
        fold
    }

    pub fn take(&mut self, event: &Event) {
        match event.kind.as_str() {
            "conversation" => self.conversations.entry(event.stream.clone()).or_default().fold(event),
            "agent" => self.agents.entry(event.stream.clone()).or_default().fold(event),
            _ => {}
        }
    }

    pub fn is_offered_something(&self, agent: &str) -> bool {
        self.conversations.values().any(|one| one.waits_for().any(|other| other == agent))
    }

    /// Conversations each agent works on or is offered.
    pub fn given(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut given: BTreeMap<&str, BTreeSet<&str>> = self.agents.keys().map(|id| (id.as_str(), [].into())).collect();
        for (id, conversation) in &self.conversations {
            let agents: Vec<&String> = match &conversation.owner {
                Owner::Agent(agent) => vec![agent],
                Owner::Offered(offers) => offers.values().collect(),
                _ => vec![],
            };
            for agent in agents.into_iter().chain(&conversation.transfer_to) {
                given.entry(agent).or_default().insert(id);
            }
        }
        given
    }

    /// What is still to happen without anybody's doing, if something is.
    pub fn restless(&self) -> Option<String> {
        let free =
            |agent: &&Agent| agent.online && !agent.sockets.is_empty() && (agent.holds.len() as u64) < agent.capacity;
        let waits = self.conversations.iter().find(|(_, one)| matches!(one.owner, Owner::Queue | Owner::Missing));
        if let (Some((id, _)), Some(_)) = (waits, self.agents.values().find(free)) {
            return Some(format!("{id} waits although an agent is free"));
        }
        let is_there = |agent: &&String| self.agents.get(*agent).is_some_and(|one| one.online);
        for (id, conversation) in &self.conversations {
            if let Some(away) = conversation.waits_for().find(|agent| !is_there(agent)) {
                return Some(format!("{id} waits for {away}, who is away"));
            }
        }
        self.conversations.iter().find_map(|(id, one)| {
            let moving = one.moving().find(|(_, sending)| !sending.accepted || !sending.delivered)?;
            Some(format!("{} of {id} is on its way", moving.0))
        })
    }
}

impl Conversation {
    /// Agents it is offered to or handed over to.
    fn waits_for(&self) -> impl Iterator<Item = &String> {
        let offers = match &self.owner {
            Owner::Offered(offers) => Some(offers.values()),
            _ => None,
        };
        offers.into_iter().flatten().chain(&self.transfer_to)
    }

    /// Replies that are neither settled nor indeterminate, nor wait behind one that is.
    fn moving(&self) -> impl Iterator<Item = (&String, Sending)> {
        let all = self.replies.iter().map(|id| (id, self.sending[id]));
        all.take_while(|(_, sending)| !sending.indeterminate || sending.accepted)
            .filter(|(_, sending)| !sending.delivered && !sending.failed)
    }

    /// Whether a reply waits behind one of which nobody knows.
    pub fn waits_behind_unknown(&self, reply: &str) -> bool {
        let before = self.replies.iter().take_while(|id| *id != reply);
        before.map(|id| self.sending[id]).any(|sending| sending.indeterminate && !sending.accepted)
    }

    fn fold(&mut self, event: &Event) {
        let text = |field: &str| event.fact[field].as_str().unwrap_or_default().to_owned();
        self.version = event.sequence;
        if !SILENT.contains(&event.name.as_str()) {
            self.lines.push((event.sequence, text("at")));
        }
        match event.name.as_str() {
            "interaction_opened" => self.owner = Owner::Missing,
            "queued" => self.owner = Owner::Queue,
            "offered" => self.owner = Owner::Offered(offers(&event.fact["offers"])),
            "offer_declined" | "offer_lapsed" | "offer_withdrawn" => {
                if let Owner::Offered(offers) = &mut self.owner {
                    offers.remove(&text("offer"));
                }
            }
            "assigned" => (self.owner, self.transfer_to) = (Owner::Agent(text("agent")), None),
            "handed_to_flow" => self.owner = Owner::Flow,
            "interaction_ended" => (self.owner, self.transfer_to) = (Owner::Nobody, None),
            "transfer_requested" => self.transfer_to = Some(text("to")),
            "transfer_accepted" | "transfer_declined" | "transfer_lapsed" | "transfer_withdrawn" => {
                self.transfer_to = None;
            }
            "reply_queued" => {
                self.replies.push(text("message"));
                self.sending.entry(text("message")).or_default();
            }
            "reply_submitted" | "reply_sent" => self.sending.entry(text("message")).or_default().accepted = true,
            "reply_delivered" | "reply_read" => {
                let sending = self.sending.entry(text("message")).or_default();
                (sending.accepted, sending.delivered) = (true, true);
            }
            "reply_failed" => self.sending.entry(text("message")).or_default().failed = true,
            "reply_indeterminate" => self.sending.entry(text("message")).or_default().indeterminate = true,
            _ => {}
        }
    }
}

impl Agent {
    fn fold(&mut self, event: &Event) {
        let text = |field: &str| event.fact[field].as_str().unwrap_or_default().to_owned();
        match event.name.as_str() {
            "capacity_set" => self.capacity = event.fact["capacity"]["total"].as_u64().unwrap_or_default(),
            "went_online" => self.online = true,
            "took_break" | "went_offline" | "marked_not_responding" => self.online = false,
            "connected" => self.sockets.extend([text("socket")]),
            "disconnected" => self.sockets.retain(|socket| *socket != text("socket")),
            "slot_held" => {
                self.holds.insert(text("hold"), text("conversation"));
                if self.holds.len() as u64 > self.capacity {
                    self.above_at.get_or_insert(event.position);
                }
            }
            "slot_released" => self.holds.retain(|hold, _| *hold != text("hold")),
            _ => {}
        }
    }
}

fn offers(list: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.as_array().into_iter().flatten().map(|one| (text(&one["offer"]), text(&one["agent"]))).collect()
}
