//! What the sandbox remembers: a business's number, its customers, and what was written both ways.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::handshake::Registration;
use crate::ids::{PhoneNumberId, UserId, WaId, Wamid};

/// A business's number and everybody who knows it.
pub struct Number {
    pub id: PhoneNumberId,
    pub registration: Registration,
    pub customers: BTreeMap<WaId, Customer>,
    pub sent: Vec<Sent>,
}

/// A person with a phone.
pub struct Customer {
    pub wa_id: WaId,
    pub user_id: UserId,
    pub name: String,
    /// A person with a username shows the business no phone number.
    pub hides_phone: bool,
    /// The business may write freely for 24 hours from here.
    pub last_wrote_at_ms: Option<u64>,
    /// When the pair rate limit has forgotten every message to this person.
    pub pair_free_at_ms: u64,
    pub messages: Vec<Message>,
}

/// One message, seen from the business.
pub struct Message {
    pub id: Wamid,
    pub kind: String,
    pub text: Option<String>,
    pub at_ms: u64,
    pub state: MessageState,
    pub way: Way,
}

/// Which way a message goes, with what only that way has.
pub enum Way {
    Inbound,
    Outbound(Outbound),
}

/// What a status has to repeat about the message it speaks of.
#[derive(Clone)]
pub struct Outbound {
    pub callback_data: Option<String>,
    pub addressed_by_phone: bool,
    pub category: &'static str,
}

/// How far a message has come, in the order in which one state may follow another.
///
/// An inbound message is delivered when the business's webhook took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    Pending,
    Sent,
    Failed,
    Delivered,
    Read,
}

/// Which way a message goes, seen from the business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

/// A message as the phone page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    pub id: Wamid,
    pub direction: Direction,
    #[serde(rename = "type")]
    pub kind: String,
    pub text: Option<String>,
    /// Milliseconds since 1970.
    #[serde(rename = "at")]
    pub at_ms: u64,
    pub state: MessageState,
    /// How many ticks stand beside it; they are blue once it is read.
    pub ticks: u8,
}

/// An outbound message that was accepted, as the business wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub id: Wamid,
    /// The phone number or user id, as the business wrote it.
    pub to: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub text: Option<String>,
    pub biz_opaque_callback_data: Option<String>,
    /// Milliseconds since 1970.
    #[serde(rename = "at")]
    pub at_ms: u64,
}

impl Number {
    /// Makes a number nobody knows yet.
    pub fn new(id: PhoneNumberId, registration: Registration) -> Self {
        Self { id, registration, customers: BTreeMap::new(), sent: Vec::new() }
    }

    /// The number's phone number in digits, as Meta shows it.
    pub fn digits(&self) -> String {
        self.registration.display_phone_number.chars().filter(char::is_ascii_digit).collect()
    }

    /// The customer with this phone number, who from now on has a phone here.
    pub fn meet(&mut self, wa_id: &WaId) -> &mut Customer {
        let waba = &self.registration.waba;
        self.customers.entry(wa_id.clone()).or_insert_with(|| Customer {
            wa_id: wa_id.clone(),
            user_id: UserId::of(waba, wa_id),
            name: format!("+{wa_id}"),
            hides_phone: false,
            last_wrote_at_ms: None,
            pair_free_at_ms: 0,
            messages: Vec::new(),
        })
    }
}

impl Customer {
    /// The message with this id.
    pub fn find_message(&mut self, id: &Wamid) -> Option<&mut Message> {
        self.messages.iter_mut().rev().find(|message| message.id == *id)
    }
}

impl Message {
    /// Which way this message goes.
    pub fn direction(&self) -> Direction {
        match self.way {
            Way::Inbound => Direction::Inbound,
            Way::Outbound(_) => Direction::Outbound,
        }
    }

    /// Moves the message on, never back. Says whether anything changed.
    pub fn advance(&mut self, to: MessageState) -> bool {
        let moves = to > self.state;
        if moves {
            self.state = to;
        }
        moves
    }

    /// Shows the message as the phone page shows it.
    pub fn view(&self) -> MessageView {
        MessageView {
            id: self.id.clone(),
            direction: self.direction(),
            kind: self.kind.clone(),
            text: self.text.clone(),
            at_ms: self.at_ms,
            state: self.state,
            ticks: match self.state {
                MessageState::Failed => 0,
                MessageState::Pending | MessageState::Sent => 1,
                MessageState::Delivered | MessageState::Read => 2,
            },
        }
    }
}
