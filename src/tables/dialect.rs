//! What has to be said differently to the two databases: a time in milliseconds.

use super::session::Session;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub fn of(session: &Session) -> Self {
        match session {
            Session::Sqlite(_) => Self::Sqlite,
            Session::Postgres(_) => Self::Postgres,
        }
    }

    /// A statement in which `{column}` stood for that time in milliseconds since 1970, `{now}` for the present one, and
    /// `{instant}` for the one that is given.
    pub fn statement(self, text: &str, instant: i64) -> String {
        let mut pieces = text.split('{');
        let mut statement = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (time, rest) = piece.split_once('}').unwrap_or((piece, ""));
            match time {
                "instant" => statement.push_str(&instant.to_string()),
                time => statement.push_str(&self.milliseconds(time)),
            }
            statement.push_str(rest);
        }
        statement
    }

    fn milliseconds(self, time: &str) -> String {
        match (self, time) {
            (Self::Sqlite, "now") => "(CAST(strftime('%s', 'now') AS INTEGER) * 1000)".to_owned(),
            // Times are text of one length, with six digits behind the second.
            (Self::Sqlite, time) => {
                format!("(CAST(strftime('%s', {time}) AS INTEGER) * 1000 + CAST(substr({time}, 21, 3) AS INTEGER))")
            }
            (Self::Postgres, "now") => "CAST(floor(extract(epoch FROM now()) * 1000) AS BIGINT)".to_owned(),
            (Self::Postgres, time) => format!("CAST(extract(epoch FROM {time}) * 1000 AS BIGINT)"),
        }
    }
}
