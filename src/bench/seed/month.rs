//! One thing after the other, until the month is over.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::Agent;
use gatehouse_domain::connection::Connection;
use gatehouse_domain::contact::Contact;
use gatehouse_domain::conversation::Conversation;
use gatehouse_domain::end_reason::EndReason;
use gatehouse_domain::gateway::{self, Gateway};
use gatehouse_domain::inbox::Inbox;
use gatehouse_domain::team::Team;
use gatehouse_domain::{AgentId, ConversationId, HoldId, InboxId, agent, conversation};
use uuid::Uuid;

use super::agenda::{Agenda, Thing};
use super::customers::Customer;
use super::log::{Log, Streams, Told};
use super::organisation::Organisation;
use crate::bench::chance::Chance;

/// A Monday, at midnight in UTC.
pub const START: DateTime<Utc> = DateTime::from_timestamp(1_777_852_800, 0).unwrap();
pub const DAYS: i64 = 28;

pub struct Month {
    pub log: Log,
    clock: Arc<Told>,
    pub now: DateTime<Utc>,
    pub chance: Chance,
    pub agenda: Agenda,
    pub organisation: Organisation,
    pub connections: Streams<Connection>,
    pub contacts: Streams<Contact>,
    pub conversations: Streams<Conversation>,
    pub agents: Streams<Agent>,
    pub inboxes: Streams<Inbox>,
    pub teams: Streams<Team>,
    pub gateways: Streams<Gateway>,
    pub end_reasons: Streams<EndReason>,
    pub customers: Vec<Customer>,
    /// Where each conversation's customer is found.
    pub customer_of: HashMap<ConversationId, usize>,
    pub waiting: HashMap<InboxId, VecDeque<ConversationId>>,
    /// Slots kept for each conversation.
    pub holds: HashMap<ConversationId, Vec<(AgentId, HoldId)>>,
    /// Whose turn it is in each inbox.
    pub turns: HashMap<InboxId, usize>,
    /// Offers each agent let lapse in a row.
    pub lapses: HashMap<AgentId, u32>,
    requests: u64,
}

impl Month {
    pub fn new(log: Log, clock: Arc<Told>, requests: u64, seed: u64) -> Self {
        Self {
            log,
            clock,
            now: START,
            chance: Chance::new(seed),
            agenda: Agenda::default(),
            organisation: Organisation::default(),
            connections: Streams::default(),
            contacts: Streams::default(),
            conversations: Streams::default(),
            agents: Streams::default(),
            inboxes: Streams::default(),
            teams: Streams::default(),
            gateways: Streams::default(),
            end_reasons: Streams::default(),
            customers: vec![],
            customer_of: HashMap::new(),
            waiting: HashMap::new(),
            holds: HashMap::new(),
            turns: HashMap::new(),
            lapses: HashMap::new(),
            requests,
        }
    }

    pub async fn happens(&mut self) -> anyhow::Result<()> {
        self.clock.tell(self.now);
        self.organises(self.requests).await?;
        for _ in 0..self.requests {
            let at = self.some_time();
            self.agenda.enter(at, Thing::Arrives);
        }
        let parks = self.some_time();
        self.agenda.enter(parks, Thing::GatewayParks);
        let over = START + TimeDelta::days(DAYS);
        while let Some((at, thing)) = self.agenda.next() {
            // What is under way at the end of the month stays so.
            if at >= over {
                break;
            }
            self.now = self.now.max(at);
            self.clock.tell(self.now);
            self.happens_one(thing).await?;
        }
        self.log.settle().await
    }

    async fn happens_one(&mut self, thing: Thing) -> anyhow::Result<()> {
        match thing {
            Thing::Arrives => self.somebody_arrives().await,
            Thing::Writes(id) => self.customer_writes(id).await,
            Thing::Serves(inbox) => self.serves(inbox).await,
            Thing::AnswersOffer(id, offer, agent) => self.answers_offer(id, offer, agent).await,
            Thing::OfferLapses(id, offer) => self.offer_lapses(id, offer).await,
            Thing::Replies(id, agent) => self.replies(id, agent).await,
            Thing::Asides(id, agent) => self.asides(id, agent).await,
            Thing::AsksTransfer(id, agent) => self.asks_transfer(id, agent).await,
            Thing::AnswersTransfer(id, transfer, agent) => self.answers_transfer(id, transfer, agent).await,
            Thing::TransferLapses(id, transfer) => self.transfer_lapses(id, transfer).await,
            Thing::HandsToFlow(id, agent) => self.hands_to_flow(id, agent).await,
            Thing::FlowSpeaks(id, flow) => self.flow_speaks(id, flow).await,
            Thing::FlowEnds(id, flow) => self.flow_ends(id, flow).await,
            Thing::Ends(id, agent) => self.ends(id, agent).await,
            Thing::Retakes(id, agent) => self.retakes(id, agent).await,
            Thing::Releases(agent, hold) => self.releases(agent, hold).await,
            Thing::Sends(id, message, attempt) => self.sends(id, message, attempt).await,
            Thing::SendAnswered(id, message, attempt) => self.send_answered(id, message, attempt).await,
            Thing::Receipts(id, message) => self.receipts(id, message).await,
            Thing::Resolves(id, message, resolution) => self.resolves(id, message, resolution).await,
            Thing::WindowExpires(id, until) => self.asks(id, conversation::Command::ExpireWindow { until }).await,
            Thing::GoesIdle(id, silent_since) => self.asks(id, conversation::Command::CloseIdle { silent_since }).await,
            Thing::SlaBreaches(id, clock, due) => self.asks(id, conversation::Command::BreachSla { clock, due }).await,
            Thing::ShiftBegins(agent) => self.shift_begins(agent).await,
            Thing::BreakBegins(agent) => self.break_begins(agent).await,
            Thing::BreakEnds(agent) => self.break_ends(agent).await,
            Thing::DeskIsLost(agent) => self.desk_is_lost(agent).await,
            Thing::DeskIsBack(agent) => self.desk_is_back(agent).await,
            Thing::GraceEnds(agent) => self.goes_offline(agent, agent::OfflineCause::Disconnected).await,
            Thing::ShiftEnds(agent) => self.shift_ends(agent).await,
            Thing::IsErased(id) => self.is_erased(id).await,
            Thing::GatewayParks => self.gateway(gateway::Command::Park).await,
            Thing::GatewayConnects => self.gateway(gateway::Command::Connect { inbox_ready: true }).await,
        }
    }

    /// The last gateway is parked for an hour.
    async fn gateway(&mut self, command: gateway::Command) -> anyhow::Result<()> {
        let Some((id, ..)) = self.organisation.gateways.last() else { return Ok(()) };
        if command == gateway::Command::Park {
            self.agenda.enter(self.now + TimeDelta::hours(1), Thing::GatewayConnects);
        }
        let _ = self.gateways.ask(&mut self.log, id.0, command, self.now).await?;
        Ok(())
    }

    /// Asks a conversation, and sees to what follows. Refused is fine: the world has gone on.
    pub async fn asks(&mut self, id: ConversationId, command: conversation::Command) -> anyhow::Result<()> {
        self.asked(id, command).await.map(drop)
    }

    /// As `asks`; whether anything happened.
    pub async fn asked(&mut self, id: ConversationId, command: conversation::Command) -> anyhow::Result<bool> {
        match self.conversations.ask(&mut self.log, id.0, command, self.now).await? {
            Ok(events) if !events.is_empty() => {
                self.follows(id, &events).await?;
                Ok(true)
            }
            Ok(_) | Err(_) => Ok(false),
        }
    }

    /// Asks an agent; whether anything happened.
    pub async fn asks_agent(&mut self, agent: AgentId, command: agent::Command) -> anyhow::Result<bool> {
        let asked = self.agents.ask(&mut self.log, agent.0, command, self.now).await?;
        Ok(asked.is_ok_and(|events| !events.is_empty()))
    }

    pub fn id(&mut self) -> Uuid {
        let mut word = || u128::from(self.chance.step()) << 62 ^ u128::from(self.chance.step()) << 31;
        let words = word() << 62 ^ word() ^ word() >> 31;
        uuid::Builder::from_custom_bytes(words.to_be_bytes()).into_uuid()
    }

    /// Any time up to this, to the millisecond.
    pub fn up_to(&mut self, longest: TimeDelta) -> TimeDelta {
        TimeDelta::milliseconds(1 + self.chance.below(longest.num_milliseconds() as u64) as i64)
    }

    pub fn later(&mut self, longest: TimeDelta, thing: Thing) {
        let at = self.now + self.up_to(longest);
        self.agenda.enter(at, thing);
    }
}
