//! Channels, and the addresses people have on them.

use serde::{Deserialize, Serialize};

/// A medium customers write on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Whatsapp,
    Messenger,
    Instagram,
    Telegram,
    Viber,
    Sms,
    Email,
    WebChat,
    CustomIm,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: [Self; 9] = [
        Self::Whatsapp,
        Self::Messenger,
        Self::Instagram,
        Self::Telegram,
        Self::Viber,
        Self::Sms,
        Self::Email,
        Self::WebChat,
        Self::CustomIm,
    ];

    /// The channel of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// The word for it, in the API and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::Telegram => "telegram",
            Self::Viber => "viber",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::WebChat => "web_chat",
            Self::CustomIm => "custom_im",
        }
    }
}

/// What sort of address it is; a person may have one of each on the same channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// A phone number: digits with country code, no plus sign.
    Phone,
    /// The provider's own id of the person (BSUID, PSID, chat id, visitor id).
    User,
    Email,
}

impl AddressKind {
    /// The word for it; claims are hashed over it, so it is for ever.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::User => "user",
            Self::Email => "email",
        }
    }
}

/// Where a person is reached on a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    pub kind: AddressKind,
    pub value: String,
}
