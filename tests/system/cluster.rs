//! A PostgreSQL server of one test's own, which may be stopped as a power cut of the machine's services would.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::server::{PATIENCE, free_address};

/// The server. It ends with the test.
pub struct Cluster {
    home: TempDir,
    address: SocketAddr,
    child: Mutex<Child>,
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
        let child = Mutex::new(spawn(home.path(), address));
        let cluster = Self { home, address, child };
        cluster.ready().await;
        cluster
    }

    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Stops it in immediate mode: every connection breaks, nothing is finished or tidied up.
    pub fn stop(&self) {
        let mut child = self.child.lock().unwrap();
        assert!(Command::new("kill").args(["-QUIT", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap();
    }

    /// Starts it again: it recovers by itself.
    pub async fn start_again(&self) {
        *self.child.lock().unwrap() = spawn(self.home.path(), self.address);
        self.ready().await;
    }

    /// From now on the database refuses to write, or takes writes again; whoever is connected has to come again.
    pub async fn takes_writes(&self, takes: bool) {
        // By way of another database, which goes on taking them.
        let mut connection = PgConnection::connect(&self.url_of("template1")).await.unwrap();
        let read_only = if takes { "off" } else { "on" };
        let sql = format!(
            "ALTER DATABASE postgres SET default_transaction_read_only = {read_only};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'"
        );
        sqlx::raw_sql(&sql).execute(&mut connection).await.unwrap();
    }

    /// From now on no write to any file succeeds. It cannot even keep its own log, and gives up.
    pub fn has_a_full_disk(&self) {
        let postmaster = self.child.lock().unwrap().id().to_string();
        // The parent first, so that whom it starts has the same limit.
        for process in [postmaster].into_iter().chain(self.children()) {
            // A child may have ended just now.
            let limit = ["--pid", &process, "--fsize=0:unlimited"];
            let _ = as_owner(Path::new("prlimit")).args(limit).stderr(Stdio::null()).status().unwrap();
        }
    }

    /// Every process of the server stands still, and its connections stay open; or goes on.
    pub fn stands_still(&self, still: bool) {
        let signal = if still { "-STOP" } else { "-CONT" };
        let postmaster = self.child.lock().unwrap().id();
        // The parent first, so that it starts nobody new.
        assert!(Command::new("kill").args([signal, &postmaster.to_string()]).status().unwrap().success());
        for child in self.children() {
            // It may have ended just now.
            let _ = Command::new("kill").args([signal, &child]).stderr(Stdio::null()).status().unwrap();
        }
    }

    fn children(&self) -> Vec<String> {
        let postmaster = self.child.lock().unwrap().id();
        let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
        children.split_whitespace().map(str::to_owned).collect()
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://gatehouse@{}/{database}", self.address)
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
        if std::thread::panicking() {
            self.stands_still(false);
        }
        // It may have been stopped already.
        let child = self.child.get_mut().unwrap();
        let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).stderr(Stdio::null()).status();
        let _ = child.wait();
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
    as_owner(&Path::new(&binaries).join(name))
}

fn as_owner(path: &Path) -> Command {
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
