//! The real program as a child process, on a port and a data directory of its own.

use std::fs::OpenOptions;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub const ADMIN_PASSWORD: &str = "correct horse battery";
/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(60);
const LOG: &str = "stderr.log";

/// The program. It ends with the test, which fails if anything in it panicked.
pub struct Server {
    pub address: SocketAddr,
    data: TempDir,
    settings: Vec<(&'static str, String)>,
    child: Child,
}

impl Server {
    /// Starts the program and waits until it is ready.
    pub async fn start(settings: Vec<(&'static str, String)>) -> Self {
        let data = TempDir::new().unwrap();
        let address = free_address();
        let child = spawn(&data, address, &settings);
        let mut server = Self { address, data, settings, child };
        server.ready().await;
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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
        self.child = spawn(&self.data, self.address, &self.settings);
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What it was told in a variable.
    pub fn setting(&self, variable: &str) -> Option<&str> {
        self.settings.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.as_str())
    }

    /// Asks the program to end, as whoever runs it does, and waits until it has.
    pub async fn stop(&mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        ended(&mut self.child).await
    }

    /// Starts a second program on the same data, elsewhere, and waits until it has given up.
    pub async fn start_again_by_mistake(&self) -> ExitStatus {
        ended(&mut spawn(&self.data, free_address(), &self.settings)).await
    }

    async fn ready(&mut self) {
        let http = gatehouse_sandbox::client(Duration::from_secs(2)).unwrap();
        let since = Instant::now();
        let url = format!("{}/health/ready", self.url());
        while !http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert_eq!(self.child.try_wait().unwrap(), None, "the program ended: {}", self.log());
            assert!(since.elapsed() < PATIENCE, "the program does not become ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it wrote to its log file in all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join(LOG)).unwrap_or_default()
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

fn spawn(data: &TempDir, address: SocketAddr, settings: &[(&str, String)]) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(data.path().join(LOG)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_gatehouse"))
        .args(["serve", "--listen", &address.to_string(), "--data"])
        .arg(data.path())
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
