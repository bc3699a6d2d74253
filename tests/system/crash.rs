//! The server is killed in the middle of everything, again and again, and nothing that was promised is lost or doubled.

use crate::chance::{Chance, number};
use crate::cluster::Cluster;
use crate::history::assert_kept;
use crate::storm::Storm;
use crate::world::World;

/// `KILLS` asks for more: `make soak`.
const KILLS: u64 = 5;

fn storm() -> Storm {
    Storm {
        phones: 5,
        stay: 30,
        writers: 6,
        kills: number("KILLS").unwrap_or(KILLS),
        messages_max: 40,
        messages_before: 0,
        until_everything: true,
    }
}

#[tokio::test]
async fn killed_again_and_again_under_load_no_promise_is_broken() {
    assert_kept(&storm().over(World::start().await, None, Chance::told()).await);
}

#[tokio::test]
async fn killed_again_and_again_with_its_database_no_promise_is_broken_on_postgres() {
    let cluster = Cluster::start().await;
    let world = World::start_with(&[("GATEHOUSE_DATABASE_URL", &cluster.url())]).await;
    assert_kept(&storm().over(world, Some(cluster), Chance::told()).await);
}
