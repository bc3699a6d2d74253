//! What holds for every request: it is answered in time, whatever it waits for, and it is counted.

use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::problem::Problem;
use crate::telemetry;

/// What was asked where there is no route, or not answered in time.
const NO_ROUTE: &str = "none";

/// How long anybody waits for an answer. What was asked may still be done; asked again under its key it counts once.
const REQUEST_MAX: Duration = Duration::from_secs(15);

/// Passes a request on, gives up on it after a while, and counts it.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let since = Instant::now();
    let answer = tokio::time::timeout(REQUEST_MAX, next.call(request)).await;
    let answer = answer.unwrap_or_else(|_| Err(Problem::unavailable().into()));
    let (route, status) = match &answer {
        Ok(answer) => (answer.request().match_pattern(), answer.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    telemetry::answered(route.unwrap_or_else(|| NO_ROUTE.to_owned()), status.as_u16(), since.elapsed());
    answer
}
