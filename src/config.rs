//! Configuration: `deploy/config/default.toml` compiled in, overlaid by file, environment and command line.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use gatehouse_projections::board::{Definitions, LicenceMax};
use ipnet::IpNet;
use serde::Deserialize;

use crate::followers::outbox::RetrySchedule;
use crate::followers::worklist::LicenceConfig;

/// The defaults, which are also the manual.
pub const DEFAULTS: &str = include_str!("../deploy/config/default.toml");
/// Read where the first administrator is made, never part of the configuration.
pub const ADMIN_PASSWORD_VARIABLE: &str = "GATEHOUSE_ADMIN_PASSWORD";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    pub data: PathBuf,
    database_url: String,
    public_url: String,
    pub standby: bool,
    lease_s: NonZeroU32,
    time_zone: Tz,
    board: BoardConfig,
    pub outbound: OutboundConfig,
    pub outbox: OutboxConfig,
    pub licence: LicenceConfig,
    pub limits: Limits,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundConfig {
    pub allow: Vec<IpNet>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxConfig {
    retry_after_s: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardConfig {
    answer_within_s: u32,
    short_abandon_s: u32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub webhook_bytes_max: usize,
    pub request_bytes_max: usize,
}

impl Config {
    /// Reads the configuration; `file` overrides the defaults, the environment overrides both.
    pub fn load(file: Option<&Path>) -> Result<Self, Box<figment::Error>> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let environment = Env::prefixed("GATEHOUSE_").ignore(&["admin_password"]).split("__");
        figment.merge(environment).extract().map_err(Box::new)
    }

    /// The database that holds the log; none where SQLite files do.
    pub fn database_url(&self) -> Option<&str> {
        Some(self.database_url.as_str()).filter(|url| !url.is_empty())
    }

    /// Puts the log into another database than the configuration says.
    pub fn set_database_url(&mut self, url: String) {
        self.database_url = url;
    }

    /// How long the log stays a server's without a word from it.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(u64::from(self.lease_s.get()))
    }

    /// What the numbers of the boards depend on.
    pub fn board(&self) -> Definitions {
        let seconds = |count: u32| TimeDelta::seconds(i64::from(count));
        let LicenceConfig { interactions_max, per_channel_max } = self.licence.clone();
        Definitions {
            answer_within: seconds(self.board.answer_within_s),
            short_abandon: seconds(self.board.short_abandon_s),
            zone: self.time_zone,
            licence: LicenceMax { total: interactions_max, per_channel: per_channel_max },
        }
    }

    /// How browsers and providers reach the server, without a slash at the end.
    pub fn public_url(&self) -> String {
        if self.public_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }
}

impl OutboxConfig {
    pub fn schedule(&self) -> RetrySchedule {
        RetrySchedule(self.retry_after_s.iter().map(|seconds| TimeDelta::seconds(i64::from(*seconds))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        let config = Config::load(None).unwrap();
        assert_eq!(config.public_url(), "http://127.0.0.1:8080");
        assert!(config.outbound.allow.is_empty(), "no private network may be called unless configured");
    }

    #[test]
    fn a_word_nobody_knows_is_refused() {
        let file = std::env::temp_dir().join(format!("gatehouse-config-{}.toml", std::process::id()));
        std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let refused = Config::load(Some(&file));
        std::fs::remove_file(&file).unwrap();
        assert!(refused.unwrap_err().to_string().contains("lisen"));
    }
}
