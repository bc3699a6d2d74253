//! Generations: the tables of a projection as they were built once. Views show the one that is live; one that is built
//! beside it takes its place in one transaction, and it is kept as the former one until the next does.

use gatehouse_projections::table::{Group, Type, Value};
use uuid::Uuid;

use super::model::Model;
use super::session::Session;
use super::{Result, TablesError, ddl, search};

/// One generation of a projection's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    pub name: String,
    pub number: i64,
    pub version: i64,
    /// The log it was folded from; positions of another mean nothing.
    pub log: Uuid,
    /// Everything up to here is in its tables.
    pub position: u64,
    pub state: State,
    tables: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What the views show.
    Live,
    /// What they showed before.
    Former,
    /// Will be live when it has caught up.
    Building,
    /// Built to be compared, and gone afterwards.
    Scratch,
}

impl State {
    const ALL: [Self; 4] = [Self::Live, Self::Former, Self::Building, Self::Scratch];

    fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Former => "former",
            Self::Building => "building",
            Self::Scratch => "scratch",
        }
    }
}

/// A table of our own beside the projections'.
const PROJECTIONS: &str = "CREATE TABLE IF NOT EXISTS projections (
    name       TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    log        TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    tables     TEXT   NOT NULL,
    PRIMARY KEY (name, generation)
);";
const PARKED: &str = "CREATE TABLE IF NOT EXISTS parked (
    projection TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    stream     TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    error      TEXT   NOT NULL,
    PRIMARY KEY (projection, generation, stream)
);";
const ABOUT: [(&str, &str); 14] = [
    ("TABLE projections", "How far every projection is, one row for each generation of its tables."),
    ("COLUMN projections.name", "Which projection."),
    ("COLUMN projections.generation", "Number of the generation: its tables are named <table>_g<generation>."),
    ("COLUMN projections.version", "Version of the definition that built it."),
    ("COLUMN projections.log", "Name of the log it was folded from."),
    ("COLUMN projections.position", "Every event of the log up to this one is in its tables."),
    ("COLUMN projections.state", "live: the views show it; former; building; or scratch, while it is compared."),
    ("COLUMN projections.tables", "Plain names of its tables."),
    ("TABLE parked", "Streams a projection could not read on; everything else goes on without them."),
    ("COLUMN parked.projection", "Which projection."),
    ("COLUMN parked.generation", "Which generation of its tables."),
    ("COLUMN parked.stream", "Which stream: kind/id."),
    ("COLUMN parked.position", "From this position on, events of the stream are missing in the tables."),
    ("COLUMN parked.error", "Why."),
];

/// Makes our own tables where there are none.
pub async fn prepare(session: &mut Session, group: Group) -> Result<()> {
    if let Session::Postgres(_) = session {
        let there = session.rows("SELECT to_regclass('parked') IS NOT NULL", &[], &[Type::Flag]).await?;
        if there == [[Value::Flag(true)]] {
            return Ok(());
        }
    }
    begin_alone(session, &format!("{group:?}")).await?;
    session.script(&format!("{PROJECTIONS}{PARKED}")).await?;
    if let Session::Postgres(_) = session {
        let comments = ABOUT.map(|(what, about)| format!("COMMENT ON {what} IS {};", ddl::quoted(about)));
        session.script(&comments.concat()).await?;
    }
    session.commit().await
}

/// Every generation of a projection, the newest first.
pub async fn all(session: &mut Session, name: &str) -> Result<Vec<Generation>> {
    read(session, name, "").await
}

/// The one in a state, of a version and a log.
pub fn of(all: &[Generation], state: State, version: i64, log: Uuid) -> Option<Generation> {
    all.iter().find(|one| one.state == state && one.version == version && one.log == log).cloned()
}

/// Every generation, and nobody else changes one until the transaction ends.
pub async fn locked(session: &mut Session, name: &str) -> Result<Vec<Generation>> {
    let lock = if let Session::Postgres(_) = session { " FOR UPDATE" } else { "" };
    read(session, name, lock).await
}

async fn read(session: &mut Session, name: &str, lock: &str) -> Result<Vec<Generation>> {
    let sql = format!(
        "SELECT generation, version, log, position, state, tables FROM projections WHERE name = $1
         ORDER BY generation DESC{lock}"
    );
    let types = [Type::Number, Type::Number, Type::Text, Type::Number, Type::Text, Type::Text];
    let rows = session.rows(&sql, &[text(name)], &types).await?;
    rows.into_iter().map(|row| generation(name, row)).collect()
}

fn generation(name: &str, row: Vec<Value>) -> Result<Generation> {
    let unreadable = || TablesError::Unreadable(format!("the row of {name} in projections"));
    let Ok([number, version, log, position, state, tables]) = <[Value; 6]>::try_from(row) else {
        return Err(unreadable());
    };
    let (Value::Number(number), Value::Number(version), Value::Number(position)) = (number, version, position) else {
        return Err(unreadable());
    };
    let (Value::Text(log), Value::Text(state), Value::Text(tables)) = (log, state, tables) else {
        return Err(unreadable());
    };
    Ok(Generation {
        name: name.to_owned(),
        number,
        version,
        log: log.parse().map_err(|_| unreadable())?,
        position: u64::try_from(position).map_err(|_| unreadable())?,
        state: State::ALL.into_iter().find(|known| known.name() == state).ok_or_else(unreadable)?,
        tables: tables.split_whitespace().map(str::to_owned).collect(),
    })
}

/// Makes empty tables where there are none at all, so that whoever reads finds something.
pub async fn ensure(session: &mut Session, model: &Model, log: Uuid) -> Result<()> {
    begin_alone(session, model.name).await?;
    let all = all(session, model.name).await?;
    match all.iter().find(|one| one.state == State::Live) {
        None => {
            create_within(session, model, log, State::Live, &all).await?;
        }
        // Gone back to this version: what the newer one showed in other words is gone.
        Some(live) if live.version == i64::from(model.version) && !has_views(session, model).await? => {
            show_views(session, model).await?;
        }
        Some(_) => {}
    }
    session.commit().await
}

/// Makes the tables of a new generation, empty.
pub async fn create(session: &mut Session, model: &Model, log: Uuid, state: State) -> Result<Generation> {
    begin_alone(session, model.name).await?;
    let all = all(session, model.name).await?;
    let generation = create_within(session, model, log, state, &all).await?;
    session.commit().await?;
    Ok(generation)
}

/// Begins a transaction that makes something, and that nobody else begins meanwhile.
async fn begin_alone(session: &mut Session, what: &str) -> Result<()> {
    session.begin().await?;
    if let Session::Postgres(_) = session {
        let name = format!("gatehouse tables {what}");
        session.run("SELECT pg_advisory_xact_lock(hashtext($1))", &[Value::Text(name)]).await?;
    }
    Ok(())
}

async fn create_within(
    session: &mut Session,
    model: &Model,
    log: Uuid,
    state: State,
    all: &[Generation],
) -> Result<Generation> {
    let number = all.first().map_or(0, |newest| newest.number) + 1;
    let generation = Generation {
        name: model.name.to_owned(),
        number,
        version: i64::from(model.version),
        log,
        position: 0,
        state,
        tables: model.tables.iter().map(|table| table.name.to_owned()).collect(),
    };
    for of in model.tables {
        let create = ddl::create(session, of, &ddl::table(of.name, number));
        session.script(&create).await?;
    }
    let row = [
        text(model.name),
        Value::Number(number),
        Value::Number(generation.version),
        text(&log.to_string()),
        Value::Number(0),
        text(state.name()),
        text(&generation.tables.join(" ")),
    ];
    session.run("INSERT INTO projections VALUES ($1, $2, $3, $4, $5, $6, $7)", &row).await?;
    if state == State::Live {
        index(session, model, &generation).await?;
        show(session, model, &generation).await?;
    }
    Ok(generation)
}

/// Moves a generation on, in a transaction that writes what its tables are then. No: it is not where, or what, it was.
pub async fn advance(session: &mut Session, generation: &Generation, to: u64) -> Result<bool> {
    let sql = "UPDATE projections SET position = $1
                WHERE name = $2 AND generation = $3 AND position = $4 AND state = $5 AND log = $6";
    let Generation { name, number, position, state, log, .. } = generation;
    let values =
        [place(to), text(name), Value::Number(*number), place(*position), text(state.name()), text(&log.to_string())];
    Ok(session.run(sql, &values).await? == 1)
}

/// Makes the indexes that a generation can do without while it is built.
pub async fn index(session: &mut Session, model: &Model, generation: &Generation) -> Result<()> {
    for of in model.tables {
        let table = ddl::table(of.name, generation.number);
        let indexes = ddl::index(session, of, &table);
        session.script(&indexes).await?;
        if let Session::Postgres(_) = session {
            session.script(&ddl::analyze(of, &table)).await?;
        }
    }
    Ok(())
}

/// Makes a generation the live one, in a transaction under whose lock `all` was read. The live one is the former one
/// then, and the former one is gone.
pub async fn make_live(
    session: &mut Session,
    model: &Model,
    generation: &Generation,
    all: &[Generation],
) -> Result<()> {
    for other in all {
        match other.state {
            _ if other.number == generation.number => {}
            State::Live => {
                for view in model.views {
                    session.script(&ddl::hide(view.name)).await?;
                }
                for table in &other.tables {
                    let hide =
                        ddl::hide_views(session, table) + &ddl::hide(table) + &ddl::hide(&search::words_of(table));
                    session.script(&hide).await?;
                }
                set_state(session, other, State::Former).await?;
            }
            State::Former if generation.state != State::Former => drop_tables(session, other).await?,
            State::Former | State::Building | State::Scratch => {}
        }
    }
    set_state(session, generation, State::Live).await?;
    show(session, model, generation).await
}

/// Drops every generation of a state that is not live.
pub async fn remove_all(session: &mut Session, all: &[Generation], state: State) -> Result<()> {
    for one in all {
        if one.state == state {
            remove(session, one).await?;
        }
    }
    Ok(())
}

/// Drops a generation that is not live.
pub async fn remove(session: &mut Session, generation: &Generation) -> Result<()> {
    session.begin().await?;
    drop_tables(session, generation).await?;
    session.commit().await
}

/// Drops every generation but this one, in the transaction that removes somebody's words from it: they are in those too.
pub async fn forget_others(session: &mut Session, generation: &Generation) -> Result<()> {
    for other in all(session, &generation.name).await? {
        if other.number != generation.number && other.state != State::Live {
            drop_tables(session, &other).await?;
        }
    }
    Ok(())
}

async fn drop_tables(session: &mut Session, generation: &Generation) -> Result<()> {
    for table in &generation.tables {
        let table = ddl::table(table, generation.number);
        if let Session::Sqlite(_) = session {
            session.script(&format!("DROP TABLE IF EXISTS {}", search::words_of(&table))).await?;
        }
        session.script(&format!("DROP TABLE IF EXISTS {table}")).await?;
    }
    let values = [text(&generation.name), Value::Number(generation.number)];
    session.run("DELETE FROM parked WHERE projection = $1 AND generation = $2", &values).await?;
    session.run("DELETE FROM projections WHERE name = $1 AND generation = $2", &values).await?;
    Ok(())
}

async fn show(session: &mut Session, model: &Model, generation: &Generation) -> Result<()> {
    for table in &generation.tables {
        let view = ddl::show(session, table, generation.number);
        session.script(&view).await?;
        let words = search::words_of(&ddl::table(table, generation.number));
        let searched = format!("SELECT count(*) FROM sqlite_master WHERE name = '{words}'");
        if matches!(session, Session::Sqlite(_)) && session.counts(&searched).await? != [0] {
            session.script(&ddl::show_words(table, generation.number)).await?;
        }
    }
    // Those of another version read other tables.
    if generation.version == i64::from(model.version) { show_views(session, model).await } else { Ok(()) }
}

async fn show_views(session: &mut Session, model: &Model) -> Result<()> {
    for of in model.views {
        let view = ddl::view(session, of);
        session.script(&view).await?;
    }
    Ok(())
}

async fn has_views(session: &mut Session, model: &Model) -> Result<bool> {
    for view in model.views {
        let there = match session {
            Session::Sqlite(_) => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'view' AND name = $1",
            Session::Postgres(_) => {
                "SELECT COUNT(*) FROM pg_views WHERE schemaname = current_schema() AND viewname = $1"
            }
        };
        if session.rows(there, &[text(view.name)], &[Type::Number]).await? != [[Value::Number(1)]] {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn set_state(session: &mut Session, generation: &Generation, state: State) -> Result<()> {
    let values = [text(state.name()), text(&generation.name), Value::Number(generation.number)];
    session.run("UPDATE projections SET state = $1 WHERE name = $2 AND generation = $3", &values).await?;
    Ok(())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Databases have signed integers only.
fn place(position: u64) -> Value {
    Value::Number(i64::try_from(position).expect("no log grows beyond 63 bits"))
}
