//! Reports and exports, as somebody asks for them who was not there.

use std::time::Instant;

use chrono::{DateTime, Days, NaiveTime, Utc};
use reqwest::Response;
use serde_json::{Value, json};

use crate::server::PATIENCE;
use crate::world::{CLARA, World};

#[tokio::test]
async fn a_day_is_told_in_figures_and_in_facts() {
    told(World::start().await).await;
}

#[tokio::test]
async fn a_day_is_told_in_figures_and_in_facts_on_postgres() {
    told(World::start_on_postgres().await).await;
}

async fn told(world: World) {
    let mut desk = world.desk(&world.anna).await;
    for customer in [CLARA, "4915822222222"] {
        world.writes(customer, "=Hello?");
        let conversation = desk.accept().await;
        let reply = json!({"conversation": conversation, "message": world.mint(), "text": "Good day"});
        desk.call("conversation.reply", reply).await.unwrap();
        let end = json!({"conversation": conversation, "reason": world.end_reason("solved").await});
        desk.call("conversation.end", end).await.unwrap();
    }
    let days = days();
    let ended = format!("/reports/ended?{days}&by=agent&interval=day&tz=Europe/Berlin");
    let since = Instant::now();
    let ended = loop {
        let report = world.admin.get(&ended).await.good();
        // Rows and total are read one after the other.
        if report["total"]["part"] == 2 && report["rows"][0]["part"] == 2 {
            break report;
        }
        assert!(since.elapsed() < PATIENCE, "the reports do not come so far: {report}");
    };
    let [row] = &ended["rows"].as_array().unwrap()[..] else { panic!("one agent, one day: {ended}") };
    assert_eq!((&row["name"], &row["value"]), (&json!(world.anna.name), &json!(2.0)));
    assert_eq!(ended["metric"]["formula"], "interactions ended with a reason or by silence");

    let quiet =
        world.admin.get("/reports/ended?from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z&interval=day").await.good();
    let values: Vec<&Value> = quiet["rows"].as_array().unwrap().iter().map(|row| &row["value"]).collect();
    assert_eq!(values, [&json!(0.0), &json!(0.0)], "days on which nothing happened are told too");

    let share = |metric: &str| format!("/reports/{metric}?{days}&by=inbox");
    let level = world.admin.get(&share("service_level")).await.good();
    assert_eq!((&level["total"]["part"], &level["total"]["whole"]), (&json!(2), &json!(2)));
    let speed = world.admin.get(&share("speed_of_answer")).await.good();
    let total = &speed["total"];
    let (median, p90) = (total["median"].as_i64().unwrap(), total["p90"].as_i64().unwrap());
    assert_eq!((total["whole"].as_i64(), total["part"].as_i64()), (Some(2), Some(median + p90)), "{speed}");
    let brand = world.admin.get(&format!("/reports/first_response?{days}&by=brand")).await.good();
    assert_eq!(brand["total"]["whole"], 2);
    let busy = world.admin.get(&format!("/reports/occupancy?{days}&by=agent")).await.good();
    let (part, whole) = (busy["total"]["part"].as_i64().unwrap(), busy["total"]["whole"].as_i64().unwrap());
    assert!(0 < part && part < whole, "{busy}");

    let total = async |metric: &str| {
        let total = world.admin.get(&format!("/reports/{metric}?{days}")).await.good()["total"].clone();
        (total["part"].clone(), total["whole"].clone())
    };
    assert_eq!(total("reopen_rate").await, (json!(0), json!(2)), "nobody came back");
    assert_eq!(total("backlog").await, (json!(0), json!(null)), "nobody waits");
    assert_eq!(total("ingress_lag").await.1, 2);
    assert_eq!(total("indeterminate_rate").await.0, 0);
    let lines = fetch(&world, &format!("reports/ended.ndjson?{days}&by=agent")).await.text().await.unwrap();
    let [line] = &lines.lines().collect::<Vec<_>>()[..] else { panic!("one agent: {lines}") };
    let row: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&row["name"], &row["part"]), (&json!(world.anna.name), &json!(2)));
    let csv = fetch(&world, &format!("reports/ended.csv?{days}&by=agent")).await;
    assert!(csv.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let csv = csv.text().await.unwrap();
    let [heading, anna] = csv.lines().collect::<Vec<_>>()[..] else { panic!("one agent: {csv}") };
    assert_eq!(heading, "from,to,key,name,part,whole,value,median,p90,p95");
    assert!(anna.ends_with(&format!(",{},{},2,,2,,,", world.anna.id, world.anna.name)), "{csv}");

    let all = text(export(&world, &format!("queue_stays.csv?{days}")).await, 2).await;
    let lines: Vec<&str> = all.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with("conversation_id,sequence,interaction,inbox_id,"), "{all}");
    let key: Vec<&str> = lines[1].split(',').take(2).collect();
    let rest = text(export(&world, &format!("queue_stays.csv?{days}&after={}", key.join(","))).await, 1).await;
    assert_eq!(rest.split_terminator("\r\n").collect::<Vec<_>>(), [lines[0], lines[2]]);
    let nobody = "00000000-0000-0000-0000-000000000001";
    for (filter, rows) in
        [(format!("agent={}", world.anna.id), 2), (format!("agent={nobody}"), 0), ("channel=whatsapp".to_owned(), 2)]
    {
        text(export(&world, &format!("assignments.csv?{filter}")).await, rows).await;
    }
    let messages = text(export(&world, "messages.ndjson").await, 4).await;
    let messages: Vec<Value> = messages.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages.iter().all(|message| message.get("text").is_none() && !message.to_string().contains("ello")));
    assert_eq!(messages.iter().filter(|message| message["author"] == "agent").count(), 2);

    world.writes("4915833333333", "=And me?");
    let waits = format!("/reports/backlog_age?{days}&by=inbox");
    let since = Instant::now();
    let waits = loop {
        let report = world.admin.get(&waits).await.good();
        let row = &report["rows"][0];
        // Sums and percentiles are read one after the other.
        if row["whole"] == 1 && row["greatest"] == row["median"] {
            break row.clone();
        }
        assert!(since.elapsed() < PATIENCE, "nobody waits: {report}");
    };
    assert_eq!(
        (&waits["name"], &waits["classes"][0]),
        (&json!("Front desk"), &json!({"name": "under_1_h", "count": 1}))
    );

    refused(&world, &days).await;
}

async fn refused(world: &World, days: &str) {
    for path in [format!("/reports/ended?{days}"), "/reports".to_owned(), "/exports/offers.csv".to_owned()] {
        assert_eq!(world.anna.api.get(&path).await.refusal(), (403, "forbidden"), "{path}");
    }
    for path in
        ["/reports/guesses?".to_owned() + days, "/exports/users.csv".to_owned(), "/exports/offers.xls".to_owned()]
    {
        assert_eq!(world.admin.get(&path).await.refusal(), (404, "not_found"), "{path}");
    }
    let wrong = "/reports/abandonment?from=2026-05-01T00:01:00Z&to=2026-04-01T00:00:00Z&by=agent&tz=Mars";
    let answer = world.admin.get(wrong).await;
    assert_eq!((answer.refusal(), answer.fields()), ((422, "invalid"), vec!["by", "tz", "from", "to"]));
    let long = "/reports/ended?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z&interval=quarter";
    assert_eq!(world.admin.get(long).await.fields(), ["interval"]);
    let after = world.admin.get("/exports/agents.csv?after=me&from=2026-01-01T00:00:00Z").await;
    assert_eq!(after.fields(), ["after", "from"]);
    assert_eq!(world.admin.get(&format!("/exports/agents.csv?gateway={}", world.anna.id)).await.fields(), ["gateway"]);
}

/// From yesterday's beginning to the end of tomorrow, as a query.
fn days() -> String {
    let today = DateTime::<Utc>::from(std::time::SystemTime::now()).date_naive();
    let [from, to] = [today - Days::new(1), today + Days::new(2)].map(|day| day.and_time(NaiveTime::MIN).and_utc());
    format!("from={}&to={}", from.format("%FT%TZ"), to.format("%FT%TZ"))
}

async fn export(world: &World, file: &str) -> Response {
    fetch(world, &format!("exports/{file}")).await
}

async fn fetch(world: &World, path: &str) -> Response {
    let request = world.admin.http.get(format!("{}/api/v1/{path}", world.admin.base));
    request.bearer_auth(world.admin.token.as_ref().unwrap()).send().await.unwrap()
}

/// What was exported, which is so many rows.
async fn text(response: Response, rows: usize) -> String {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["Gatehouse-Rows"], rows.to_string().as_str());
    response.text().await.unwrap()
}
