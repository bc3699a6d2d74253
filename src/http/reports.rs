//! Reports: a metric over a time, and what every metric means.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query, ServiceConfig};
use gatehouse_projections::metrics::METRICS;
use gatehouse_projections::table::Group;
use serde::Serialize;
use utoipa::ToSchema;

use super::SignedIn;
use crate::app::App;
use crate::policy::Action;
use crate::problem::Problem;
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

/// Tells a metric of a time, by what is asked, in intervals of a time zone. A metric that is counted from single facts is
/// in the tables and exports only: 404.
#[utoipa::path(tag = "reports", context_path = "/api/v1", params(("metric" = String, Path), ReportQuery),
    responses((status = 200, body = Report), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/reports/{metric}")]
async fn show(
    app: Data<App>,
    signed_in: SignedIn,
    metric: Path<String>,
    query: Query<ReportQuery>,
) -> Result<Json<Report>, Problem> {
    signed_in.must(&app, Action::ReadReports)?;
    let asked = Asked::parse(&metric, &query)?;
    Ok(Json(report(app.tables.read(Group::Reporting), &asked, app.clock.now()).await?))
}
