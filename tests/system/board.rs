//! What a desk makes of a snapshot and the notices after it: the state a browser would show.

use std::collections::BTreeMap;

use serde_json::Value;

/// The folded state. Taking a notice in checks what must hold at any moment.
#[derive(Clone, Debug, Default)]
pub struct Board {
    pub log: String,
    /// Up to where everything is known.
    pub position: u64,
    pub me: String,
    pub agents: BTreeMap<String, Value>,
    /// Every conversation heard of, ended ones too.
    pub conversations: BTreeMap<String, Value>,
    /// Lines that came as notices, by conversation and place.
    pub lines: BTreeMap<String, BTreeMap<u64, Value>>,
    /// Inboxes, gateways and end reasons.
    pub setup: [Value; 3],
    last_notice: u64,
}

impl Board {
    /// Starts from the answer to a subscription, or goes on when nothing was forgotten.
    pub fn subscribed(&mut self, answer: &Value) {
        let Some(snapshot) = answer.get("snapshot").filter(|snapshot| !snapshot.is_null()) else {
            assert_eq!((&answer["log"], &answer["reset"]), (&self.log.clone().into(), &false.into()));
            return;
        };
        self.log = text(&answer["log"]);
        self.position = answer["position"].as_u64().unwrap();
        self.last_notice = self.position;
        self.me = text(&snapshot["me"]["id"]);
        let by =
            |list: &Value, id: &str| list.as_array().unwrap().iter().map(|one| (text(&one[id]), one.clone())).collect();
        self.agents = by(&snapshot["agents"], "id");
        self.conversations = by(&snapshot["conversations"], "conversation");
        self.setup = ["inboxes", "gateways", "end_reasons"].map(|name| snapshot[name].clone());
    }

    pub fn heartbeat(&mut self, params: &Value) {
        let position = params["position"].as_u64().unwrap();
        assert!(position >= self.position, "a heartbeat goes back from {} to {position}", self.position);
        self.position = position;
    }

    pub fn notice(&mut self, params: &Value) {
        let position = params["position"].as_u64().unwrap();
        assert!(position > self.last_notice, "{position} came again after {}", self.last_notice);
        (self.last_notice, self.position) = (position, position);
        let change = &params["change"];
        match change["kind"].as_str().unwrap() {
            "conversation" => self.conversation(&change["summary"], &change["entry"]),
            "agent" => self.agent(&change["agent"]),
            "hidden" => {
                self.conversations.remove(&text(&change["conversation"]));
            }
            "setup" => self.setup = ["inboxes", "gateways", "end_reasons"].map(|name| change[name].clone()),
            other => panic!("a change nobody knows: {other}"),
        }
    }

    fn conversation(&mut self, summary: &Value, entry: &Value) {
        let id = text(&summary["conversation"]);
        if let Some(sequence) = entry["sequence"].as_u64() {
            assert!(sequence <= summary["version"].as_u64().unwrap());
            let before = self.lines.entry(id.clone()).or_default().insert(sequence, entry.clone());
            assert_eq!(before, None, "a line came twice");
        }
        // After a resume rows are told as they stand, so an older one may follow a newer.
        let known = self.conversations.get(&id).and_then(|known| known["version"].as_u64()).unwrap_or(0);
        if summary["version"].as_u64().unwrap() >= known {
            self.conversations.insert(id, summary.clone());
        }
    }

    fn agent(&mut self, agent: &Value) {
        let (capacity, in_use) = (agent["capacity"].as_u64().unwrap(), agent["in_use"].as_u64().unwrap());
        assert!(in_use <= capacity, "above capacity: {agent}");
        self.agents.insert(text(&agent["id"]), agent.clone());
    }

    /// The conversations that are open.
    pub fn open(&self) -> impl Iterator<Item = &Value> {
        self.conversations.values().filter(|summary| summary["owner"]["is"] != "nobody")
    }

    /// The conversations that are mine.
    pub fn mine(&self) -> impl Iterator<Item = &Value> {
        self.open().filter(|summary| summary["owner"]["agent"] == self.me)
    }

    /// Offers made to me: the conversation and the offer.
    pub fn offers(&self) -> Vec<(String, String)> {
        let offers = |summary: &Value| {
            let conversation = text(&summary["conversation"]);
            let offers = summary["owner"]["offers"].as_array().cloned().unwrap_or_default();
            offers.into_iter().map(move |one| (conversation.clone(), one))
        };
        let to_me = self.open().flat_map(offers).filter(|(_, one)| one["agent"] == self.me);
        to_me.map(|(conversation, one)| (conversation, text(&one["offer"]))).collect()
    }

    /// The lines of a conversation that came as notices, in order.
    pub fn lines_of(&self, conversation: &str) -> Vec<Value> {
        self.lines.get(conversation).map(|lines| lines.values().cloned().collect()).unwrap_or_default()
    }
}

/// A text that has to be there.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
