//! What the phone page needs.

use crate::business::Business;

#[tokio::test]
async fn the_page_is_there_and_loads_nothing_from_elsewhere() {
    let business = Business::start().await;
    for (path, content_type) in [
        ("/?number=1&from=49", "text/html; charset=utf-8"),
        ("/phone.css", "text/css; charset=utf-8"),
        ("/phone.js", "text/javascript; charset=utf-8"),
        ("/bubbles.js", "text/javascript; charset=utf-8"),
    ] {
        let url = format!("{}{path}", business.sandbox.url());
        let answer = business.http.get(url).send().await.expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["content-type"].as_bytes()),
            (200, content_type.as_bytes())
        );
        let policy = answer.headers()["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn whoever_watches_has_a_phone_and_hears_of_every_message() {
    let business = Business::start().await;
    let url =
        format!("{}/sandbox/numbers/{}/customers/{}/events", business.sandbox.url(), business.number, business.clara);
    let mut events = business.http.get(url).send().await.expect("an answer");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut seen = String::new();
    let mut until = async |wanted: &str| {
        while !seen.contains(wanted) {
            let chunk = events.chunk().await.expect("a whole chunk").expect("the stream goes on");
            seen.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    };
    until("event: reset\n").await;

    // She can be written to before she wrote, though not with free text.
    let mut template = business.text_to_clara("");
    template["type"] = "template".into();
    template["template"] = serde_json::json!({"name": "hello_world", "language": {"code": "en_US"}});
    assert_eq!(business.send(&template).await.expect("an answer").status(), 200);
    until("[hello_world]").await;
    business.sandbox.read(&business.number, &business.clara).expect("she can");
    until("\"state\":\"read\"").await;
}
