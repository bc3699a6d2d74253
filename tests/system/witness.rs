//! What there is to judge by, gathered from a running organisation: the database, REST, desks, the provider.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

use crate::agents::Worked;
use crate::board::text;
use crate::history::{Broken, Event, Evidence, Fold, Violation, Witness};
use crate::world::World;

/// How many lines of a conversation REST tells.
const REST_LINES_MAX: usize = 500;
/// How long nothing may happen before everything is taken to have happened.
const QUIET: Duration = Duration::from_millis(700);
/// How long it may take.
const AT_REST_WITHIN: Duration = Duration::from_secs(40);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);

impl World {
    /// The log, read from its database, and where its head says it ends.
    pub async fn log(&self) -> (Vec<Event>, u64) {
        const EVENTS: &str = "SELECT position, aggregate_type, aggregate_id, sequence, event_type, payload";
        let event = |position: i64, kind, stream, sequence: i64, name, payload: String| Event {
            position: position.unsigned_abs(),
            kind,
            stream,
            sequence: sequence.unsigned_abs(),
            name,
            fact: serde_json::from_str(&payload).unwrap(),
        };
        macro_rules! read {
            ($connection:expr, $schema:literal, $cast:literal) => {{
                let mut transaction = $connection.begin().await.unwrap();
                // The events first: with a head read before them, a commit in between would look like a gap.
                let events = format!("{EVENTS}{} FROM {}events ORDER BY position", $cast, $schema);
                let events = sqlx::query(&events).fetch_all(&mut *transaction).await.unwrap();
                let head = format!("SELECT position FROM {}log_head", $schema);
                let head: i64 = sqlx::query_scalar(&head).fetch_one(&mut *transaction).await.unwrap();
                let events = events
                    .into_iter()
                    .map(|row| event(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5)));
                (events.collect(), head.unsigned_abs())
            }};
        }
        match self.server.setting("GATEHOUSE_DATABASE_URL") {
            Some(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                sqlx::query("SET default_transaction_isolation = 'repeatable read'")
                    .execute(&mut connection)
                    .await
                    .unwrap();
                read!(connection, "gatehouse_log.", "::text")
            }
            None => {
                let options = SqliteConnectOptions::new().filename(self.server.data().join("log.db"));
                let mut connection: SqliteConnection = options.connect().await.unwrap();
                read!(connection, "", "")
            }
        }
    }

    /// Waits until whatever can happen without anybody has happened, and gives why not when it does not.
    pub async fn come_to_rest(&self) -> Option<Violation> {
        let since = Instant::now();
        let mut known = (0, 0, Instant::now());
        loop {
            let (log, head) = self.log().await;
            let accepted = self.sandbox.sent(&self.number).len();
            if (head, accepted) != (known.0, known.1) {
                known = (head, accepted, Instant::now());
            }
            let restless = Fold::of(&log).restless();
            if restless.is_none() && known.2.elapsed() >= QUIET {
                return None;
            }
            if since.elapsed() > AT_REST_WITHIN {
                let why = restless.unwrap_or_else(|| "something goes on and on".to_owned());
                return Some(Violation::new(Broken::Restless, why));
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// What REST, these desks and the provider say now. The desk called fresh was not there from the beginning.
    pub async fn testify(&self, evidence: &mut Evidence, desks: &[Worked]) {
        evidence.witnesses = vec![self.rest().await];
        evidence.witnesses.extend(desks.iter().map(lived_through));
        evidence.accepted =
            self.sandbox.sent(&self.number).into_iter().filter_map(|sent| sent.biz_opaque_callback_data).collect();
        evidence.output = self.server.log();
    }

    async fn rest(&self) -> Witness {
        let mut rest = Witness { name: "REST".to_owned(), lines_max: Some(REST_LINES_MAX), ..Witness::default() };
        let mut lines = BTreeMap::new();
        for summary in self.conversations().await {
            let id = text(&summary["conversation"]);
            lines.insert(id.clone(), self.timeline(&id).await);
            rest.standing.insert(id, summary);
        }
        rest.lines = Some(lines);
        rest
    }
}

/// What a desk shows, and what it was told if it was there from the beginning.
fn lived_through(desk: &Worked) -> Witness {
    let board = &desk.desk.board;
    let lines = board.lines.iter().map(|(id, lines)| (id.clone(), lines.values().cloned().collect()));
    Witness {
        name: desk.name.to_owned(),
        lines: desk.from_the_beginning.then(|| lines.collect()),
        lines_max: None,
        standing: board.conversations.clone(),
        agents: Some(board.agents.clone()),
        names: Some(board.setup.clone().into()),
    }
}
