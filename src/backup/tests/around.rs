//! An archive around whose steps something happens, or goes wrong.

use crate::backup::BackupError;
use crate::backup::archive::{Archive, Contents, LogHead};
use crate::backup::lines::{ClaimLine, EventLine, KeptLine, KeyLine, Line, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    BeforeHead,
    AfterHead,
    Load,
    Finish,
}

pub struct Around<A, H> {
    pub archive: A,
    /// Called before each step, and after the head was read.
    pub hook: H,
}

impl<A: Archive, H: AsyncFn(Step) -> Result<(), BackupError>> Archive for Around<A, H> {
    async fn head(&self) -> Result<LogHead, BackupError> {
        (self.hook)(Step::BeforeHead).await?;
        let head = self.archive.head().await;
        (self.hook)(Step::AfterHead).await?;
        head
    }

    async fn events(&self, after: &Place, until: u64) -> Result<Vec<EventLine>, BackupError> {
        self.archive.events(after, until).await
    }

    async fn claims(&self, after: &Place, until: u64) -> Result<Vec<ClaimLine>, BackupError> {
        self.archive.claims(after, until).await
    }

    async fn keys(&self, after: &Place, until: u64) -> Result<Vec<KeyLine>, BackupError> {
        self.archive.keys(after, until).await
    }

    async fn kept(&self, after: &Place, set_aside: bool) -> Result<Vec<KeptLine>, BackupError> {
        self.archive.kept(after, set_aside).await
    }

    async fn contents(&self) -> Result<Contents, BackupError> {
        self.archive.contents().await
    }

    async fn clear(&self) -> Result<(), BackupError> {
        self.archive.clear().await
    }

    async fn load<L: Line>(&self, lines: &[L]) -> Result<(), BackupError> {
        (self.hook)(Step::Load).await?;
        self.archive.load(lines).await
    }

    async fn finish(&self, head: LogHead) -> Result<bool, BackupError> {
        (self.hook)(Step::Finish).await?;
        self.archive.finish(head).await
    }
}
