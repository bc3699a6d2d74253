//! One conversation, as far as reports need to remember it: what is open in it.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::Event;
use gatehouse_domain::{Channel, ConversationId, GatewayId, InboxId};

use super::assignments::Assignments;
use super::delivery_attempts::Sends;
use super::flow_turns::FlowTurns;
use super::interactions::Sums;
use super::messages;
use super::offers::Offers;
use super::queue_stays::Stays;
use super::responses::Turns;
use super::scene::{Owner, Place, Scene};
use super::sla_clocks::Clocks;
use super::time::cut;
use super::transfers::Transfers;
use crate::table::Change;

/// What is remembered of a conversation.
pub struct Conversation {
    gateway: GatewayId,
    channel: Channel,
    /// The newest time that was told.
    now: DateTime<Utc>,
    sends: Sends,
    open: Option<Box<Open>>,
}

/// An open interaction.
struct Open {
    interaction: u32,
    inbox: InboxId,
    owner: Owner,
    sums: Sums,
    stays: Stays,
    offers: Offers,
    assignments: Assignments,
    transfers: Transfers,
    flow_turns: FlowTurns,
    turns: Turns,
    clocks: Clocks,
}

impl Conversation {
    /// What the first event says; none where it opens nothing.
    pub fn met(event: &Event) -> Option<Self> {
        let Event::InteractionOpened { gateway, channel, at, .. } = event else { return None };
        Some(Self { gateway: *gateway, channel: *channel, now: cut(*at), sends: Sends::default(), open: None })
    }

    pub fn told(&mut self, event: &Event, id: ConversationId, sequence: i64, changes: &mut Vec<Change>) {
        self.now = self.now.max(cut(event.at()));
        let place = Place { conversation: id, sequence, at: self.now, gateway: self.gateway, channel: self.channel };
        if let Event::InteractionOpened { .. } = event {
            self.open = Open::opened(event, place, changes).map(Box::new);
        }
        let scene = self.open.as_ref().map(|open| open.scene(place));
        messages::told(event, &place, scene.as_ref(), changes);
        self.sends.told(event, &place, scene.as_ref(), changes);
        if let (Some(open), Some(scene)) = (&mut self.open, scene) {
            open.told(event, &scene, changes);
        }
        if let Event::InteractionEnded { .. } = event {
            self.open = None;
        }
    }
}

impl Open {
    fn opened(event: &Event, place: Place, changes: &mut Vec<Change>) -> Option<Self> {
        let Event::InteractionOpened { interaction, contact, inbox, opening, sla, .. } = event else { return None };
        let scene = Scene { place, interaction: *interaction, inbox: *inbox, owner: Owner::Nobody, asked: false };
        Some(Self {
            interaction: *interaction,
            inbox: *inbox,
            owner: Owner::Nobody,
            sums: Sums::opened(&scene, *contact, *opening, *sla, changes),
            stays: Stays::default(),
            offers: Offers::default(),
            assignments: Assignments::default(),
            transfers: Transfers::default(),
            flow_turns: FlowTurns::default(),
            turns: Turns::default(),
            clocks: Clocks::default(),
        })
    }

    fn scene(&self, place: Place) -> Scene {
        let (interaction, inbox, owner) = (self.interaction, self.inbox, self.owner);
        Scene { place, interaction, inbox, owner, asked: self.turns.asked() }
    }

    fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) {
        self.offers.told(event, scene, changes);
        self.transfers.told(event, scene, changes);
        self.sums.waited_ms += self.stays.told(event, scene, changes);
        self.sums.handled_ms += self.assignments.told(event, scene, changes);
        self.sums.flow_ms += self.flow_turns.told(event, scene, changes);
        let turned = self.turns.told(event, scene, changes);
        self.clocks.told(event, turned.as_ref(), scene, changes);
        self.sums.told(event, turned.as_ref(), scene, changes);
        match event {
            Event::Queued { inbox, .. } => (self.inbox, self.owner) = (*inbox, Owner::Queue),
            Event::Assigned { agent, .. } => self.owner = Owner::Agent { agent: *agent, since: scene.at },
            Event::HandedToFlow { inbox, .. } => (self.inbox, self.owner) = (*inbox, Owner::Flow),
            _ => {}
        }
    }
}
