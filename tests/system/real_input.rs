//! What a provider really sent, and the published vectors beside it, posted byte for byte.

use serde::Deserialize;
use serde_json::Value;

use crate::story::inbound;
use crate::world::World;

/// A body with the secret it was signed with.
#[derive(Deserialize)]
pub struct Signed {
    pub name: String,
    pub secret: String,
    pub signature: String,
    pub body: String,
}

/// The account in the captured call.
pub const CAPTURED_ACCOUNT: &str = "277321005464405";

#[tokio::test]
async fn the_captured_call_becomes_a_message_of_a_new_conversation() {
    let world = World::start().await;
    let captured = signed("pywa_real");
    let hook = world.second_number(&captured.secret, CAPTURED_ACCOUNT).await;
    assert_eq!(hook.post_signed_as(&captured.body, Some(&captured.signature)).await.unwrap(), 200);

    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    assert_eq!(
        (&conversation["contact"]["name"], &conversation["contact"]["address"]),
        (&"PyWa Tests".into(), &"972544401243".into())
    );
    // Written in 2024: the window it opens is long over.
    assert_eq!(conversation["window_until"], "2024-10-30T19:58:23Z");
    let entries = world.timeline(conversation["conversation"].as_str().unwrap()).await;
    assert_eq!(inbound(&entries), ["Hey there! I am using PyWa."]);
}

#[tokio::test]
async fn every_vector_is_taken_over_its_own_bytes_and_no_others() {
    let world = World::start().await;
    for vector in vectors() {
        let hook = world.second_number(&vector.secret, &format!("account of {}", vector.name)).await;
        let other = sign_of_another(&vector);
        for signature in [None, Some(""), Some("sha256="), Some(&vector.signature[..40]), Some(other.as_str())] {
            assert_eq!(
                hook.post_signed_as(&vector.body, signature).await.unwrap(),
                401,
                "{} {signature:?}",
                vector.name
            );
        }
        let other_bytes = format!("{} ", vector.body);
        assert_eq!(hook.post_signed_as(&other_bytes, Some(&vector.signature)).await.unwrap(), 401, "{}", vector.name);
    }
    assert_eq!(world.conversations().await, Vec::<Value>::new());
    assert_eq!(world.admin.items("/quarantine").await, Vec::<Value>::new());
    assert_eq!(world.admin.items("/unrouted").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_signed_and_not_understood_is_kept_whole() {
    let world = World::start().await;
    for name in ["messenger", "raw_utf8", "escaped"] {
        let vector = signed(name);
        let hook = world.second_number(&vector.secret, &format!("account of {name}")).await;
        let connection = hook.url.rsplit('/').next().unwrap();
        for _ in 0..2 {
            assert_eq!(hook.post_signed_as(&vector.body, Some(&vector.signature)).await.unwrap(), 200, "{name}");
        }
        let quarantine = world.admin.items("/quarantine").await;
        let kept: Vec<_> = quarantine.iter().filter(|item| item["connection"] == connection).collect();
        let [item] = kept[..] else { panic!("{name} is kept {} times", kept.len()) };
        assert_eq!(item["original"], vector.body);
        assert!(item["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{item}");
    }
    assert_eq!(world.conversations().await, Vec::<Value>::new());
    assert_eq!(world.anna.api.get("/quarantine").await.refusal(), (403, "forbidden"));
}

#[tokio::test]
async fn escaped_letters_arrive_as_they_were_meant() {
    let world = World::start().await;
    let vector = signed("wa_text");
    assert_eq!(world.hook().post_signed_as(&vector.body, Some(&vector.signature)).await.unwrap(), 200);
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    assert_eq!(conversation["contact"]["name"], "Zoë");
    assert_eq!(conversation["last"]["text"], "café 😀 <b>&/");
}

fn sign_of_another(vector: &Signed) -> String {
    crate::hook::sign("another secret", &vector.body)
}

fn vectors() -> Vec<Signed> {
    serde_json::from_str(include_str!("../../src/providers/meta/fixtures/signed.json")).unwrap()
}

/// The vector of this name.
pub fn signed(name: &str) -> Signed {
    vectors().into_iter().find(|signed| signed.name == name).unwrap()
}
