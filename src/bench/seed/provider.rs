//! What becomes of what is sent: mostly it arrives; some of it fails, is put off, or nobody ever knows.

use chrono::TimeDelta;
use gatehouse_domain::conversation::{Command, Delivery, Resolution};
use gatehouse_domain::{ConversationId, MessageId};

use super::agenda::Thing;
use super::month::Month;

impl Month {
    pub async fn sends(&mut self, id: ConversationId, message: MessageId, attempt: u32) -> anyhow::Result<()> {
        if self.asked(id, Command::BeginSend { message, attempt }).await? {
            self.later(TimeDelta::seconds(2), Thing::SendAnswered(id, message, attempt));
        }
        Ok(())
    }

    pub async fn send_answered(&mut self, id: ConversationId, message: MessageId, attempt: u32) -> anyhow::Result<()> {
        match self.chance.below(100) {
            0..=2 => {
                let delivery = Delivery::Failed { reason: "the number does not exist".to_owned() };
                self.asks(id, Command::RecordDelivery { message, delivery }).await
            }
            3..=4 => {
                self.asks(id, Command::RecordDelivery { message, delivery: Delivery::Indeterminate { attempt } })
                    .await?;
                let resolution = if self.chance.one_in(2) { Resolution::Resend } else { Resolution::Discard };
                self.later(TimeDelta::minutes(30), Thing::Resolves(id, message, resolution));
                Ok(())
            }
            5..=7 => {
                let until = self.now + TimeDelta::seconds(30);
                let reason = "too many requests".to_owned();
                self.asks(id, Command::DeferSend { message, attempt, until, reason }).await?;
                self.agenda.enter(until, Thing::Sends(id, message, attempt + 1));
                Ok(())
            }
            _ => {
                let delivery = Delivery::Submitted { provider_id: message.to_string() };
                self.asks(id, Command::RecordDelivery { message, delivery }).await?;
                self.later(TimeDelta::seconds(5), Thing::Receipts(id, message));
                Ok(())
            }
        }
    }

    /// The next receipt of a message; out of order now and then.
    pub async fn receipts(&mut self, id: ConversationId, message: MessageId) -> anyhow::Result<()> {
        let delivery = match self.chance.below(10) {
            0..=2 => Delivery::Sent,
            3..=6 => Delivery::Delivered,
            7..=8 => Delivery::Read,
            _ => return Ok(()),
        };
        self.asks(id, Command::RecordDelivery { message, delivery }).await?;
        self.later(TimeDelta::minutes(5), Thing::Receipts(id, message));
        Ok(())
    }

    pub async fn resolves(
        &mut self,
        id: ConversationId,
        message: MessageId,
        resolution: Resolution,
    ) -> anyhow::Result<()> {
        let Some(by) = self.chance.of(&self.organisation.agents) else { return Ok(()) };
        if self.asked(id, Command::ResolveIndeterminate { message, resolution, by }).await?
            && resolution == Resolution::Resend
        {
            self.later(TimeDelta::seconds(2), Thing::Sends(id, message, 2));
        }
        Ok(())
    }
}
