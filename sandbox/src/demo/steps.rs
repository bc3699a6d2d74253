//! The steps of the demo, in order. Each finds what is there or makes it.

use std::time::Duration;

use serde_json::{Value, json};

use super::Demo;
use super::api::Api;
use super::error::DemoError;
use super::memory::Memory;

const WAIT: Duration = Duration::from_secs(60);

const CONNECTION: &str = "Sandbox WhatsApp";
const INBOX: &str = "Front desk";
const GATEWAY: &str = "Front desk WhatsApp";
// The number, its id and the account of the examples in Meta's documentation.
const PHONE_NUMBER_ID: &str = "106540352242922";
const WABA: &str = "102290129340398";
const SENDER: &str = "+15550783881";
const CUSTOMER: &str = "name=Clara&from=4915112345678";

/// What is there in the end.
pub struct SetUp {
    pub desk: String,
    pub phone: String,
    pub api: String,
    pub agents: Vec<Agent>,
}

/// Somebody who can sign in at the desk.
pub struct Agent {
    pub id: String,
    pub login: &'static str,
    pub name: &'static str,
    pub password: Option<String>,
}

struct Connection {
    id: String,
    callback_path: String,
}

/// Takes every step.
pub async fn set_up(demo: &Demo) -> Result<SetUp, DemoError> {
    let server = Api::new(&demo.server)?;
    let sandbox = Api::new(&demo.sandbox)?;
    tokio::try_join!(server.wait_for("/health/ready", WAIT), sandbox.wait_for("/sandbox/numbers", WAIT))?;

    let session = server.post("/api/v1/session", &json!({"login": demo.login, "password": demo.password})).await?;
    let token = server.text(&session, "token")?;
    let server = server.signed_in(&token);

    let memory = Memory::recall(&demo.state)?;
    let connection = connection(&server, &sandbox, demo, &memory).await?;
    let agents = vec![
        agent(&server, "anna", "Anna", &memory, &memory.anna_password).await?,
        agent(&server, "bert", "Bert", &memory, &memory.bert_password).await?,
    ];
    staff_inbox(&server, &agents).await?;
    let gateway = gateway(&server, &connection).await?;
    register(&server, &sandbox, &connection, &memory).await?;
    connect(&server, &gateway).await?;
    server.delete("/api/v1/session").await?;

    Ok(SetUp {
        desk: format!("{}/", server.base()),
        phone: format!("{}/?number={PHONE_NUMBER_ID}&{CUSTOMER}", sandbox.base()),
        api: format!("{}/api/v1", server.base()),
        agents,
    })
}

async fn connection(server: &Api, sandbox: &Api, demo: &Demo, memory: &Memory) -> Result<Connection, DemoError> {
    let found = match server.find("/api/v1/connections", |item| item["name"] == CONNECTION).await? {
        Some(found) if memory.from_earlier_run => found,
        Some(_) => return Err(secrets_lost(demo)),
        None => {
            let wanted = json!({
                "name": CONNECTION,
                "provider": "meta",
                "settings": {"api_url": sandbox.base()},
                "secrets": {
                    "app_secret": memory.app_secret,
                    "access_token": memory.access_token,
                    "verify_token": memory.verify_token,
                },
            });
            server.post("/api/v1/connections", &wanted).await?
        }
    };
    Ok(Connection { id: server.text(&found, "id")?, callback_path: server.text(&found, "callback_path")? })
}

/// The secrets just made fit no connection, so that keeping them would only mislead the next run.
fn secrets_lost(demo: &Demo) -> DemoError {
    match std::fs::remove_file(&demo.state) {
        Ok(()) => DemoError::SecretsLost { name: CONNECTION, state: demo.state.clone() },
        Err(source) => DemoError::State { state: demo.state.clone(), source },
    }
}

async fn agent(
    server: &Api,
    login: &'static str,
    name: &'static str,
    memory: &Memory,
    password: &str,
) -> Result<Agent, DemoError> {
    let (agent, knows_password) = match server.find("/api/v1/agents", |item| item["login"] == login).await? {
        Some(agent) => (agent, memory.from_earlier_run),
        None => {
            let wanted = json!({"login": login, "password": password, "name": name, "capacity": 4});
            (server.post("/api/v1/agents", &wanted).await?, true)
        }
    };
    let password = knows_password.then(|| password.to_owned());
    Ok(Agent { id: server.text(&agent, "id")?, login, name, password })
}

async fn staff_inbox(server: &Api, agents: &[Agent]) -> Result<(), DemoError> {
    let inbox = match server.find("/api/v1/inboxes", |item| item["name"] == INBOX).await? {
        Some(inbox) => inbox,
        None => {
            let wanted = json!({"name": INBOX, "primary_for": ["whatsapp"], "offer_timeout_s": 30});
            server.post("/api/v1/inboxes", &wanted).await?
        }
    };
    let inbox = server.text(&inbox, "id")?;
    for agent in agents {
        server.put(&format!("/api/v1/inboxes/{inbox}/members/{}", agent.id), None).await?;
    }
    Ok(())
}

async fn gateway(server: &Api, connection: &Connection) -> Result<Value, DemoError> {
    let ours = |item: &Value| item["account"] == PHONE_NUMBER_ID && item["state"] != "retired";
    if let Some(gateway) = server.find("/api/v1/gateways", ours).await? {
        return Ok(gateway);
    }
    let wanted = json!({
        "name": GATEWAY,
        "connection": connection.id,
        "channel": "whatsapp",
        "account": PHONE_NUMBER_ID,
        "sender": SENDER,
    });
    server.post("/api/v1/gateways", &wanted).await
}

/// Tells the sandbox about the number. A sandbox that was started anew has forgotten it.
async fn register(server: &Api, sandbox: &Api, connection: &Connection, memory: &Memory) -> Result<(), DemoError> {
    let registration = json!({
        "display_phone_number": SENDER,
        "waba": WABA,
        "callback_url": format!("{}{}", server.base(), connection.callback_path),
        "verify_token": memory.verify_token,
        "app_secret": memory.app_secret,
        "access_token": memory.access_token,
    });
    sandbox.put(&format!("/sandbox/numbers/{PHONE_NUMBER_ID}"), Some(&registration)).await
}

async fn connect(server: &Api, gateway: &Value) -> Result<(), DemoError> {
    if gateway["state"] != "parked" {
        return Ok(());
    }
    let id = server.text(gateway, "id")?;
    server.post(&format!("/api/v1/gateways/{id}/connect"), &json!({})).await.map(|_| ())
}
