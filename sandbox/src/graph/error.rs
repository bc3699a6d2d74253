//! Meta's errors: one number decides, and the words around it are as Meta writes them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::ids::Wamid;

/// Why Meta refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    pub code: u32,
    subcode: Option<u32>,
    kind: &'static str,
    title: String,
    details: Option<String>,
}

impl GraphError {
    /// An error everybody knows by its code, with what is wrong this time.
    pub fn of(code: u32, details: &str) -> Self {
        let details = (!details.is_empty()).then(|| details.to_owned());
        Self { code, subcode: None, kind: "OAuthException", title: title(code).to_owned(), details }
    }

    /// An invalid parameter. Meta says which in the message itself.
    pub fn parameter(message: &str) -> Self {
        Self { code: 100, subcode: None, kind: "OAuthException", title: message.to_owned(), details: None }
    }

    /// A top-level parameter that is missing.
    pub fn required(parameter: &str) -> Self {
        Self::parameter(&format!("The parameter {parameter} is required."))
    }

    /// An object that does not exist, or not for whoever asks.
    pub fn unknown_object(id: &str) -> Self {
        Self {
            code: 100,
            subcode: Some(33),
            kind: "GraphMethodException",
            title: format!(
                "Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation"
            ),
            details: None,
        }
    }

    /// A path Meta does not have.
    pub fn unknown_path(path: &str) -> Self {
        Self { title: format!("Unknown path components: {path}"), ..Self::of(2500, "") }
    }

    /// The answer to a refused request.
    pub fn response(&self) -> HttpResponse {
        // Only these carry no number in the text.
        let bare = matches!(self.code, 190 | 2500) || self.subcode.is_some();
        let message = if bare { self.title.clone() } else { format!("(#{}) {}", self.code, self.title) };
        let mut error = json!({
            "message": message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": Wamid::mint().0.replace("wamid.HBg", "A"),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if is_transient(self.code) {
            error["is_transient"] = json!(true);
        }
        let status = StatusCode::from_u16(status(self.code)).unwrap_or(StatusCode::BAD_REQUEST);
        HttpResponse::build(status).json(json!({"error": error}))
    }

    /// The error as a webhook tells it, where it goes by other names.
    pub fn in_webhook(&self) -> Value {
        json!({
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details.as_deref().unwrap_or(&self.title)},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }
}

fn status(code: u32) -> u16 {
    match code {
        0 | 190 => 401,
        3 | 10 | 200..=299 | 368 | 131005 | 131031 => 403,
        2500 => 404,
        4 | 80007 | 130429 => 429,
        1 | 131000 => 500,
        2 | 131016 | 131057 | 133004 => 503,
        _ => 400,
    }
}

fn is_transient(code: u32) -> bool {
    matches!(code, 1 | 2 | 131000 | 131016 | 131057 | 133004)
}

fn title(code: u32) -> &'static str {
    match code {
        0 => "AuthException",
        1 => "API Unknown",
        2 => "API Service",
        3 => "API Method",
        4 => "API Too Many Calls",
        10 | 200..=299 => "Permission Denied",
        100 => "Invalid parameter",
        190 => "Invalid OAuth access token - Cannot parse access token",
        368 => "Temporarily blocked for policies violations",
        80007 => "Rate limit issues",
        130429 => "Rate limit hit",
        130472 => "User's number is part of an experiment",
        131000 => "Something went wrong",
        131005 => "Access denied",
        131008 => "Required parameter is missing",
        131009 => "Parameter value is not valid",
        131016 => "Service unavailable",
        131021 => "Recipient cannot be sender",
        131026 => "Message undeliverable",
        131030 => "Recipient phone number not in allowed list",
        131031 => "Account has been locked",
        131042 => "Business eligibility payment issue",
        131045 => "Incorrect certificate",
        131047 => "Re-engagement message",
        131048 => "Spam Rate limit hit",
        131049 => "Meta chose not to deliver",
        131050 => "User has stopped marketing messages",
        131051 => "Unsupported message type",
        131052 => "Media download error",
        131053 => "Media upload error",
        131056 => "(Business Account, Consumer Account) pair rate limit hit",
        131057 => "Account in maintenance mode",
        132000 => "Template Param Count Mismatch",
        132001 => "Template does not exist",
        132012 => "Template Parameter Format Mismatch",
        133004 => "Server Temporarily Unavailable",
        133010 => "Phone number not registered",
        _ => "Generic user error",
    }
}
