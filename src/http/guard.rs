//! What holds for every request: it is answered in time, whatever it waits for, and none begins while the server stops.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONNECTION, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web::Data};

use crate::app::App;
use crate::problem::Problem;

/// How long anybody waits for an answer. What was asked may still be done; asked again under its key it counts once.
const REQUEST_MAX: Duration = Duration::from_secs(15);

/// Passes a request on, unless the server is stopping, and gives up on it after a while.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let app = request.app_data::<Data<App>>().map(|app| Arc::clone(app));
    if app.is_some_and(|app| *app.draining.borrow()) && !request.path().starts_with("/health/") {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is stopping; try again");
        let mut refused = problem.error_response();
        // Whoever tries again meets the server that runs then.
        refused.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return Ok(request.into_response(refused).map_into_right_body());
    }
    match tokio::time::timeout(REQUEST_MAX, next.call(request)).await {
        Ok(answer) => answer.map(ServiceResponse::map_into_left_body),
        Err(_) => Err(Problem::unavailable().into()),
    }
}
