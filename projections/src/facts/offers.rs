//! Offers: each agent asked is one row, also where several are asked at once.

use chrono::{DateTime, Utc};
use gatehouse_domain::conversation::{Event, Rule, Withdrawn};
use gatehouse_domain::{AgentId, Channel, ConversationId, GatewayId, InboxId, OfferId};

use super::scene::Scene;
use super::time::{cut, ms};
use crate::table::Change;

crate::row! {
    /// One offer of an interaction to one agent; ring-all makes one row per agent.
    pub struct Offer in OFFERS "offers" key 2 indexes [["closed_at"], ["agent_id", "offered_at"]] {
        /// The conversation.
        conversation_id: ConversationId,
        /// The offer.
        offer_id: OfferId,
        /// The interaction.
        interaction: u32,
        /// Who was asked.
        agent_id: AgentId,
        /// Where it waited.
        inbox_id: InboxId,
        /// The account it came in by.
        gateway_id: GatewayId,
        /// The channel.
        channel: Channel,
        /// By which rule the agent was chosen; none where it was not told.
        rule: Option<&'static str>,
        /// When it was offered.
        offered_at: DateTime<Utc>,
        /// Until when it could be accepted.
        until: DateTime<Utc>,
        /// When it was over; none: it is open.
        closed_at: Option<DateTime<Utc>>,
        /// accepted, declined, lapsed (nobody answered in time), withdrawn.
        outcome: Option<&'static str>,
        /// Why it was withdrawn: superseded (a colleague got it, or it went elsewhere), agent_gone, ended, requested.
        withdrawn: Option<&'static str>,
        /// From offered to its outcome, in milliseconds.
        open_ms: Option<i64>,
    }
}

/// The open offers of one interaction.
#[derive(Default)]
pub struct Offers {
    open: Vec<Offer>,
}

impl Offers {
    pub fn told(&mut self, event: &Event, scene: &Scene, changes: &mut Vec<Change>) {
        match event {
            Event::Offered { offers, until, why, .. } => {
                for one in offers {
                    let offer = Offer {
                        conversation_id: scene.conversation,
                        offer_id: one.offer,
                        interaction: scene.interaction,
                        agent_id: one.agent,
                        inbox_id: scene.inbox,
                        gateway_id: scene.gateway,
                        channel: scene.channel,
                        rule: why.as_ref().map(|why| rule(why.rule)),
                        offered_at: scene.at,
                        until: cut(*until),
                        closed_at: None,
                        outcome: None,
                        withdrawn: None,
                        open_ms: None,
                    };
                    changes.push(Change::put(offer.clone()));
                    self.open.push(offer);
                }
            }
            Event::OfferAccepted { offer, .. } => self.closed(*offer, "accepted", None, scene, changes),
            Event::OfferDeclined { offer, .. } => self.closed(*offer, "declined", None, scene, changes),
            Event::OfferLapsed { offer, .. } => self.closed(*offer, "lapsed", None, scene, changes),
            Event::OfferWithdrawn { offer, why, .. } => {
                self.closed(*offer, "withdrawn", Some(withdrawn(*why)), scene, changes);
            }
            _ => {}
        }
    }

    fn closed(
        &mut self,
        offer: OfferId,
        outcome: &'static str,
        withdrawn: Option<&'static str>,
        scene: &Scene,
        changes: &mut Vec<Change>,
    ) {
        let Some(place) = self.open.iter().position(|one| one.offer_id == offer) else { return };
        let mut offer = self.open.remove(place);
        let open = ms(offer.offered_at, scene.at);
        (offer.closed_at, offer.outcome, offer.withdrawn) = (Some(scene.at), Some(outcome), withdrawn);
        offer.open_ms = Some(open);
        let counts: &[_] = match outcome {
            "accepted" => &[("offers_accepted", 1), ("offers_accepted_ms", open)],
            "declined" => &[("offers_declined", 1)],
            "lapsed" => &[("offers_lapsed", 1)],
            _ => &[("offers_withdrawn", 1)],
        };
        changes.push(scene.in_inbox(offer.inbox_id).count(Some(offer.agent_id), counts));
        changes.push(Change::put(offer));
    }
}

const fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::LongestIdle => "longest_idle",
        Rule::LeastBusy => "least_busy",
        Rule::RoundRobin => "round_robin",
        Rule::Ordered => "ordered",
        Rule::RingAll => "ring_all",
        Rule::PreferredAgent => "preferred_agent",
        Rule::Requested => "requested",
    }
}

/// The word for why an offer or a transfer was taken back.
pub const fn withdrawn(why: Withdrawn) -> &'static str {
    match why {
        Withdrawn::Superseded => "superseded",
        Withdrawn::AgentGone => "agent_gone",
        Withdrawn::Ended => "ended",
        Withdrawn::Requested => "requested",
    }
}
