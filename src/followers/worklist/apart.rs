//! What cannot be read on: an event of it was written by a newer version. Nobody knows how it stands, so it is left alone,
//! and everybody else is served as if it were not there.
//!
//! - A conversation is asked for nothing, and no slot is taken for it. Slots that are held for it stay held, and it counts
//!   for the licence as long as one is: it may be in somebody's hands.
//! - An agent is asked for nothing. Whatever was offered to them is withdrawn, what they own stays theirs until a
//!   supervisor moves it, and their slots are not counted on: what waited for one of them stands in line again.
//! - Inboxes and teams stay as they stood.

use gatehouse_domain::{AgentId, Channel, ConversationId, Kind, StreamId};

use super::Worklist;

impl Worklist {
    pub(super) fn set_apart(&mut self, stream: StreamId) {
        match stream.kind {
            Kind::Conversation => self.set_conversation_apart(stream),
            Kind::Agent => self.set_agent_apart(stream),
            _ => {}
        }
    }

    pub(super) fn is_apart(&self, id: ConversationId) -> bool {
        !self.apart.is_empty() && self.apart.contains(&StreamId { kind: Kind::Conversation, id: id.0 })
    }

    pub(super) fn is_agent_apart(&self, id: AgentId) -> bool {
        !self.apart.is_empty() && self.apart.contains(&StreamId { kind: Kind::Agent, id: id.0 })
    }

    /// What a conversation counts as for the licence that is set apart with a slot held for it.
    pub(super) fn kept_apart(&self, id: ConversationId) -> Option<Channel> {
        let (hold, agent) = self.holds.get(&id).filter(|_| self.is_apart(id))?.first_key_value()?;
        Some(self.agents.get(agent)?.holds.get(hold)?.channel)
    }

    fn set_conversation_apart(&mut self, stream: StreamId) {
        let id = ConversationId(stream.id);
        self.apart.insert(stream);
        if let Some((class, place)) = self.open.remove(&id).and_then(|work| work.lined) {
            self.line.remove(class, place, id);
        }
        self.wraps.remove(&id);
        self.index(id);
    }

    fn set_agent_apart(&mut self, stream: StreamId) {
        let id = AgentId(stream.id);
        self.apart.insert(stream);
        self.marks.remove(&id);
        let Some(agent) = self.agents.get_mut(&id) else { return };
        // Without a desk nobody is asked for anything.
        agent.sockets.clear();
        for (hold, held) in std::mem::take(&mut agent.holds) {
            let of = held.conversation;
            if let Some(holds) = self.holds.get_mut(&of) {
                holds.remove(&hold);
                if holds.is_empty() {
                    self.holds.remove(&of);
                }
            }
            self.wraps.remove(&of);
            self.unsettle(of);
            self.index(of);
        }
        self.reindex(id);
    }
}
