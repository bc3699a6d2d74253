//! Searching texts: the index of each database, and how it is asked. The texts of a table are looked up as they are
//! written: whoever writes rows need not know.
//!
//! - SQLite: an FTS5 table beside the table, kept by triggers. It holds no text, only which words are where, and what is
//!   deleted is taken out of it at once (`secure-delete`).
//! - PostgreSQL: a full-text index for words, and one of trigrams for what a word begins with. Without the extension
//!   `pg_trgm` there is none, and names are read through.
//!
//! Case and accents make no difference, and whatever is no letter or digit stands between words.

use gatehouse_projections::table::{Search, Table, Value};
use unicode_normalization::UnicodeNormalization;

use super::Readers;
use super::session::Session;

/// Signs that stand between words, for PostgreSQL, whose parser would see addresses and negative numbers in them.
const SIGNS: &str = r##"!"#$%&()*+,-./:;<=>?@[\]^_`{|}~'"##;

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As `folded` makes it.
    text: String,
    /// Whatever begins like this is meant, too.
    begins: bool,
}

impl Word {
    /// The words of what somebody typed.
    pub fn all(typed: &str, begins: bool) -> Vec<Self> {
        let words = typed.split(|c: char| !is_part_of_word(c)).map(folded);
        // A mark without a letter is nothing.
        words.filter(|text| !text.is_empty()).map(|text| Self { text, begins }).collect()
    }

    /// The same, where whatever begins like it is meant.
    pub fn begun(self) -> Self {
        Self { begins: true, ..self }
    }

    pub fn chars(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether this word of a text is meant.
    pub fn is(&self, word: &str) -> bool {
        let word = folded(word);
        if self.begins { word.starts_with(&self.text) } else { word == self.text }
    }
}

/// Letters, digits, and marks on them.
pub fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn folded(word: &str) -> String {
    word.nfd().filter(|c| !is_mark(*c)).collect::<String>().to_lowercase()
}

/// How rows are found whose text has some words.
pub struct Found {
    /// What goes after `FROM`: the table under its alias, and what it is found by.
    pub from: String,
    /// The column of the row's position to order by.
    pub position: &'static str,
    pub condition: String,
    pub values: Vec<Value>,
}

impl Readers {
    /// Finds rows of `of`, as `t`, whose `column` has every word. The values are numbered from `$1` on.
    pub fn find(&self, of: &Table, column: &str, words: &[Word]) -> Found {
        let how = of.search.iter().find(|(name, _)| *name == column).map(|(_, how)| *how);
        let how = how.unwrap_or_else(|| panic!("{column} of {} is not searched", of.name));
        let name = of.name;
        match (self, how) {
            (Self::Sqlite(_), _) => {
                let words = words.iter().map(|word| format!("\"{}\"{}", word.text, if word.begins { "*" } else { "" }));
                Found {
                    // In this order: the newest first, without sorting.
                    from: format!("{name}_words AS w CROSS JOIN {name} AS t ON t.position = w.position"),
                    position: "w.position",
                    condition: format!("w.{column} MATCH $1"),
                    values: vec![Value::Text(words.collect::<Vec<_>>().join(" AND "))],
                }
            }
            (Self::Postgres(_), Search::Words) => {
                let words = words.iter().map(|word| format!("'{}'{}", word.text, if word.begins { ":*" } else { "" }));
                Found {
                    from: format!("{name} AS t"),
                    position: "t.position",
                    condition: format!("to_tsvector('simple', folded(t.{column})) @@ to_tsquery('simple', $1)"),
                    values: vec![Value::Text(words.collect::<Vec<_>>().join(" & "))],
                }
            }
            (Self::Postgres(_), Search::Names) => {
                let numbers = (1..).step_by(2).take(words.len());
                let conditions =
                    numbers.map(|n| format!("(folded(t.{column}) LIKE ${n} OR folded(t.{column}) LIKE ${})", n + 1));
                let condition = conditions.collect::<Vec<_>>().join(" AND ");
                // A word has no sign that means something here.
                let values = words.iter().flat_map(|Word { text, .. }| [format!("{text}%"), format!("% {text}%")]);
                let values = values.map(Value::Text).collect();
                Found { from: format!("{name} AS t"), position: "t.position", condition, values }
            }
        }
    }
}

/// The table of words beside a table of SQLite's.
pub fn words_of(table: &str) -> String {
    format!("{table}_words")
}

/// Makes the indexes by which texts of a table are searched, where they are not there yet.
pub fn index(session: &Session, of: &Table, table: &str) -> String {
    if of.search.is_empty() {
        return String::new();
    }
    match session {
        Session::Sqlite(_) => sqlite(of, table),
        Session::Postgres(_) => of.search.iter().map(|(column, how)| postgres(table, column, *how)).collect(),
    }
}

fn sqlite(of: &Table, table: &str) -> String {
    let words = words_of(table);
    let list = |prefix: &str| of.search.iter().map(|(column, _)| format!(", {prefix}{column}")).collect::<String>();
    let (columns, old, new) = (list(""), list("old."), list("new."));
    let prefix = if of.search.iter().any(|(_, how)| *how == Search::Names) { ", prefix = '2 3'" } else { "" };
    let forget = format!("INSERT INTO {words} ({words}, rowid{columns}) VALUES ('delete', old.position{old});");
    let learn = format!("INSERT INTO {words} (rowid{columns}) VALUES (new.position{new});");
    let names = columns.trim_start_matches(", ");
    format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {words} USING fts5({names}, content = '{table}', content_rowid = 'position',
             tokenize = 'unicode61 remove_diacritics 2'{prefix});
         INSERT INTO {words} ({words}, rank) VALUES ('secure-delete', 1);
         INSERT INTO {words} ({words}) VALUES ('rebuild');
         CREATE TRIGGER IF NOT EXISTS {words}_put AFTER INSERT ON {table} BEGIN {learn} END;
         CREATE TRIGGER IF NOT EXISTS {words}_removed AFTER DELETE ON {table} BEGIN {forget} END;
         CREATE TRIGGER IF NOT EXISTS {words}_set AFTER UPDATE OF position{columns} ON {table} BEGIN {forget} {learn} END;
        "
    )
}

fn postgres(table: &str, column: &str, how: Search) -> String {
    let signs = super::ddl::quoted(SIGNS);
    let spaces = " ".repeat(SIGNS.chars().count());
    let folded = format!(
        "DO $do$ BEGIN
             IF to_regprocedure('folded(text)') IS NULL THEN
                 CREATE FUNCTION folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
                 RETURN lower(translate(CASE WHEN octet_length(said) = length(said) THEN said
                     ELSE regexp_replace(normalize(said, NFD), U&'[\\0300-\\036F]', '', 'g') END, {signs}, '{spaces}'));
                 COMMENT ON FUNCTION folded IS 'A text as it is searched: without case, accents and signs.';
             END IF;
         END $do$;
        "
    );
    match how {
        Search::Words => format!(
            "{folded}CREATE INDEX IF NOT EXISTS {table}_{column}_words ON {table}
                 USING gin (to_tsvector('simple', folded({column})));
            "
        ),
        // Whoever may not make the extension goes without.
        Search::Names => format!(
            "{folded}DO $do$
             DECLARE there text;
             BEGIN
                 CREATE EXTENSION IF NOT EXISTS pg_trgm;
                 SELECT nspname INTO there FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
                  WHERE extname = 'pg_trgm';
                 EXECUTE format('CREATE INDEX IF NOT EXISTS {table}_{column}_begin ON {table}
                                 USING gin (folded({column}) %I.gin_trgm_ops)', there);
             EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
                 RAISE NOTICE 'names are searched without an index: %', SQLERRM;
             END $do$;
            "
        ),
    }
}
