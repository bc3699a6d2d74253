//! The REST API, as a program uses it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::PATIENCE;

/// A caller with or without a session.
#[derive(Clone)]
pub struct Api {
    pub http: reqwest::Client,
    pub base: String,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Api {
    /// Somebody who is not signed in.
    pub fn stranger(base: &str) -> Self {
        Self { http: gatehouse_sandbox::client(PATIENCE).unwrap(), base: base.to_owned(), token: None }
    }

    /// Signs in.
    pub async fn sign_in(base: &str, login: &str, password: &str) -> Self {
        let stranger = Self::stranger(base);
        let session = stranger.post("/session", json!({"login": login, "password": password})).await.good();
        Self { token: Some(session["token"].as_str().unwrap().to_owned()), ..stranger }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body.to_string())).await
    }

    /// Posts a body that may be no JSON.
    pub async fn post_raw(&self, path: &str, body: &str) -> Answer {
        self.call(Method::POST, path, Some(body.to_owned())).await
    }

    pub async fn put(&self, path: &str) -> Answer {
        self.call(Method::PUT, path, None).await
    }

    pub async fn put_json(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body.to_string())).await
    }

    /// Posts under a key.
    pub async fn post_keyed(&self, path: &str, body: Value, key: &str) -> Answer {
        let request = self.http.post(format!("{}/api/v1{path}", self.base)).header("Idempotency-Key", key);
        let request = request.bearer_auth(self.token.as_ref().unwrap());
        Answer::of(request.json(&body).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// The items of a list.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        self.get(path).await.good()["items"].as_array().unwrap().clone()
    }

    async fn call(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let reads = method == Method::GET;
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        let again = request.try_clone().filter(|_| reads);
        match (request.send().await, again) {
            // A connection kept open led to a server that is gone by now: who only reads asks again.
            (Err(_), Some(again)) => Answer::of(again.send().await.unwrap()).await,
            (answered, _) => Answer::of(answered.unwrap()).await,
        }
    }
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Self { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// The body of an answer that has to be good.
    pub fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The status and the stable code of a refusal, which is a whole problem.
    pub fn refusal(&self) -> (u16, &str) {
        let code = self.body["code"].as_str().unwrap_or_else(|| panic!("no refusal: {self:?}"));
        assert_eq!(self.body["type"], format!("/problems/{code}"), "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{self:?}");
        (self.status, code)
    }

    /// The fields a refusal names.
    pub fn fields(&self) -> Vec<&str> {
        let fields = self.body["fields"].as_array().unwrap_or_else(|| panic!("no fields: {self:?}"));
        fields.iter().map(|one| one["field"].as_str().unwrap()).collect()
    }
}
