//! What happens while a backup is taken does not tear it.

use super::around::{Around, Step};
use super::*;
use crate::backup::lines::{ClaimLine, KeyLine, Line};
use crate::set_aside::{Aside, SetAside};

every_way!(
    a_log_that_grows_meanwhile_is_cut_at_one_position,
    somebody_new_since_the_cut_writes_again_and_can_be_read,
    what_was_set_aside_and_finds_its_place_meanwhile_is_in_one_or_the_other,
);

async fn a_log_that_grows_meanwhile_is_cut_at_one_position(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    keys.vault(&from).await;
    let grows = async {
        for id in 0.. {
            let name = id.to_string();
            let claimed = Append { claims: vec![account(&name)], key: keys.command(&name), ..reason(id, 0, &name) };
            journal.append(claimed).await.unwrap();
            if id % 10 == 0 {
                arrives(&journal, 1_000_000 + id, &name).await;
            }
        }
    };
    let taken = async {
        let mut last = 0;
        loop {
            let dir = tempfile::tempdir().unwrap();
            let manifest = backed_up(&from.readable().await, dir.path()).await;
            let (grown, before) = (manifest.position > last, last);
            last = manifest.position;
            // Two claims with every reason, and a key with every contact, whose two events come without claims.
            let (claims, contacts) = (file(dir.path(), ClaimLine::FILE), file(dir.path(), KeyLine::FILE));
            let events = (claims.lines().count() / 2 + 2 * contacts.lines().count()) as u64;
            assert!((manifest.position..=manifest.position + 1).contains(&events), "{events} {}", manifest.position);
            if before > 50 && grown {
                restored(dir.path(), &keys, &to).await.unwrap();
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = grows => {},
        () = taken => {},
    }
    let restored = keys.journal(&to).await;
    let read = restored.read(0, 10_000).await.unwrap();
    assert_eq!(read, journal.read(0, u32::try_from(restored.head()).unwrap()).await.unwrap());
}

async fn somebody_new_since_the_cut_writes_again_and_can_be_read(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    keys.vault(&from).await;
    arrives(&journal, LENA, "491701111111").await;
    let dir = tempfile::tempdir().unwrap();
    let meanwhile = async |step| {
        if step == Step::AfterHead {
            arrives(&journal, MARK, "491702222222").await;
        }
        Ok(())
    };
    let archive = Around { archive: from.readable().await, hook: meanwhile };
    assert_eq!(backed_up(&archive, dir.path()).await.position, 2);
    restored(dir.path(), &keys, &to).await.unwrap();

    let restored = keys.journal(&to).await;
    arrives(&restored, MARK, "491702222222").await;
    let told = ["491701111111", "491702222222"].map(|phone| Some(phone.to_owned()));
    assert_eq!(addresses(&*keys.journal(&to).await).await, told);
}

async fn what_was_set_aside_and_finds_its_place_meanwhile_is_in_one_or_the_other(from: impl Place, to: impl Place) {
    let keys = Keys::make();
    let journal = keys.journal(&from).await;
    keys.vault(&from).await;
    let aside = SetAside::new(from.cabinet().await, Arc::clone(&keys.installation));
    let connection = ConnectionId(Uuid::from_u128(1));
    for words in ["first", "second"] {
        aside.keep(Aside::Unrouted, connection, "nobody", words.as_bytes(), NOON).await.unwrap();
    }
    let items = aside.list(Aside::Unrouted, 10).await.unwrap();
    let key_of = |words: &str| items.iter().find(|item| item.original.as_deref() == Some(words)).unwrap().key.clone();
    // The message goes into the log, and only then out of the cabinet.
    let placed = async |id, words: &str| {
        journal.append(reason(id, 0, words)).await.unwrap();
        aside.remove(Aside::Unrouted, &key_of(words)).await.unwrap();
    };
    let dir = tempfile::tempdir().unwrap();
    let meanwhile = async |step| {
        match step {
            Step::BeforeHead => placed(1, "first").await,
            Step::AfterHead => placed(2, "second").await,
            Step::Load | Step::Finish => {}
        }
        Ok(())
    };
    let archive = Around { archive: from.readable().await, hook: meanwhile };
    assert_eq!(backed_up(&archive, dir.path()).await.position, 1);
    restored(dir.path(), &keys, &to).await.unwrap();
    let kept =
        SetAside::new(to.cabinet().await, Arc::clone(&keys.installation)).list(Aside::Unrouted, 10).await.unwrap();
    let mut kept: Vec<_> = kept.into_iter().filter_map(|item| item.original).collect();
    kept.sort();
    assert_eq!(kept, ["first", "second"], "at least once, and its claims absorb the rest");
}
