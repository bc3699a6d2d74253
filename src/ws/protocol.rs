//! The frames of `/ws`.

use chrono::{DateTime, Utc};
use gatehouse_projections::board::{BoardChange, BoardView};
use gatehouse_projections::desk::{Change, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::params::{
    AcceptOffer, AssignParams, BehindParams, BoardOf, DeclineOffer, EndParams, MoveParams, NoteParams, Nothing,
    OfConversation, OfTransfer, PriorityParams, PullParams, ReplyParams, ResolveParams, SetPresence, TagParams,
    TimelineParams, TransferParams, WhyParams,
};
use crate::problem::Problem;

/// What a desk may ask. A command may carry `key`: asked again under the same key, it happens once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "method", content = "params")]
pub enum Call {
    /// A snapshot and the stream from it, or from where the desk left off.
    #[serde(rename = "desk.subscribe")]
    Subscribe(Subscribe),
    #[serde(rename = "presence.set")]
    SetPresence(SetPresence),
    #[serde(rename = "offer.accept")]
    AcceptOffer(AcceptOffer),
    #[serde(rename = "offer.decline")]
    DeclineOffer(DeclineOffer),
    #[serde(rename = "conversation.timeline")]
    Timeline(TimelineParams),
    #[serde(rename = "conversation.reply")]
    Reply(ReplyParams),
    /// Decides about a reply of which nobody knows whether it was sent.
    #[serde(rename = "conversation.resolve")]
    Resolve(ResolveParams),
    #[serde(rename = "conversation.end")]
    End(EndParams),
    /// Takes the one that waits longest; answered with its conversation.
    #[serde(rename = "inbox.pull")]
    PullOldest(PullParams),
    /// Takes this one, if it waits.
    #[serde(rename = "conversation.pull")]
    Pull(OfConversation),
    /// To another inbox, at its age.
    #[serde(rename = "conversation.move")]
    Move(MoveParams),
    /// Takes an ended interaction up again.
    #[serde(rename = "conversation.retake")]
    Retake(OfConversation),
    #[serde(rename = "conversation.set_priority")]
    SetPriority(PriorityParams),
    /// Leaves a note for colleagues.
    #[serde(rename = "conversation.add_note")]
    AddNote(NoteParams),
    #[serde(rename = "conversation.tag")]
    Tag(TagParams),
    /// Takes a tag off again.
    #[serde(rename = "conversation.untag")]
    Untag(TagParams),
    /// Why it waits, and why it went to whom it went.
    #[serde(rename = "conversation.why")]
    Why(WhyParams),
    /// Gives it to an agent, whoever has it: for supervisors.
    #[serde(rename = "conversation.assign")]
    Assign(AssignParams),
    /// Takes it, whoever has it: for supervisors.
    #[serde(rename = "conversation.take_over")]
    TakeOver(OfConversation),
    /// Asks a colleague to take it over; answered with the transfer.
    #[serde(rename = "transfer.request")]
    RequestTransfer(TransferParams),
    #[serde(rename = "transfer.accept")]
    AcceptTransfer(OfTransfer),
    #[serde(rename = "transfer.decline")]
    DeclineTransfer(OfTransfer),
    /// Takes it back: for whoever asked.
    #[serde(rename = "transfer.withdraw")]
    WithdrawTransfer(OfTransfer),
    /// A board as it stands, and from then on what changes on it; instead of the one watched before. For supervisors.
    #[serde(rename = "board.subscribe")]
    WatchBoard(BoardOf),
    #[serde(rename = "board.unsubscribe")]
    UnwatchBoard(Nothing),
    /// The interactions behind a number of a board.
    #[serde(rename = "board.interactions")]
    Behind(BehindParams),
}

const METHODS: &[&str] = &[
    "desk.subscribe",
    "presence.set",
    "offer.accept",
    "offer.decline",
    "conversation.timeline",
    "conversation.reply",
    "conversation.resolve",
    "conversation.end",
    "inbox.pull",
    "conversation.pull",
    "conversation.move",
    "conversation.retake",
    "conversation.set_priority",
    "conversation.add_note",
    "conversation.tag",
    "conversation.untag",
    "conversation.why",
    "conversation.assign",
    "conversation.take_over",
    "transfer.request",
    "transfer.accept",
    "transfer.decline",
    "transfer.withdraw",
    "board.subscribe",
    "board.unsubscribe",
    "board.interactions",
];

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct Subscribe {
    pub resume: Option<Resume>,
}

/// Where a desk left off.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct Resume {
    pub log: Uuid,
    pub position: u64,
}

/// The answer to `desk.subscribe`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Subscribed {
    pub log: Uuid,
    pub position: u64,
    /// The log is another one (after a restore): forget everything and start from the snapshot.
    pub reset: bool,
    /// None on a resume: what was missed follows as notices. Given all the same where the agent's inboxes have changed.
    #[schema(required)]
    pub snapshot: Option<Snapshot>,
}

/// The answer to `board.subscribe`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardSubscribed {
    pub position: u64,
    pub board: BoardView,
}

/// What the server says unasked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "method", content = "params")]
pub enum Push {
    #[serde(rename = "desk.notice")]
    Notice { position: u64, change: Change },
    /// Everything up to `position` was sent.
    #[serde(rename = "desk.heartbeat")]
    Heartbeat { position: u64 },
    /// What changed on the board that is watched.
    #[serde(rename = "board.changed")]
    BoardChanged {
        #[schema(required)]
        inbox: Option<Uuid>,
        position: u64,
        change: BoardChange,
    },
    /// Everything that has happened up to `as_of` is on the board.
    #[serde(rename = "board.fresh")]
    BoardFresh {
        #[schema(required)]
        inbox: Option<Uuid>,
        position: u64,
        as_of: DateTime<Utc>,
    },
}

impl Push {
    /// The frame.
    pub fn frame(&self) -> String {
        let mut frame = json!(self);
        frame["jsonrpc"] = json!("2.0");
        frame.to_string()
    }
}

/// One request, read.
#[derive(Debug)]
pub struct Request {
    /// None: the sender wants no answer.
    pub id: Option<Value>,
    pub call: Call,
}

/// Why a frame is no request: a JSON-RPC error.
#[derive(Debug)]
pub struct Fault {
    id: Value,
    code: i32,
    message: String,
}

/// Reads a frame.
pub fn parse(text: &str) -> Result<Request, Fault> {
    let fault = |id: &Value, code, message: &str| Fault { id: id.clone(), code, message: message.to_owned() };
    let frame: Value =
        serde_json::from_str(text).map_err(|error| fault(&Value::Null, -32_700, &format!("no JSON: {error}")))?;
    let id = frame.get("id").cloned();
    let answer_to = id.clone().filter(|id| id.is_string() || id.is_number()).unwrap_or(Value::Null);
    let method = frame.get("method").and_then(Value::as_str);
    let (Some("2.0"), Some(method)) = (frame.get("jsonrpc").and_then(Value::as_str), method) else {
        return Err(fault(&answer_to, -32_600, "no JSON-RPC 2.0 request"));
    };
    if !METHODS.contains(&method) {
        return Err(fault(&answer_to, -32_601, &format!("there is no method {method:?}")));
    }
    let params = frame.get("params").cloned().unwrap_or_else(|| json!({}));
    let call = serde_json::from_value(json!({"method": method, "params": params}))
        .map_err(|error| fault(&answer_to, -32_602, &error.to_string()))?;
    Ok(Request { id: id.map(|_| answer_to), call })
}

/// The frame that answers a request.
pub fn answer(id: Value, result: Result<Value, Problem>) -> String {
    match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(problem) => {
            let error = json!({"code": -32_000, "message": problem.detail.clone(), "data": problem});
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        }
    }
    .to_string()
}

impl Fault {
    /// The frame that says so; the socket stays open.
    pub fn frame(&self) -> String {
        json!({"jsonrpc": "2.0", "id": self.id, "error": {"code": self.code, "message": self.message}}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_no_request_gets_its_error_code() {
        for (frame, code) in [
            ("{", -32_700),
            ("[]", -32_600),
            (r#"{"id":1,"method":"desk.subscribe"}"#, -32_600),
            (r#"{"jsonrpc":"2.0","id":1}"#, -32_600),
            (r#"{"jsonrpc":"2.0","id":1,"method":"desk.dance"}"#, -32_601),
            (r#"{"jsonrpc":"2.0","id":1,"method":"offer.accept","params":{}}"#, -32_602),
            (r#"{"jsonrpc":"2.0","id":1,"method":"presence.set","params":{"state":"asleep"}}"#, -32_602),
        ] {
            assert_eq!(parse(frame).unwrap_err().code, code, "{frame}");
        }
        assert!(parse(r#"{"jsonrpc":"2.0","id":1,"method":"desk.subscribe"}"#).is_ok());
    }
}
