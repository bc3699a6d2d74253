//! Problems: every refusal with a stable code, over HTTP (RFC 9457) and over the socket alike.

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use gatehouse_domain::{agent, connection, contact, conversation, end_reason, gateway, inbox, team, user};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actors::ExecuteError;
use crate::cabinet::CabinetError;
use crate::followers::worklist;
use crate::journal::StoreError;
use crate::tables::TablesError;

/// Seconds after which a passing failure is worth another try.
pub const RETRY_AFTER_S: u32 = 1;

/// What went wrong, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/` and the code.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: Box<str>,
    pub title: &'static str,
    pub status: u16,
    /// Stable: what a program decides on.
    pub code: &'static str,
    #[schema(value_type = String)]
    pub detail: Box<str>,
    #[serde(skip_serializing_if = "<[FieldProblem]>::is_empty")]
    #[schema(value_type = Vec<FieldProblem>)]
    pub fields: Box<[FieldProblem]>,
    /// The agent who has it instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Uuid>,
    /// The agent who cannot take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Uuid>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Box<str>>) -> Self {
        Self {
            kind: format!("/problems/{code}").into(),
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            fields: Box::default(),
            winner: None,
            agent: None,
        }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first")
    }

    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "your role does not allow this")
    }

    /// The fields say what to mend; nothing was changed.
    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let detail = fields.iter().map(|one| format!("{}: {}", one.field, one.message)).collect::<Vec<_>>().join("; ");
        Self { fields: fields.into(), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// Somebody else has it, or nobody.
    pub fn not_owner(owner: Option<gatehouse_domain::AgentId>) -> Self {
        Self::from(conversation::Refusal::NotOwner { owner })
    }

    /// Whoever asks is signed in and answers no customers.
    pub fn no_agent() -> Self {
        let detail = "you are no agent and have no slots; assign it to somebody";
        Self::new(StatusCode::CONFLICT, "no_agent", detail)
    }

    pub fn link_to_self() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "link_to_self", "a contact is linked with another one")
    }

    pub fn unknown_contact() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_contact", "there is no such contact to link with")
    }

    pub fn too_many_linked(max: usize) -> Self {
        let detail = format!("{max} contacts at most are one person");
        Self::new(StatusCode::CONFLICT, "too_many_linked", detail)
    }

    /// They are one person, and not because of a link between the two.
    pub fn linked_through_others() -> Self {
        let detail = "these two are linked through others: undo the link with one that either is linked to itself";
        Self::new(StatusCode::CONFLICT, "linked_through_others", detail)
    }

    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "it cannot be stored now; try again")
    }

    /// Asking again does not help, and nothing is lost: a server of a version that can read it goes on with it.
    pub fn unreadable() -> Self {
        let detail = "a newer version has written something here that this one cannot read; your administrator can see \
                      what, and it goes on when they start a version that can";
        Self::new(StatusCode::CONFLICT, "unreadable", detail)
    }

    pub fn standby() -> Self {
        let detail = "this server stands by while another works; ask that one, or try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "standby", detail)
    }

    fn refused(status: StatusCode, code: &'static str, refusal: &impl std::fmt::Display) -> Self {
        Self::new(status, code, refusal.to_string())
    }

    /// With who has it instead.
    pub fn won_by(self, winner: Option<gatehouse_domain::AgentId>) -> Self {
        Self { winner: winner.map(Uuid::from), ..self }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        match self.status_code() {
            StatusCode::SERVICE_UNAVAILABLE => response.insert_header((RETRY_AFTER, RETRY_AFTER_S)),
            StatusCode::UNAUTHORIZED => response.insert_header((WWW_AUTHENTICATE, "Bearer")),
            _ => &mut response,
        };
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the log could not be read");
        match error {
            StoreError::Unreadable(_) => Self::unreadable(),
            StoreError::Fenced | StoreError::Unavailable(_) => Self::unavailable(),
        }
    }
}

impl From<TablesError> for Problem {
    fn from(error: TablesError) -> Self {
        tracing::error!(%error, "the tables could not be read");
        Self::unavailable()
    }
}

impl From<CabinetError> for Problem {
    fn from(error: CabinetError) -> Self {
        tracing::error!(%error, "the cabinet could not be used");
        Self::unavailable()
    }
}

impl<E: Into<Problem>> From<ExecuteError<E>> for Problem {
    fn from(error: ExecuteError<E>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::Taken(_) => Self::new(StatusCode::CONFLICT, "taken", "it belongs to another already"),
            ExecuteError::Overloaded => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "too much is waiting; try again")
            }
            ExecuteError::Unavailable => Self::unavailable(),
            ExecuteError::Unreadable => Self::unreadable(),
            ExecuteError::Broken => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "this could not be decided; it was recorded")
            }
        }
    }
}

impl From<conversation::Refusal> for Problem {
    fn from(refusal: conversation::Refusal) -> Self {
        use conversation::Refusal as R;
        let conflict = |code| Self::refused(StatusCode::CONFLICT, code, &refusal);
        let invalid = |code| Self::refused(StatusCode::UNPROCESSABLE_ENTITY, code, &refusal);
        match refusal {
            R::NotOpen => conflict("not_open"),
            R::AlreadyOpen => conflict("already_open"),
            R::NothingToRetake => conflict("nothing_to_retake"),
            R::NotQueued => conflict("not_queued"),
            R::NobodyToOffer => invalid("nobody_to_offer"),
            R::OfferGone { winner } => conflict("offer_gone").won_by(winner),
            R::NotYourOffer => conflict("not_your_offer"),
            R::OfferStillOpen => conflict("offer_still_open"),
            R::StaleOwnership => conflict("stale_ownership"),
            R::NotOwner { owner } => conflict("not_owner").won_by(owner),
            R::TransferToSelf => invalid("transfer_to_self"),
            R::TransferPending => conflict("transfer_pending"),
            R::NoSuchTransfer => conflict("no_such_transfer"),
            R::TransferStillOpen => conflict("transfer_still_open"),
            R::WindowClosed => conflict("window_closed"),
            R::WindowMoved => conflict("window_moved"),
            R::WindowStillOpen => conflict("window_still_open"),
            R::OptedOut => conflict("opted_out"),
            R::Unsupported { .. } => invalid("unsupported"),
            R::TextBlank => invalid("text_blank"),
            R::TextTooLong { .. } => invalid("text_too_long"),
            R::AddressUnknown => conflict("address_unknown"),
            R::NoSuchMessage => Self::refused(StatusCode::NOT_FOUND, "no_such_message", &refusal),
            R::AttemptUnresolved => conflict("attempt_unresolved"),
            R::AttemptOutOfTurn { .. } => conflict("attempt_out_of_turn"),
            R::NothingToSend => conflict("nothing_to_send"),
            R::NotIndeterminate => conflict("not_indeterminate"),
            R::NotIdle => conflict("not_idle"),
            R::SlaNotDue => conflict("sla_not_due"),
            R::ReasonMissing => invalid("reason_missing"),
            R::UnknownEndReason => invalid("unknown_end_reason"),
            R::Erased => conflict("erased"),
            R::OtherContact => conflict("other_contact"),
            R::TooManyTags { .. } => conflict("too_many_tags"),
        }
    }
}

impl From<agent::Refusal> for Problem {
    fn from(refusal: agent::Refusal) -> Self {
        use agent::Refusal as R;
        let conflict = |code| Self::refused(StatusCode::CONFLICT, code, &refusal);
        match refusal {
            R::NoSuchAgent => Self::not_found("agent"),
            R::AlreadyAdded => conflict("already_added"),
            R::NotOnline => conflict("not_online"),
            R::NotConnected => conflict("not_connected"),
            R::NoFreeSlot => conflict("no_free_slot"),
            R::HoldInUse => conflict("hold_in_use"),
            R::NoFreeSlotOnChannel => conflict("no_free_slot_on_channel"),
        }
    }
}

impl From<gateway::Refusal> for Problem {
    fn from(refusal: gateway::Refusal) -> Self {
        use gateway::Refusal as R;
        let conflict = |code| Self::refused(StatusCode::CONFLICT, code, &refusal);
        match refusal {
            R::NoSuchGateway => Self::not_found("gateway"),
            R::AlreadyAdded => conflict("already_added"),
            R::Retired => conflict("retired"),
            R::TooManyFilters => Self::refused(StatusCode::UNPROCESSABLE_ENTITY, "too_many_filters", &refusal),
            R::NoPrimaryInbox => conflict("no_primary_inbox"),
        }
    }
}

impl From<connection::Refusal> for Problem {
    fn from(refusal: connection::Refusal) -> Self {
        match refusal {
            connection::Refusal::NoSuchConnection => Self::not_found("connection"),
            connection::Refusal::AlreadyAdded => Self::refused(StatusCode::CONFLICT, "already_added", &refusal),
            connection::Refusal::Retired => Self::refused(StatusCode::CONFLICT, "retired", &refusal),
        }
    }
}

impl From<inbox::Refusal> for Problem {
    fn from(refusal: inbox::Refusal) -> Self {
        match refusal {
            inbox::Refusal::NoSuchInbox => Self::not_found("inbox"),
            inbox::Refusal::AlreadyAdded => Self::refused(StatusCode::CONFLICT, "already_added", &refusal),
        }
    }
}

impl From<worklist::Refused> for Problem {
    fn from(refused: worklist::Refused) -> Self {
        use worklist::Refused as R;
        let conflict = |code, detail: &str| Self::new(StatusCode::CONFLICT, code, detail);
        let invalid = |code, detail: &str| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
        match refused {
            R::NothingWaiting => conflict("nothing_waiting", "nothing you could take waits; you will see what comes"),
            R::NoSuchInbox => invalid("unknown_inbox", "there is no such inbox"),
            R::NoSuchAgent => invalid("unknown_agent", "there is no such agent"),
            R::NotMember => Self::new(StatusCode::FORBIDDEN, "not_member", "this inbox is served by others"),
            R::Unable { agent, reason } => {
                let (code, detail) = unable(reason);
                Self { agent: Some(agent.into()), ..conflict(code, detail) }
            }
            R::HeldByLicence => {
                conflict("held_by_licence", "as many interactions are in progress as the licence allows; end one first")
            }
            R::Taken { by } => conflict("taken", "it is not waiting any more: look who has it").won_by(by),
            R::Conversation(refusal) => refusal.into(),
            R::Agent(refusal) => refusal.into(),
            R::Overloaded => Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "too much is waiting; try again"),
            R::Unavailable => Self::unavailable(),
            R::Unreadable => Self::unreadable(),
        }
    }
}

/// The code and the words for an agent who cannot take an interaction.
const fn unable(reason: conversation::Reason) -> (&'static str, &'static str) {
    use conversation::Reason as R;
    match reason {
        R::Offline => ("agent_offline", "the agent is offline: ask a colleague who is online, or move it to an inbox"),
        R::OnBreak => {
            ("agent_on_break", "the agent is on break: ask a colleague who is online, or move it to an inbox")
        }
        R::NotResponding => ("agent_not_responding", "the agent does not respond: they have to go online again"),
        R::NotConnected => {
            ("agent_not_connected", "the agent has no desk open: they have to open it, or somebody else takes it")
        }
        R::LacksSkill => {
            ("agent_lacks_skill", "the agent lacks a skill the inbox requires: somebody who has it can take it")
        }
        R::NoFreeSlot => {
            ("no_free_slot", "the agent has no free slot: one has to end first, or somebody else takes it")
        }
        R::NoFreeSlotOnChannel => {
            ("no_free_slot_on_channel", "the agent has no free slot on this channel: one has to end first")
        }
        R::FlowFull | R::HadIt | R::Unsettled => ("agent_unsettled", "the agent's slots are changing; try again"),
    }
}

impl From<team::Refusal> for Problem {
    fn from(refusal: team::Refusal) -> Self {
        match refusal {
            team::Refusal::NoSuchTeam => Self::not_found("team"),
            team::Refusal::AlreadyAdded => Self::refused(StatusCode::CONFLICT, "already_added", &refusal),
        }
    }
}

impl From<end_reason::Refusal> for Problem {
    fn from(refusal: end_reason::Refusal) -> Self {
        match refusal {
            end_reason::Refusal::NoSuchEndReason => Self::not_found("end reason"),
            end_reason::Refusal::AlreadyAdded => Self::refused(StatusCode::CONFLICT, "already_added", &refusal),
            end_reason::Refusal::Retired => Self::refused(StatusCode::CONFLICT, "retired", &refusal),
        }
    }
}

impl From<user::Refusal> for Problem {
    fn from(refusal: user::Refusal) -> Self {
        match refusal {
            user::Refusal::NoSuchUser => Self::not_found("user"),
            user::Refusal::AlreadyAdded => Self::refused(StatusCode::CONFLICT, "already_added", &refusal),
            user::Refusal::Disabled => Self::refused(StatusCode::CONFLICT, "disabled", &refusal),
        }
    }
}

impl From<contact::Refusal> for Problem {
    fn from(refusal: contact::Refusal) -> Self {
        match refusal {
            contact::Refusal::NoSuchContact => Self::not_found("contact"),
            contact::Refusal::Erased => Self::refused(StatusCode::CONFLICT, "erased", &refusal),
            contact::Refusal::TooManyProperties { .. } => {
                Self::refused(StatusCode::CONFLICT, "too_many_properties", &refusal)
            }
        }
    }
}
