//! A log that is put back from before an erasure: whoever is on the list is erased again, and nobody new with them.

use std::fs;

use tempfile::TempDir;

use crate::erasing::{contact_of, erase};
use crate::hook::From;
use crate::story::inbound;
use crate::world::{CLARA, World, database};

const LOG: [&str; 3] = ["log.db", "log.db-wal", "log.db-shm"];

#[tokio::test]
async fn whoever_was_erased_stays_erased_in_a_log_that_is_put_back() {
    let mut world = World::start().await;
    let nobody_yet = taken(&mut world).await;
    assert_eq!(world.hook().post(&world.hook().text(&From::phone(CLARA), "wamid.1", "canary")).await, 200);
    let [row] = &world.conversations().await[..] else { panic!("one conversation") };
    let conversation = row["conversation"].as_str().unwrap().to_owned();
    let contact = contact_of(&world, &conversation).await;
    let knows_clara = taken(&mut world).await;
    assert_eq!(inbound(&world.timeline(&conversation).await), ["canary"]);
    erase(&world, &contact).await;

    put_back(&mut world, &knows_clara).await;
    let shown = world.admin.get(&format!("/contacts/{contact}")).await.good();
    assert_eq!(shown["state"], "erased");
    assert!(
        !world
            .admin
            .get(&format!("/conversations/{conversation}/timeline"))
            .await
            .good()
            .to_string()
            .contains("canary")
    );

    // A log that never knew her: the next from her number is not taken for her.
    put_back(&mut world, &nobody_yet).await;
    assert_eq!(world.hook().post(&world.hook().text(&From::phone(CLARA), "wamid.2", "I am new")).await, 200);
    let [row] = &world.conversations().await[..] else { panic!("one conversation") };
    let new = row["conversation"].as_str().unwrap().to_owned();
    assert_ne!(contact_of(&world, &new).await, contact);
    world.kill();
    world.restart().await;
    assert_eq!(inbound(&world.timeline(&new).await), ["I am new"]);
}

#[tokio::test]
async fn a_server_that_takes_over_has_on_its_own_list_whom_the_other_erased() {
    let mut world = World::start_behind_a_door(vec![database("erased_again").await]).await;
    assert_eq!(world.hook().post(&world.hook().text(&From::phone(CLARA), "wamid.1", "canary")).await, 200);
    // The list may lag a moment behind the acknowledgement.
    let mut rows = world.conversations().await;
    while rows.is_empty() {
        rows = world.conversations().await;
    }
    let contact = contact_of(&world, rows[0]["conversation"].as_str().unwrap()).await;
    let mut standby = world.server.start_standby().await;
    erase(&world, &contact).await;
    world.server.stop().await;
    standby.ready().await;
    world.turn_to(standby);
    assert_eq!(world.server.file("erasures.list"), Some(format!("{contact}\n")));
}

/// A copy of the log as it is on disk.
async fn taken(world: &mut World) -> TempDir {
    world.kill();
    let copy = TempDir::new().unwrap();
    for file in LOG {
        // What was not there when the power went is not there in the copy.
        let _ = fs::copy(world.server.data().join(file), copy.path().join(file));
    }
    world.restart().await;
    copy
}

async fn put_back(world: &mut World, copy: &TempDir) {
    world.kill();
    for file in LOG {
        let _ = fs::remove_file(world.server.data().join(file));
        let _ = fs::copy(copy.path().join(file), world.server.data().join(file));
    }
    world.restart().await;
}
