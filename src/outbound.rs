//! The one client that calls other servers, with the URL policy: no request of ours reaches a private address unless the
//! configuration allows it, whatever a name resolves to and however an address is spelled.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use serde_json::Value;
use thiserror::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// A connection that was idle may be closed by the other side just as a message goes out, and then nobody knows whether it
/// was taken. Servers keep them for five seconds and more.
const IDLE_MAX: Duration = Duration::from_secs(2);
/// A longer `Retry-After` is not obeyed: the message would be forgotten by everybody but us.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(6 * 60 * 60);
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why a call brought no answer.
#[derive(Debug, Error)]
pub enum CallError {
    /// Nothing was sent: trying again is safe.
    #[error("the server could not be reached: {0}")]
    NotSent(String),
    /// Perhaps it arrived, perhaps not.
    #[error("no answer came: {0}")]
    Unknown(String),
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Value,
}

/// The outbound client.
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    policy: Arc<Policy>,
}

/// Which addresses may be called.
#[derive(Debug, Default)]
pub struct Policy {
    /// Exceptions from the rule, from the configuration file only.
    pub allowed: Vec<IpNet>,
}

impl Outbound {
    /// A client that obeys `policy`.
    pub fn new(policy: Policy) -> Self {
        let policy = Arc::new(policy);
        #[expect(clippy::disallowed_methods, reason = "the one outbound client")]
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_idle_timeout(IDLE_MAX)
            .dns_resolver(Arc::new(Resolver(Arc::clone(&policy))))
            .build()
            .expect("the client's settings are valid");
        Self { client, policy }
    }

    /// Posts JSON with a bearer token and reads a JSON answer; a body that is no JSON reads as null.
    pub async fn post_json(&self, url: &str, bearer: &str, body: &Value) -> Result<Answer, CallError> {
        let url = self.checked(url)?;
        let sent = self.client.post(url).bearer_auth(bearer).json(body).send().await;
        let mut response = sent.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                CallError::NotSent(told(&error))
            } else {
                CallError::Unknown(told(&error))
            }
        })?;
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|seconds| seconds.parse().ok());
        let retry_after = retry_after.map(|seconds: u64| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
        let status = response.status().as_u16();
        let mut bytes = vec![];
        while let Some(chunk) = response.chunk().await.map_err(|error| CallError::Unknown(told(&error)))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(CallError::Unknown("the answer is too long".to_owned()));
            }
        }
        Ok(Answer { status, retry_after, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// A resolver never sees an address that is spelled out, so it is checked here.
    fn checked(&self, url: &str) -> Result<Url, CallError> {
        let refused = |why: &str| CallError::NotSent(why.to_owned());
        let url = Url::parse(url).map_err(|_| refused("no valid URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("only http and https are called"));
        }
        let host = url.host_str().ok_or_else(|| refused("no host"))?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if literal.is_ok_and(|address| !self.policy.allows(address)) {
            return Err(refused("the address may not be called"));
        }
        Ok(url)
    }
}

impl Policy {
    /// Whether `address` may be called: public, or allowed by the configuration.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address)) || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast();
    // 0/8, carrier-grade NAT, protocol assignments, benchmarking, class E.
    !(special
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && b & 0xfe == 18)
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only global unicast, and of it neither documentation, 6to4, Teredo nor benchmarking, which hide other addresses.
    let hidden = first == 0x2002 || (first == 0x2001 && (second <= 0x01ff || second == 0x0db8));
    (first & 0xe000) == 0x2000 && !hidden
}

struct Resolver(Arc<Policy>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| policy.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err("the address may not be called".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// An error without its URL, which may carry secrets.
fn told(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "broken off"
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{CallError, IDLE_MAX, Outbound, Policy};
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[test]
    fn only_public_addresses_may_be_called() {
        let policy = Policy::default();
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "240.0.0.1",
            "198.18.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "fe80::1",
            "fd00:ec2::254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!policy.allows(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "157.240.1.1", "2a03:2880:f12f::1", "2606:4700::1111"] {
            assert!(policy.allows(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn an_address_spelled_out_is_refused_in_every_spelling() {
        let outbound = Outbound::new(Policy::default());
        for host in ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost"] {
            let answer = outbound.post_json(&format!("http://{host}:9/"), "", &json!({})).await;
            assert!(matches!(answer, Err(CallError::NotSent(_))), "{host}");
        }
    }

    #[test]
    fn the_configuration_makes_exceptions() {
        let policy = Policy { allowed: vec!["127.0.0.0/8".parse().unwrap()] };
        assert!(policy.allows("127.0.0.1".parse().unwrap()));
        assert!(policy.allows("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!policy.allows("10.0.0.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn no_message_goes_out_on_a_connection_that_was_idle_for_long() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        // Closes every connection instead of answering a second time, as one does that was idle for too long.
        let serving = tokio::spawn(async move {
            loop {
                let (mut socket, _) = server.accept().await.unwrap();
                let mut request = [0; 4_096];
                assert!(socket.read(&mut request).await.unwrap() > 0);
                socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
                tokio::spawn(async move { socket.read(&mut request).await });
            }
        });
        let outbound = Outbound::new(Policy { allowed: vec!["127.0.0.0/8".parse().unwrap()] });
        for _ in 0..2 {
            assert_eq!(outbound.post_json(&url, "", &json!({})).await.unwrap().status, 200);
            tokio::time::sleep(IDLE_MAX * 5 / 4).await;
        }
        serving.abort();
    }
}
