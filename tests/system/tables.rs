//! Read models in tables hold what the log says, whatever happens to the server, and what was erased is not in them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::chance::number;
use crate::hook::{From, Hook};
use crate::server::{PATIENCE, Setting};
use crate::world::{CLARA, World};

/// In `make soak` a tenth of the kills asked for, which are on the other tests' scale.
const KILLS: u64 = 3;
const WORDS: &str = "a canary in the tables";

on_both_stores!(
    killed_again_and_again_and_built_anew_under_load_the_tables_are_as_the_log_says,
    an_erased_contact_is_in_no_table_and_in_no_file,
);

async fn killed_again_and_again_and_built_anew_under_load_the_tables_are_as_the_log_says(settings: Vec<Setting>) {
    let mut world = World::start_in(settings).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let kills = number("KILLS").map_or(KILLS, |kills| kills / 10);
    for _ in 0..kills {
        let mut customers = everybody_writes(&world.hook(), &heard);
        more(&heard, 40).await;
        world.kill();
        customers.abort_all();
        while customers.join_next().await.is_some() {}
        world.restart().await;
    }
    let position = is_right(&world).await;
    println!("killed {kills} times while {position} events were projected: 0 differences");

    let mut customers = everybody_writes(&world.hook(), &heard);
    let (good, said) = world.server.run(&["rebuild", "history"]).await;
    assert!(good && said.contains("the new tables are shown"), "{said}");
    more(&heard, 20).await;
    customers.abort_all();
    while customers.join_next().await.is_some() {}
    is_right(&world).await;

    let (good, said) = world.server.run(&["rebuild", "history", "--back"]).await;
    assert!(good && said.contains("is shown again"), "{said}");
    is_right(&world).await;
    // Views in other words are made of the views that show the tables.
    for back in [&["rebuild", "reports"][..], &["rebuild", "reports", "--back"]] {
        let (good, said) = world.server.run(back).await;
        assert!(good, "{said}");
    }
    assert!(!world.server.run(&["rebuild", "nonsense"]).await.0);
}

async fn an_erased_contact_is_in_no_table_and_in_no_file(settings: Vec<Setting>) {
    let world = World::start_in(settings).await;
    let mut desk = world.desk(&world.anna).await;
    world.writes(CLARA, WORDS);
    let conversation = desk.accept().await;
    is_right(&world).await;
    let sqlite = world.server.setting(crate::server::DATABASE).is_none();
    if sqlite {
        assert!(world.server.scan(WORDS).iter().any(|file| file.contains("work.db")), "it is there to be erased");
    }
    // The words are in the tables from before, too.
    assert!(world.server.run(&["rebuild", "history"]).await.0);
    let row = world.conversations().await.into_iter().find(|row| row["conversation"] == conversation.as_str()).unwrap();
    let contact = row["contact"]["id"].as_str().unwrap().to_owned();
    world.admin.post(&format!("/contacts/{contact}/erase"), json!({})).await.good();
    assert_eq!(world.server.scan(WORDS), Vec::<String>::new());
    is_right(&world).await;
}

/// Once the tables have caught up: rebuilt beside them, they are the same.
/// Gives the position at which everything was as it should be.
async fn is_right(world: &World) -> u64 {
    let caught_up = async {
        loop {
            let answer = reqwest::get(format!("{}/health/ready", world.server.own_url())).await.unwrap();
            let ready: Value = answer.json().await.unwrap();
            if ready["lag"]["history"] == 0 {
                return ready["head"].as_u64().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let position = tokio::time::timeout(PATIENCE, caught_up).await.expect("the tables catch up");
    let (good, said) = world.server.run(&["verify"]).await;
    assert!(good && said.contains("0 differences"), "{said}");
    position
}

/// Four customers who write as fast as they are heard, and again where they are not.
fn everybody_writes(hook: &Hook, heard: &Arc<AtomicUsize>) -> JoinSet<()> {
    let mut customers = JoinSet::new();
    for phone in (0..4).map(|n| format!("49158000000{n:02}")) {
        let (hook, heard) = (hook.clone(), Arc::clone(heard));
        customers.spawn(async move {
            loop {
                let number = heard.fetch_add(1, Ordering::Relaxed);
                let body = hook.text(&From::phone(&phone), &format!("wamid.{phone}.{number}"), "again and again");
                if hook.try_post(&body).await.is_err() {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        });
    }
    customers
}

async fn more(heard: &AtomicUsize, count: usize) {
    let until = heard.load(Ordering::Relaxed) + count;
    let enough = async {
        while heard.load(Ordering::Relaxed) < until {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, enough).await.expect("messages are taken");
}
