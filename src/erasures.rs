//! The list of contacts who were erased: one id a line, in a file beside the keys and outside every backup. A backup made
//! before an erasure still has the contact's key; whoever restores it applies this list.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gatehouse_domain::ContactId;

/// The list in a data directory.
pub const FILE: &str = "erasures.list";

pub struct Erasures {
    file: PathBuf,
}

impl Erasures {
    /// The list in the data directory.
    pub fn open(data: &Path) -> Self {
        Self::at(data.join(FILE))
    }

    /// A list elsewhere.
    pub fn at(file: PathBuf) -> Self {
        Self { file }
    }

    /// Puts a contact on the list; on disk when it returns.
    #[cfg_attr(not(test), expect(dead_code, reason = "whoever erases a contact calls it"))]
    pub fn add(&self, contact: ContactId) -> io::Result<()> {
        let mut file: File = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.file)?;
        file.write_all(format!("{contact}\n").as_bytes())?;
        file.sync_all()
    }

    /// Everybody on the list; nobody where there is none.
    pub fn all(&self) -> io::Result<BTreeSet<ContactId>> {
        let text = match std::fs::read_to_string(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            text => text?,
        };
        let id = |line: &str| {
            let unreadable = |_| io::Error::other(format!("{}: {line:?} names no contact", self.file.display()));
            line.parse().map_err(unreadable)
        };
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_put_on_the_list_stays_on_it() {
        let data = tempfile::tempdir().unwrap();
        let id = |number| ContactId(uuid::Uuid::from_u128(number));
        assert_eq!(Erasures::open(data.path()).all().unwrap(), BTreeSet::new());
        for number in [3, 1, 3] {
            Erasures::open(data.path()).add(id(number)).unwrap();
        }
        assert_eq!(Erasures::open(data.path()).all().unwrap(), [id(1), id(3)].into());
        std::fs::write(data.path().join(FILE), "Clara\n").unwrap();
        assert!(Erasures::open(data.path()).all().unwrap_err().to_string().contains("names no contact"));
    }
}
