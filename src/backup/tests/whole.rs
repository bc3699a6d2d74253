//! What was in a store is in the one it was restored into: all of it, unchanged, and still in force.

use gatehouse_domain::UserId;
use secrecy::SecretString;

use super::*;
use crate::backup::lines::{ClaimLine, EventLine, KeyLine, Line};
use crate::backup::restored::Restored;
use crate::sending::Sending;
use crate::vault::Attempt;

every_way!(
    every_event_claim_and_key_comes_back_byte_for_byte,
    a_restored_log_refuses_what_the_old_one_had_and_takes_what_is_new,
    passwords_and_sessions_go_on_and_sending_is_paused,
);

async fn every_event_claim_and_key_comes_back_byte_for_byte(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    keys.vault(&from).await;
    arrives(&journal, LENA, "491701111111").await;
    // More than a page of each, and words that are hard to keep.
    for id in 0..2_100 {
        let name = format!("\"{id}\" \\ \u{1F426}\n\u{7f} 'quoted' ${{}} \u{2028}");
        let claimed = Append { claims: vec![account(&name)], key: keys.command(&name), ..reason(id, 0, &name) };
        journal.append(claimed).await.unwrap();
    }
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let before = backed_up(&from.readable().await, first.path()).await;
    let log = restored(first.path(), &keys, &to).await.unwrap();
    let after = backed_up(&to.readable().await, second.path()).await;

    assert_eq!((before.position, after.position), (2_102, 2_102));
    for name in [EventLine::FILE, KeyLine::FILE, ClaimLine::FILE] {
        assert_eq!(before.file(name).unwrap(), after.file(name).unwrap());
        assert_eq!(file(first.path(), name), file(second.path(), name));
    }
    assert_eq!((after.log_id, before.log_id == log), (log, false), "a restored log has another name");
}

async fn a_restored_log_refuses_what_the_old_one_had_and_takes_what_is_new(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    keys.vault(&from).await;
    let first = |id| Append { key: keys.command("first"), claims: vec![account("A")], ..reason(id, 0, "first") };
    journal.append(first(1)).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    backed_up(&from.readable().await, dir.path()).await;
    let second = || Append { key: keys.command("second"), ..reason(2, 0, "second") };
    let lost = journal.append(second()).await;
    restored(dir.path(), &keys, &to).await.unwrap();

    let restored = keys.journal(&to).await;
    assert_eq!(restored.head(), 1);
    assert!(matches!(restored.append(first(1)).await, Ok(Appended::Before(receipt)) if receipt.position == 1));
    let elsewhere = Append { claims: vec![account("A")], ..reason(3, 0, "third") };
    assert!(matches!(restored.append(elsewhere).await, Err(AppendError::Taken { .. })));
    // What came after the backup comes again, and is new.
    assert_eq!(restored.append(second()).await, lost);
    assert_eq!(restored.append(reason(1, 0, "again")).await, Err(AppendError::Conflict));
    assert_eq!(restored.read(0, 10).await.unwrap(), journal.read(0, 10).await.unwrap());
}

async fn passwords_and_sessions_go_on_and_sending_is_paused(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    journal.append(reason(1, 0, "first")).await.unwrap();
    let (anna, password) = (UserId(Uuid::from_u128(1)), || SecretString::from("correct horse battery"));
    let vault = keys.vault(&from).await;
    vault.set_password(anna, &password()).await.unwrap();
    let session = vault.start_session(anna).await.unwrap();
    assert!(!*Sending::open(from.cabinet().await).await.unwrap().paused().borrow());
    let dir = tempfile::tempdir().unwrap();
    backed_up(&from.readable().await, dir.path()).await;
    let log = restored(dir.path(), &keys, &to).await.unwrap();

    let vault = keys.vault(&to).await;
    assert_eq!(vault.check_password("anna", Some(anna), password()).await.unwrap(), Attempt::Right);
    assert_eq!(vault.user_of_session(&session).await.unwrap(), Some(anna));
    let sending = Sending::open(to.cabinet().await).await.unwrap();
    let state = sending.state().await.unwrap();
    assert!(*sending.paused().borrow() && state.reason.unwrap().contains("2026-05-29 12:00"), "paused, and why");
    let position = Restored::position_of(&*to.cabinet().await, log).await.unwrap();
    assert_eq!(position, 1);
    sending.take_over(1, NOON, async || true).await.unwrap();
    sending.resume(NOON).await.unwrap();
    assert!(!*Sending::open(to.cabinet().await).await.unwrap().paused().borrow());
}
