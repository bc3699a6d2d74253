//! Plays the provider, in a process of its own: signed messages over connections that stay open, each answered before
//! the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use gatehouse_domain::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::report::Speed;
use crate::clock::SystemClock;
use crate::providers::{SampleMessage, sample_call};

const ANSWER_BYTES_MAX: usize = 16 * 1024;
const FIRST_PHONE: u64 = 4_915_200_000_000;

#[derive(Args)]
pub struct Load {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    path: String,
    #[arg(long)]
    secret: String,
    #[arg(long)]
    account: String,
    /// Goes into every message's id.
    #[arg(long)]
    name: String,
    #[arg(long)]
    messages: usize,
    #[arg(long)]
    contacts: u64,
    #[arg(long)]
    connections: usize,
    /// As fast as they are answered, where nothing is said.
    #[arg(long)]
    per_second: Option<f64>,
}

/// Sends everything and tells the speed, as one JSON object.
pub async fn run(load: Load) -> anyhow::Result<()> {
    let calls: Arc<[Vec<u8>]> = (0..load.messages).map(|number| call(&load, number)).collect();
    let mut connected = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        let stream = TcpStream::connect(load.address).await.context("the server cannot be reached")?;
        stream.set_nodelay(true)?;
        connected.push(stream);
    }
    let mut running = JoinSet::new();
    let started = Instant::now();
    for (first, stream) in connected.into_iter().enumerate() {
        let every = load.per_second.map(|per_second| Duration::from_secs_f64(load.connections as f64 / per_second));
        running.spawn(send(stream, Arc::clone(&calls), first, load.connections, every));
    }
    let mut took = Vec::with_capacity(load.messages);
    while let Some(done) = running.join_next().await {
        took.extend(done??);
    }
    println!("{}", serde_json::to_string(&Speed::of(took, started.elapsed()))?);
    Ok(())
}

/// Sends every `step`th call from `first` on; one at a time, where that is said.
async fn send(
    mut stream: TcpStream,
    calls: Arc<[Vec<u8>]>,
    first: usize,
    step: usize,
    every: Option<Duration>,
) -> anyhow::Result<Vec<Duration>> {
    let mut took = vec![];
    // Connections take turns.
    let began = tokio::time::Instant::now() + every.unwrap_or_default() * first as u32 / step as u32;
    for (turn, call) in (0..).zip(calls.iter().skip(first).step_by(step)) {
        if let Some(every) = every {
            tokio::time::sleep_until(began + every * turn).await;
        }
        let started = Instant::now();
        stream.write_all(call).await?;
        let status = answer(&mut stream).await?;
        anyhow::ensure!((200..300).contains(&status), "a call was answered with {status}");
        took.push(started.elapsed());
    }
    Ok(took)
}

/// The status of one answer, which is read to its end.
pub async fn answer(stream: &mut TcpStream) -> anyhow::Result<u16> {
    let mut answer = Vec::with_capacity(1_024);
    loop {
        anyhow::ensure!(stream.read_buf(&mut answer).await? > 0, "the server hung up");
        anyhow::ensure!(answer.len() <= ANSWER_BYTES_MAX, "the answer is too long");
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without length")?.parse()?;
        if answer.len() >= end + 4 + length {
            let status = head.split_ascii_whitespace().nth(1).context("an answer without status")?;
            return Ok(status.parse()?);
        }
    }
}

fn call(load: &Load, number: usize) -> Vec<u8> {
    let phone = (FIRST_PHONE + number as u64 % load.contacts).to_string();
    let provider_id = format!("bench.{}.{number}", load.name);
    let (account, sent_at) = (load.account.as_str(), SystemClock.now());
    let text = "Hello, where is my parcel? It should have come on Tuesday.";
    let sample =
        sample_call(&SampleMessage { account, phone: &phone, provider_id: &provider_id, sent_at, text }, &load.secret);
    let (header, value) = &sample.header;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nContent-Type: application/json\r\n{header}: {value}\r\n\
         Content-Length: {}\r\n\r\n",
        load.path,
        load.address,
        sample.body.len()
    );
    [head.as_bytes(), sample.body.as_bytes()].concat()
}
