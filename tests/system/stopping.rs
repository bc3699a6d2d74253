//! The server ends politely, and is not disturbed by a second one.

use std::time::{Duration, Instant};

use gatehouse_sandbox::SendFault;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::board::Board;
use crate::desk::{Desk, Lost};
use crate::hook::{From, Hook, sign};
use crate::server::PATIENCE;
use crate::story::{inbound, statuses, ticks};
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_server_that_stops_sends_the_desks_away_and_finds_them_again() {
    let mut world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    let stopped = async {
        let since = Instant::now();
        assert!(world.server.stop().await.success());
        since.elapsed()
    };
    let lost = async {
        loop {
            if let Err(lost) = desk.read().await {
                return lost;
            }
        }
    };
    let (took, lost) = tokio::join!(stopped, lost);
    assert_eq!(lost, Lost(Some(4503)));
    assert!(took.as_secs() < 8, "desks held it up for {took:?}");

    world.restart().await;
    let token = world.anna.api.token.as_ref().unwrap();
    let mut desk = Desk::come_back(&world.server.url(), token, desk.board).await.unwrap();
    let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Here I am"});
    desk.call("conversation.reply", reply).await.unwrap();
    let delivered =
        |board: &Board| board.lines_of(&conversation).iter().any(|line| line["status"] == "delivered").then_some(());
    desk.until("the reply delivered", delivered).await;
    assert_eq!(desk.board.lines_of(&conversation), world.timeline(&conversation).await);
}

#[tokio::test]
async fn a_server_that_stops_hears_what_became_of_the_reply_it_is_sending() {
    let mut world = World::start().await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, "Hello?");
    let conversation = desk.accept().await;
    world.goes_wrong(SendFault::Slow { delay_ms: 2_000 }, 1);
    let message = world.mint();
    let reply = json!({"conversation": conversation, "message": message, "text": "One moment"});
    desk.call("conversation.reply", reply).await.unwrap();
    while world.accepted().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(world.server.stop().await.success());

    world.restart().await;
    let since = Instant::now();
    let mut entries = world.timeline(&conversation).await;
    while ticks(&entries, &message) != "delivered" {
        assert!(since.elapsed() < PATIENCE, "{entries:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        entries = world.timeline(&conversation).await;
    }
    assert!(!statuses(&entries, &message).contains(&"indeterminate".to_owned()), "{entries:?}");
    assert_eq!(world.accepted(), ["One moment"]);
}

#[tokio::test]
async fn a_server_that_stops_finishes_the_calls_it_has_begun_and_refuses_new_ones() {
    let mut world = World::start().await;
    let hook = world.hook();
    let text = |id: &str| hook.text(&From::phone(CLARA), id, id);
    let (mut begun, mut idle) = (Wire::open(&hook).await, Wire::open(&hook).await);
    // A connection that lives on between two calls, and one on which a call has come half way.
    idle.send(&idle.call(&hook, &text("before"))).await;
    assert!(idle.hears().await.starts_with("HTTP/1.1 200"));
    let whole = begun.call(&hook, &text("half way"));
    let (first, second) = whole.split_at(whole.len() - 20);
    begun.send(first).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = text("late");
    let calls = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        // Sent or not, no answer comes; and nobody new is let in.
        let _ = idle.stream.write_all(idle.call(&hook, &late).as_bytes()).await;
        assert_eq!(idle.hears().await, "");
        assert!(hook.try_post(&late).await.is_err());
        begun.send(second).await;
        assert!(begun.hears().await.starts_with("HTTP/1.1 200"));
    };
    let (stopped, ()) = tokio::join!(world.server.stop(), calls);
    assert!(stopped.success());

    world.restart().await;
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    let id = conversation["conversation"].as_str().unwrap();
    assert_eq!(inbound(&world.timeline(id).await), ["before", "half way"]);
    assert_eq!(hook.post(&late).await, 200);
    assert_eq!(inbound(&world.timeline(id).await), ["before", "half way", "late"]);
}

/// One connection to the server, byte by byte.
struct Wire {
    stream: TcpStream,
    host: String,
}

impl Wire {
    async fn open(hook: &Hook) -> Self {
        let host = hook.url.split('/').nth(2).unwrap().to_owned();
        Self { stream: TcpStream::connect(&host).await.unwrap(), host }
    }

    fn call(&self, hook: &Hook, body: &str) -> String {
        let path = hook.url.split_once(&self.host).unwrap().1;
        let (host, signature, length) = (&self.host, sign(&hook.secret, body), body.len());
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nX-Hub-Signature-256: {signature}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }

    async fn send(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// The next answer, which is short enough to come in one piece; empty when the connection has ended.
    async fn hears(&mut self) -> String {
        let mut bytes = vec![0; 4_096];
        let length = self.stream.read(&mut bytes).await.unwrap_or(0);
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_data_gives_up_and_the_first_goes_on() {
    a_second_server_gives_up(World::start().await).await;
}

#[tokio::test]
async fn a_second_server_on_the_same_database_gives_up_and_the_first_goes_on() {
    a_second_server_gives_up(World::start_on_postgres().await).await;
}

async fn a_second_server_gives_up(world: World) {
    let mut desk = world.desk(&world.anna).await;
    let hook = world.hook();
    let text = |id: &str| hook.text(&From::phone(CLARA), id, id);
    assert_eq!(hook.post(&text("wamid.1")).await, 200);
    let conversation = desk.accept().await;
    let (status, said) = world.server.start_again_by_mistake().await;
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("--standby"), "it names no way out: {said}");
    assert_eq!(hook.post(&text("wamid.2")).await, 200);
    let heard = |board: &Board| (inbound(&board.lines_of(&conversation)) == ["wamid.1", "wamid.2"]).then_some(());
    desk.until("both messages", heard).await;
    let ready = format!("{}/health/ready", world.server.url());
    assert_eq!(hook.http.get(ready).send().await.unwrap().status().as_u16(), 200);
}
