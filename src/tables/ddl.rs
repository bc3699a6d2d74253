//! Making tables and views, with comments for whoever reads the database.

use std::collections::BTreeSet;

use gatehouse_projections::table::{Table, Type, View};

use super::dialect::Dialect;
use super::session::Session;
use super::{postgres, search};

/// Whoever only reads reports, where that role was made.
const ANALYST: &str = "gatehouse_analyst";

/// The table that holds the rows of a generation; a view has the plain name.
pub fn table(name: &str, generation: i64) -> String {
    format!("{name}_g{generation}")
}

/// Makes the table of a generation, without indexes other than its key's.
pub fn create(session: &Session, of: &Table, table: &str) -> String {
    let key = of.columns[..of.key].iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    match session {
        Session::Sqlite(_) => {
            let columns = of.columns.iter().map(|column| {
                let (name, of, about) = (column.name, sqlite_type(column.of), line(column.about));
                format!("    {name} {of}{}, -- {about}\n", null(column.nullable))
            });
            let (columns, about) = (columns.collect::<String>(), line(of.about));
            format!("CREATE TABLE {table} ( -- {about}\n{columns}    PRIMARY KEY ({key})\n)")
        }
        Session::Postgres(_) => {
            let columns = of
                .columns
                .iter()
                .map(|column| format!("{} {}{}, ", column.name, postgres::type_name(column.of), null(column.nullable)));
            let comments = of
                .columns
                .iter()
                .map(|column| format!("COMMENT ON COLUMN {table}.{} IS {};\n", column.name, quoted(column.about)));
            let (columns, comments, about) =
                (columns.collect::<String>(), comments.collect::<String>(), quoted(of.about));
            format!(
                "CREATE TABLE {table} ({columns}PRIMARY KEY ({key}));\nCOMMENT ON TABLE {table} IS {about};\n{comments}"
            )
        }
    }
}

/// Makes the indexes of a table, where they are not there yet.
pub fn index(session: &Session, of: &Table, table: &str) -> String {
    let indexes = of.indexes.iter().map(|columns| {
        let name = format!("{table}_{}", columns.join("_"));
        // PostgreSQL cuts longer names, and two that are cut could be one.
        assert!(name.len() < 64, "{name} is too long for an index");
        format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({});\n", columns.join(", "))
    });
    let search = search::index(session, of, table);
    indexes.chain([search]).collect()
}

/// Has PostgreSQL look at what rows are found by, so that the first question is planned by what is there. It looks at the
/// rest when it finds the time; how often words are in a searched text is looked at only with everything.
pub fn analyze(of: &Table, table: &str) -> String {
    let key = of.columns[..of.key].iter().map(|column| column.name);
    let found_by: BTreeSet<&str> = key.chain(of.indexes.iter().copied().flatten().copied()).collect();
    let only = format!(" ({})", found_by.into_iter().collect::<Vec<_>>().join(", "));
    format!("ANALYZE {table}{}", if of.search.is_empty() { only.as_str() } else { "" })
}

/// Shows the rows of a generation under the plain name.
pub fn show(session: &Session, name: &str, generation: i64) -> String {
    let table = table(name, generation);
    let hide = hide(name);
    match session {
        Session::Sqlite(_) => {
            format!("{hide}CREATE VIEW {name} AS SELECT * FROM {table}; -- what is what: see {table}")
        }
        // The comments are the table's own, also where an older version made it.
        Session::Postgres(_) => format!(
            "{hide}CREATE VIEW {name} AS SELECT * FROM {table};
             DO $do$
             DECLARE told record;
             BEGIN
                 EXECUTE format('COMMENT ON VIEW {name} IS %L', obj_description('{table}'::regclass, 'pg_class'));
                 FOR told IN SELECT attname, col_description(attrelid, attnum) AS about FROM pg_attribute
                              WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped LOOP
                     EXECUTE format('COMMENT ON COLUMN {name}.%I IS %L', told.attname, told.about);
                 END LOOP;
             END $do$;
             {}",
            grant(name)
        ),
    }
}

/// Lets analysts read a view of the reports, where that role was made.
fn grant(view: &str) -> String {
    format!(
        "DO $do$ BEGIN
             IF current_schema() = 'reporting' AND EXISTS (SELECT FROM pg_roles WHERE rolname = '{ANALYST}') THEN
                 GRANT USAGE ON SCHEMA reporting TO {ANALYST};
                 GRANT SELECT ON {view} TO {ANALYST};
             END IF;
         END $do$;\n"
    )
}

/// Makes a view over the tables that are shown.
pub fn view(session: &Session, of: &View) -> String {
    let View { name, about, columns, rows } = of;
    let create = Dialect::of(session).statement(&format!("{}CREATE VIEW {name} AS {rows};\n", hide(name)), 0);
    match session {
        Session::Sqlite(_) => create,
        Session::Postgres(_) => {
            let comments = columns
                .iter()
                .map(|(column, about)| format!("COMMENT ON COLUMN {name}.{column} IS {};\n", quoted(about)));
            let (comments, about) = (comments.collect::<String>(), quoted(about));
            format!("{create}COMMENT ON VIEW {name} IS {about};\n{comments}{}", grant(name))
        }
    }
}

/// Drops the views that are made of one that shows a table, whichever version made them.
pub fn hide_views(session: &Session, table: &str) -> String {
    match session {
        // Here a view may be left without its tables; whoever shows them makes it anew.
        Session::Sqlite(_) => String::new(),
        Session::Postgres(_) => format!(
            "DO $do$
             DECLARE made text;
             BEGIN
                 FOR made IN SELECT view_name FROM information_schema.view_table_usage
                              WHERE table_schema = current_schema() AND view_schema = current_schema()
                                AND table_name = '{table}' LOOP
                     EXECUTE format('DROP VIEW IF EXISTS %I', made);
                 END LOOP;
             END $do$;\n"
        ),
    }
}

pub fn hide(name: &str) -> String {
    format!("DROP VIEW IF EXISTS {name};\n")
}

/// Shows the words of a generation under the plain name; SQLite only.
pub fn show_words(name: &str, generation: i64) -> String {
    let (view, words) = (search::words_of(name), search::words_of(&table(name, generation)));
    format!("{}CREATE VIEW {view} AS SELECT rowid AS position, * FROM {words}", hide(&view))
}

fn sqlite_type(of: Type) -> &'static str {
    match of {
        Type::Id | Type::Text | Type::Time => "TEXT",
        Type::Number | Type::Flag => "INTEGER",
    }
}

fn null(nullable: bool) -> &'static str {
    if nullable { "" } else { " NOT NULL" }
}

pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A comment to the end of the line.
fn line(text: &str) -> String {
    text.replace('\n', " ")
}
