//! What a business may send, and Meta's objections to everything else.

use serde_json::{Map, Value};

use super::GraphError;
use crate::ids::Wamid;

const TEXT_MAX: usize = 4096;
const CALLBACK_DATA_MAX: usize = 512;
const TEMPLATE_NAME_MAX: usize = 512;

/// A request that is shaped right.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Send(Send),
    MarkRead(Wamid),
}

/// A message to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Send {
    pub to: Recipient,
    pub content: Content,
    pub callback_data: Option<String>,
}

/// Whom a message is for, as the business wrote it.
#[derive(Debug, PartialEq, Eq)]
pub enum Recipient {
    Phone(String),
    UserId(String),
}

/// What is sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Template { name: String, parameters: Vec<String> },
}

/// Reads a request as strictly as Meta does.
pub fn parse(body: &Value) -> Result<Request, GraphError> {
    let Some(body) = body.as_object() else { return Err(GraphError::required("messaging_product")) };
    one_of(body, "messaging_product", "whatsapp")?;
    if body.contains_key("status") {
        one_of(body, "status", "read")?;
        return Ok(Request::MarkRead(Wamid(required(body, "message_id")?.to_owned())));
    }
    one_of(body, "recipient_type", "individual")?;
    let to = recipient(body)?;
    let content = match required(body, "type")? {
        "text" => text(body)?,
        "template" => template(body)?,
        other => return Err(GraphError::of(131051, &format!("Message type {other} is not supported here."))),
    };
    check_context(body)?;
    Ok(Request::Send(Send { to, content, callback_data: callback_data(body)? }))
}

fn recipient(body: &Map<String, Value>) -> Result<Recipient, GraphError> {
    // With both given, the phone number wins.
    match optional(body, "to")? {
        Some(phone) => Ok(Recipient::Phone(phone.to_owned())),
        None => match optional(body, "recipient")? {
            Some(user_id) => Ok(Recipient::UserId(user_id.to_owned())),
            None => Err(GraphError::required("to")),
        },
    }
}

fn text(body: &Map<String, Value>) -> Result<Content, GraphError> {
    let text = part(body, "text")?;
    if text.get("preview_url").is_some_and(|preview| !preview.is_boolean()) {
        return Err(GraphError::parameter("Param text['preview_url'] must be a boolean"));
    }
    let body = match text.get("body") {
        None | Some(Value::Null) => return Err(missing("text['body']")),
        Some(Value::String(body)) => body,
        Some(_) => return Err(GraphError::parameter("Param text['body'] must be a string.")),
    };
    if body.trim().is_empty() {
        return Err(GraphError::of(131009, "Text body must not be blank."));
    }
    if body.chars().count() > TEXT_MAX {
        return Err(GraphError::parameter(&format!("Param text['body'] must be at most {TEXT_MAX} characters long.")));
    }
    Ok(Content::Text(body.clone()))
}

fn template(body: &Map<String, Value>) -> Result<Content, GraphError> {
    let template = part(body, "template")?;
    let name = inner_string(template, "name").ok_or_else(|| missing("template['name']"))?;
    let fitting = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if name.is_empty() || name.len() > TEMPLATE_NAME_MAX || !fitting {
        return Err(GraphError::of(132001, &format!("Template name {name} does not exist.")));
    }
    let language = template.get("language").and_then(Value::as_object);
    if language.and_then(|language| inner_string(language, "code")).is_none_or(str::is_empty) {
        return Err(missing("template['language']['code']"));
    }
    let mut parameters = Vec::new();
    for component in list(template, "components")? {
        if !matches!(component.get("type").and_then(Value::as_str), Some("header" | "body" | "button")) {
            return Err(GraphError::of(131009, "A component's type is header, body or button."));
        }
        let component = component.as_object().ok_or_else(|| missing("template['components']"))?;
        for parameter in list(component, "parameters")? {
            if parameter.get("type").and_then(Value::as_str).is_none() {
                return Err(missing("template['components']['parameters']['type']"));
            }
            parameters.extend(parameter.get("text").and_then(Value::as_str).map(str::to_owned));
        }
    }
    Ok(Content::Template { name: name.to_owned(), parameters })
}

fn check_context(body: &Map<String, Value>) -> Result<(), GraphError> {
    let Some(context) = body.get("context") else { return Ok(()) };
    let names_message = context.get("message_id").and_then(Value::as_str).is_some_and(|id| id.starts_with("wamid."));
    if names_message { Ok(()) } else { Err(GraphError::of(131009, "context needs the message_id of a message.")) }
}

fn callback_data(body: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    let data = optional(body, "biz_opaque_callback_data")?;
    if data.is_some_and(|data| data.chars().count() > CALLBACK_DATA_MAX) {
        return Err(GraphError::parameter(&format!(
            "Param biz_opaque_callback_data must be at most {CALLBACK_DATA_MAX} characters long."
        )));
    }
    Ok(data.map(str::to_owned))
}

fn optional<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, GraphError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(GraphError::parameter(&format!("Param {name} must be a string."))),
    }
}

fn required<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, GraphError> {
    optional(body, name)?.ok_or_else(|| GraphError::required(name))
}

fn one_of(body: &Map<String, Value>, name: &str, allowed: &str) -> Result<(), GraphError> {
    let got = required(body, name)?;
    if got == allowed {
        return Ok(());
    }
    let allowed = allowed.to_uppercase();
    Err(GraphError::parameter(&format!("Param {name} must be one of {{{allowed}}} - got \"{got}\".")))
}

/// The part of the message that is named by its type.
fn part<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, GraphError> {
    match body.get(name) {
        None | Some(Value::Null) => Err(missing(name)),
        Some(Value::Object(part)) => Ok(part),
        Some(_) => Err(GraphError::parameter(&format!("Param {name} must be a JSON object."))),
    }
}

fn list<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], GraphError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(GraphError::parameter(&format!("Param {name} must be an array."))),
    }
}

fn inner_string<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

fn missing(what: &str) -> GraphError {
    GraphError::of(131008, &format!("Parameter {what} is missing."))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
