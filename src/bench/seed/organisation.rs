//! Who there is: inboxes that route in every way, a gateway or two of every channel, agents in shifts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gatehouse_domain::agent::{self, Capacity};
use gatehouse_domain::gateway::{self, Account, Conditions};
use gatehouse_domain::inbox::{self, Mode, Routing, Sla, Strategy};
use gatehouse_domain::{
    AgentId, Channel, ConnectionId, EndReasonId, FlowId, GatewayId, InboxId, TeamId, connection, end_reason, team,
};

use super::agenda::Thing;
use super::month::{DAYS, Month, START};

/// Requests a month that one agent has time for, about.
const REQUESTS_PER_AGENT: u64 = 400;
const AGENTS_MIN: u64 = 12;
/// Nobody makes shifts for more; the rest has to wait.
const AGENTS_MAX: u64 = 600;
/// When the day's shifts begin, in UTC, and how long they are.
const SHIFTS: [i64; 3] = [6, 9, 13];
const SHIFT: TimeDelta = TimeDelta::hours(8);

/// Who there is, in the order they were made.
#[derive(Default)]
pub struct Organisation {
    pub inboxes: Vec<(InboxId, Routing, Vec<AgentId>)>,
    /// Where customers come in, and the inbox it leads to.
    pub gateways: Vec<(GatewayId, Channel, InboxId)>,
    pub agents: Vec<AgentId>,
    pub reasons: Vec<EndReasonId>,
    pub flow: Option<FlowId>,
}

impl Organisation {
    pub fn inbox(&self, id: InboxId) -> Option<&(InboxId, Routing, Vec<AgentId>)> {
        self.inboxes.iter().find(|(inbox, ..)| *inbox == id)
    }

    /// Inboxes an agent serves.
    pub fn served_by(&self, agent: AgentId) -> impl Iterator<Item = InboxId> + '_ {
        self.inboxes.iter().filter(move |(_, _, serving)| serving.contains(&agent)).map(|(id, ..)| *id)
    }
}

impl Month {
    pub async fn organises(&mut self, requests: u64) -> anyhow::Result<()> {
        let connection = ConnectionId(self.id());
        let (name, provider) = ("One for all".to_owned(), "meta".to_owned());
        let add = connection::Command::Add { name, provider, settings: BTreeMap::new(), secrets_version: 1 };
        self.connections.ask(&mut self.log, connection.0, add, self.now).await??;
        for name in ["solved", "no answer", "spam", "complaint"] {
            let id = EndReasonId(self.id());
            let add = end_reason::Command::Add { name: name.to_owned() };
            self.end_reasons.ask(&mut self.log, id.0, add, self.now).await??;
            self.organisation.reasons.push(id);
        }
        self.organisation.flow = Some(FlowId(self.id()));
        self.makes_agents(requests).await?;
        self.makes_inboxes().await?;
        self.makes_gateways(connection).await?;
        self.log.settle().await
    }

    async fn makes_agents(&mut self, requests: u64) -> anyhow::Result<()> {
        for number in 0..(requests / REQUESTS_PER_AGENT).clamp(AGENTS_MIN, AGENTS_MAX) {
            let agent = AgentId(self.id());
            let per_channel = if number % 3 == 0 { BTreeMap::from([(Channel::Email, 2)]) } else { BTreeMap::new() };
            let capacity = Capacity { total: 2 + self.chance.below(3) as u32, per_channel };
            let add = agent::Command::Add { name: format!("Agent {}", number + 1) };
            self.asks_agent(agent, add).await?;
            self.asks_agent(agent, agent::Command::SetCapacity { capacity }).await?;
            self.organisation.agents.push(agent);
            for day in 0..DAYS {
                // Five days of seven, each agent's their own.
                if (day + number as i64) % 7 < 5 {
                    self.shift(agent, day, SHIFTS[number as usize % SHIFTS.len()]);
                }
            }
        }
        Ok(())
    }

    /// One shift: a little late or early, a break in the middle, and now and then a desk that is lost.
    fn shift(&mut self, agent: AgentId, day: i64, hour: i64) {
        let begins = START + TimeDelta::days(day) + TimeDelta::hours(hour) + self.up_to(TimeDelta::minutes(12));
        let ends = begins + SHIFT + self.up_to(TimeDelta::minutes(20));
        let rests = begins + TimeDelta::hours(3) + self.up_to(TimeDelta::hours(1));
        self.agenda.enter(begins, Thing::ShiftBegins(agent));
        self.agenda.enter(rests, Thing::BreakBegins(agent));
        if self.chance.one_in(4) {
            let lost = begins + TimeDelta::hours(5) + self.up_to(TimeDelta::hours(2));
            self.agenda.enter(lost, Thing::DeskIsLost(agent));
        }
        self.agenda.enter(ends, Thing::ShiftEnds(agent));
    }

    async fn makes_inboxes(&mut self) -> anyhow::Result<()> {
        let promised = Sla { first_response_ms: Some(300_000), next_response_ms: Some(900_000) };
        let ways = [
            ("Support", Mode::Offer, Strategy::LongestIdle, promised),
            ("Sales", Mode::Offer, Strategy::RingAll, Sla { first_response_ms: Some(39_600), ..Sla::default() }),
            ("Billing", Mode::Assign, Strategy::LeastBusy, Sla::default()),
            ("Complaints", Mode::Manual, Strategy::RoundRobin, promised),
        ];
        let agents = self.organisation.agents.clone();
        for (number, (name, mode, strategy, sla)) in ways.into_iter().enumerate() {
            let inbox = InboxId(self.id());
            let wrap_up_ms = (number % 2 == 0).then_some(20_000);
            let routing = Routing { mode, strategy, sla, wrap_up_ms, ..Routing::default() };
            let add = inbox::Command::Add { name: name.to_owned(), routing: routing.clone() };
            self.inboxes.ask(&mut self.log, inbox.0, add, self.now).await??;
            let serving: Vec<AgentId> =
                (0..).zip(&agents).filter(|(of, _)| of % 2 == number % 2).map(|(_, id)| *id).collect();
            if number == 3 {
                let team = TeamId(self.id());
                let add = team::Command::Add { name: "Patient people".to_owned() };
                self.teams.ask(&mut self.log, team.0, add, self.now).await??;
                for agent in &serving {
                    let joins = team::Command::AddMember { agent: *agent };
                    self.teams.ask(&mut self.log, team.0, joins, self.now).await??;
                }
                self.inboxes.ask(&mut self.log, inbox.0, inbox::Command::AddTeam { team }, self.now).await??;
            } else {
                for agent in &serving {
                    let joins = inbox::Command::AddMember { agent: *agent };
                    self.inboxes.ask(&mut self.log, inbox.0, joins, self.now).await??;
                }
            }
            self.organisation.inboxes.push((inbox, routing, serving));
        }
        Ok(())
    }

    async fn makes_gateways(&mut self, connection: ConnectionId) -> anyhow::Result<()> {
        // Two of the first channel, one of each other.
        let channels = std::iter::once(Channel::ALL[0]).chain(Channel::ALL);
        let mut primary = BTreeSet::new();
        for (number, channel) in (1..).zip(channels) {
            let gateway = GatewayId(self.id());
            let inbox = self.organisation.inboxes[number as usize % self.organisation.inboxes.len()].0;
            let account = Account { connection, channel, id: format!("account {number}"), sender: None };
            let brand = (number % 3 == 0).then(|| "Second brand".to_owned());
            let conditions = Conditions { brand, filters: BTreeMap::new() };
            let add =
                gateway::Command::Add { number, name: format!("{} {number}", channel.name()), account, conditions };
            if primary.insert(channel) {
                let primary = inbox::Command::MakePrimary { channel };
                self.inboxes.ask(&mut self.log, inbox.0, primary, self.now).await??;
            }
            for command in [add, gateway::Command::Connect { inbox_ready: true }] {
                self.gateways.ask(&mut self.log, gateway.0, command, self.now).await??;
            }
            self.organisation.gateways.push((gateway, channel, inbox));
        }
        Ok(())
    }

    /// A point in the month at which somebody may want something: by day, and less at weekends.
    pub fn some_time(&mut self) -> DateTime<Utc> {
        const BY_HOUR: [u64; 24] = [1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 12, 11, 12, 13, 12, 10, 9, 8, 7, 5, 4, 2, 1];
        loop {
            let (day, hour) = (self.chance.below(DAYS as u64), self.chance.below(24));
            let likely = BY_HOUR[hour as usize] * if day % 7 < 5 { 3 } else { 1 };
            if self.chance.below(42) < likely {
                let began = START + TimeDelta::days(day as i64) + TimeDelta::hours(hour as i64);
                return began + self.up_to(TimeDelta::hours(1));
            }
        }
    }
}
