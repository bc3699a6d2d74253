//! A business with a webhook, and a sandbox at which its number is registered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use gatehouse_sandbox::{CustomerMessage, PhoneNumberId, Registration, Sandbox, WaId, Wamid};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::Notify;

pub const PATIENCE: Duration = Duration::from_secs(5);
const APP_SECRET: &str = "s3cr3t";
const VERIFY_TOKEN: &str = "open sesame & co";

/// The sandbox, the business's webhook, and the calls it got.
pub struct Business {
    pub sandbox: Sandbox,
    pub number: PhoneNumberId,
    pub clara: WaId,
    pub http: reqwest::Client,
    pub callback_url: String,
    webhook: Arc<Webhook>,
    server: ServerHandle,
}

#[derive(Default)]
struct Webhook {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<VecDeque<u16>>,
    called: Notify,
}

/// A call of the webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub body: String,
    pub signature: Option<String>,
}

#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
    #[serde(rename = "hub.verify_token")]
    verify_token: String,
}

impl Business {
    /// Starts everything, with the number registered and no customer yet.
    pub async fn start() -> Self {
        let webhook = Arc::new(Webhook::default());
        let shared = Data::from(webhook.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/hook", web::get().to(shake_hands))
                .route("/hook", web::post().to(take_call))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a port is free");
        let callback_url = format!("http://{}/hook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);

        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let http = gatehouse_sandbox::client(PATIENCE).expect("a client");
        let number = PhoneNumberId::from("106540352242922");
        let clara = WaId::from("4915112345678");
        let business = Self { sandbox, number, clara, http, callback_url, webhook, server: handle };
        business.sandbox.register(&business.number, business.registration()).await.expect("the handshake is right");
        business
    }

    /// What the business tells Meta about its number.
    pub fn registration(&self) -> Registration {
        Registration {
            display_phone_number: "+1 555-078-3881".to_owned(),
            waba: "102290129340398".to_owned(),
            callback_url: self.callback_url.clone(),
            verify_token: VERIFY_TOKEN.to_owned(),
            app_secret: APP_SECRET.to_owned(),
            access_token: "EAAB".to_owned(),
            pair_rate_limit: false,
        }
    }

    /// Lets Clara write, and waits until the business knows.
    pub async fn clara_writes(&self, text: &str) -> Wamid {
        let seen = self.calls().len();
        let message = CustomerMessage { text: Some(text.to_owned()), ..CustomerMessage::default() };
        let id = self.sandbox.write(&self.number, &self.clara, message).expect("she can");
        self.values(seen + 1).await;
        id
    }

    /// A text to Clara, as a business has to write it.
    pub fn text_to_clara(&self, text: &str) -> Value {
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": format!("+{}", self.clara),
            "type": "text",
            "text": {"body": text},
            "biz_opaque_callback_data": "ours",
        })
    }

    /// Sends a message to Meta.
    pub async fn send(&self, message: &Value) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/v25.0/{}/messages", self.sandbox.url(), self.number);
        self.http.post(url).bearer_auth("EAAB").json(message).send().await
    }

    /// Calls an endpoint only the sandbox has.
    pub async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/sandbox{path}", self.sandbox.url());
        let answer = self.http.request(method, url).json(&body).send().await.expect("the sandbox is there");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a whole answer");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Lets the webhook answer the next calls like this, and with 200 after that.
    pub fn answer_next_with(&self, statuses: &[u16]) {
        self.webhook.answers.lock().expect("no panic").extend(statuses);
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.webhook.calls.lock().expect("no panic").clone()
    }

    /// The values of the calls, once there are `count`, each with its signature checked.
    pub async fn values(&self, count: usize) -> Vec<Value> {
        let enough = async {
            loop {
                let called = self.webhook.called.notified();
                if self.calls().len() >= count {
                    return;
                }
                called.await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.expect("the webhook is called often enough");
        self.calls().iter().map(value).collect()
    }

    /// The states the business was told of, in order, once there are `count` calls.
    pub async fn states(&self, count: usize) -> Vec<String> {
        let values = self.values(count).await;
        let state = |value: &Value| value["statuses"][0]["status"].as_str().map(str::to_owned);
        values.iter().filter_map(state).collect()
    }
}

impl Drop for Business {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// The part of a webhook that differs from one to the next.
pub fn value(call: &Call) -> Value {
    assert_eq!(call.signature, Some(signature(&call.body)));
    let body: Value = serde_json::from_str(&call.body).expect("Meta writes JSON");
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["id"], "102290129340398");
    assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
    body["entry"][0]["changes"][0]["value"].clone()
}

fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key will do");
    mac.update(body.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

async fn shake_hands(handshake: Query<Handshake>) -> HttpResponse {
    if handshake.mode == "subscribe" && handshake.verify_token == VERIFY_TOKEN {
        return HttpResponse::Ok().body(handshake.challenge.clone());
    }
    HttpResponse::Forbidden().finish()
}

async fn take_call(webhook: Data<Webhook>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let signature = request.headers().get("X-Hub-Signature-256").and_then(|value| value.to_str().ok());
    let body = String::from_utf8(body.to_vec()).expect("Meta writes ASCII");
    let call = Call { body, signature: signature.map(str::to_owned) };
    webhook.calls.lock().expect("no panic").push(call);
    webhook.called.notify_waiters();
    let status = webhook.answers.lock().expect("no panic").pop_front().unwrap_or(200);
    HttpResponse::build(status.try_into().expect("a status")).finish()
}
