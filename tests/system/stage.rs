//! Where scenarios are played: the words of their steps, done by real people on real desks, in turn over the socket and
//! over REST; a step with `->` is refused over both, with that code, and changes nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::Api;
use crate::board::text;
use crate::desk::Desk;
use crate::hook::From;
use crate::world::World;

/// How long anything may take to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);
/// Nothing happens by itself for so long: all is done.
const QUIET: Duration = Duration::from_millis(150);
const SLOTS: u32 = 4;

pub struct Stage {
    pub world: World,
    people: BTreeMap<String, Player>,
    inboxes: BTreeMap<String, String>,
    /// Phones of this scenario's customers.
    customers: BTreeMap<String, String>,
    /// What was offered or asked before, to be answered late.
    old: BTreeMap<String, String>,
    skills: Vec<(String, String)>,
    written: usize,
    done: usize,
}

struct Player {
    id: String,
    api: Api,
    desk: Option<Desk>,
}

/// A command: its method and parameters on the socket, its path and body over REST.
struct Command {
    method: &'static str,
    params: Value,
    path: String,
    body: Value,
}

impl Stage {
    /// Anna and Bert serve the front desk, Carl only the VIP inbox, and Dana, a supervisor, both.
    pub async fn set(world: World) -> Self {
        let mut people = BTreeMap::new();
        for (name, person) in [("anna", &world.anna), ("bert", &world.bert)] {
            people.insert(name.to_owned(), Player { id: person.id.clone(), api: person.api.clone(), desk: None });
        }
        let vip = json!({"name": "VIP", "mode": "manual"});
        let vip = text(&world.admin.post("/inboxes", vip).await.good()["id"]);
        for (name, supervisor) in [("carl", false), ("dana", true)] {
            let password = format!("{name} has a password");
            let agent = json!({
                "login": name, "name": name, "password": password, "capacity": SLOTS, "supervisor": supervisor,
            });
            let id = text(&world.admin.post("/agents", agent).await.good()["id"]);
            world.admin.put(&format!("/inboxes/{vip}/members/{id}")).await.good();
            if supervisor {
                world.admin.put(&format!("/inboxes/{}/members/{id}", world.inbox)).await.good();
            }
            let api = Api::sign_in(&world.admin.base, name, &password).await;
            people.insert(name.to_owned(), Player { id, api, desk: None });
        }
        let inboxes = [("front".to_owned(), world.inbox.clone()), ("vip".to_owned(), vip)].into();
        let (customers, old, skills) = (BTreeMap::new(), BTreeMap::new(), vec![]);
        Self { world, people, inboxes, customers, old, skills, written: 0, done: 0 }
    }

    pub async fn prepare(
        &mut self,
        routing: Value,
        slots: &BTreeMap<String, u32>,
        skills: &BTreeMap<String, Vec<String>>,
    ) {
        let mut routing = if routing.is_null() { json!({}) } else { routing };
        if let Some(order) = routing.get_mut("order").and_then(Value::as_array_mut) {
            order.iter_mut().for_each(|name| *name = json!(self.people[name.as_str().unwrap()].id));
        }
        let admin = &self.world.admin;
        admin.put_json(&format!("/inboxes/{}/routing", self.world.inbox), routing).await.good();
        for (name, person) in &self.people {
            let capacity = json!({"capacity": slots.get(name).unwrap_or(&SLOTS)});
            admin.put_json(&format!("/agents/{}/capacity", person.id), capacity).await.good();
        }
        for (id, skill) in std::mem::take(&mut self.skills) {
            admin.delete(&format!("/agents/{id}/skills/{skill}")).await.good();
        }
        for (name, skills) in skills {
            for skill in skills {
                admin.put(&format!("/agents/{}/skills/{skill}", self.people[name].id)).await.good();
                self.skills.push((self.people[name].id.clone(), skill.clone()));
            }
        }
    }

    /// Everybody goes home, everything is ended, and nobody holds a slot for anything.
    pub async fn clear(&mut self) {
        for person in self.people.values_mut() {
            person.desk = None;
            person.api.post("/agents/me/presence", json!({"state": "offline"})).await.good();
        }
        self.rest().await;
        let reason = self.world.end_reason("solved").await;
        for row in self.world.conversations().await.iter().filter(|row| row["owner"]["is"] != "nobody") {
            let path = format!("/conversations/{}/end", text(&row["conversation"]));
            let mut ended = false;
            for person in self.people.values() {
                ended |= person.api.post(&path, json!({"reason": reason})).await.status == 200;
            }
            assert!(ended, "nobody can end {row}");
        }
        let free = |agents: &[Value]| agents.iter().all(|agent| agent["in_use"] == 0);
        let since = Instant::now();
        while !free(&self.world.admin.items("/agents").await) {
            assert!(
                since.elapsed() < SEEN_WITHIN,
                "a slot is held for nothing: {:?}",
                self.world.admin.items("/agents").await
            );
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
        self.customers.clear();
        self.old.clear();
    }

    pub async fn step(&mut self, step: &str) {
        let (what, code) = match step.split_once(" -> ") {
            Some((what, code)) => (what, Some(code)),
            None => (step, None),
        };
        let words: Vec<&str> = what.split_whitespace().collect();
        match words[..] {
            ["restart"] => self.restart().await,
            ["rest"] => self.rest().await,
            [who, "arrives"] => self.arrives(who).await,
            [who, "leaves"] => self.people.get_mut(who).unwrap().desk = None,
            [customer, "writes"] => self.writes(customer).await,
            [_, "is" | "has" | "waits" | "was", ..] => self.seen(step, &words).await,
            [who, ..] => {
                let command = self.command(&words).await;
                match code {
                    Some(code) => self.refused(who, command, code).await,
                    None => self.good(who, &words, command).await,
                }
            }
            [] => panic!("a step without words"),
        }
    }

    async fn restart(&mut self) {
        self.world.kill();
        self.world.restart().await;
        let base = self.world.server.url();
        for person in self.people.values_mut().filter(|person| person.desk.is_some()) {
            person.desk = Some(Desk::sit_down(&base, person.api.token.as_ref().unwrap()).await);
        }
    }

    /// Waits until nothing happens by itself.
    async fn rest(&self) {
        let since = Instant::now();
        let mut known = (0, Instant::now());
        while known.0 == 0 || known.1.elapsed() < QUIET {
            let head = self.head().await;
            if head != known.0 {
                known = (head, Instant::now());
            }
            assert!(since.elapsed() < SEEN_WITHIN, "it does not come to rest");
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    async fn head(&self) -> u64 {
        let ready = self.world.admin.http.get(format!("{}/health/ready", self.world.server.url()));
        ready.send().await.unwrap().json::<Value>().await.unwrap()["head"].as_u64().unwrap()
    }

    async fn arrives(&mut self, who: &str) {
        let base = self.world.server.url();
        let person = self.people.get_mut(who).unwrap();
        let mut desk = Desk::sit_down(&base, person.api.token.as_ref().unwrap()).await;
        desk.go("online").await;
        person.desk = Some(desk);
    }

    async fn writes(&mut self, customer: &str) {
        self.written += 1;
        let fresh = format!("49151000{:05}", self.written);
        let phone = self.customers.entry(customer.to_owned()).or_insert(fresh);
        let hook = self.world.hook();
        let body =
            hook.text(&From::phone(phone), &format!("wamid.{}", self.written), &format!("{} says", self.written));
        assert_eq!(hook.post(&body).await, 200);
    }

    /// How a customer's conversation stands.
    async fn row(&self, customer: &str) -> Value {
        let phone = &self.customers[customer];
        let all = self.world.conversations().await;
        let row = all.into_iter().find(|row| row["contact"]["address"] == **phone);
        row.unwrap_or_else(|| panic!("{customer} is nowhere"))
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

    async fn command(&mut self, words: &[&str]) -> Command {
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

    /// Done, in turn over the socket and over REST, and asked again under its key it is answered as before.
    async fn good(&mut self, who: &str, words: &[&str], command: Command) {
        self.done += 1;
        let key = self.world.mint();
        let Command { method, mut params, path, body } = command;
        params["key"] = json!(key);
        let by_socket = self.done.is_multiple_of(2);
        let person = self.people.get_mut(who).unwrap();
        let mut answers = vec![];
        for _ in 0..2 {
            let answer = match &mut person.desk {
                Some(desk) if by_socket => {
                    desk.call(method, params.clone()).await.map_err(|error| error["data"].clone())
                }
                _ => {
                    let answer = person.api.post_keyed(&path, body.clone(), &key).await;
                    if answer.status == 200 { Ok(answer.body) } else { Err(answer.body) }
                }
            };
            answers.push(answer.unwrap_or_else(|problem| panic!("{words:?} is refused: {problem}")));
        }
        assert_eq!(answers[0], answers[1], "{words:?} asked again is answered differently");
    }

    /// Refused over both edges, with this code and perhaps who has it or cannot take it; nothing has changed.
    async fn refused(&mut self, who: &str, command: Command, expected: &str) {
        self.rest().await;
        let before = self.head().await;
        let (code, about) = expected.split_once(' ').unwrap_or((expected, ""));
        let about = (!about.is_empty()).then(|| self.person(about));
        let person = self.people.get_mut(who).unwrap();
        let mut problems = vec![];
        if let Some(desk) = &mut person.desk {
            problems.push(desk.call(command.method, command.params).await.unwrap_err()["data"].take());
        }
        let answer = person.api.post(&command.path, command.body).await;
        answer.refusal();
        problems.push(answer.body);
        for problem in problems {
            assert_eq!(problem["code"], code, "{problem}");
            let named = problem.get("winner").or(problem.get("agent")).and_then(Value::as_str);
            assert!(about.is_none() || named == about.as_deref(), "{problem} does not name {expected}");
            assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        }
        self.rest().await;
        assert_eq!(self.head().await, before, "what was refused changed something");
    }

    /// Waits until it is so.
    async fn seen(&mut self, step: &str, words: &[&str]) {
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

    fn person(&self, name: &str) -> String {
        self.people.get(name).map_or_else(|| self.world.mint(), |person| person.id.clone())
    }

    fn inbox(&self, name: &str) -> String {
        self.inboxes.get(name).cloned().unwrap_or_else(|| self.world.mint())
    }
}
