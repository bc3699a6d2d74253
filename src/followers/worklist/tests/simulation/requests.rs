//! What people ask of the worklist, and what they are told.

use gatehouse_domain::conversation::Owner;

use super::super::*;
use super::chance::Chance;
use super::world::World;

impl World {
    pub fn something_is_asked(&mut self, chance: &mut Chance) -> &'static str {
        let agent = self.an_agent(chance);
        let conversation = if chance.one_in(2) {
            self.a_conversation(chance)
        } else {
            self.one_that(chance, |owner| matches!(owner, Owner::Agent { .. }))
        };
        let inbox = if chance.one_in(2) { SALES } else { BILLING };
        let (owner, pending) = match self.owner(conversation) {
            Some(Owner::Agent { agent, transfer, .. }) => (Some(agent), transfer),
            _ => (None, None),
        };
        // Mostly of somebody who is there, or nothing would come of most of it.
        let there = self.agents.iter().filter(|(_, (agent, _))| agent.presence == agent::Presence::Online);
        let there: Vec<AgentId> = there.map(|(id, _)| *id).collect();
        let agent = if chance.one_in(4) { agent } else { chance.of(&there).unwrap_or(agent) };
        let by = owner.unwrap_or(agent);
        let id = Uuid::from_u128(0x4E << 64 | self.requests.len() as u128);
        let (ask, what) = match chance.below(12) {
            3..=5 if owner.is_some() => {
                let note = "please".to_owned();
                (
                    Ask::Transfer { conversation, transfer: TransferId(id), by, to: agent, note },
                    "a transfer is asked for",
                )
            }
            0..=1 | 3..=5 => {
                (Ask::PullOldest { agent, inbox: chance.one_in(2).then_some(inbox) }, "the oldest is pulled")
            }
            2 => (Ask::Pull { agent, conversation }, "one is pulled"),
            6 => (Ask::TransferToInbox { conversation, by, inbox }, "it is given to an inbox"),
            7 => (Ask::Assign { conversation, to: agent, by: AgentId(Uuid::nil()) }, "a supervisor assigns"),
            8 => (Ask::TakeOver { conversation, by: agent }, "a supervisor takes over"),
            9 => (Ask::Move { conversation, inbox }, "a supervisor moves"),
            10 => {
                let channel = self.conversations[&conversation].0.party.map_or(Channel::Sms, |party| party.channel);
                (Ask::Retake { conversation, channel, agent }, "one is retaken")
            }
            _ => match pending {
                Some(pending) if chance.one_in(2) => {
                    let transfer = pending.transfer;
                    (Ask::DeclineTransfer { conversation, transfer, agent: pending.to }, "a transfer is declined")
                }
                Some(pending) => {
                    let transfer = pending.transfer;
                    (Ask::WithdrawTransfer { conversation, transfer, by }, "a transfer is withdrawn")
                }
                None => return "nothing is asked",
            },
        };
        self.requests.insert(RequestKey(id), (ask.clone(), None));
        self.worklist.ask(Request { key: RequestKey(id), ask });
        what
    }

    /// Whoever got no answer asks again under the same key; whoever got one is told the same.
    pub fn something_is_asked_again(&mut self, chance: &mut Chance) -> Result<&'static str, String> {
        let all: Vec<RequestKey> = self.requests.keys().copied().collect();
        let Some(key) = chance.of(&all) else { return Ok("nothing is asked again") };
        let (ask, before) = self.requests[&key].clone();
        match (self.granted(key), before) {
            (Some(now), Some(before)) if now != before => Err(format!("{key:?} was {before:?} and is {now:?}")),
            (None, Some(before)) => Err(format!("{key:?} was granted and is forgotten: {before:?}")),
            (Some(_), _) => Ok("the first answer is told again"),
            (None, None) => {
                self.worklist.ask(Request { key, ask });
                Ok("something is asked again")
            }
        }
    }

    /// What a request was granted, as its key tells.
    pub fn granted(&self, key: RequestKey) -> Option<Granted> {
        let (position, conversation) = *self.done.get(&(key.0, "request".to_owned()))?;
        Some(Granted { conversation, receipt: crate::journal::Receipt { position, sequence: 0 } })
    }

    /// Somebody is answered.
    pub fn is_told(&mut self, key: RequestKey, answer: &Answer) -> Result<(), String> {
        let granted = self.granted(key);
        let Some((_, told)) = self.requests.get_mut(&key) else { return Err(format!("nobody asked {key:?}")) };
        match answer {
            Ok(now) => {
                if granted != Some(*now) || told.is_some_and(|before| before != *now) {
                    return Err(format!("{key:?} is told {now:?}, and {granted:?} happened"));
                }
                *told = Some(*now);
                self.granted += 1;
            }
            Err(Refused::Unavailable) => {}
            Err(refused) if granted.is_some() => {
                return Err(format!("{key:?} is told {refused:?}, and it happened: {granted:?}"));
            }
            Err(_) => self.refused += 1,
        }
        Ok(())
    }
}
