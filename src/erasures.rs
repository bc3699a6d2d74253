//! The contacts that were erased: a plain list beside the log, which no backup holds and no restore takes back.
//!
//! A log restored from before an erasure knows the contact again, and their key. The list tells whom to erase again.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gatehouse_domain::ContactId;

pub const ERASURES_FILE: &str = "erasures.list";

/// `erasures.list` in the data directory: one contact's id a line, only ever added to.
pub struct Erasures {
    path: PathBuf,
    adding: Mutex<()>,
}

impl Erasures {
    /// The list in `data`; there may be none yet.
    pub fn open(data: &Path) -> io::Result<Self> {
        let this = Self { path: data.join(ERASURES_FILE), adding: Mutex::new(()) };
        this.all()?;
        Ok(this)
    }

    /// Adds those who are not on it yet; on disk when it returns.
    pub fn add(&self, contacts: &[ContactId]) -> io::Result<()> {
        let _turn = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let text = self.text()?;
        let mut known: BTreeSet<ContactId> = listed(&text).collect();
        let new: String =
            contacts.iter().filter(|contact| known.insert(**contact)).map(|contact| format!("{contact}\n")).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.path)?;
        // Whatever broke off in the middle of a line stays a line of its own.
        let start = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        file.write_all(format!("{start}{new}").as_bytes())?;
        file.sync_all()?;
        // The name of a new file is on disk when its directory is.
        self.path.parent().map_or(Ok(()), |data| fs::File::open(data)?.sync_all())
    }

    /// Everybody on the list.
    pub fn all(&self) -> io::Result<Vec<ContactId>> {
        let known: BTreeSet<ContactId> = listed(&self.text()?).collect();
        Ok(known.into_iter().collect())
    }

    fn text(&self) -> io::Result<String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error),
        }
    }
}

fn listed(text: &str) -> impl Iterator<Item = ContactId> {
    text.lines().filter_map(|line| line.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_added_is_on_the_list_for_good_and_once() {
        let data = tempfile::tempdir().unwrap();
        let [lena, mark] = [1, 2].map(|number| ContactId(uuid::Uuid::from_u128(number)));
        let erasures = Erasures::open(data.path()).unwrap();
        assert_eq!(erasures.all().unwrap(), []);
        for contacts in [vec![mark], vec![lena, mark, lena], vec![mark]] {
            erasures.add(&contacts).unwrap();
        }
        assert_eq!(Erasures::open(data.path()).unwrap().all().unwrap(), [lena, mark]);
        assert_eq!(fs::read_to_string(data.path().join(ERASURES_FILE)).unwrap(), format!("{mark}\n{lena}\n"));
    }

    #[test]
    fn a_line_that_broke_off_spoils_no_other() {
        let data = tempfile::tempdir().unwrap();
        let lena = ContactId(uuid::Uuid::from_u128(1));
        fs::write(data.path().join(ERASURES_FILE), "00000000-0000").unwrap();
        let erasures = Erasures::open(data.path()).unwrap();
        erasures.add(&[lena]).unwrap();
        assert_eq!(erasures.all().unwrap(), [lena]);
    }
}
