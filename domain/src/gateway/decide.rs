//! The rules of a gateway.

use chrono::{DateTime, Utc};

use super::{Command, Conditions, Event, Exception, FILTERS_MAX, Gateway, Refusal, State};

/// Decides what `command` makes happen at `at`. No events means: it has happened already.
pub fn decide(this: &Gateway, command: Command, at: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    let state = match (this, &command) {
        (Gateway::Unknown, Command::Add { .. }) => State::Parked,
        (Gateway::Unknown, _) => return Err(Refusal::NoSuchGateway),
        (Gateway::Known(_), Command::Add { .. }) => return Err(Refusal::AlreadyAdded),
        (Gateway::Known(known), Command::Retire) if known.state == State::Retired => return Ok(vec![]),
        (Gateway::Known(known), _) if known.state == State::Retired => return Err(Refusal::Retired),
        (Gateway::Known(known), _) => known.state,
    };
    match command {
        Command::Add { number, name, account, conditions } => {
            let conditions = checked(conditions)?;
            Ok(vec![Event::GatewayAdded { number, name, account, conditions, at }])
        }
        Command::SetConditions { conditions } if matches!(this, Gateway::Known(known) if known.conditions == conditions) => {
            Ok(vec![])
        }
        Command::SetConditions { conditions } => {
            Ok(vec![Event::ConditionsSet { conditions: checked(conditions)?, at }])
        }
        Command::SetIdleClose { after_ms } if matches!(this, Gateway::Known(known) if known.idle_close_ms == after_ms) => {
            Ok(vec![])
        }
        Command::SetIdleClose { after_ms } => Ok(vec![Event::IdleCloseSet { after_ms, at }]),
        Command::SetException { exception } if exception_of(this) == Some(exception) => Ok(vec![]),
        Command::SetException { exception } => Ok(vec![Event::ExceptionSet { exception, at }]),
        Command::ClearException if exception_of(this).is_none() => Ok(vec![]),
        Command::ClearException => Ok(vec![Event::ExceptionCleared { at }]),
        Command::Connect { .. } if state == State::Connected => Ok(vec![]),
        Command::Connect { inbox_ready: false } => Err(Refusal::NoPrimaryInbox),
        Command::Connect { inbox_ready: true } => Ok(vec![Event::GatewayConnected { at }]),
        Command::Park if state == State::Parked => Ok(vec![]),
        Command::Park => Ok(vec![Event::GatewayParked { at }]),
        Command::Retire => Ok(vec![Event::GatewayRetired { at }]),
    }
}

fn exception_of(this: &Gateway) -> Option<Exception> {
    match this {
        Gateway::Known(known) => known.exception,
        Gateway::Unknown => None,
    }
}

fn checked(conditions: Conditions) -> Result<Conditions, Refusal> {
    if conditions.filters.len() > FILTERS_MAX { Err(Refusal::TooManyFilters) } else { Ok(conditions) }
}
