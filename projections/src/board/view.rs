//! The board as it is shown and pushed: whole groups of numbers, so that a change is small and can be taken in twice.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::desk::Named;

/// One board, whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BoardView {
    /// Whose board; none is everything.
    #[schema(required)]
    pub inbox: Option<Uuid>,
    /// The server's time it stands for.
    pub as_of: DateTime<Utc>,
    pub definitions: BoardDefinitions,
    pub tiles: BoardTiles,
    pub agents: Vec<BoardAgent>,
    pub gateways: Vec<BoardGateway>,
    /// Every inbox: each has a board of its own.
    pub inboxes: Vec<Named>,
}

/// What the numbers depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardDefinitions {
    /// Service level: answered within so many seconds.
    pub answer_within_s: u32,
    /// An abandonment within so many seconds is a short one.
    pub short_abandon_s: u32,
    /// Where the day begins at midnight.
    pub time_zone: &'static str,
}

/// Everything a board counts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BoardTiles {
    pub waiting: Waiting,
    pub progress: InProgress,
    pub people: People,
    pub service: Service,
    pub promises: Promises,
    pub windows: Windows,
}

/// Interactions that wait in an inbox: nobody has accepted them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    /// All of them, also those that are being offered.
    pub count: u32,
    /// Those of them that are being offered to somebody now.
    pub offered: u32,
    /// Those of them that have been waiting in this inbox for longer than the service level allows.
    pub past_target: u32,
    /// Those of them that are not offered because as many are under way as the licence allows.
    pub held_by_licence: u32,
    /// Since when the one waits that has been longest in the inbox it is in.
    #[schema(required)]
    pub oldest_in_inbox: Option<DateTime<Utc>>,
    /// Since when the customer waits whose interaction began to wait first, wherever it has been since.
    #[schema(required)]
    pub oldest_customer: Option<DateTime<Utc>>,
}

/// Interactions that somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InProgress {
    /// An agent has them, and nobody else was asked.
    pub active: u32,
    /// An agent has them and has asked a colleague to take over, who has not answered.
    pub in_transfer: u32,
    pub with_flow: u32,
}

/// Agents by state; each is in exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct People {
    pub available: u32,
    pub offered: u32,
    pub busy: u32,
    pub wrapping_up: u32,
    pub disconnected: u32,
    pub on_break: u32,
    pub not_responding: u32,
    pub offline: u32,
    /// Slots of agents who are online and connected.
    pub slots: u32,
    /// Those of them that nothing takes.
    pub free_slots: u32,
}

/// How soon those who waited were answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Service {
    /// Stays that ended since midnight.
    pub today: ServiceLevel,
    /// Stays that ended in the last 30 minutes.
    pub recent: ServiceLevel,
}

/// Service level = answered within the target / (answered + abandoned - short abandons), of stays in an inbox that ended
/// in the period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ServiceLevel {
    pub answered: u32,
    pub answered_within: u32,
    pub abandoned: u32,
    pub short_abandoned: u32,
    /// Between 0 and 1; none where nothing counts.
    #[schema(required)]
    pub level: Option<f64>,
    /// The same with those who wait past the target now counted as not answered within it.
    #[schema(required)]
    pub live: Option<f64>,
}

/// Customers who wait for an answer, and what they were promised about time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Promises {
    /// Open interactions where it is our turn to say something: the backlog.
    pub unanswered: u32,
    /// Those of them where the promised time has passed.
    pub overdue: u32,
    /// Those of them where it passes within 15 minutes.
    pub due_soon: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Windows {
    /// Open interactions where it is our turn and the reply window closes within 2 hours.
    pub closing_soon: u32,
}

/// What an agent is doing: the first that holds. The reports' `busy` is `busy`, `offered` and `wrapping_up` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    Offline,
    Break,
    NotResponding,
    /// Online, but no desk of theirs is connected.
    Disconnected,
    /// No slot of theirs is taken.
    Available,
    /// Has at least one interaction.
    Busy,
    /// Is being asked to take one.
    Offered,
    /// A slot is taken for what has ended.
    WrappingUp,
}

/// An agent on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardAgent {
    pub id: Uuid,
    pub name: String,
    pub state: AgentState,
    /// Why they are on break, if they said.
    #[schema(required)]
    pub reason: Option<String>,
    /// Since when they are in this state.
    pub since: DateTime<Utc>,
    /// Interactions they have now.
    pub interactions: u32,
    /// Offers and transfers they have not answered.
    pub asked: u32,
    pub slots: u32,
    pub slots_in_use: u32,
}

/// Whether a gateway takes messages in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightIn {
    Connected,
    Parked,
    Retired,
}

/// Whether what we send goes out, by the attempts of the last 15 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightOut {
    /// Nothing was tried.
    Idle,
    /// All went well.
    Good,
    /// Some did.
    Trouble,
    /// None did.
    Failing,
}

/// A gateway's lights. Receipts and templates are not watched yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardGateway {
    pub id: Uuid,
    pub name: String,
    pub channel: &'static str,
    #[serde(rename = "in")]
    pub light_in: LightIn,
    #[serde(rename = "out")]
    pub light_out: LightOut,
    /// Messages the provider took in the last 15 minutes.
    pub taken: u32,
    /// Attempts in the last 15 minutes that failed, were put off, or of which nobody knows what became.
    pub troubled: u32,
    /// When a customer's message came last, as far as open or recently ended interactions tell.
    #[schema(required)]
    pub received_at: Option<DateTime<Utc>>,
}

/// What changed on a board.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BoardChange {
    Patch(Box<BoardPatch>),
    /// So much has changed that it is told anew.
    Whole(Box<BoardView>),
}

/// Groups and rows that changed, each as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BoardPatch {
    pub as_of: DateTime<Utc>,
    pub tiles: TilesPatch,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<BoardAgent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<BoardGateway>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct TilesPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<InProgress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promises: Option<Promises>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Windows>,
}

/// A number on the board behind which there are interactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lens {
    Waiting,
    Offered,
    PastTarget,
    HeldByLicence,
    Active,
    InTransfer,
    WithFlow,
    Unanswered,
    Overdue,
    DueSoon,
    ClosingSoon,
    /// Abandoned since midnight.
    AbandonedToday,
    /// What an agent has, or everything anybody has where no agent is named.
    OfAgent,
}

impl TilesPatch {
    /// What has changed from `before` to `now`.
    pub fn between(before: &BoardTiles, now: &BoardTiles) -> Self {
        fn changed<T: Clone + PartialEq>(before: &T, now: &T) -> Option<T> {
            (before != now).then(|| now.clone())
        }
        Self {
            waiting: changed(&before.waiting, &now.waiting),
            progress: changed(&before.progress, &now.progress),
            people: changed(&before.people, &now.people),
            service: changed(&before.service, &now.service),
            promises: changed(&before.promises, &now.promises),
            windows: changed(&before.windows, &now.windows),
        }
    }
}

impl BoardPatch {
    pub fn is_empty(&self) -> bool {
        self.tiles == TilesPatch::default() && self.agents.is_empty() && self.gateways.is_empty()
    }
}
