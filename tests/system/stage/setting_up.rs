//! What an administrator changes on the stage, while work waits. All of it is taken back when the scenario is over.

use serde_json::{Value, json};

use super::Stage;
use crate::board::text;

impl Stage {
    pub(super) async fn set_up(&mut self, words: &[&str]) {
        let exception = format!("/gateways/{}/exception", self.world.gateway);
        match *words {
            ["sets", setting, value] => {
                self.routing[setting] = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
                self.set_routing().await;
            }
            ["gives", agent, slots, "slots"] => self.set_slots(agent, slots, json!({})).await,
            ["gives", agent, slots, "slots", most, "on", channel] => {
                self.set_slots(agent, slots, json!({channel: most.parse::<u32>().unwrap()})).await;
            }
            ["grants", skill, "to", agent] => self.put(format!("/agents/{}/skills/{skill}", self.person(agent))).await,
            ["lets", agent, "serve", inbox] => {
                self.put(format!("/inboxes/{}/members/{}", self.inbox(inbox), self.person(agent))).await;
            }
            ["lets", agent, "serve", inbox, "no", "more"] => {
                let member = format!("/inboxes/{}/members/{}", self.inbox(inbox), self.person(agent));
                self.world.admin.delete(&member).await.good();
                self.undo.push((true, member));
            }
            ["lets", "the", "team", "of", agent, "serve", inbox] => {
                let team = text(&self.world.admin.post("/teams", json!({"name": agent})).await.good()["id"]);
                self.put(format!("/teams/{team}/members/{}", self.person(agent))).await;
                self.put(format!("/inboxes/{}/teams/{team}", self.inbox(inbox))).await;
            }
            ["leads", "customers", "to", inbox, "within", minutes] => {
                let lead = json!({"inbox": self.inbox(inbox), "sla_minutes": minutes});
                self.lead(&exception, lead).await;
            }
            ["leads", "customers", "to", inbox] => {
                let lead = json!({"inbox": self.inbox(inbox)});
                self.lead(&exception, lead).await;
            }
            ["leads", "customers", "nowhere", "else"] => {
                self.world.admin.delete(&exception).await.good();
            }
            ["closes", "after", seconds, "s", "of", "silence"] => {
                let idle = format!("/gateways/{}/idle_close", self.world.gateway);
                let after = json!({"after_s": seconds.parse::<u32>().unwrap()});
                self.world.admin.put_json(&idle, after).await.good();
            }
            _ => panic!("no administrator knows what this means: {words:?}"),
        }
    }

    pub(super) async fn set_routing(&self) {
        let path = format!("/inboxes/{}/routing", self.world.inbox);
        self.world.admin.put_json(&path, self.routing.clone()).await.good();
    }

    /// Until the scenario is over.
    pub(super) async fn put(&mut self, path: String) {
        self.world.admin.put(&path).await.good();
        self.undo.push((false, path));
    }

    async fn lead(&mut self, exception: &str, lead: Value) {
        self.world.admin.put_json(exception, lead).await.good();
        self.undo.push((false, exception.to_owned()));
    }

    async fn set_slots(&self, agent: &str, slots: &str, per_channel: Value) {
        let capacity = json!({"capacity": slots.parse::<u32>().unwrap(), "per_channel": per_channel});
        self.world.admin.put_json(&format!("/agents/{}/capacity", self.person(agent)), capacity).await.good();
    }
}
