//! What happened to agents, inboxes and teams.

use gatehouse_domain::agent::{Event, Presence};
use gatehouse_domain::{AgentId, InboxId, Recorded, TeamId, inbox, team};

use super::people::{Held, Inbox};
use super::{Standing, Violation, Worklist};

/// Violations seen in passing that are remembered.
const EXCEEDED_MAX: usize = 100;

impl Worklist {
    pub(super) fn fold_agent(&mut self, id: AgentId, recorded: &Recorded, event: &Event) {
        let agent = self.agents.entry(id).or_default();
        agent.version = recorded.sequence;
        match event {
            Event::AgentAdded { at, .. } => agent.idle_since = *at,
            Event::WentOnline { at } => {
                (agent.presence, agent.idle_since, agent.lapses) = (Presence::Online, *at, 0);
                self.marks.remove(&id);
            }
            Event::TookBreak { reason, .. } => agent.presence = Presence::OnBreak { reason: reason.clone() },
            Event::WentOffline { .. } => agent.presence = Presence::Offline,
            Event::MarkedNotResponding { .. } => agent.presence = Presence::NotResponding,
            Event::Connected { socket, .. } => {
                agent.sockets.insert(*socket);
            }
            Event::Disconnected { socket, .. } => {
                agent.sockets.remove(socket);
            }
            Event::CapacitySet { capacity, .. } => agent.capacity = capacity.clone(),
            Event::SkillGranted { skill, .. } => {
                agent.skills.insert(skill.clone());
            }
            Event::SkillRevoked { skill, .. } => {
                agent.skills.remove(skill);
            }
            Event::SlotHeld { hold, conversation, channel, at } => {
                let inbox = self.open.get(conversation).map(|work| work.inbox);
                agent.holds.insert(*hold, Held { conversation: *conversation, channel: *channel, inbox });
                agent.idle_since = *at;
                let on_channel = agent.holds.values().filter(|held| held.channel == *channel).count();
                let limit = agent.capacity.per_channel.get(channel).copied().unwrap_or(u32::MAX);
                let exceeded = agent.holds.len() > agent.capacity.total as usize || on_channel > limit as usize;
                if exceeded && self.exceeded.len() < EXCEEDED_MAX {
                    self.exceeded.push(Violation::CapacityExceeded { agent: id });
                }
                if let Some(inbox) = inbox.and_then(|inbox| self.inboxes.get_mut(&inbox)) {
                    inbox.given.insert(id, recorded.position);
                }
                // Taken for one who was passed over meanwhile: the licence has gone to somebody else.
                if self.licence.is_full(*channel)
                    && !self.licence.counts(*conversation)
                    && let Some(Standing::Waiting { spent }) =
                        self.open.get_mut(conversation).map(|work| &mut work.standing)
                {
                    spent.insert(*hold);
                }
                self.holds.entry(*conversation).or_default().insert(*hold, id);
                self.unsettle(*conversation);
                self.index(*conversation);
                return self.reindex(id);
            }
            Event::SlotReleased { hold, at } => {
                agent.idle_since = *at;
                if let Some(held) = agent.holds.remove(hold) {
                    let id = held.conversation;
                    if let Some(holds) = self.holds.get_mut(&id) {
                        holds.remove(hold);
                        if holds.is_empty() {
                            self.holds.remove(&id);
                        }
                    }
                    if self.wraps.get(&id).is_some_and(|wrap| wrap.hold == *hold) {
                        self.wraps.remove(&id);
                    }
                    self.unsettle(id);
                    self.index(id);
                }
                return self.reindex(id);
            }
        }
        if self.agents.get(&id).is_some_and(|agent| agent.presence != Presence::Online) {
            self.marks.remove(&id);
        }
        self.reindex(id);
        self.look_at_holds_of(id);
    }

    pub(super) fn fold_inbox(&mut self, id: InboxId, event: &inbox::Event) {
        if let inbox::Event::InboxAdded { routing, .. } = event {
            self.inboxes.insert(id, Inbox::new(routing.clone()));
        }
        let Some(inbox) = self.inboxes.get_mut(&id) else { return };
        match event {
            inbox::Event::RoutingSet { routing, .. } => {
                inbox.set_routing(routing.clone());
                let concerned = self.open.iter().filter(|(_, work)| work.inbox == id).map(|(id, _)| *id);
                self.unsettled.extend(concerned);
                let wraps = self.wraps.iter().filter(|(_, wrap)| wrap.inbox == id).map(|(id, _)| *id);
                self.unsettled.extend(wraps);
                return self.reindex_inbox(id);
            }
            inbox::Event::MemberAdded { agent, .. } => {
                inbox.members.insert(*agent);
            }
            inbox::Event::MemberRemoved { agent, .. } => {
                inbox.members.remove(agent);
            }
            inbox::Event::TeamAdded { team, .. } => {
                inbox.teams.insert(*team);
            }
            inbox::Event::TeamRemoved { team, .. } => {
                inbox.teams.remove(team);
            }
            inbox::Event::InboxAdded { .. } | inbox::Event::InboxRenamed { .. } | inbox::Event::MadePrimary { .. } => {
                return;
            }
        }
        self.regroup(id);
    }

    pub(super) fn fold_team(&mut self, id: TeamId, event: &team::Event) {
        let members = self.teams.entry(id).or_default();
        match event {
            team::Event::TeamAdded { .. } | team::Event::TeamRenamed { .. } => return,
            team::Event::MemberAdded { agent, .. } => {
                members.insert(*agent);
            }
            team::Event::MemberRemoved { agent, .. } => {
                members.remove(agent);
            }
        }
        let theirs: Vec<InboxId> =
            self.inboxes.iter().filter(|(_, inbox)| inbox.teams.contains(&id)).map(|(id, _)| *id).collect();
        theirs.into_iter().for_each(|inbox| self.regroup(inbox));
    }
}
