//! What a customer does with the phone: writing and reading.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::now_ms;
use crate::courier::Delivery;
use crate::ids::{PhoneNumberId, UserId, WaId, Wamid};
use crate::inbound::{content, opens_window};
use crate::number::{Direction, Message, MessageState, MessageView, Number, Way};
use crate::webhook::{Status, message_delivery, status_delivery};
use crate::world::{State, World};

/// A message a customer writes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerMessage {
    pub text: Option<String>,
    /// The name the customer goes by from now on.
    pub name: Option<String>,
    /// The id the business knows the customer by from now on.
    pub user_id: Option<UserId>,
    /// Whether Meta hides the customer's phone number, as it does for people with a username.
    pub without_phone: bool,
    /// The message's type, unless it is text.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How long ago it was written, so that the reply window can be over without waiting for it.
    pub age_s: u64,
}

/// Why a customer cannot do that.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRefusal {
    #[error("no number with this id is registered")]
    UnknownNumber,
    #[error("a phone number has 5 to 15 digits and nothing else")]
    NoPhoneNumber,
    #[error("a text message needs a text")]
    NoText,
    #[error("a customer cannot send a message of type {0}, or has nothing yet to send it about")]
    UnknownType(String),
}

impl World {
    /// The customer writes to the business.
    pub fn write(
        self: &Arc<Self>,
        number_id: &PhoneNumberId,
        wa_id: &WaId,
        written: CustomerMessage,
    ) -> Result<Wamid, CustomerRefusal> {
        let mut state = self.lock();
        let number = known(&mut state, number_id, wa_id)?;
        let kind = written.kind.clone().unwrap_or_else(|| "text".to_owned());
        let text = written.text.clone().filter(|text| !text.trim().is_empty());
        if kind == "text" && text.is_none() {
            return Err(CustomerRefusal::NoText);
        }
        let customer = number.meet(wa_id);
        let about = customer.messages.iter().rev().find(|message| message.direction() == Direction::Outbound);
        let content = content(&kind, text.as_deref(), about.map(|message| &message.id))
            .ok_or_else(|| CustomerRefusal::UnknownType(kind.clone()))?;

        let at_ms = now_ms().saturating_sub(written.age_s * 1000);
        customer.name = written.name.unwrap_or_else(|| customer.name.clone());
        customer.user_id = written.user_id.unwrap_or_else(|| customer.user_id.clone());
        customer.hides_phone = written.without_phone;
        if opens_window(&kind) {
            customer.last_wrote_at_ms = customer.last_wrote_at_ms.max(Some(at_ms));
        }
        let id = Wamid::mint();
        let message = Message { id: id.clone(), kind, text, at_ms, state: MessageState::Pending, way: Way::Inbound };
        let view = message.view();
        customer.messages.push(message);

        let delivery = message_delivery(number, wa_id, content);
        self.announce(number_id, wa_id, view);
        if let Some(delivery) = delivery {
            self.dispatch(&mut state, delivery);
        }
        Ok(id)
    }

    /// The customer reads everything the business wrote.
    pub fn read(self: &Arc<Self>, number_id: &PhoneNumberId, wa_id: &WaId) -> Result<(), CustomerRefusal> {
        let mut state = self.lock();
        let number = known(&mut state, number_id, wa_id)?;
        let mut read = Vec::new();
        for message in &mut number.meet(wa_id).messages {
            let Way::Outbound(outbound) = &message.way else { continue };
            if message.state == MessageState::Delivered {
                read.push((message.id.clone(), outbound.clone()));
                message.advance(MessageState::Read);
                self.announce(number_id, wa_id, message.view());
            }
        }
        let deliveries: Vec<Delivery> = read
            .iter()
            .filter_map(|(id, outbound)| status_delivery(number, wa_id, id, outbound, Status::Read))
            .collect();
        for delivery in deliveries {
            self.dispatch(&mut state, delivery);
        }
        Ok(())
    }

    /// Everything written between the two, oldest first.
    pub fn conversation(&self, number_id: &PhoneNumberId, wa_id: &WaId) -> Result<Vec<MessageView>, CustomerRefusal> {
        let mut state = self.lock();
        let number = known(&mut state, number_id, wa_id)?;
        let customer = number.customers.get(wa_id);
        Ok(customer.map(|customer| customer.messages.iter().map(Message::view).collect()).unwrap_or_default())
    }

    /// The customer switches the phone on, and can be written to from then on.
    pub fn switch_on(&self, number_id: &PhoneNumberId, wa_id: &WaId) -> Result<(), CustomerRefusal> {
        known(&mut self.lock(), number_id, wa_id)?.meet(wa_id);
        Ok(())
    }
}

fn known<'a>(state: &'a mut State, number_id: &PhoneNumberId, wa_id: &WaId) -> Result<&'a mut Number, CustomerRefusal> {
    if !wa_id.is_valid() {
        return Err(CustomerRefusal::NoPhoneNumber);
    }
    state.numbers.get_mut(number_id).ok_or(CustomerRefusal::UnknownNumber)
}
