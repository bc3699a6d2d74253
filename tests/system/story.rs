//! A timeline as a few words a line, so that a test can say the whole of it.

use serde_json::Value;

use crate::board::text;
use crate::world::World;

impl World {
    /// The whole timeline of a conversation, told.
    pub async fn story(&self, conversation: &str) -> Vec<String> {
        self.timeline(conversation).await.iter().map(|entry| self.told(entry)).collect()
    }

    /// The entries of a conversation's timeline.
    pub async fn timeline(&self, conversation: &str) -> Vec<Value> {
        let timeline = self.admin.get(&format!("/conversations/{conversation}/timeline")).await.good();
        timeline["entries"].as_array().unwrap().clone()
    }

    fn told(&self, entry: &Value) -> String {
        let somebody = |agent: &Value| match agent.as_str() {
            Some(id) => self.people().into_iter().find(|person| person.id == id).map_or("?", |person| person.name),
            None => "?",
        };
        match entry["kind"].as_str().unwrap() {
            "message" => {
                let author = match entry["author"]["is"].as_str().unwrap() {
                    "agent" => somebody(&entry["author"]["agent"]),
                    other => other,
                };
                format!("{author}: {}", entry["content"]["text"].as_str().unwrap_or("-"))
            }
            "status" => match entry["reason"].as_str() {
                Some(reason) => format!("{} ({reason})", text(&entry["status"])),
                None => text(&entry["status"]),
            },
            _ => {
                let (agent, reason) = (&entry["agent"], &entry["reason"]);
                let by = if agent.is_null() { String::new() } else { format!(" {}", somebody(agent)) };
                let why = reason.as_str().map(|reason| format!(" ({reason})")).unwrap_or_default();
                format!("{}{by}{why}", text(&entry["what"]))
            }
        }
    }
}

/// The texts the customer wrote, in order.
pub fn inbound(entries: &[Value]) -> Vec<String> {
    let texts = entries.iter().filter(|entry| entry["direction"] == "inbound");
    texts.map(|entry| text(&entry["content"]["text"])).collect()
}

/// The lines about one message of ours: how far it came.
pub fn statuses(entries: &[Value], message: &str) -> Vec<String> {
    let about = entries.iter().filter(|entry| entry["message"] == message && entry["direction"] != "inbound");
    about.map(|entry| text(&entry["status"])).collect()
}

/// How far a message of ours has come in the end, joined as a desk joins it.
pub fn ticks(entries: &[Value], message: &str) -> String {
    const GROWS: [&str; 5] = ["submitted", "sent", "failed", "delivered", "read"];
    let rank = |status: &str| GROWS.iter().position(|one| *one == status);
    let all = statuses(entries, message);
    let join = |known: String, status: String| match (rank(&known), rank(&status)) {
        (Some(before), Some(now)) if now < before => known,
        (Some(_), None) => known,
        _ => status,
    };
    all.into_iter().reduce(join).unwrap_or_default()
}
