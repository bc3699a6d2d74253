//! What followers ask for, done as their shells do it.

use gatehouse_domain::conversation::{Command, Delivery, HowAssigned, Owner, Refusal, Withdrawn};

use super::super::*;
use super::chance::Chance;
use super::world::{Task, World};
use crate::followers::deadlines::Subject as Ran;
use crate::followers::outbox;
use crate::journal::Receipt;

impl World {
    /// Reads to the end of the log, hears what became of what was asked for, and asks for more.
    pub fn followers_follow(&mut self) -> Result<(), String> {
        for recorded in &self.log[self.folded..] {
            self.worklist.fold(recorded);
            self.deadlines.fold(recorded);
            self.outbox.fold(recorded);
        }
        self.folded = self.log.len();
        for (task, outcome) in std::mem::take(&mut self.answered) {
            match task {
                Task::Worklist(act) => self.worklist.done(act, outcome, self.now),
                Task::Deadline(lapsed) => self.deadlines.done(lapsed, outcome, self.now),
                Task::Outbox(act) | Task::Record(act) => self.outbox.done(act, outcome, self.now),
            }
        }
        for act in self.worklist.due(self.now) {
            if let Act::Hold { conversation, agent, .. } = act {
                self.is_first_in_line(conversation, agent)?;
            }
            self.tasks.push_back(Task::Worklist(act));
        }
        self.tasks.extend(self.deadlines.due(self.now).into_iter().map(Task::Deadline));
        self.tasks.extend(self.outbox.due(self.now).into_iter().map(Task::Outbox));
        Ok(())
    }

    /// The first or the last of what was asked for; sometimes it or its answer is lost, sometimes it is done twice.
    pub fn a_task_is_done(&mut self, chance: &mut Chance) -> Result<&'static str, String> {
        let task = if chance.one_in(2) { self.tasks.pop_front() } else { self.tasks.pop_back() };
        let Some(task) = task else { return Ok("nothing is to be done") };
        let luck = chance.below(10);
        // What is with a provider, and whom an answer reaches, is not the log's to lose.
        if luck == 0 && !matches!(task, Task::Outbox(_) | Task::Record(_) | Task::Worklist(Act::Answer { .. })) {
            self.answered.push((task, Done::Failed));
            return Ok("something is lost");
        }
        let done = self.perform(&task)?;
        if luck == 1 && !matches!(task, Task::Outbox(_) | Task::Record(_) | Task::Worklist(Act::Answer { .. })) {
            self.answered.push((task, Done::Failed));
            return Ok("something is done, and that is not heard");
        }
        if luck == 2 && !matches!(task, Task::Outbox(_) | Task::Worklist(Act::Answer { .. })) {
            self.perform(&task)?;
        }
        if let Some(done) = done {
            self.answered.push((task, done));
        }
        Ok("something is done")
    }

    pub fn perform(&mut self, task: &Task) -> Result<Option<Done>, String> {
        match task {
            Task::Worklist(act) => self.perform_act(act.clone()).map(Some),
            Task::Deadline(lapsed) => {
                let of = |what: &str| format!("{what}/{}", lapsed.about.timestamp_micros());
                let owner_available = lapsed.owner_available;
                Ok(Some(match lapsed.subject {
                    Ran::Offer(id, offer) => self.done_by(id, Command::LapseOffer { offer }, offer.0, &of("offer")),
                    Ran::Transfer(id, transfer) => {
                        let command = Command::LapseTransfer { transfer, owner_available };
                        self.done_by(id, command, transfer.0, &of("transfer"))
                    }
                    Ran::Window(id) => {
                        self.done_by(id, Command::ExpireWindow { until: lapsed.about }, id.0, &of("window"))
                    }
                    Ran::Idle(id) => {
                        self.done_by(id, Command::CloseIdle { silent_since: lapsed.about }, id.0, &of("idle"))
                    }
                    Ran::Sla(id, clock) => {
                        let command = Command::BreachSla { clock, due: lapsed.about };
                        self.done_by(id, command, id.0, &of(&format!("sla/{clock:?}")))
                    }
                    Ran::Grace(id) => {
                        let command = agent::Command::GoOffline { cause: agent::OfflineCause::Disconnected };
                        self.done_by_agent(id, command, id.0, &of("grace"))
                    }
                }))
            }
            Task::Outbox(act) => self.send(*act),
            Task::Record(outbox::Act::Send { conversation, message, attempt, .. }) => {
                let delivery = Delivery::Submitted { provider_id: message.to_string() };
                let command = Command::RecordDelivery { message: *message, delivery };
                Ok(Some(self.done_by(*conversation, command, message.0, &format!("outcome/{attempt}"))))
            }
            Task::Record(outbox::Act::GiveUp { .. } | outbox::Act::Doubt { .. }) => Ok(None),
        }
    }

    /// Begins an attempt and hands it to the provider; the outcome is recorded in a step of its own.
    fn send(&mut self, act: outbox::Act) -> Result<Option<Done>, String> {
        match act {
            outbox::Act::Send { conversation, message, attempt, .. } => {
                let command = Command::BeginSend { message, attempt };
                let begun = self.done_by(conversation, command, message.0, &format!("begin/{attempt}"));
                if !matches!(begun, Done::Committed(_)) {
                    return Ok(Some(begun));
                }
                if !self.sent.insert((message, attempt)) {
                    return Err(format!("{message} is sent twice in one attempt"));
                }
                self.tasks.push_back(Task::Record(act));
                Ok(None)
            }
            outbox::Act::GiveUp { conversation, message, attempt } => {
                let command = Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } };
                Ok(Some(self.done_by(conversation, command, message.0, &format!("give_up/{attempt}"))))
            }
            outbox::Act::Doubt { .. } => Err("a log that was never restored is doubted".to_owned()),
        }
    }

    fn perform_act(&mut self, act: Act) -> Result<Done, String> {
        Ok(match act {
            Act::Hold { conversation, agent, channel, hold } => {
                let command = agent::Command::HoldSlot { hold, conversation, channel };
                self.done_by_agent(agent, command, hold.0, "hold")
            }
            Act::HoldFor { request, conversation, agent, channel, hold } => {
                let command = agent::Command::HoldSlot { hold, conversation, channel };
                match self.execute_agent(agent, command, Some((hold.0, "hold".to_owned()))) {
                    Ok(position) => Done::Committed(position),
                    Err(refusal) => {
                        self.worklist.heard(request, Err(Refused::Agent(refusal)));
                        Done::Refused
                    }
                }
            }
            Act::Offer { conversation, offers, until, why } => {
                let of = offers[0].offer.0;
                self.done_by(conversation, Command::Offer { offers, until, why }, of, "offer")
            }
            Act::Give { conversation, agent, hold, why } => {
                let Some(ownership) = self.ownership(conversation, |owner| *owner == Owner::Queue) else {
                    return Ok(Done::Refused);
                };
                let command = Command::Assign { agent, hold, how: HowAssigned::Automatic, ownership, why };
                self.done_by(conversation, command, hold.0, &format!("give/{ownership}"))
            }
            Act::Withdraw { conversation, offer } => {
                self.done_by(conversation, Command::WithdrawOffer { offer }, offer.0, "withdraw")
            }
            Act::WithdrawTransfer { conversation, transfer, owner_available } => {
                let command = Command::WithdrawTransfer { transfer, owner_available, why: Withdrawn::AgentGone };
                self.done_by(conversation, command, transfer.0, "withdraw")
            }
            Act::Return { conversation, agent } => {
                let owns = |owner: &Owner| matches!(owner, Owner::Agent { agent: owner, .. } if *owner == agent);
                let Some(ownership) = self.ownership(conversation, owns) else { return Ok(Done::Refused) };
                let command = Command::ReturnToInbox { ownership };
                self.done_by(conversation, command, conversation.0, &format!("return/{ownership}"))
            }
            Act::Release { agent, hold, .. } => {
                self.done_by_agent(agent, agent::Command::ReleaseSlot { hold }, hold.0, "release")
            }
            Act::Mark { agent, version } => {
                self.done_by_agent(agent, agent::Command::MarkNotResponding, agent.0, &format!("mark/{version}"))
            }
            Act::Do { request, conversation, command } => {
                let (done, said) = match self.asked(request, conversation, command) {
                    Ok(position) => (Done::Committed(position), Ok(Receipt { position, sequence: 0 })),
                    Err(refused) => match self.granted(request) {
                        Some(granted) => (Done::Committed(granted.receipt.position), Ok(granted.receipt)),
                        None => (Done::Refused, Err(refused)),
                    },
                };
                self.worklist.heard(request, said);
                done
            }
            Act::Answer { request, answer } => {
                self.is_told(request, &answer)?;
                Done::Committed(0)
            }
        })
    }

    fn asked(&mut self, request: RequestKey, id: ConversationId, asked: Asked) -> Result<u64, Refused> {
        let taken = || Refused::Taken { by: None };
        let command = asked.command(&self.conversations[&id].0).ok_or_else(taken)?;
        self.execute(id, command, Some((request.0, "request".to_owned()))).map_err(|refusal: Refusal| {
            if refusal == Refusal::StaleOwnership { taken() } else { Refused::Conversation(refusal) }
        })
    }

    fn ownership(&self, id: ConversationId, may: impl Fn(&Owner) -> bool) -> Option<u64> {
        let state = &self.conversations[&id].0;
        state.open().ok().filter(|open| may(&open.owner)).map(|_| state.ownership)
    }

    fn done_by(&mut self, id: ConversationId, command: Command, of: Uuid, what: &str) -> Done {
        self.execute(id, command, Some((of, what.to_owned()))).map_or(Done::Refused, Done::Committed)
    }

    fn done_by_agent(&mut self, id: AgentId, command: agent::Command, of: Uuid, what: &str) -> Done {
        self.execute_agent(id, command, Some((of, what.to_owned()))).map_or(Done::Refused, Done::Committed)
    }
}
