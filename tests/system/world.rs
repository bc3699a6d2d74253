//! A whole organisation to test with: the server, the provider's stand-in, an inbox, a number, Anna and Bert.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatehouse_sandbox::{CustomerMessage, Fault, FaultKind, PhoneNumberId, Registration, Sandbox, SendFault, WaId};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::api::Api;
use crate::board::text;
use crate::desk::Desk;
use crate::hook::Hook;
use crate::server::{ADMIN_PASSWORD, DATABASE, Server, Setting};
use crate::story::ticks;

pub const ACCOUNT: &str = "106540352242922";
pub const SECRET: &str = "test_app_secret_0123456789abcdef";
pub const VERIFY_TOKEN: &str = "open sesame & co";
pub const CLARA: &str = "4915112345678";
const ACCESS_TOKEN: &str = "EAAB_token";
const SENDER: &str = "+15550783881";

/// Everything there is.
pub struct World {
    pub server: Server,
    pub sandbox: Arc<Sandbox>,
    pub number: PhoneNumberId,
    pub admin: Api,
    pub anna: Person,
    pub bert: Person,
    pub inbox: String,
    pub connection: String,
    pub gateway: String,
    minted: AtomicU64,
}

/// Somebody who answers.
pub struct Person {
    pub id: String,
    pub name: &'static str,
    pub api: Api,
}

impl World {
    /// Starts everything. Nobody is at their desk yet.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with the log in a database of its own on the tests' PostgreSQL server.
    pub async fn start_on_postgres() -> Self {
        Self::around(Server::start(vec![database("world").await]).await).await
    }

    /// The same, behind a door, so that one server can take the place of another.
    pub async fn start_behind_a_door(settings: Vec<Setting>) -> Self {
        Self::around(Server::start(settings).await.behind_a_door().await).await
    }

    /// The same, with settings of the server.
    pub async fn start_with(settings: &[(&'static str, &str)]) -> Self {
        Self::start_in(settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()).await
    }

    /// The same, where the settings say.
    pub async fn start_in(settings: Vec<Setting>) -> Self {
        Self::around(Server::start(settings).await).await
    }

    /// The same, on a log that has a month of so many requests in it.
    pub async fn start_on_a_month(settings: Vec<Setting>, requests: &str) -> Self {
        Self::around(Server::start_on_a_month(settings, requests).await).await
    }

    /// Everything around a server that runs.
    async fn around(server: Server) -> Self {
        let sandbox = Arc::new(Sandbox::start(([127, 0, 0, 1], 0).into()).unwrap());
        let admin = Api::sign_in(&server.url(), "admin", ADMIN_PASSWORD).await;
        let inbox = json!({"name": "Front desk", "primary_for": ["whatsapp"], "offer_timeout_s": 30});
        let inbox = text(&admin.post("/inboxes", inbox).await.good()["id"]);
        let anna = person(&admin, &inbox, "anna", "Anna").await;
        let bert = person(&admin, &inbox, "bert", "Bert").await;
        let connection = connect(&admin, &sandbox.url(), SECRET).await;
        let gateway = gateway(&admin, &connection, ACCOUNT).await;
        let number = PhoneNumberId::from(ACCOUNT);
        let minted = AtomicU64::new(0);
        let world = Self { server, sandbox, number, admin, anna, bert, inbox, connection, gateway, minted };
        world.sandbox.register(&world.number, world.registration()).await.unwrap();
        world
    }

    /// What is told to the provider's stand-in.
    pub fn registration(&self) -> Registration {
        Registration {
            display_phone_number: SENDER.to_owned(),
            waba: "102290129340398".to_owned(),
            callback_url: self.hook().url,
            verify_token: VERIFY_TOKEN.to_owned(),
            app_secret: SECRET.to_owned(),
            access_token: ACCESS_TOKEN.to_owned(),
            pair_rate_limit: false,
        }
    }

    pub fn people(&self) -> [&Person; 2] {
        [&self.anna, &self.bert]
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts the server again where it was.
    pub async fn restart(&mut self) {
        self.server.restart().await;
    }

    /// The door leads to another server on the same log now; the one before is handed out.
    pub fn turn_to(&mut self, mut server: Server) -> Server {
        let door = self.server.door.take().expect("a world that was started behind a door");
        door.lead_to(server.address);
        server.door = Some(door);
        // The connections they kept are cut.
        for api in [&mut self.admin, &mut self.anna.api, &mut self.bert.api] {
            api.http = Api::stranger(&api.base).http;
        }
        std::mem::replace(&mut self.server, server)
    }

    /// The callback of the number's connection.
    pub fn hook(&self) -> Hook {
        self.hook_of(&self.connection, SECRET, ACCOUNT)
    }

    pub fn hook_of(&self, connection: &str, secret: &str, account: &str) -> Hook {
        let url = format!("{}/hooks/{connection}", self.server.url());
        Hook { http: self.admin.http.clone(), url, secret: secret.to_owned(), account: account.to_owned() }
    }

    /// Another connection with a gateway that is open.
    pub async fn second_number(&self, secret: &str, account: &str) -> Hook {
        let connection = connect(&self.admin, &self.sandbox.url(), secret).await;
        gateway(&self.admin, &connection, account).await;
        self.hook_of(&connection, secret, account)
    }

    /// Somebody sits down at their desk and goes online.
    pub async fn desk(&self, person: &Person) -> Desk {
        let mut desk = self.quiet_desk(&person.api).await;
        desk.go("online").await;
        desk
    }

    /// A desk of somebody who only looks.
    pub async fn quiet_desk(&self, api: &Api) -> Desk {
        Desk::sit_down(&self.server.url(), api.token.as_ref().unwrap()).await
    }

    /// A customer writes.
    pub fn writes(&self, customer: &str, words: &str) {
        self.wrote(customer, words, 0);
    }

    /// A customer wrote some time ago.
    pub fn wrote(&self, customer: &str, words: &str, age_s: u64) {
        let name = Some("Clara".to_owned());
        let message = CustomerMessage { text: Some(words.to_owned()), name, age_s, ..CustomerMessage::default() };
        self.sandbox.write(&self.number, &WaId::from(customer), message).unwrap();
    }

    /// The next messages to customers go wrong.
    pub fn goes_wrong(&self, fault: SendFault, times: u32) {
        self.sandbox.add_fault(Fault { kind: FaultKind::Send(fault), times, customer: None });
    }

    /// The texts the provider accepted, in order.
    pub fn accepted(&self) -> Vec<String> {
        self.sandbox.sent(&self.number).into_iter().filter_map(|sent| sent.text).collect()
    }

    /// An id nobody has yet.
    pub fn mint(&self) -> String {
        Uuid::from_u128(u128::from(self.minted.fetch_add(1, Ordering::Relaxed)) + 1).to_string()
    }

    /// The end reason of this name.
    pub async fn end_reason(&self, name: &str) -> String {
        let reasons = self.admin.items("/end-reasons").await;
        text(&reasons.iter().find(|reason| reason["name"] == name).unwrap()["id"])
    }

    /// Every conversation there is, open and ended; one that ends in between once, as ended.
    pub async fn conversations(&self) -> Vec<Value> {
        let mut all: Vec<Value> = vec![];
        for state in ["open", "ended"] {
            let mut path = format!("/conversations?state={state}&limit=200");
            loop {
                let page = self.admin.get(&path).await.good();
                let items = page["items"].as_array().unwrap();
                all.retain(|known| items.iter().all(|one| one["conversation"] != known["conversation"]));
                all.extend(items.clone());
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/conversations?state={state}&limit=200&cursor={next}");
            }
        }
        all
    }

    /// Waits until a message of ours has come this far, and gives the timeline.
    pub async fn comes_to(&self, desk: &mut Desk, conversation: &str, message: &str, status: &str) -> Vec<Value> {
        let shown =
            |board: &crate::board::Board| (ticks(&board.lines_of(conversation), message) == status).then_some(());
        desk.until(&format!("{message} as {status}"), shown).await;
        self.timeline(conversation).await
    }
}

/// The setting that puts the log into a new database on the tests' PostgreSQL server.
pub async fn database(name: &str) -> Setting {
    let server = std::env::var("TEST_POSTGRES_URL").expect("run through tests/with_postgres.sh");
    let database = format!("{name}_{}", std::process::id());
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::raw_sql(&format!("CREATE DATABASE {database}")).execute(&mut connection).await.unwrap();
    (DATABASE, format!("{server}/{database}"))
}

async fn person(admin: &Api, inbox: &str, login: &str, name: &'static str) -> Person {
    let password = format!("{login} has a password");
    let agent = json!({"login": login, "password": password, "name": name, "capacity": 4});
    let id = text(&admin.post("/agents", agent).await.good()["id"]);
    admin.put(&format!("/inboxes/{inbox}/members/{id}")).await.good();
    Person { id, name, api: Api::sign_in(&admin.base, login, &password).await }
}

async fn connect(admin: &Api, provider: &str, secret: &str) -> String {
    let secrets = json!({"app_secret": secret, "access_token": ACCESS_TOKEN, "verify_token": VERIFY_TOKEN});
    let connection =
        json!({"name": "WhatsApp", "provider": "meta", "settings": {"api_url": provider}, "secrets": secrets});
    text(&admin.post("/connections", connection).await.good()["id"])
}

pub async fn gateway(admin: &Api, connection: &str, account: &str) -> String {
    let wanted = json!({
        "name": "Front desk WhatsApp",
        "connection": connection,
        "channel": "whatsapp",
        "account": account,
        "sender": SENDER,
    });
    let id = text(&admin.post("/gateways", wanted).await.good()["id"]);
    let connected = admin.post(&format!("/gateways/{id}/connect"), json!({})).await.good();
    assert_eq!(connected["state"], "connected");
    id
}
