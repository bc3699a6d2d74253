//! A load of customers and agents, with the server killed under them again and again, and the verdict on what they saw.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::json;

use crate::agents::{Worked, works};
use crate::chance::Chance;
use crate::cluster::Cluster;
use crate::crowd::{Customers, Progress};
use crate::history::{Answer, Broken, Call, Evidence, Happened, Message, Reply, Violation, judge};
use crate::server::PATIENCE;
use crate::world::World;

/// How much of it.
pub struct Storm {
    /// Customers at a time, and for how many messages of a writer each stays.
    pub phones: usize,
    pub stay: usize,
    /// Who writes, in turn over the phones.
    pub writers: usize,
    pub kills: u64,
    /// Messages taken between two kills, at most.
    pub messages_max: u64,
    /// Messages taken before the first kill, at least.
    pub messages_before: usize,
    /// Whether it goes on until everything has happened that the agents do.
    pub until_everything: bool,
}

/// How often everything is asked again because something happened meanwhile.
const LOOKS_MAX: u32 = 20;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Storm {
    /// Lets it pass over `world`, which is killed in it, and judges.
    pub async fn over(&self, world: World, cluster: Option<Cluster>, mut chance: Chance) -> Vec<Violation> {
        let mut round = 0;
        self.with(world, async |world, progress| {
            // Everybody is writing at any time, so whenever it is, requests are in flight.
            let taken = 1 + chance.below(self.messages_max);
            progress.until(usize::try_from(taken).unwrap(), usize::try_from(chance.below(4)).unwrap()).await;
            chance.pause(Duration::from_millis(50)).await;
            round += 1;
            kill(world, cluster.as_ref(), round - 1, progress, &mut chance).await
        })
        .await
    }

    /// The same with another kind of blow, which says for how many it counts.
    pub async fn with(
        &self,
        mut world: World,
        mut strike: impl AsyncFnMut(&mut World, &Progress) -> u64,
    ) -> Vec<Violation> {
        let since = Instant::now();
        let progress = Arc::new(Progress::default());
        // Short enough that some run out while everybody works.
        let routing = json!({"offer_timeout_s": 2, "transfer_timeout_s": 2});
        let path = format!("/inboxes/{}/routing", world.inbox);
        world.admin.put_json(&path, routing).await.good();
        // One is often full, the other has room for what is handed over.
        let slots = format!("/agents/{}/capacity", world.bert.id);
        world.admin.put_json(&slots, json!({"capacity": 8})).await.good();
        let desks = [world.desk(&world.anna).await, world.desk(&world.bert).await];
        let mut evidence = Evidence::default();
        let end_reason = world.end_reason("solved").await;
        let mut agents = vec![];
        for ((ids, person), desk) in (1..).zip(world.people()).zip(desks) {
            let (base, token) = (world.server.url(), person.api.token.clone().unwrap());
            agents.push(works(person.name, base, token, desk, end_reason.clone(), ids, &progress));
        }
        let customers = Customers {
            hook: world.hook(),
            sandbox: Arc::clone(&world.sandbox),
            number: world.number.clone(),
            phones: self.phones,
            stay: self.stay,
        };
        let writers = customers.write(self.writers, &progress);
        progress.until(self.messages_before, 0).await;
        let mut kills = 0;
        while kills < self.kills {
            kills += strike(&mut world, &progress).await;
        }
        progress.until(20, 4).await;
        if self.until_everything {
            progress.calm_down();
            happens_all(&world).await;
        }
        progress.stop();
        // What is offered from now on waits while everybody is asked.
        world.admin.put_json(&path, json!({})).await.good();

        evidence.messages = writers.join_all().await.into_iter().flatten().collect();
        let mut worked = vec![];
        for agent in agents {
            match agent.await {
                Ok(agent) => worked.push(agent),
                Err(error) => evidence.seen.push(told_nonsense(error.into_panic())),
            }
        }
        evidence.replies = worked.iter_mut().flat_map(|agent| std::mem::take(&mut agent.replies)).collect();
        evidence.deeds = worked.iter_mut().flat_map(|agent| std::mem::take(&mut agent.deeds)).collect();
        gather(&world, &mut evidence, worked).await;
        let verdict = judge(&evidence);
        let Evidence { messages, replies, log, .. } = &evidence;
        eprintln!("{}; {} deeds acknowledged", Happened::in_log(log), evidence.deeds.len());
        let acknowledged = |call: &Call| matches!(call.answer, Answer::Acknowledged { .. });
        eprintln!(
            "{kills} kills in {} s: {} messages ({} acknowledged), {} replies ({} acknowledged, {} indeterminate), {} \
             events; {} promises broken",
            since.elapsed().as_secs(),
            messages.len(),
            messages.iter().filter(|one: &&Message| acknowledged(&one.call)).count(),
            replies.len(),
            replies.iter().filter(|one: &&Reply| acknowledged(&one.call)).count(),
            log.iter().filter(|event| event.name == "reply_indeterminate").count(),
            log.len(),
            verdict.len(),
        );
        verdict
    }
}

/// Kills the server, perhaps once more while it starts, and starts it again. Now and then its database stops too: under
/// the running server, or together with it. Says how many kills it were.
async fn kill(
    world: &mut World,
    cluster: Option<&Cluster>,
    round: u64,
    progress: &Progress,
    chance: &mut Chance,
) -> u64 {
    let (alone, together) = (round % 4 == 1, round % 4 == 2);
    let mut count = 1;
    if let Some(cluster) = cluster {
        if alone {
            cluster.stop();
            chance.pause(Duration::from_secs(2)).await;
            cluster.start_again().await;
            // The server goes on by itself.
            progress.until(20, 2).await;
        }
        world.kill();
        if together {
            cluster.stop();
            cluster.start_again().await;
        }
    } else {
        world.kill();
    }
    if chance.one_in(4) {
        world.server.begin_restart();
        chance.pause(Duration::from_millis(400)).await;
        world.kill();
        count += 1;
    }
    world.restart().await;
    count
}

/// Waits until everything has happened that is to be judged.
async fn happens_all(world: &World) {
    let since = Instant::now();
    loop {
        let happened = Happened::in_log(&world.log().await.0);
        if happened.is_everything() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "not everything happens: {happened}");
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}

/// Waits until all is quiet and asks everybody what happened.
pub async fn gather(world: &World, evidence: &mut Evidence, mut worked: Vec<Worked>) {
    let (base, token) = (world.server.url(), world.admin.token.clone().unwrap());
    let fresh = world.quiet_desk(&world.admin).await;
    worked.push(Worked::watching("a fresh desk", base, token, fresh));
    evidence.seen.extend(world.come_to_rest().await);
    for _ in 0..LOOKS_MAX {
        let before = world.log().await;
        // Desks are told of little else.
        let told = before.0.iter().rev().find(|event| ["conversation", "agent"].contains(&event.kind.as_str()));
        let mut here = vec![];
        for agent in worked {
            match brought_up_to(agent, told.map_or(0, |event| event.position)).await {
                Ok(agent) => here.push(agent),
                Err(violation) => evidence.seen.push(violation),
            }
        }
        worked = here;
        world.testify(evidence, &worked).await;
        if world.log().await.1 == before.1 {
            (evidence.log, evidence.head) = before;
            return;
        }
    }
    evidence.seen.push(Violation::new(Broken::Restless, "the log grows although nobody does anything"));
}

async fn brought_up_to(mut agent: Worked, position: u64) -> Result<Worked, Violation> {
    let name = agent.name;
    let know = tokio::time::timeout(PATIENCE, agent.know(position));
    match AssertUnwindSafe(know).catch_unwind().await {
        Ok(Ok(())) => Ok(agent),
        Ok(Err(_)) => Err(Violation::new(Broken::Disagreement, format!("{name} is never told of {position}"))),
        Err(panic) => Err(told_nonsense(panic)),
    }
}

/// A desk that checks what it is told found something that cannot be.
fn told_nonsense(panic: Box<dyn std::any::Any + Send>) -> Violation {
    let what = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    Violation::new(Broken::Disagreement, format!("a desk was told what cannot be: {}", what.unwrap_or("?")))
}
