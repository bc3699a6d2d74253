//! Where scenarios are played: the words of their steps, done by real people on real desks, in turn over the socket and
//! over REST; a step with `->` is refused over both, with that code, and changes nothing.

mod commands;
mod setting_up;
mod sights;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::commands::Command;
use crate::api::Api;
use crate::board::text;
use crate::desk::Desk;
use crate::hook::From;
use crate::server::PATIENCE;
use crate::world::World;

/// How long anything may take to be seen.
const SEEN_WITHIN: Duration = Duration::from_secs(50);
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
    /// What an administrator did for this scenario, to be taken back: whether by PUT, otherwise by DELETE; and the path.
    undo: Vec<(bool, String)>,
    /// How the front desk routes.
    routing: Value,
    written: usize,
    done: usize,
}

struct Player {
    id: String,
    api: Api,
    desk: Option<Desk>,
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
        let (customers, old, undo) = (BTreeMap::new(), BTreeMap::new(), vec![]);
        Self { world, people, inboxes, customers, old, undo, routing: json!({}), written: 0, done: 0 }
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
        self.routing = routing;
        self.set_routing().await;
        let admin = &self.world.admin;
        let a_day = json!({"after_s": 86_400});
        admin.put_json(&format!("/gateways/{}/idle_close", self.world.gateway), a_day).await.good();
        for (name, person) in &self.people {
            let capacity = json!({"capacity": slots.get(name).unwrap_or(&SLOTS)});
            admin.put_json(&format!("/agents/{}/capacity", person.id), capacity).await.good();
        }
        for (name, skills) in skills {
            for skill in skills {
                self.put(format!("/agents/{}/skills/{skill}", self.people[name].id)).await;
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
        for (put, path) in std::mem::take(&mut self.undo).into_iter().rev() {
            let admin = &self.world.admin;
            let undone = if put { admin.put(&path).await } else { admin.delete(&path).await };
            undone.good();
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
            [customer, "wrote", seconds, "ago"] => self.wrote(customer, seconds.parse().unwrap()).await,
            ["admin", ref what @ ..] => self.set_up(what).await,
            [_, "is" | "has" | "waits" | "was" | "can", ..] => self.seen(step, &words).await,
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
        let phone = self.phone(customer);
        let hook = self.world.hook();
        let body =
            hook.text(&From::phone(&phone), &format!("wamid.{}", self.written), &format!("{} says", self.written));
        assert_eq!(hook.post(&body).await, 200);
    }

    /// By the provider's time; how long it was on the way does not matter.
    async fn wrote(&mut self, customer: &str, age_s: u64) {
        let phone = self.phone(customer);
        self.world.wrote(&phone, &format!("{} said", self.written), age_s);
        self.rest().await;
    }

    /// A customer who writes now.
    fn phone(&mut self, customer: &str) -> String {
        self.written += 1;
        let fresh = format!("49151000{:05}", self.written);
        self.customers.entry(customer.to_owned()).or_insert(fresh).clone()
    }

    /// How a customer's conversation stands. Lists may lag a moment behind what was acknowledged.
    async fn row(&self, customer: &str) -> Value {
        let phone = &self.customers[customer];
        let found = async {
            loop {
                let all = self.world.conversations().await;
                if let Some(row) = all.into_iter().find(|row| row["contact"]["address"] == **phone) {
                    return row;
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{customer} is nowhere"))
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

    fn person(&self, name: &str) -> String {
        self.people.get(name).map_or_else(|| self.world.mint(), |person| person.id.clone())
    }

    fn inbox(&self, name: &str) -> String {
        self.inboxes.get(name).cloned().unwrap_or_else(|| self.world.mint())
    }
}
