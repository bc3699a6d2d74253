//! A PostgreSQL server of a test's own, to be stopped, frozen and started again.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::server::free_address;

const USER: &str = "gatehouse";
const DATABASE: &str = "gatehouse";

/// The server. It ends with the test.
pub struct Cluster {
    home: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes a cluster with a database in it, and starts it.
    pub async fn start() -> Self {
        let cluster = Self { home: TempDir::new().unwrap(), port: free_address().port() };
        if is_root() {
            // PostgreSQL refuses to run as root.
            std::fs::set_permissions(cluster.home.path(), Permissions::from_mode(0o755)).unwrap();
            let postgres = |of: &str| Command::new("id").args([of, "postgres"]).output().unwrap().stdout;
            let number = |of| String::from_utf8(postgres(of)).unwrap().trim().parse().unwrap();
            chown(cluster.home.path(), Some(number("-u")), Some(number("-g"))).unwrap();
        }
        cluster.run("initdb", &["-U", USER, "-A", "trust", "--no-sync", "--wal-segsize=1"]);
        cluster.start_again();
        let mut connection = PgConnection::connect(&cluster.url_of("postgres")).await.unwrap();
        sqlx::raw_sql(&format!("CREATE DATABASE {DATABASE}")).execute(&mut connection).await.unwrap();
        cluster
    }

    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// Ends the server as a power cut would.
    pub fn stop_at_once(&self) {
        self.run("pg_ctl", &["-m", "immediate", "-w", "stop"]);
    }

    pub fn start_again(&self) {
        let home = self.home.path().display();
        let options = format!("-p {} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off", self.port);
        self.run("pg_ctl", &["-w", "-l", &format!("{home}/log"), "-o", &options, "start"]);
    }

    /// From now on the database refuses to write, or takes writes again; whoever is connected has to come again.
    pub async fn takes_writes(&self, takes: bool) {
        let mut connection = PgConnection::connect(&self.url_of("postgres")).await.unwrap();
        let read_only = if takes { "off" } else { "on" };
        let sql = format!(
            "ALTER DATABASE {DATABASE} SET default_transaction_read_only = {read_only};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'"
        );
        sqlx::raw_sql(&sql).execute(&mut connection).await.unwrap();
    }

    /// Every process of the server stands still, and its connections stay open; or goes on.
    pub fn stands_still(&self, still: bool) {
        let signal = if still { "-STOP" } else { "-CONT" };
        let postmaster = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster = postmaster.lines().next().unwrap();
        // The parent first, so that it starts nobody new.
        assert!(Command::new("kill").args([signal, postmaster]).status().unwrap().success());
        let children = format!("/proc/{postmaster}/task/{postmaster}/children");
        for child in std::fs::read_to_string(children).unwrap().split_whitespace() {
            // It may have ended just now.
            let _ = Command::new("kill").args([signal, child]).stderr(Stdio::null()).status().unwrap();
        }
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = binaries().join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let command = command.arg("-D").arg(self.data()).args(arguments).current_dir(self.home.path());
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "{command:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.stands_still(false);
            self.stop_at_once();
        }
    }
}

/// The programs of the newest PostgreSQL there is; `tests/with_postgres.sh` has installed one.
fn binaries() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").expect("run through tests/with_postgres.sh");
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    installed.map(|entry| entry.unwrap().path()).max_by_key(|path| version(path)).unwrap().join("bin")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
