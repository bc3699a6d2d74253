//! The real program as a child process, on a port and a data directory of its own.

use std::fs::OpenOptions;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Map, Value};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use crate::door::Door;

pub const ADMIN_PASSWORD: &str = "correct horse battery";
/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The setting that says where the log is.
pub const DATABASE: &str = "GATEHOUSE_DATABASE_URL";
const STANDBY: &str = "GATEHOUSE_STANDBY";
/// The followers that keep tables.
const TABLES: [&str; 2] = ["history", "reports"];
/// What two servers with one log have in common, wherever that is.
const KEYS: [&str; 2] = ["master.key", "installation.secret"];

/// A variable of the program's environment.
pub type Setting = (&'static str, String);

/// The program. It ends with the test, which fails if anything in it panicked.
pub struct Server {
    pub address: SocketAddr,
    /// Shared by programs on the same files: it lives as long as one of them.
    data: Arc<TempDir>,
    /// What this program says goes to a file of its own.
    log: String,
    settings: Vec<Setting>,
    child: Child,
    /// What everybody outside calls, where it is not the program itself.
    pub door: Option<Door>,
}

impl Server {
    /// Starts the program and waits until it is ready.
    pub async fn start(settings: Vec<Setting>) -> Self {
        let mut server = Self::spawned(Arc::new(TempDir::new().unwrap()), settings);
        server.ready().await;
        server
    }

    /// Starts the program on a log that has a month of so many requests in it.
    pub async fn start_on_a_month(settings: Vec<Setting>, requests: &str) -> Self {
        let data = Arc::new(TempDir::new().unwrap());
        let mut seed = tokio::process::Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        seed.args(["bench", "seed", "--interactions", requests, "--data"]).arg(data.path()).env_clear();
        if let Some((_, url)) = settings.iter().find(|(name, _)| *name == DATABASE) {
            seed.args(["--database-url", url]);
        }
        let seeded = tokio::time::timeout(PATIENCE, seed.output()).await.expect("an end in time").unwrap();
        assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
        let mut server = Self::spawned(data, settings);
        server.ready().await;
        server
    }

    /// Starts a second program on the same log, elsewhere, and waits until it stands by: on the same directory where
    /// the log is in it, or on one of its own with the same keys where the log is in a database.
    pub async fn start_standby(&self) -> Self {
        let mut settings = self.settings.clone();
        // Already there where it stood by itself before.
        if !settings.iter().any(|(name, _)| *name == STANDBY) {
            settings.push((STANDBY, "true".to_owned()));
        }
        let mut server = Self::spawned(self.directory_for_another(), settings);
        server.stands_by().await;
        server
    }

    fn spawned(data: Arc<TempDir>, settings: Vec<Setting>) -> Self {
        let address = free_address();
        let log = format!("{}.log", address.port());
        let child = spawn(data.path(), &log, address, &settings);
        Self { address, data, log, settings, child, door: None }
    }

    fn directory_for_another(&self) -> Arc<TempDir> {
        if !self.settings.iter().any(|(name, _)| *name == DATABASE) {
            return Arc::clone(&self.data);
        }
        let other = TempDir::new().unwrap();
        for key in KEYS {
            std::fs::copy(self.data.path().join(key), other.path().join(key)).unwrap();
        }
        Arc::new(other)
    }

    /// The same program behind a door, so that another can take its place.
    pub async fn behind_a_door(mut self) -> Self {
        self.door = Some(Door::open(self.address).await);
        self
    }

    /// Where everybody outside calls.
    pub fn url(&self) -> String {
        format!("http://{}", self.door.as_ref().map_or(self.address, |door| door.address))
    }

    /// Where this very program listens.
    pub fn own_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it keeps everything.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What a file of it says, if there is one.
    pub fn file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.data.path().join(name)).ok()
    }

    /// A setting it was started with.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The files of it in which `word` can be read.
    pub fn scan(&self, word: &str) -> Vec<String> {
        let files = std::fs::read_dir(self.data.path()).unwrap().map(|file| file.unwrap());
        let has = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains(word);
        let with = files.filter(|file| has(std::fs::read(file.path()).unwrap()));
        with.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
    }

    /// Ends the program as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the program again where it was.
    pub async fn restart(&mut self) {
        self.begin_restart();
        self.ready().await;
    }

    /// The same, without waiting until it is ready.
    pub fn begin_restart(&mut self) {
        self.child = spawn(self.data.path(), &self.log, self.address, &self.settings);
    }

    /// Asks the program to end, as whoever runs it does, and waits until it has.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// Stops the program's clockwork: it does nothing at all, and does not know. Not in the middle of a transaction on
    /// an SQLite file, because nobody else could write then until it goes on or is killed.
    pub async fn freeze(&self) {
        self.signal("STOP");
        while !self.log_can_be_written().await {
            self.signal("CONT");
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.signal("STOP");
        }
    }

    async fn log_can_be_written(&self) -> bool {
        if self.settings.iter().any(|(name, _)| *name == DATABASE) {
            return true;
        }
        let options = SqliteConnectOptions::new().filename(self.data.path().join("log.db"));
        let mut log = options.busy_timeout(Duration::from_millis(100)).connect().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut log).await.is_ok()
    }

    /// Lets a frozen program go on as if nothing had happened.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Waits until the program has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child).await
    }

    /// Starts a second program on the same log, elsewhere, and waits until it has given up; with what it said.
    pub async fn start_again_by_mistake(&self) -> (ExitStatus, String) {
        let data = self.directory_for_another();
        let mut child = spawn(data.path(), "mistake.log", free_address(), &self.settings);
        (ended(&mut child).await, std::fs::read_to_string(data.path().join("mistake.log")).unwrap())
    }

    /// Runs another command of the program on the same data, and gives whether it was good and what it said.
    pub async fn run(&self, args: &[&str]) -> (bool, String) {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_gatehouse"))
            .args(args)
            .arg("--data")
            .arg(self.data.path())
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .output();
        let output = tokio::time::timeout(3 * PATIENCE, output).await.expect("an end in time").unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Leaves the old data behind for an empty directory, with the keys or without; a killed program does not mind.
    pub fn move_out(&mut self, keys: bool, settings: Vec<Setting>) -> Arc<TempDir> {
        let data = Arc::new(TempDir::new().unwrap());
        for name in KEYS.into_iter().filter(|_| keys) {
            std::fs::copy(self.data.path().join(name), data.path().join(name)).unwrap();
        }
        self.settings = settings;
        std::mem::replace(&mut self.data, data)
    }

    /// Goes back to data that was left behind.
    pub fn move_in(&mut self, data: Arc<TempDir>) {
        self.data = data;
    }

    /// What is in the data directory.
    pub fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.data.path()).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// From now on no write to any file succeeds, or all do again.
    pub fn may_write(&self, may: bool) {
        let limit = if may { "--fsize=unlimited" } else { "--fsize=0:unlimited" };
        let set = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), limit]).status().unwrap();
        assert!(set.success());
    }

    /// Waits until the program works.
    pub async fn ready(&mut self) {
        self.tells(|status, _| status.is_success()).await;
    }

    /// Waits until the program stands by and has read everything.
    pub async fn stands_by(&mut self) {
        self.has_read(0).await;
    }

    /// Waits until the program has read everything up to a position while it stands by.
    pub async fn has_read(&mut self, position: u64) {
        let warm = |status: StatusCode, told: &Value| {
            let head = told["head"].as_u64().unwrap_or_default();
            // Tables are read along as far as the server that works has written them, which it asks once a second: while
            // that goes on writing they are never quite there.
            let may_lag = |name: &str| if TABLES.contains(&name) { head.saturating_sub(position) } else { 0 };
            let behind = |lags: &Map<String, Value>| lags.iter().any(|(name, lag)| lag.as_u64() > Some(may_lag(name)));
            let behind = told["lag"].as_object().is_none_or(behind);
            status == 503 && told["status"] == "standby" && !behind && head >= position
        };
        self.tells(warm).await;
    }

    /// Waits until the program tells this of its readiness.
    async fn tells(&mut self, expected: impl Fn(StatusCode, &Value) -> bool) {
        let http = gatehouse_sandbox::client(Duration::from_secs(2)).unwrap();
        let since = Instant::now();
        let url = format!("{}/health/ready", self.own_url());
        let mut told = Value::Null;
        loop {
            if let Ok(answer) = http.get(&url).send().await {
                let status = answer.status();
                told = answer.json().await.unwrap_or_default();
                if expected(status, &told) {
                    return;
                }
            }
            assert_eq!(self.child.try_wait().unwrap(), None, "the program ended: {}", self.log());
            assert!(since.elapsed() < PATIENCE, "the program does not come so far: {told} {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it wrote to its log file in all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join(&self.log)).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log();
        if std::thread::panicking() {
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("what the server said last:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        } else {
            assert!(!log.contains("panicked"), "something in the server panicked:\n{log}");
        }
    }
}

async fn ended(child: &mut Child) -> ExitStatus {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if since.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn spawn(data: &Path, log: &str, address: SocketAddr, settings: &[Setting]) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(data.join(log)).unwrap();
    // Who is not stopped by the signal hears of a limit as of a full disk: the write fails.
    Command::new("/bin/sh")
        .args([
            "-c",
            "trap '' XFSZ; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_gatehouse"),
            "serve",
            "--listen",
            &address.to_string(),
            "--data",
        ])
        .arg(data)
        .env_clear()
        .env("GATEHOUSE_ADMIN_PASSWORD", ADMIN_PASSWORD)
        .env("GATEHOUSE_OUTBOUND__ALLOW", r#"["127.0.0.0/8"]"#)
        .env("GATEHOUSE_OUTBOX__RETRY_AFTER_S", "[1,1]")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A free address below the ports the system hands out, so that nobody is given it while the program is down.
pub fn free_address() -> SocketAddr {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    loop {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (std::process::id().wrapping_mul(31) + tried) % 10_000;
        let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).unwrap()));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
