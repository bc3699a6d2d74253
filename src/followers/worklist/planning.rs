//! What a request needs now: a slot of an agent, or a command at once; or why it cannot be. Looks and changes nothing.

use gatehouse_domain::conversation::{Refusal, Withdrawn};
use gatehouse_domain::{AgentId, Channel, ConversationId, InboxId};

use super::{Ask, Asked, Handover, Refused, Standing, Worklist};

/// What a request needs.
pub enum Plan {
    Slot { conversation: ConversationId, agent: AgentId, channel: Channel, licensed: bool },
    Command { conversation: ConversationId, command: Asked },
}

impl Worklist {
    /// What a request needs now, or why it cannot be.
    pub(super) fn plan(&self, ask: &Ask) -> Result<Plan, Refused> {
        match ask {
            Ask::PullOldest { agent, inbox } => {
                let (conversation, channel) = self.oldest_for(*agent, *inbox)?;
                Ok(Plan::Slot { conversation, agent: *agent, channel, licensed: true })
            }
            Ask::Pull { agent, conversation } => {
                let work = self.open.get(conversation).ok_or(Refused::Conversation(Refusal::NotOpen))?;
                if !matches!(work.standing, Standing::Waiting { .. }) {
                    return Err(Refused::Taken { by: self.owner(*conversation) });
                }
                let inbox = self.inboxes.get(&work.inbox).ok_or(Refused::NoSuchInbox)?;
                if !inbox.serving.contains(agent) {
                    return Err(Refused::NotMember);
                }
                let known = self.agents.get(agent).ok_or(Refused::NoSuchAgent)?;
                if let Some(reason) = known.unable_in(work.inbox, inbox, work.channel, false) {
                    return Err(Refused::Unable { agent: *agent, reason });
                }
                self.licensed_slot(*conversation, *agent, work.channel)
            }
            Ask::Transfer { conversation, transfer, by, to, .. } => {
                let (owner, pending) = self.owned(*conversation)?;
                if owner != *by {
                    return Err(Refused::Conversation(Refusal::NotOwner { owner: Some(owner) }));
                }
                if by == to {
                    return Err(Refused::Conversation(Refusal::TransferToSelf));
                }
                if pending.is_some_and(|pending| pending.transfer != *transfer) {
                    return Err(Refused::Conversation(Refusal::TransferPending));
                }
                let channel = self.able(*conversation, *to)?;
                Ok(Plan::Slot { conversation: *conversation, agent: *to, channel, licensed: false })
            }
            Ask::DeclineTransfer { conversation, transfer, agent } => {
                let owner_available = self.owned(*conversation).is_ok_and(|(owner, _)| self.is_online(owner));
                let command = Asked::DeclineTransfer { transfer: *transfer, agent: *agent, owner_available };
                Ok(Plan::Command { conversation: *conversation, command })
            }
            Ask::WithdrawTransfer { conversation, transfer, by } => {
                let (owner, _) = self.owned(*conversation)?;
                if owner != *by {
                    return Err(Refused::Conversation(Refusal::NotOwner { owner: Some(owner) }));
                }
                let (owner_available, why) = (self.is_online(owner), Withdrawn::Requested);
                let command = Asked::WithdrawTransfer { transfer: *transfer, owner_available, why };
                Ok(Plan::Command { conversation: *conversation, command })
            }
            Ask::TransferToInbox { conversation, by, inbox } => {
                let (owner, _) = self.owned(*conversation)?;
                if owner != *by {
                    return Err(Refused::Conversation(Refusal::NotOwner { owner: Some(owner) }));
                }
                self.moved(*conversation, *inbox, Some(*by))
            }
            Ask::Move { conversation, inbox } => self.moved(*conversation, *inbox, None),
            Ask::Assign { conversation, to: agent, .. } | Ask::TakeOver { conversation, by: agent } => {
                if self.owner(*conversation) == Some(*agent) {
                    return Err(Refused::Taken { by: Some(*agent) });
                }
                let channel = self.able(*conversation, *agent)?;
                self.licensed_slot(*conversation, *agent, channel)
            }
            Ask::Retake { conversation, channel, agent } => {
                if self.open.contains_key(conversation) {
                    return Err(Refused::Taken { by: self.owner(*conversation) });
                }
                let known = self.agents.get(agent).ok_or(Refused::NoSuchAgent)?;
                // A slot kept for finishing up is taken up again.
                let unable =
                    if self.hold_of(*conversation, *agent).is_some() { known.absent() } else { known.unable(*channel) };
                unable.map_or(Ok(()), |reason| Err(Refused::Unable { agent: *agent, reason }))?;
                self.licensed_slot(*conversation, *agent, *channel)
            }
        }
    }

    /// The one that waits longest of those an agent may pull.
    fn oldest_for(&self, agent: AgentId, inbox: Option<InboxId>) -> Result<(ConversationId, Channel), Refused> {
        let known = self.agents.get(&agent).ok_or(Refused::NoSuchAgent)?;
        if let Some(inbox) = inbox {
            let inbox = self.inboxes.get(&inbox).ok_or(Refused::NoSuchInbox)?;
            if !inbox.serving.contains(&agent) {
                return Err(Refused::NotMember);
            }
        }
        if let Some(reason) = known.absent() {
            return Err(Refused::Unable { agent, reason });
        }
        let (mut best, mut blocked) = (None, Refused::NothingWaiting);
        for id in known.serves.iter().filter(|id| inbox.is_none_or(|inbox| inbox == **id)) {
            let Some(inbox) = self.inboxes.get(id) else { continue };
            for (channel, class) in &inbox.channels {
                let Some((place, conversation)) = self.line.head(*class) else { continue };
                if let Some(reason) = known.unable_in(*id, inbox, *channel, false) {
                    blocked = Refused::Unable { agent, reason };
                } else if self.licence.is_full(*channel) {
                    blocked = Refused::HeldByLicence;
                } else if best.is_none_or(|(first, _)| (place, conversation) < first) {
                    best = Some(((place, conversation), *channel));
                }
            }
        }
        best.map(|((_, conversation), channel)| (conversation, channel)).ok_or(blocked)
    }

    fn licensed_slot(&self, conversation: ConversationId, agent: AgentId, channel: Channel) -> Result<Plan, Refused> {
        if !self.licence.counts(conversation) && self.licence.is_full(channel) {
            return Err(Refused::HeldByLicence);
        }
        Ok(Plan::Slot { conversation, agent, channel, licensed: true })
    }

    /// Whether an agent could take an open interaction, wherever it is; its channel.
    fn able(&self, conversation: ConversationId, agent: AgentId) -> Result<Channel, Refused> {
        let work = self.open.get(&conversation).ok_or(Refused::Conversation(Refusal::NotOpen))?;
        let known = self.agents.get(&agent).ok_or(Refused::NoSuchAgent)?;
        let held = self.hold_of(conversation, agent).is_some();
        let unable = if held { known.absent() } else { known.unable(work.channel) };
        unable.map_or(Ok(work.channel), |reason| Err(Refused::Unable { agent, reason }))
    }

    fn owned(&self, conversation: ConversationId) -> Result<(AgentId, Option<Handover>), Refused> {
        let work = self.open.get(&conversation).ok_or(Refused::Conversation(Refusal::NotOpen))?;
        match &work.standing {
            Standing::Owned { agent, transfer, .. } => Ok((*agent, *transfer)),
            _ => Err(Refused::Conversation(Refusal::NotOwner { owner: None })),
        }
    }

    pub(super) fn owner(&self, conversation: ConversationId) -> Option<AgentId> {
        self.owned(conversation).ok().map(|(owner, _)| owner)
    }

    fn moved(&self, conversation: ConversationId, inbox: InboxId, owner: Option<AgentId>) -> Result<Plan, Refused> {
        if !self.inboxes.contains_key(&inbox) {
            return Err(Refused::NoSuchInbox);
        }
        if !self.open.contains_key(&conversation) {
            return Err(Refused::Conversation(Refusal::NotOpen));
        }
        Ok(Plan::Command { conversation, command: Asked::Move { inbox, owner } })
    }
}
