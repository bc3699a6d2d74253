//! What people on the stage can do.

use std::time::Instant;

use serde_json::{Value, json};

use super::{LOOK_AGAIN_AFTER, SEEN_WITHIN, Stage};
use crate::board::text;

/// A command: its method and parameters on the socket, its path and body over REST.
pub struct Command {
    pub method: &'static str,
    pub params: Value,
    pub path: String,
    pub body: Value,
}

impl Stage {
    pub(super) async fn command(&mut self, words: &[&str]) -> Command {
        let on = |method, row: &Value, what: &str, body: Value| {
            let conversation = text(&row["conversation"]);
            let mut params = body.clone();
            params["conversation"] = json!(conversation);
            Command { method, params, path: format!("/conversations/{conversation}/{what}"), body }
        };
        let me =
            |method, path: &str, body: Value| Command { method, params: body.clone(), path: path.to_owned(), body };
        match *words {
            [_, "comes", "back"] => me("presence.set", "/agents/me/presence", json!({"state": "online"})),
            [_, "takes", "a", "break", reason] => {
                me("presence.set", "/agents/me/presence", json!({"state": "break", "reason": reason}))
            }
            [_, "goes", "offline"] => me("presence.set", "/agents/me/presence", json!({"state": "offline"})),
            [_, "pulls"] => me("inbox.pull", "/pull", json!({})),
            [_, "pulls", "from", inbox] => me("inbox.pull", "/pull", json!({"inbox": self.inbox(inbox)})),
            [_, "pulls", customer] => on("conversation.pull", &self.row(customer).await, "pull", json!({})),
            [who, answer @ ("accepts" | "declines"), customer] => {
                let offer = self.asked(who, customer, false).await;
                let row = self.row(customer).await;
                let (method, verb) =
                    if answer == "accepts" { ("offer.accept", "accept") } else { ("offer.decline", "decline") };
                let mut command = on(method, &row, &format!("offers/{offer}/{verb}"), json!({}));
                command.params["offer"] = json!(offer);
                command
            }
            [who, answer @ ("accepts" | "declines" | "withdraws"), "transfer", "of", customer] => {
                let to = if answer == "withdraws" {
                    let to = text(&self.row(customer).await["owner"]["transfer"]["to"]);
                    self.people.iter().find(|(_, person)| person.id == to).unwrap().0.clone()
                } else {
                    who.to_owned()
                };
                let transfer = self.asked(&to, customer, true).await;
                let (method, verb) = match answer {
                    "accepts" => ("transfer.accept", "accept"),
                    "declines" => ("transfer.decline", "decline"),
                    _ => ("transfer.withdraw", "withdraw"),
                };
                let row = self.row(customer).await;
                let mut command = on(method, &row, &format!("transfers/{transfer}/{verb}"), json!({}));
                command.params["transfer"] = json!(transfer);
                command
            }
            [who, "declines", customer, "because", reason] => {
                let offer = self.asked(who, customer, false).await;
                let (row, body) = (self.row(customer).await, json!({"reason": reason}));
                let mut command = on("offer.decline", &row, &format!("offers/{offer}/decline"), body);
                command.params["offer"] = json!(offer);
                command
            }
            [who, "answers", customer] => {
                let body = json!({"message": self.world.mint(), "text": format!("{who} answers")});
                on("conversation.reply", &self.row(customer).await, "replies", body)
            }
            [who, "transfers", customer, "to", colleague] => {
                let body = json!({"to": self.person(colleague), "note": format!("{who} knows {customer}")});
                on("transfer.request", &self.row(customer).await, "transfers", body)
            }
            [_, "moves", customer, "to", inbox] => {
                on("conversation.move", &self.row(customer).await, "move", json!({"inbox": self.inbox(inbox)}))
            }
            [_, "assigns", customer, "to", colleague] => {
                on("conversation.assign", &self.row(customer).await, "assign", json!({"to": self.person(colleague)}))
            }
            [_, "takes", "over", customer] => {
                on("conversation.take_over", &self.row(customer).await, "take_over", json!({}))
            }
            [_, "retakes", customer] => on("conversation.retake", &self.row(customer).await, "retake", json!({})),
            [_, "makes", customer, "urgent"] => {
                on("conversation.set_priority", &self.row(customer).await, "priority", json!({"priority": 5}))
            }
            [_, "ends", customer] => {
                let reason = self.world.end_reason("solved").await;
                on("conversation.end", &self.row(customer).await, "end", json!({"reason": reason}))
            }
            [_, "ends", customer, "without", "reason"] => {
                on("conversation.end", &self.row(customer).await, "end", json!({}))
            }
            _ => panic!("nobody knows what this means: {words:?}"),
        }
    }

    /// What is offered to, or asked of, an agent; remembered, to be answered late too.
    async fn asked(&mut self, who: &str, customer: &str, transfer: bool) -> String {
        let (id, memory) = (self.people[who].id.clone(), format!("{who} {customer} {transfer}"));
        let since = Instant::now();
        loop {
            let owner = self.row(customer).await["owner"].take();
            let found = match transfer {
                true => Some(&owner["transfer"]).filter(|one| one["to"] == *id).map(|one| text(&one["transfer"])),
                false => {
                    let mut offers = owner["offers"].as_array().into_iter().flatten();
                    offers.find(|one| one["agent"] == *id).map(|one| text(&one["offer"]))
                }
            };
            if let Some(found) = found {
                self.old.insert(memory, found.clone());
                return found;
            }
            if let Some(old) = self.old.get(&memory) {
                return old.clone();
            }
            assert!(since.elapsed() < SEEN_WITHIN, "{who} is not asked about {customer}: {owner}");
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }
}
