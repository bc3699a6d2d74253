//! Things that go wrong on demand. Each fault happens a number of times and is then forgotten.

use serde::{Deserialize, Serialize};

use crate::ids::WaId;

/// Something that is to go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often it still happens.
    #[serde(default = "once")]
    pub times: u32,
    /// Whose messages go wrong. Everybody's, if nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<WaId>,
}

/// Where something goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum FaultKind {
    Send(SendFault),
    Webhook(WebhookFault),
}

/// What goes wrong when the business sends a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum SendFault {
    /// Too many requests; the message is not accepted.
    #[serde(rename = "status_429")]
    Status429 { retry_after_s: Option<u64> },
    /// Meta is broken; the message is not accepted.
    #[serde(rename = "status_500")]
    Status500,
    /// The message is accepted, and the answer comes late.
    Slow {
        #[serde(default = "five_seconds")]
        delay_ms: u64,
    },
    /// The message is accepted, and the connection closes without an answer.
    DropAfterAccept,
    /// The connection closes without an answer; the message is not accepted.
    DropBeforeAccept,
    /// The message is refused with this code.
    Error {
        #[serde(default = "something_went_wrong")]
        code: u32,
    },
    /// The message is accepted, and its only status says that it failed with this code.
    FailedStatus {
        #[serde(default = "something_went_wrong")]
        code: u32,
    },
}

/// What goes wrong when the sandbox calls the business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum WebhookFault {
    /// The webhook is called twice with the same body.
    Duplicate,
    /// The webhook comes after the one that follows it.
    Reorder,
    /// The webhook comes late, and the following ones overtake it.
    Delay {
        #[serde(default = "one_second")]
        delay_ms: u64,
    },
    /// The status is kept back until the faults are cleared. Messages are not affected.
    WithholdStatuses,
}

/// The faults that are still to happen, oldest first.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault behind those already waiting.
    pub fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.0.push(fault);
        }
    }

    /// Forgets every fault.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The faults still to happen.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Takes what goes wrong with this send.
    pub fn take_send(&mut self, customer: &WaId) -> Option<SendFault> {
        self.take(customer, |kind| match kind {
            FaultKind::Send(fault) => Some(fault.clone()),
            FaultKind::Webhook(_) => None,
        })
    }

    /// Takes what goes wrong with this webhook. With one kept back already, no second one is reordered.
    pub fn take_webhook(&mut self, customer: &WaId, is_status: bool, one_is_held: bool) -> Option<WebhookFault> {
        self.take(customer, |kind| match kind {
            FaultKind::Webhook(WebhookFault::WithholdStatuses) if !is_status => None,
            FaultKind::Webhook(WebhookFault::Reorder) if one_is_held => None,
            FaultKind::Webhook(fault) => Some(fault.clone()),
            FaultKind::Send(_) => None,
        })
    }

    fn take<T>(&mut self, customer: &WaId, fitting: impl Fn(&FaultKind) -> Option<T>) -> Option<T> {
        let at = self.0.iter().position(|fault| {
            fault.customer.as_ref().is_none_or(|named| named == customer) && fitting(&fault.kind).is_some()
        })?;
        let fault = &mut self.0[at];
        let taken = fitting(&fault.kind);
        fault.times -= 1;
        if fault.times == 0 {
            self.0.remove(at);
        }
        taken
    }
}

fn once() -> u32 {
    1
}

fn one_second() -> u64 {
    1000
}

fn five_seconds() -> u64 {
    5000
}

fn something_went_wrong() -> u32 {
    131000
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(list: serde_json::Value) -> Faults {
        Faults(serde_json::from_value(list).expect("faults as they are posted"))
    }

    #[test]
    fn a_fault_happens_as_often_as_asked() {
        let mut faults = faults(json!([{"on": "send", "fault": "status_429", "retry_after_s": 2, "times": 2}]));
        let anyone = WaId::from("4915112345678");
        let expected = Some(SendFault::Status429 { retry_after_s: Some(2) });
        assert_eq!(faults.take_send(&anyone), expected);
        assert_eq!(faults.take_send(&anyone), expected);
        assert_eq!(faults.take_send(&anyone), None);
    }

    #[test]
    fn a_fault_meets_only_the_customer_it_names() {
        let mut faults = faults(json!([{"on": "send", "fault": "slow", "customer": "4915112345678"}]));
        assert_eq!(faults.take_send(&WaId::from("4915100000000")), None);
        assert_eq!(faults.take_send(&WaId::from("4915112345678")), Some(SendFault::Slow { delay_ms: 5000 }));
    }

    #[test]
    fn only_statuses_are_withheld() {
        let mut faults = faults(json!([{"on": "webhook", "fault": "withhold_statuses"}]));
        let anyone = WaId::from("4915112345678");
        assert_eq!(faults.take_webhook(&anyone, false, false), None);
        assert_eq!(faults.take_webhook(&anyone, true, false), Some(WebhookFault::WithholdStatuses));
    }
}
