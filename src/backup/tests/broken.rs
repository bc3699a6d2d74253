//! What is not a whole backup under the right keys changes nothing, and what was broken off is never served.

use std::cell::Cell;

use super::around::{Around, Step};
use super::*;
use crate::backup::restored::Restored;

every_way!(
    a_restore_broken_off_at_any_step_is_never_served_and_done_again_whole,
    a_store_that_holds_something_is_left_alone,
);

async fn a_restore_broken_off_at_any_step_is_never_served_and_done_again_whole(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let dir = small_backup(&from, &keys).await;
    let backup = Backup::verified(dir.path(), &keys.installation).await.unwrap();
    // The first load tells the cabinet; then four files, and the end.
    for survived in 0..=5 {
        let left = Cell::new(survived);
        let breaks = async |step: Step| {
            if !matches!(step, Step::Load | Step::Finish) {
                return Ok(());
            }
            let go_on = left.get() > 0;
            left.set(left.get() - i32::from(go_on));
            if go_on { Ok(()) } else { Err(BackupError::Unreadable("broken off".to_owned())) }
        };
        let archive = Around { archive: to.fillable().await, hook: breaks };
        let off = restore(&archive, "there", &backup, fresh_id(), NOON).await.unwrap_err();
        assert!(off.to_string().ends_with("broken off"), "{survived}: {off}");
        if survived > 0 {
            let log_id = to.readable().await.head().await.unwrap().log_id;
            let served = Restored::position_of(&*to.cabinet().await, log_id).await.unwrap_err();
            assert!(served.to_string().contains("gatehouse restore"), "{served}");
        }
    }
    let log = restored(dir.path(), &keys, &to).await.unwrap();
    assert_eq!(Restored::position_of(&*to.cabinet().await, log).await.unwrap(), 3);
    assert_eq!(addresses(&*keys.journal(&to).await).await, [Some("491701111111".to_owned())]);
}

async fn a_store_that_holds_something_is_left_alone(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let dir = small_backup(&from, &keys).await;
    let other = keys.journal(&to).await;
    keys.vault(&to).await;
    other.append(reason(9, 0, "mine")).await.unwrap();
    let before = to.readable().await.head().await.unwrap();
    let refused = restored(dir.path(), &keys, &to).await.unwrap_err();
    assert!(matches!(&refused, BackupError::InUse(_)), "{refused}");
    assert!(refused.to_string().contains("there holds a log already"), "{refused}");
    assert_eq!(to.readable().await.head().await.unwrap(), before);
    assert_eq!(keys.journal(&to).await.read(0, 10).await.unwrap(), other.read(0, 10).await.unwrap());
    assert!(matches!(restored(dir.path(), &keys, &from).await, Err(BackupError::InUse(_))));
}

#[tokio::test]
async fn a_log_that_was_restored_and_a_cabinet_alone_are_not_empty() {
    let keys = Keys::make();
    let dir = small_backup(&SqlitePlace::make().await, &keys).await;
    let restored_once = SqlitePlace::make().await;
    restored(dir.path(), &keys, &restored_once).await.unwrap();
    assert!(matches!(restored(dir.path(), &keys, &restored_once).await, Err(BackupError::InUse(_))));
    let only_a_cabinet = SqlitePlace::make().await;
    only_a_cabinet.store().await;
    keys.vault(&only_a_cabinet).await;
    assert!(matches!(restored(dir.path(), &keys, &only_a_cabinet).await, Err(BackupError::InUse(_))));
}

#[tokio::test]
async fn a_damaged_file_is_found_wherever_it_is_damaged() {
    let keys = Keys::make();
    let dir = small_backup(&SqlitePlace::make().await, &keys).await;
    for name in ["events.ndjson", "claims.ndjson", "keys.ndjson", "cabinet.ndjson"] {
        let path = dir.path().join(name);
        let good = std::fs::read(&path).unwrap();
        let cut = good[..good.len() / 2].to_vec();
        let mut flipped = good.clone();
        let middle = good.len() / 2;
        flipped[middle] ^= 1;
        let longer = [good.clone(), good.clone()].concat();
        for bad in [cut, flipped, longer, vec![]] {
            std::fs::write(&path, bad).unwrap();
            let refused = Backup::verified(dir.path(), &keys.installation).await.unwrap_err();
            assert!(matches!(&refused, BackupError::Damaged { file, .. } if file == name), "{name}: {refused}");
        }
        std::fs::remove_file(&path).unwrap();
        let refused = Backup::verified(dir.path(), &keys.installation).await.unwrap_err();
        assert!(matches!(&refused, BackupError::Damaged { file, .. } if file == name), "{name}: {refused}");
        std::fs::write(&path, good).unwrap();
    }
    Backup::verified(dir.path(), &keys.installation).await.unwrap();
}

#[tokio::test]
async fn what_is_no_backup_a_newer_one_or_under_other_keys_is_refused() {
    let keys = Keys::make();
    let dir = small_backup(&SqlitePlace::make().await, &keys).await;
    let others = Keys::make();
    let refused = Backup::verified(dir.path(), &others.installation).await.unwrap_err();
    assert!(matches!(refused, BackupError::WrongKeys), "{refused}");
    // One key of two is not enough.
    for name in ["master.key", "installation.secret"] {
        let mixed = Keys::make();
        std::fs::copy(keys.dir.path().join(name), mixed.dir.path().join(name)).unwrap();
        let mixed = Installation::existing(mixed.dir.path()).unwrap();
        let refused = Backup::verified(dir.path(), &mixed).await.unwrap_err();
        assert!(matches!(refused, BackupError::WrongKeys), "{refused}");
    }
    let manifest = dir.path().join("manifest.json");
    let good = std::fs::read_to_string(&manifest).unwrap();
    for (bad, why) in [
        (good.replace("\"format\":1", "\"format\":2"), "a newer Gatehouse"),
        (good.replace("\"format\":1", "\"form\":1"), "is no backup"),
        (good.replace("log_id", "log"), "is no backup"),
        ("{".to_owned(), "is no backup"),
        (good.replace("keys.ndjson", "kyes.ndjson"), "damaged: keys.ndjson"),
        (good.replace("\"position\":3", "\"position\":4"), "damaged: events.ndjson"),
    ] {
        std::fs::write(&manifest, bad).unwrap();
        let refused = Backup::verified(dir.path(), &keys.installation).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    std::fs::remove_file(&manifest).unwrap();
    let refused = Backup::verified(dir.path(), &keys.installation).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoBackup(..)), "a backup broken off has no manifest: {refused}");
}

#[tokio::test]
async fn a_log_with_a_hole_is_not_backed_up_as_if_it_were_whole() {
    let (keys, from) = (Keys::make(), SqlitePlace::make().await);
    small_backup(&from, &keys).await;
    from.meddle("DELETE FROM events WHERE position = 2").await;
    let dir = tempfile::tempdir().unwrap();
    let refused = take(&from.readable().await, dir.path(), &FixedClock(NOON)).await.unwrap_err();
    assert!(refused.to_string().contains("no event at position 2"), "{refused}");
    assert!(!dir.path().join("manifest.json").exists());
}

/// A contact and an end reason.
async fn small_backup(from: &impl Place, keys: &Keys) -> TempDir {
    let journal = keys.journal(from).await;
    keys.vault(from).await;
    arrives(&journal, LENA, "491701111111").await;
    let claimed = Append { claims: vec![account("A")], key: keys.command("first"), ..reason(1, 0, "first") };
    journal.append(claimed).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    backed_up(&from.readable().await, dir.path()).await;
    dir
}
