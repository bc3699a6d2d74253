//! Reports: a metric over a time, and what every metric means.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Data, Json, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get};
use gatehouse_projections::metrics::METRICS;
use gatehouse_projections::table::Group;
use serde::Serialize;
use utoipa::ToSchema;

use super::SignedIn;
use super::exports::{CSV, NDJSON};
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;
use crate::reports::export::{self, Format};
use crate::reports::{Asked, Definition, Report, ReportQuery, report};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(show);
}

#[derive(Serialize, ToSchema)]
pub struct Definitions {
    items: Vec<Definition>,
}

/// Lists every metric with its definition.
#[utoipa::path(tag = "reports", context_path = "/api/v1", responses((status = 200, body = Definitions)))]
#[get("/reports")]
async fn list(app: Data<App>, signed_in: SignedIn) -> Result<Json<Definitions>, Problem> {
    signed_in.must(&app, Action::ReadReports)?;
    Ok(Json(Definitions { items: METRICS.iter().map(Definition::of).collect() }))
}

/// Tells a metric of a time, by what is asked, in intervals of a time zone. Its rows alone, without the total, where the
/// metric's name ends with `.csv` (for a spreadsheet) or `.ndjson` (one JSON object a line).
#[utoipa::path(tag = "reports", context_path = "/api/v1", params(("metric" = String, Path), ReportQuery),
    responses((status = 200, body = Report), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/reports/{metric}")]
async fn show(
    app: Data<App>,
    signed_in: SignedIn,
    metric: Path<String>,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.must(&app, Action::ReadReports)?;
    let (name, format) = export::named(&metric).map_or((metric.as_str(), None), |(name, format)| (name, Some(format)));
    let asked = Asked::parse(name, &query)?;
    let report = report(app.tables.read(Group::Reporting), &asked, app.clock.now()).await?;
    let mut response = HttpResponse::Ok();
    let (of, rows) = match format {
        None => return Ok(response.json(report)),
        Some(Format::Csv) => (CSV, report.csv(&asked)),
        Some(Format::Ndjson) => (NDJSON, report.ndjson()),
    };
    let named = format!("attachment; filename=\"{metric}\"");
    Ok(response.content_type(of).insert_header((CONTENT_DISPOSITION, named)).body(rows))
}
