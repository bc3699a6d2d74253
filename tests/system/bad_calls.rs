//! Calls over HTTP that cannot be taken as they are: each is told why, and nothing else happens.

use serde_json::{Value, json};

use crate::api::Api;
use crate::hook::{From, sign};
use crate::world::{ACCOUNT, CLARA, SECRET, World};

#[tokio::test]
async fn a_call_nobody_signed_leaves_no_trace() {
    let world = World::start().await;
    let hook = world.hook();
    let body = hook.text(&From::phone(CLARA), "wamid.1", "Hello?");
    let in_capitals = sign(SECRET, &body).to_uppercase();
    for signature in [None, Some("sha256=00"), Some(in_capitals.as_str()), Some(&sign("guessed", &body))] {
        assert_eq!(hook.post_signed_as(&body, signature).await.unwrap(), 401, "{signature:?}");
    }
    assert_eq!(world.conversations().await, Vec::<Value>::new());
    assert_eq!(world.admin.items("/unrouted").await, Vec::<Value>::new());
    assert_eq!(world.admin.items("/quarantine").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_no_open_gateway_takes_is_kept_with_the_reason() {
    let world = World::start().await;
    let elsewhere = world.hook_of(&world.connection, SECRET, "999999999999999");
    assert_eq!(elsewhere.post(&elsewhere.text(&From::phone(CLARA), "wamid.1", "Wrong number")).await, 200);
    let gateway = format!("/gateways/{}", world.gateway);
    assert_eq!(world.admin.post(&format!("{gateway}/park"), json!({})).await.good()["state"], "parked");
    let hook = world.hook();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.2", "While parked")).await, 200);

    let mut told: Vec<(String, String)> = vec![];
    for item in world.admin.items("/unrouted").await {
        assert_eq!(item["connection"], world.connection.as_str());
        let original: Value = serde_json::from_str(item["original"].as_str().unwrap()).unwrap();
        let (reason, text) =
            (item["reason"].as_str().unwrap(), alone(&original)["messages"][0]["text"]["body"].as_str().unwrap());
        told.push((reason.to_owned(), text.to_owned()));
    }
    told.sort();
    let expected = [("no gateway has this account", "Wrong number"), ("the gateway is parked", "While parked")];
    assert_eq!(told, expected.map(|(reason, text)| (reason.to_owned(), text.to_owned())));
    assert_eq!(world.conversations().await, Vec::<Value>::new());

    world.admin.post(&format!("{gateway}/connect"), json!({})).await.good();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.3", "Open again")).await, 200);
    let [conversation] = &world.conversations().await[..] else { panic!("one conversation") };
    let conversation = conversation["conversation"].as_str().unwrap();

    // What came while it was parked finds its place now; the wrong number still has none.
    for expected in [json!({"taken": 1, "left": 1}), json!({"taken": 0, "left": 1})] {
        assert_eq!(world.admin.post("/unrouted/redrive", json!({})).await.good(), expected);
    }
    assert_eq!(world.anna.api.post("/unrouted/redrive", json!({})).await.refusal(), (403, "forbidden"));
    let story = ["opened", "queued", "contact: Open again", "contact: While parked"];
    assert_eq!(world.story(conversation).await, story);
}

/// What came around an element that was kept, with it alone.
fn alone(kept: &Value) -> &Value {
    &kept["entry"][0]["changes"][0]["value"]
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let world = World::start_with(&[
        ("GATEHOUSE_LIMITS__WEBHOOK_BYTES_MAX", "20000"),
        ("GATEHOUSE_LIMITS__REQUEST_BYTES_MAX", "10000"),
    ])
    .await;
    let hook = world.hook();
    let large = hook.text(&From::phone(CLARA), "wamid.1", &"x".repeat(20_000));
    assert_eq!(hook.post(&large).await, 413);
    let small = hook.text(&From::phone(CLARA), "wamid.1", &"x".repeat(4_000));
    assert_eq!(hook.post(&small).await, 200);
    let inbox = json!({"name": "x".repeat(10_000)});
    assert_eq!(world.admin.post("/inboxes", inbox).await.refusal(), (413, "too_large"));
}

#[tokio::test]
async fn a_value_nobody_knows_is_refused_with_its_field() {
    let world = World::start().await;
    let admin = &world.admin;
    let connection = json!({"name": "", "provider": "pigeon", "secrets": {}});
    let refused = admin.post("/connections", connection).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["name", "provider"]));
    let connection = json!({"name": "Meta", "provider": "meta", "secrets": {"app_secret": "x"}});
    let refused = admin.post("/connections", connection).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["secrets", "secrets"]));
    let agent = json!({"login": "carl", "name": " ", "password": "short", "capacity": 0});
    let refused = admin.post("/agents", agent).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["name", "password", "capacity"]));
    let unknown = world.mint();
    let gateway = json!({"name": "G", "connection": unknown, "channel": "whatsapp", "account": ""});
    let refused = admin.post("/gateways", gateway).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["account", "connection"]));
    let inbox = json!({"name": "I", "offer_timeout_s": 0});
    let refused = admin.post("/inboxes", inbox).await;
    assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid"), vec!["offer_timeout_s"]));

    let twice = json!({"name": "G", "connection": world.connection, "channel": "whatsapp", "account": ACCOUNT});
    assert_eq!(admin.post("/gateways", twice).await.refusal(), (409, "account_taken"));
    let twice = json!({"login": "anna", "name": "Anna", "password": "a long password", "capacity": 1});
    assert_eq!(admin.post("/agents", twice).await.refusal(), (409, "login_taken"));
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let world = World::start().await;
    for body in ["", "{", "[]", "\"inbox\"", "{\"name\": 5}", "{\"primary_for\": [\"whatsapp\"]}"] {
        assert_eq!(world.admin.post_raw("/inboxes", body).await.refusal(), (400, "bad_json"), "{body}");
    }
    assert_eq!(world.admin.items("/inboxes").await.len(), 1);
    assert_eq!(world.admin.get("/nowhere").await.refusal(), (404, "not_found"));
    assert_eq!(world.admin.get("/conversations/no-id").await.refusal(), (404, "not_found"));
    for query in ["state=melted", "limit=-1", "cursor=x"] {
        let refused = world.admin.get(&format!("/conversations?{query}")).await;
        assert_eq!(refused.refusal(), (400, "bad_query"), "{query}");
    }
    let key = world.admin.http.post(format!("{}/api/v1/agents/me/presence", world.admin.base));
    let key = key.bearer_auth(world.anna.api.token.as_ref().unwrap()).header("Idempotency-Key", "no-uuid");
    let answer = crate::api::Answer::of(key.json(&json!({"state": "online"})).send().await.unwrap()).await;
    assert_eq!(answer.refusal(), (400, "bad_key"));
}

#[tokio::test]
async fn a_role_opens_its_own_doors_only() {
    let world = World::start().await;
    let anna = &world.anna.api;
    let gateway = json!({"name": "G", "connection": world.connection, "channel": "whatsapp", "account": "1"});
    assert_eq!(anna.post("/gateways", gateway.clone()).await.refusal(), (403, "forbidden"));
    assert_eq!(anna.post("/inboxes", json!({"name": "I"})).await.refusal(), (403, "forbidden"));
    let park = format!("/gateways/{}/park", world.gateway);
    assert_eq!(anna.post(&park, json!({})).await.refusal(), (403, "forbidden"));
    assert_eq!(
        anna.put(&format!("/inboxes/{}/members/{}", world.inbox, world.bert.id)).await.refusal(),
        (403, "forbidden")
    );
    assert_eq!(world.admin.items("/gateways").await.len(), 1);

    let stranger = Api::stranger(&world.admin.base);
    for path in ["/session", "/gateways", "/conversations", "/quarantine"] {
        assert_eq!(stranger.get(path).await.refusal(), (401, "signed_out"), "{path}");
    }
    assert_eq!(stranger.post("/gateways", gateway).await.refusal(), (401, "signed_out"));
    for (login, password) in [("anna", "not her password"), ("nobody", "anna has a password"), ("", "")] {
        let refused = stranger.post("/session", json!({"login": login, "password": password})).await;
        assert_eq!(refused.refusal(), (401, "wrong_credentials"));
    }
}

#[tokio::test]
async fn a_conversation_of_others_does_not_exist_for_an_outsider() {
    let world = World::start().await;
    let carl = json!({"login": "carl", "name": "Carl", "password": "carl has a password", "capacity": 1});
    world.admin.post("/agents", carl).await.good();
    let carl = Api::sign_in(&world.admin.base, "carl", "carl has a password").await;
    let hook = world.hook();
    assert_eq!(hook.post(&hook.text(&From::phone(CLARA), "wamid.1", "Hello?")).await, 200);
    let conversation = world.conversations().await[0]["conversation"].as_str().unwrap().to_owned();

    let path = format!("/conversations/{conversation}");
    let words = json!({"text": "May I?"});
    assert_eq!(carl.items("/conversations").await, Vec::<Value>::new());
    assert_eq!(carl.get(&path).await.refusal(), (404, "not_found"));
    assert_eq!(carl.get(&format!("{path}/timeline")).await.refusal(), (404, "not_found"));
    assert_eq!(carl.post(&format!("{path}/replies"), words.clone()).await.refusal(), (404, "not_found"));
    assert_eq!(carl.post(&format!("{path}/end"), json!({})).await.refusal(), (404, "not_found"));
    let nowhere = format!("/conversations/{}/replies", world.mint());
    assert_eq!(world.anna.api.post(&nowhere, words).await.refusal(), (404, "not_found"));
    assert_eq!(world.anna.api.get(&path).await.status, 200);
}
