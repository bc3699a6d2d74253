//! The demo against a server that keeps to the REST protocol and nothing more.

use std::path::PathBuf;
use std::sync::Mutex;

use actix_web::web::{self, Bytes, Data, Json, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use gatehouse_sandbox::Sandbox;
use gatehouse_sandbox::demo::{Demo, run};
use serde_json::{Value, json};

/// The lists of the server, by name, and what was done to it.
#[derive(Default)]
struct Server {
    lists: Mutex<std::collections::BTreeMap<String, Vec<Value>>>,
    log: Mutex<Vec<String>>,
}

#[tokio::test]
async fn a_second_run_finds_everything_and_registers_again() {
    let server = Data::new(Server::default());
    let address = start(server.clone());
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into()).expect("a port is free");
    let demo = Demo {
        server: format!("http://{address}/"),
        sandbox: sandbox.url(),
        login: "admin".to_owned(),
        password: "correct horse".to_owned(),
        state: state_file(),
    };
    run(&demo).await.expect("the first run");
    let lists = server.lists.lock().expect("no panic").clone();
    assert_eq!(lists["inboxes"][0]["primary_for"], json!(["whatsapp"]));
    assert_eq!(lists["agents"].iter().map(|agent| &agent["name"]).collect::<Vec<_>>(), ["Anna", "Bert"]);
    assert_eq!(lists["connections"][0]["settings"], json!({"api_url": sandbox.url()}));
    assert_eq!(lists["gateways"][0]["connection"], lists["connections"][0]["id"]);
    let first = std::mem::take(&mut *server.log.lock().expect("no panic"));
    assert_eq!(
        first,
        [
            "POST connections",
            "POST agents",
            "POST agents",
            "POST inboxes",
            "PUT member agents-0",
            "PUT member agents-1",
            "POST gateways",
            "handshake",
            "connect gateways-0",
        ]
    );

    run(&demo).await.expect("the second run");
    assert_eq!(*server.lists.lock().expect("no panic"), lists);
    let second = std::mem::take(&mut *server.log.lock().expect("no panic"));
    assert_eq!(second, ["PUT member agents-0", "PUT member agents-1", "handshake"]);

    std::fs::remove_file(&demo.state).expect("the file is there");
    let lost = run(&demo).await.expect_err("the secrets are lost").to_string();
    assert!(lost.starts_with("the server has a connection \"Sandbox WhatsApp\" already"), "{lost}");
    assert!(!demo.state.exists());
}

fn state_file() -> PathBuf {
    let file = std::env::temp_dir().join(format!("gatehouse-demo-{}.json", std::process::id()));
    // Left over from a run that failed, if at all.
    let _ = std::fs::remove_file(&file);
    file
}

fn start(server: Data<Server>) -> std::net::SocketAddr {
    let http = HttpServer::new(move || {
        App::new()
            .app_data(server.clone())
            .route("/health/ready", web::get().to(HttpResponse::Ok))
            .route("/api/v1/session", web::post().to(sign_in))
            .route("/api/v1/session", web::delete().to(HttpResponse::NoContent))
            .route("/api/v1/inboxes/{inbox}/members/{agent}", web::put().to(add_member))
            .route("/api/v1/gateways/{gateway}/connect", web::post().to(connect))
            .route("/api/v1/{list}", web::get().to(list))
            .route("/api/v1/{list}", web::post().to(create))
            .route("/hooks/{connection}", web::get().to(shake_hands))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .expect("a port is free");
    let address = http.addrs()[0];
    tokio::spawn(http.run());
    address
}

impl Server {
    fn note(&self, what: String) {
        self.log.lock().expect("no panic").push(what);
    }
}

async fn sign_in(credentials: Json<Value>) -> HttpResponse {
    if *credentials == json!({"login": "admin", "password": "correct horse"}) {
        return HttpResponse::Ok().json(json!({"token": "session", "user": {}}));
    }
    HttpResponse::Unauthorized().finish()
}

async fn list(server: Data<Server>, list: Path<String>, request: HttpRequest) -> HttpResponse {
    if request.headers().get("Authorization").is_none_or(|value| value != "Bearer session") {
        return HttpResponse::Unauthorized().finish();
    }
    let items = server.lists.lock().expect("no panic").get(&*list).cloned().unwrap_or_default();
    HttpResponse::Ok().json(json!({"items": items}))
}

async fn create(server: Data<Server>, list: Path<String>, item: Json<Value>) -> HttpResponse {
    server.note(format!("POST {list}"));
    let mut lists = server.lists.lock().expect("no panic");
    let items = lists.entry(list.clone()).or_default();
    let mut item = item.into_inner();
    item["id"] = json!(format!("{list}-{}", items.len()));
    item["state"] = json!("parked");
    item["callback_path"] = json!(format!("/hooks/{list}-{}", items.len()));
    items.push(item.clone());
    HttpResponse::Created().json(item)
}

async fn add_member(server: Data<Server>, path: Path<(String, String)>) -> HttpResponse {
    server.note(format!("PUT member {}", path.1));
    HttpResponse::NoContent().finish()
}

async fn connect(server: Data<Server>, gateway: Path<String>, _body: Bytes) -> HttpResponse {
    server.note(format!("connect {gateway}"));
    let mut lists = server.lists.lock().expect("no panic");
    let gateway = &mut lists.get_mut("gateways").expect("there is one")[0];
    gateway["state"] = json!("connected");
    HttpResponse::Ok().json(gateway)
}

async fn shake_hands(server: Data<Server>, path: Path<String>, query: Query<Value>) -> HttpResponse {
    let lists = server.lists.lock().expect("no panic");
    let connection = lists["connections"].iter().find(|item| item["id"] == path.as_str()).expect("there is one");
    if connection["secrets"]["verify_token"] != query["hub.verify_token"] {
        return HttpResponse::Forbidden().finish();
    }
    server.note("handshake".to_owned());
    HttpResponse::Ok().body(query["hub.challenge"].as_str().expect("a challenge").to_owned())
}
