//! Hands messages to Meta and says what the answer means. There is no idempotency key: no answer means nobody knows.

use gatehouse_domain::AddressKind;
use gatehouse_domain::conversation::Content;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::config::{ACCESS_TOKEN, API_URL, GRAPH_VERSION};
use super::wire::{Accepted, Problem, Refused};
use crate::outbound::{Answer, CallError, Outbound as Client};
use crate::providers::{Access, Outbound, SendOutcome};

pub async fn send(client: &Client, access: &Access, message: &Outbound) -> SendOutcome {
    let Some(token) = access.secrets.get(ACCESS_TOKEN) else {
        return SendOutcome::Credentials { reason: "the connection has no access token".to_owned() };
    };
    let base = access.settings.get(API_URL).map_or("", String::as_str).trim_end_matches('/');
    let url = format!("{base}/{GRAPH_VERSION}/{}/messages", access.account);
    match client.post_json(&url, token.expose_secret(), &body(message)).await {
        Ok(answer) => meaning(&answer),
        Err(CallError::NotSent(reason)) => SendOutcome::Retry { after: None, reason },
        Err(CallError::Unknown(reason)) => SendOutcome::Indeterminate { reason },
    }
}

fn body(message: &Outbound) -> Value {
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": message.ours,
    });
    match message.to.kind {
        // Without the plus, Meta would put our own country code before it.
        AddressKind::Phone => body["to"] = json!(format!("+{}", message.to.value)),
        AddressKind::User | AddressKind::Email => body["recipient"] = json!(message.to.value),
    }
    match &message.content {
        Content::Template { name, language } => {
            let parameters = message.parameters.iter().map(|text| json!({"type": "text", "text": text}));
            let components = json!([{"type": "body", "parameters": parameters.collect::<Vec<_>>()}]);
            body["type"] = json!("template");
            body["template"] = json!({"name": name, "language": {"code": language}, "components": components});
        }
        Content::Text | Content::Unsupported { .. } => {
            body["type"] = json!("text");
            body["text"] = json!({"body": message.text});
        }
    }
    body
}

fn meaning(answer: &Answer) -> SendOutcome {
    if answer.status == 200 {
        let accepted =
            Accepted::deserialize(&answer.body).ok().and_then(|accepted| accepted.messages.into_iter().next());
        return match accepted {
            Some(message) => SendOutcome::Submitted { provider_id: message.id },
            None => SendOutcome::Indeterminate { reason: "accepted without an id".to_owned() },
        };
    }
    let after = answer.retry_after;
    let Ok(Refused { error }) = Refused::deserialize(&answer.body) else {
        let reason = format!("HTTP status {}", answer.status);
        return match answer.status {
            408 | 429 | 500..=599 => SendOutcome::Retry { after, reason },
            _ => SendOutcome::Rejected { reason },
        };
    };
    let reason = reason(&error);
    match error.code {
        131_047 => SendOutcome::WindowClosed,
        0 | 3 | 10 | 190 | 200..=299 | 131_005 => SendOutcome::Credentials { reason },
        1 | 2 | 4 | 80_007 | 130_429 | 131_000 | 131_016 | 131_056 | 131_057 | 133_004 => {
            SendOutcome::Retry { after, reason }
        }
        _ if answer.status == 429 || answer.status >= 500 => SendOutcome::Retry { after, reason },
        _ => SendOutcome::Rejected { reason },
    }
}

/// A problem as an agent can read it.
pub fn reason(problem: &Problem) -> String {
    let told = match problem.code {
        131_026 => "the message cannot be delivered to this number",
        131_047 => "the reply window is closed",
        131_050 => "the customer stopped marketing messages",
        131_049 | 130_472 => "the provider limits how often this customer is written to",
        _ => problem.title.as_deref().or(problem.message.as_deref()).unwrap_or("the provider refused it"),
    };
    format!("{told} (code {})", problem.code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::meaning;
    use crate::outbound::Answer;
    use crate::providers::SendOutcome;

    fn refused(status: u16, code: i64) -> SendOutcome {
        let body = json!({"error": {"code": code, "message": "(#1) no", "type": "OAuthException"}});
        meaning(&Answer { status, retry_after: None, body })
    }

    #[test]
    fn every_class_of_answer_says_what_to_do_next() {
        let accepted = Answer { status: 200, retry_after: None, body: json!({"messages": [{"id": "wamid.1"}]}) };
        assert_eq!(meaning(&accepted), SendOutcome::Submitted { provider_id: "wamid.1".to_owned() });
        assert_eq!(refused(400, 131_047), SendOutcome::WindowClosed);
        assert!(matches!(refused(401, 190), SendOutcome::Credentials { .. }));
        assert!(matches!(refused(400, 130_429), SendOutcome::Retry { .. }));
        assert!(matches!(refused(500, 131_000), SendOutcome::Retry { .. }));
        assert!(matches!(refused(400, 131_026), SendOutcome::Rejected { .. }));
        let outage = Answer { status: 503, retry_after: None, body: json!(null) };
        assert!(matches!(meaning(&outage), SendOutcome::Retry { .. }));
        let odd = Answer { status: 200, retry_after: None, body: json!({}) };
        assert!(matches!(meaning(&odd), SendOutcome::Indeterminate { .. }));
    }
}
