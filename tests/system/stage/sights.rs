//! What is seen on the stage, by REST, sooner or later.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{LOOK_AGAIN_AFTER, SEEN_WITHIN, Stage};
use crate::board::text;

impl Stage {
    /// Waits until it is so.
    pub(super) async fn seen(&mut self, step: &str, words: &[&str]) {
        let since = Instant::now();
        loop {
            let (is, found) = self.is_so(words).await;
            if is {
                self.remember(words, &found);
                return;
            }
            assert!(since.elapsed() < SEEN_WITHIN, "not seen: {step}; it is {found}");
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// What was offered or asked can be answered too late.
    fn remember(&mut self, words: &[&str], row: &Value) {
        let customer = words[0];
        let names: BTreeMap<&String, &String> = self.people.iter().map(|(name, person)| (&person.id, name)).collect();
        let mut found = vec![];
        for one in row["owner"]["offers"].as_array().into_iter().flatten() {
            found.push((format!("{} {customer} false", names[&text(&one["agent"])]), text(&one["offer"])));
        }
        if let Some(transfer) = row["owner"].get("transfer").filter(|transfer| !transfer.is_null()) {
            found.push((format!("{} {customer} true", names[&text(&transfer["to"])]), text(&transfer["transfer"])));
        }
        self.old.extend(found);
    }

    async fn is_so(&self, words: &[&str]) -> (bool, Value) {
        match *words {
            [agent, "has", slots] => {
                let agents = self.world.admin.items("/agents").await;
                let agent = agents.into_iter().find(|one| one["id"] == *self.person(agent)).unwrap();
                (agent["in_use"] == slots.parse::<u64>().unwrap(), agent)
            }
            [agent, "is", "away", "as", presence] => {
                let agents = self.world.admin.items("/agents").await;
                let agent = agents.into_iter().find(|one| one["id"] == *self.person(agent)).unwrap();
                (agent["presence"] == presence || agent["reason"] == presence, agent)
            }
            [customer, "waits", "because", held_by] => {
                let why = self.why(customer).await;
                (why["waiting"]["held_by"] == held_by, why)
            }
            [customer, "was", "decided", "by", rule] => {
                let why = self.why(customer).await;
                let told = why["decisions"].as_array().unwrap().iter().rev().find(|one| !one["why"].is_null());
                (told.is_some_and(|one| one["why"]["rule"] == rule), why)
            }
            [customer, "was", "kept", "from", agent, "because", reason] => {
                let (why, agent) = (self.why(customer).await, self.person(agent));
                let told = why["decisions"].as_array().unwrap().iter().rev().find(|one| !one["why"].is_null());
                let mut passed = told.and_then(|one| one["why"]["passed_over"].as_array()).into_iter().flatten();
                (passed.any(|one| one["agent"] == *agent && one["reason"] == reason), why)
            }
            [customer, "was", "declined", "because", reason] => {
                let lines = self.lines(customer).await;
                let mut declined = lines.iter().filter(|line| line["what"] == "declined");
                (declined.any(|line| line["reason"] == reason), json!(lines))
            }
            [customer, "was", "broken", "a", "promise", times, "times"] => {
                let lines = self.lines(customer).await;
                let broken = lines.iter().filter(|line| line["what"] == "sla_breached").count();
                (broken == times.parse::<usize>().unwrap(), json!(lines))
            }
            [customer, "waits", "since", "the", "beginning"] => {
                let (row, lines) = (self.row(customer).await, self.lines(customer).await);
                let began = lines.iter().rev().find(|line| line["what"] == "opened").unwrap();
                let waits = row["owner"]["is"] == "queue" || row["owner"]["is"] == "offered";
                (waits && row["owner"]["since"] == began["at"], row)
            }
            [who, "can", "read", customer] => (self.can_read(who, customer).await, json!(null)),
            [who, "can", "not", "read", customer] => (!self.can_read(who, customer).await, json!(null)),
            [customer, ref what @ ..] => {
                let row = self.row(customer).await;
                let owner = &row["owner"];
                let is = match *what {
                    ["is", "of", agent] => owner["is"] == "agent" && owner["agent"] == *self.person(agent),
                    ["is", "of", agent, "alone"] => {
                        owner["is"] == "agent" && owner["agent"] == *self.person(agent) && owner["transfer"].is_null()
                    }
                    ["is", "asked", "of", agent] => {
                        let transfer = &owner["transfer"];
                        let note =
                            transfer["note"].as_str().is_some_and(|note| note.ends_with(&format!("knows {customer}")));
                        transfer["to"] == *self.person(agent) && note
                    }
                    ["is", "offered", "to", ref agents @ ..] => {
                        let asked = |one: &&str| {
                            let id = self.person(one);
                            owner["offers"]
                                .as_array()
                                .is_some_and(|offers| offers.iter().any(|one| one["agent"] == *id))
                        };
                        agents.iter().all(asked) && owner["offers"].as_array().map(Vec::len) == Some(agents.len())
                    }
                    ["waits", "in", inbox] => owner["is"] == "queue" && row["inbox"] == *self.inbox(inbox),
                    ["is", "ended"] => owner["is"] == "nobody",
                    ["is", "ended", "because", reason] => owner["is"] == "nobody" && owner["reason"] == reason,
                    ["has", "interaction", number] => row["interaction"] == number.parse::<u64>().unwrap(),
                    ["is", "promised", "nothing"] => row["sla"].is_null(),
                    ["is", "promised", clock] => row["sla"]["clock"] == clock && row["sla"]["breached"] == false,
                    ["is", "promised", clock, "within", ms] => {
                        let due = time(&row["sla"]["due"]) - time(&row["owner"]["since"]);
                        row["sla"]["clock"] == clock && due.num_milliseconds() == ms.parse::<i64>().unwrap()
                    }
                    ["is", "overdue", clock] => row["sla"]["clock"] == clock && row["sla"]["breached"] == true,
                    ["is", "urgent"] => row["priority"] == 5,
                    _ => panic!("nobody knows what this means: {words:?}"),
                };
                (is, row)
            }
            [] => panic!("nothing to see"),
        }
    }

    async fn why(&self, customer: &str) -> Value {
        let row = self.row(customer).await;
        self.world.admin.get(&format!("/conversations/{}/why", text(&row["conversation"]))).await.good()
    }
    async fn lines(&self, customer: &str) -> Vec<Value> {
        self.world.timeline(&text(&self.row(customer).await["conversation"])).await
    }

    async fn can_read(&self, who: &str, customer: &str) -> bool {
        let path = format!("/conversations/{}/timeline", text(&self.row(customer).await["conversation"]));
        self.people[who].api.get(&path).await.status == 200
    }
}

fn time(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}
