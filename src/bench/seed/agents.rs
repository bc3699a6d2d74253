//! What agents do: come and go, accept and let lapse, answer, hand over, end.

use chrono::TimeDelta;
use gatehouse_domain::agent::{self, OfflineCause};
use gatehouse_domain::conversation::{Allowance, Author, Command, Owner, Tag, Template, Window, Withdrawn};
use gatehouse_domain::inbox::Mode;
use gatehouse_domain::{AgentId, ConversationId, FlowId, HoldId, MessageId, OfferId, TransferId};
use uuid::Uuid;

use super::agenda::Thing;
use super::customers::window;
use super::month::Month;

/// Lapses in a row after which an agent is not responding.
const LAPSES_MAX: u32 = 3;
const TRANSFER_TIMEOUT: TimeDelta = TimeDelta::seconds(60);
/// Colleagues looked at for one who has a free slot.
const COLLEAGUES_ASKED: usize = 8;
const GRACE: TimeDelta = TimeDelta::seconds(30);

impl Month {
    pub async fn shift_begins(&mut self, agent: AgentId) -> anyhow::Result<()> {
        self.asks_agent(agent, agent::Command::Connect { socket: agent.0 }).await?;
        self.comes_online(agent).await
    }

    async fn comes_online(&mut self, agent: AgentId) -> anyhow::Result<()> {
        self.lapses.remove(&agent);
        self.asks_agent(agent, agent::Command::GoOnline).await?;
        self.serves_all_of(agent);
        Ok(())
    }

    pub async fn break_begins(&mut self, agent: AgentId) -> anyhow::Result<()> {
        let reason = self.chance.of(&[None, Some("lunch".to_owned()), Some("training".to_owned())]).flatten();
        if self.asks_agent(agent, agent::Command::TakeBreak { reason }).await? {
            self.gives_back(agent, false).await?;
            let ends = self.now + TimeDelta::minutes(20) + self.up_to(TimeDelta::minutes(40));
            self.agenda.enter(ends, Thing::BreakEnds(agent));
        }
        Ok(())
    }

    pub async fn break_ends(&mut self, agent: AgentId) -> anyhow::Result<()> {
        let there = self.agents.get(agent.0).is_some_and(|known| !known.sockets.is_empty());
        if there { self.comes_online(agent).await } else { Ok(()) }
    }

    pub async fn desk_is_lost(&mut self, agent: AgentId) -> anyhow::Result<()> {
        if self.asks_agent(agent, agent::Command::Disconnect { socket: agent.0 }).await? {
            self.agenda.enter(self.now + GRACE, Thing::GraceEnds(agent));
            self.later(TimeDelta::seconds(50), Thing::DeskIsBack(agent));
        }
        Ok(())
    }

    pub async fn desk_is_back(&mut self, agent: AgentId) -> anyhow::Result<()> {
        self.shift_begins(agent).await
    }

    pub async fn shift_ends(&mut self, agent: AgentId) -> anyhow::Result<()> {
        self.goes_offline(agent, OfflineCause::Chosen).await?;
        self.asks_agent(agent, agent::Command::Disconnect { socket: agent.0 }).await.map(drop)
    }

    pub async fn goes_offline(&mut self, agent: AgentId, cause: OfflineCause) -> anyhow::Result<()> {
        if self.asks_agent(agent, agent::Command::GoOffline { cause }).await? {
            self.gives_back(agent, true).await?;
        }
        Ok(())
    }

    /// Offers and transfers to an agent are withdrawn; with `all`, what they own goes back to its inbox.
    async fn gives_back(&mut self, agent: AgentId, all: bool) -> anyhow::Result<()> {
        let held = self.agents.get(agent.0).into_iter().flat_map(|known| known.holds.values());
        let held: Vec<ConversationId> = held.map(|hold| hold.conversation).collect();
        for id in held {
            let Some(conversation) = self.conversations.get(id.0) else { continue };
            let ownership = conversation.ownership;
            let Ok(open) = conversation.open() else { continue };
            let command = match &open.owner {
                Owner::Offered { offers, .. } => {
                    offers.iter().find(|one| one.agent == agent).map(|one| Command::WithdrawOffer { offer: one.offer })
                }
                Owner::Agent { agent: owner, .. } if *owner == agent && all => {
                    Some(Command::ReturnToInbox { ownership })
                }
                Owner::Agent { transfer: Some(pending), .. } if pending.to == agent => {
                    let (owner_available, why) = (true, Withdrawn::AgentGone);
                    Some(Command::WithdrawTransfer { transfer: pending.transfer, owner_available, why })
                }
                _ => None,
            };
            if let Some(command) = command {
                self.asks(id, command).await?;
            }
        }
        Ok(())
    }

    pub async fn answers_offer(&mut self, id: ConversationId, offer: OfferId, agent: AgentId) -> anyhow::Result<()> {
        let declines = self.chance.one_in(16);
        let command = if declines {
            Command::DeclineOffer { offer, agent, reason: Some("not my language".to_owned()) }
        } else {
            Command::AcceptOffer { offer, agent }
        };
        self.lapses.remove(&agent);
        self.asks(id, command).await
    }

    pub async fn offer_lapses(&mut self, id: ConversationId, offer: OfferId) -> anyhow::Result<()> {
        let asked = self.conversations.get(id.0).and_then(|known| match &known.open().ok()?.owner {
            Owner::Offered { offers, .. } => offers.iter().find(|one| one.offer == offer).map(|one| one.agent),
            _ => None,
        });
        let Some(agent) = asked else { return Ok(()) };
        self.asks(id, Command::LapseOffer { offer }).await?;
        let lapses = self.lapses.entry(agent).or_default();
        *lapses += 1;
        if *lapses >= LAPSES_MAX {
            self.asks_agent(agent, agent::Command::MarkNotResponding).await?;
            self.later(TimeDelta::minutes(10), Thing::BreakEnds(agent));
        }
        Ok(())
    }

    pub async fn replies(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        let Some(conversation) = self.conversations.get(id.0) else { return Ok(()) };
        let Some(party) = conversation.party else { return Ok(()) };
        let reply_window = window(party.channel).is_some();
        let closed = reply_window && !matches!(conversation.window, Window::OpenUntil(until) if until > self.now);
        let allowance = Allowance { reply_window, text_chars_max: 4_096, templates: true, opted_out: false };
        let (message, author) = (MessageId(self.id()), Author::Agent { agent });
        let command = if closed {
            let (name, language) = ("still_there".to_owned(), "en".to_owned());
            let template = Template { name, language, text: "Are you still there?".to_owned(), parameters: vec![] };
            Command::SendTemplate { message, author, template, allowance }
        } else {
            Command::Reply { message, author, text: "We are looking into it.".to_owned(), allowance }
        };
        if !self.asked(id, command).await? {
            return Ok(());
        }
        match self.chance.below(12) {
            0..=5 => self.later(TimeDelta::minutes(30), Thing::Writes(id)),
            // Left to fall silent: it ends by itself.
            6 => {}
            _ => self.later(TimeDelta::minutes(8), Thing::Ends(id, agent)),
        }
        Ok(())
    }

    /// Notes, tags, priorities.
    pub async fn asides(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        let command = match self.chance.below(3) {
            0 => Command::AddNote { by: agent, text: "Called them; will call again.".to_owned() },
            1 => Command::Tag { tag: Tag::parse("delivery").expect("a tag"), by: agent },
            _ => Command::SetPriority { priority: 2 },
        };
        self.asks(id, command).await
    }

    pub async fn asks_transfer(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        let Some(conversation) = self.conversations.get(id.0) else { return Ok(()) };
        let ownership = conversation.ownership;
        if conversation.owning_agent() != Some(agent) {
            return Ok(());
        }
        if self.chance.one_in(3) {
            let inboxes = self.organisation.inboxes.iter().map(|(inbox, ..)| *inbox).collect::<Vec<_>>();
            let Some(inbox) = self.chance.of(&inboxes) else { return Ok(()) };
            return self.asks(id, Command::MoveToInbox { inbox, ownership }).await;
        }
        let mut found = None;
        for _ in 0..COLLEAGUES_ASKED {
            let to = self.chance.of(&self.organisation.agents).filter(|to| *to != agent);
            let Some(to) = to else { continue };
            found = self.holds_slot(id, to).await?.map(|hold| (to, hold));
            if found.is_some() {
                break;
            }
        }
        let Some((to, hold)) = found else { return Ok(()) };
        let (transfer, until) = (TransferId(self.id()), self.now + TRANSFER_TIMEOUT);
        let note = "You know them better.".to_owned();
        self.asks(id, Command::RequestTransfer { transfer, by: agent, to, hold, note, until, why: None }).await
    }

    pub async fn answers_transfer(
        &mut self,
        id: ConversationId,
        transfer: TransferId,
        agent: AgentId,
    ) -> anyhow::Result<()> {
        let owner = self.conversations.get(id.0).and_then(|known| known.owning_agent());
        let online = |known: &agent::Agent| known.presence == agent::Presence::Online;
        let owner_available = owner.is_some_and(|owner| self.agents.get(owner.0).is_some_and(online));
        let command = match self.chance.below(6) {
            0 => Command::DeclineTransfer { transfer, agent, owner_available },
            1 => Command::WithdrawTransfer { transfer, owner_available, why: Withdrawn::Requested },
            _ => Command::AcceptTransfer { transfer, agent },
        };
        self.asks(id, command).await
    }

    pub async fn transfer_lapses(&mut self, id: ConversationId, transfer: TransferId) -> anyhow::Result<()> {
        self.asks(id, Command::LapseTransfer { transfer, owner_available: true }).await
    }

    pub async fn hands_to_flow(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        let Some(conversation) = self.conversations.get(id.0) else { return Ok(()) };
        let ownership = conversation.ownership;
        match self.organisation.flow {
            Some(flow) if conversation.owning_agent() == Some(agent) => {
                self.asks(id, Command::HandToFlow { flow, ownership }).await
            }
            _ => Ok(()),
        }
    }

    pub async fn flow_speaks(&mut self, id: ConversationId, flow: FlowId) -> anyhow::Result<()> {
        let allowance = Allowance { reply_window: false, text_chars_max: 4_096, templates: true, opted_out: false };
        let (message, author) = (MessageId(self.id()), Author::Flow { flow });
        self.asks(id, Command::Reply { message, author, text: "What is it about?".to_owned(), allowance }).await
    }

    pub async fn flow_ends(&mut self, id: ConversationId, flow: FlowId) -> anyhow::Result<()> {
        let Some(ownership) = self.conversations.get(id.0).map(|known| known.ownership) else { return Ok(()) };
        self.asks(id, Command::EndFlow { flow, ownership }).await
    }

    pub async fn ends(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        if self.conversations.get(id.0).and_then(|known| known.owning_agent()) != Some(agent) {
            return Ok(());
        }
        let configured = self.organisation.reasons.clone();
        let reason = self.chance.of(&configured);
        self.asks(id, Command::End { reason, configured, by: agent }).await
    }

    pub async fn retakes(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<()> {
        if self.conversations.get(id.0).is_none_or(|known| known.open().is_ok()) {
            return Ok(());
        }
        let Some(hold) = self.holds_slot(id, agent).await? else { return Ok(()) };
        if !self.asked(id, Command::Retake { agent, hold }).await? {
            self.lets_go(id, TimeDelta::zero());
        }
        Ok(())
    }

    /// Takes a slot of an agent for a conversation, if they have one.
    pub async fn holds_slot(&mut self, id: ConversationId, agent: AgentId) -> anyhow::Result<Option<HoldId>> {
        let Some(party) = self.conversations.get(id.0).and_then(|known| known.party) else { return Ok(None) };
        let hold = HoldId(self.id());
        let hold_slot = agent::Command::HoldSlot { hold, conversation: id, channel: party.channel };
        if !self.asks_agent(agent, hold_slot).await? {
            return Ok(None);
        }
        self.holds.entry(id).or_default().push((agent, hold));
        Ok(Some(hold))
    }

    pub async fn releases(&mut self, agent: AgentId, hold: HoldId) -> anyhow::Result<()> {
        self.asks_agent(agent, agent::Command::ReleaseSlot { hold }).await?;
        self.serves_all_of(agent);
        Ok(())
    }

    /// Whoever waits where an agent serves may be served now.
    fn serves_all_of(&mut self, agent: AgentId) {
        let served: Vec<_> = self.organisation.served_by(agent).collect();
        for inbox in served {
            let manual = self.organisation.inbox(inbox).is_some_and(|(_, routing, _)| routing.mode == Mode::Manual);
            // Nothing flows by itself there: somebody looks now and then.
            let longest = if manual { TimeDelta::minutes(5) } else { TimeDelta::milliseconds(50) };
            self.later(longest, Thing::Serves(inbox));
        }
    }
}

/// Names an offer; any id will do.
pub fn offer_id(hold: HoldId) -> OfferId {
    OfferId(Uuid::from_u128(hold.0.as_u128() ^ 1))
}
