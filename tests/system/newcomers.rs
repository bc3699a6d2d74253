//! Customers nobody knows yet, who write faster than they can be met.

use futures_util::future::join_all;
use serde_json::Value;

use crate::hook::From;
use crate::story::inbound;
use crate::world::World;

#[tokio::test]
async fn ten_first_messages_at_once_open_one_interaction_of_one_conversation() {
    let world = World::start().await;
    let hook = world.hook();
    for customer in 0..6 {
        let from = From::phone(&format!("49151000000{customer:02}"));
        let bodies: Vec<String> =
            (0..10).map(|n| hook.text(&from, &format!("wamid.{customer}.{n}"), &format!("{n}"))).collect();
        assert_eq!(join_all(bodies.iter().map(|body| hook.post(body))).await, [200; 10]);
    }
    let conversations = world.conversations().await;
    assert_eq!(conversations.len(), 6);
    for conversation in conversations {
        assert_eq!(conversation["interaction"], 1);
        let id = conversation["conversation"].as_str().unwrap();
        let mut texts = inbound(&world.timeline(id).await);
        texts.sort();
        assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        let story = world.story(id).await;
        assert_eq!(story.iter().filter(|line| *line == "opened").count(), 1, "{story:?}");
    }
}

#[tokio::test]
async fn a_user_id_alone_and_with_a_phone_at_once_are_one_conversation() {
    let world = World::start().await;
    let hook = world.hook();
    for customer in 0..8 {
        let (phone, user) = (format!("49152000000{customer:02}"), format!("US.100{customer}"));
        let alone = hook.text(&From::user(&user), &format!("wamid.{customer}.a"), "without a phone");
        let both = hook.text(&From::both(&phone, &user), &format!("wamid.{customer}.b"), "with a phone");
        assert_eq!(join_all([hook.post(&alone), hook.post(&both)]).await, [200, 200]);
    }
    let conversations = world.conversations().await;
    assert_eq!(conversations.len(), 8);
    for conversation in conversations {
        assert_eq!(conversation["interaction"], 1);
        let mut texts = inbound(&world.timeline(conversation["conversation"].as_str().unwrap()).await);
        texts.sort();
        assert_eq!(texts, ["with a phone", "without a phone"]);
    }
}

#[tokio::test]
async fn somebody_known_by_phone_and_apart_by_user_id_who_writes_with_both_is_still_heard() {
    let world = World::start().await;
    let hook = world.hook();
    let (phone, user) = ("4915300000001", "US.2001");
    assert_eq!(hook.post(&hook.text(&From::phone(phone), "wamid.1", "by phone")).await, 200);
    assert_eq!(hook.post(&hook.text(&From::user(user), "wamid.2", "by user id")).await, 200);
    assert_eq!(hook.post(&hook.text(&From::both(phone, user), "wamid.3", "by both")).await, 200);
    let texts = all_texts(&world, &world.conversations().await).await;
    assert_eq!(texts, ["by both", "by phone", "by user id"]);
}

async fn all_texts(world: &World, conversations: &[Value]) -> Vec<String> {
    let mut texts = vec![];
    for conversation in conversations {
        texts.extend(inbound(&world.timeline(conversation["conversation"].as_str().unwrap()).await));
    }
    texts.sort();
    texts
}
