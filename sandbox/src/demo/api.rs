//! Calls to the server and the sandbox, with errors a person can act on.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::error::DemoError;
use crate::http::client;

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(250);

/// One of the two programs, and the session there once signed in.
pub struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Api {
    /// Speaks to the program at this address.
    pub fn new(base: &str) -> Result<Self, DemoError> {
        let http = client(CALL_TIMEOUT).map_err(DemoError::NoClient)?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token: None })
    }

    /// The program's address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Uses this session from now on.
    pub fn signed_in(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// Waits until a path answers well.
    pub async fn wait_for(&self, path: &str, at_most: Duration) -> Result<(), DemoError> {
        let since = Instant::now();
        loop {
            match self.call(Method::GET, path, None).await {
                Ok(_) => return Ok(()),
                Err(error) if since.elapsed() > at_most => {
                    return Err(DemoError::NotThere {
                        url: self.base.clone(),
                        seconds: at_most.as_secs(),
                        reason: error.to_string(),
                    });
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Finds the item of a list that fits.
    pub async fn find(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Result<Option<Value>, DemoError> {
        let mut list = self.call(Method::GET, path, None).await?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items.into_iter().find(fits)),
            _ => Err(DemoError::Unexpected { url: self.url(path), field: "items" }),
        }
    }

    /// Posts something and gives the answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Puts something.
    pub async fn put(&self, path: &str, body: Option<&Value>) -> Result<(), DemoError> {
        self.call(Method::PUT, path, body).await.map(|_| ())
    }

    /// Deletes something.
    pub async fn delete(&self, path: &str) -> Result<(), DemoError> {
        self.call(Method::DELETE, path, None).await.map(|_| ())
    }

    /// A field of an answer that has to be there.
    pub fn text(&self, answer: &Value, field: &'static str) -> Result<String, DemoError> {
        answer[field].as_str().map(str::to_owned).ok_or_else(|| DemoError::Unexpected { url: self.base.clone(), field })
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, DemoError> {
        let name = name_of(&method);
        let url = self.url(path);
        let failed = |source| DemoError::Unreachable { method: name, url: url.clone(), source };
        let answer = self.request(method, &url, body).send().await.map_err(failed)?;
        let status = answer.status();
        let text = answer.text().await.map_err(failed)?;
        // Some answers have no body, and an error may come from something that speaks no JSON.
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(value);
        }
        Err(DemoError::Refused { method: name, status: status.as_u16(), reason: reason(&value, &text), url })
    }

    fn request(&self, method: Method, url: &str, body: Option<&Value>) -> RequestBuilder {
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn name_of(method: &Method) -> &'static str {
    match method.as_str() {
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "GET",
    }
}

/// What the answer says about why: the server's detail, or the sandbox's reason.
fn reason(value: &Value, text: &str) -> String {
    ["detail", "reason", "title"]
        .iter()
        .find_map(|field| value[*field].as_str())
        .map_or_else(|| text.chars().take(200).collect(), str::to_owned)
}
