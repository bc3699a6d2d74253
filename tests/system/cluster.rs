//! A PostgreSQL server of one test's own, which may be stopped as a power cut of the machine's services would.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::server::{PATIENCE, free_address};

/// The server. It ends with the test.
pub struct Cluster {
    home: TempDir,
    address: SocketAddr,
    child: Child,
}

impl Cluster {
    /// Makes one and starts it.
    pub async fn start() -> Self {
        let home = TempDir::new().unwrap();
        if let Some(owner) = owner() {
            assert!(Command::new("chown").arg(owner).arg(home.path()).status().unwrap().success());
        }
        // The same settings as tests/with_postgres.sh: no test pulls the power, and what the program of the database has
        // written is with the operating system, so an immediate stop loses nothing that was committed.
        let initdb = program("initdb")
            .args(["-U", "gatehouse", "-A", "trust", "--no-sync", "--wal-segsize=1", "-D"])
            .arg(home.path().join("data"))
            .current_dir(home.path())
            .stdout(Stdio::null())
            .status();
        assert!(initdb.unwrap().success());
        let address = free_address();
        let child = spawn(home.path(), address);
        let cluster = Self { home, address, child };
        cluster.ready().await;
        cluster
    }

    pub fn url(&self) -> String {
        format!("postgres://gatehouse@{}/postgres", self.address)
    }

    /// Stops it in immediate mode: every connection breaks, nothing is finished or tidied up.
    pub fn stop(&mut self) {
        let quit = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status().unwrap();
        assert!(quit.success());
        self.child.wait().unwrap();
    }

    /// Starts it again: it recovers by itself.
    pub async fn start_again(&mut self) {
        self.child = spawn(self.home.path(), self.address);
        self.ready().await;
    }

    async fn ready(&self) {
        let since = Instant::now();
        while PgConnection::connect(&self.url()).await.is_err() {
            assert!(since.elapsed() < PATIENCE, "the database does not start: {}", self.log());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// In the process group of the test, so that whatever ends the test ends it too.
fn spawn(home: &Path, address: SocketAddr) -> Child {
    let log = File::options().create(true).append(true).open(home.join("log")).unwrap();
    program("postgres")
        .args(["-p", &address.port().to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
        .args(["-c", "full_page_writes=off", "-c", "max_connections=100", "-k"])
        .arg(home)
        .arg("-D")
        .arg(home.join("data"))
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A program of PostgreSQL's, as the user it runs as.
fn program(name: &str) -> Command {
    let binaries = std::env::var("TEST_POSTGRES_BINARIES").expect("run through tests/with_postgres.sh");
    let path = Path::new(&binaries).join(name);
    match owner() {
        None => Command::new(path),
        Some(owner) => {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={owner}")).arg(format!("--regid={owner}")).arg("--init-groups").arg(path);
            command
        }
    }
}

/// The user it runs as, where that is not the test's own: PostgreSQL refuses to run as root.
fn owner() -> Option<String> {
    std::env::var("TEST_POSTGRES_USER").ok().filter(|user| !user.is_empty())
}
