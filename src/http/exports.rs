//! Exports: every reporting table as CSV or NDJSON, streamed.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use futures_util::stream::try_unfold;
use gatehouse_projections::table::{Group, Table, Value};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::SignedIn;
use super::input::Fields;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;
use crate::reports::export::{self, Format, PAGE, Rows};
use crate::tables::TablesError;

pub const CSV: &str = "text/csv; charset=utf-8";
pub const NDJSON: &str = "application/x-ndjson";
/// How many rows are to come, so that whoever reads knows how far they are.
const ROWS: &str = "Gatehouse-Rows";

pub fn routes(config: &mut ServiceConfig) {
    config.service(download);
}

#[derive(Deserialize, IntoParams)]
struct ExportQuery {
    /// Rows from this time on: of their closing, or what the table is chosen by.
    from: Option<DateTime<Utc>>,
    /// Rows before this time.
    to: Option<DateTime<Utc>>,
    /// Only rows of this inbox.
    inbox: Option<Uuid>,
    /// Only rows of this agent.
    agent: Option<Uuid>,
    /// Only rows of this gateway.
    gateway: Option<Uuid>,
    /// Only rows of this channel.
    channel: Option<String>,
    /// Go on after the row with this key: the first cells of the last line that came whole, with commas between.
    after: Option<String>,
}

impl ExportQuery {
    /// The rows of a table that are asked for.
    fn rows(self, table: &'static Table) -> Result<Rows, Problem> {
        let Self { from, to, inbox, agent, gateway, channel, after } = self;
        let mut fields = Fields::default();
        let after = after.map(|after| export::key(table, &after));
        fields.check(after != Some(None), "after", "is no key of this table");
        let timeless = export::chosen_by(table).is_none() && (from.is_some() || to.is_some());
        fields.check(!timeless, "from", "this table is not chosen by time");
        let asked = [
            ("inbox", "inbox_id", inbox.map(Value::Id)),
            ("agent", "agent_id", agent.map(Value::Id)),
            ("gateway", "gateway_id", gateway.map(Value::Id)),
            ("channel", "channel", channel.map(Value::Text)),
        ];
        let mut with = vec![];
        for (name, column, value) in asked {
            let Some(value) = value else { continue };
            fields.check(table.columns.iter().any(|known| known.name == column), name, "is no column of this table");
            with.push((column, value));
        }
        fields.done()?;
        Ok(Rows { table, from, to, with, after: after.flatten() })
    }
}

/// Exports a reporting table, in the order of its key: `queue_stays.csv`, `offers.ndjson`. Broken off, it goes on after
/// the last whole line. The header `Gatehouse-Rows` says how many rows are to come.
#[utoipa::path(tag = "reports", context_path = "/api/v1", params(("file" = String, Path), ExportQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = Problem),
              (status = 422, body = Problem)))]
#[get("/exports/{file}")]
async fn download(
    app: Data<App>,
    signed_in: SignedIn,
    file: Path<String>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::ReadReports)?;
    let (name, format) = export::named(&file).ok_or_else(|| Problem::not_found("export"))?;
    let table = export::table(name).ok_or_else(|| Problem::not_found("export"))?;
    let rows = query.into_inner().rows(table)?;
    let count = rows.count(app.tables.read(Group::Reporting)).await?;

    let lines = try_unfold(Some((rows, true)), move |state| {
        let app = app.clone();
        async move {
            let Some((mut rows, first)) = state else { return Ok::<_, TablesError>(None) };
            let page = rows.page(app.tables.read(Group::Reporting)).await?;
            let mut lines = if first { export::heading(table, format) } else { String::new() };
            page.iter().for_each(|row| lines.push_str(&export::line(table, row, format)));
            let next = (page.len() == PAGE).then_some((rows, false));
            Ok(Some((Bytes::from(lines), next)))
        }
    });
    let of = if format == Format::Csv { CSV } else { NDJSON };
    let named = format!("attachment; filename=\"{file}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(of).insert_header((ROWS, count)).insert_header((CONTENT_DISPOSITION, named));
    Ok(response.streaming(lines))
}
