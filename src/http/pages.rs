//! The pages, embedded in the binary.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH, LOCATION, VARY,
};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::problem::Problem;

const INDEX: &str = "index.html";

pub fn routes(config: &mut ServiceConfig) {
    config.route("/", web::get().to(home)).default_service(web::to(page));
}

async fn home() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/desk")).finish()
}

/// A file where there is one; the application for every address of its own, which have no extension.
async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = request.path().trim_start_matches('/');
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let is_ours = path == "board" || path == "desk" || path.starts_with("desk/");
    let name = if is_file { path } else { INDEX };
    let asset = gatehouse_web::asset(name).filter(|_| is_file || is_ours);
    let asset = asset.ok_or_else(|| Problem::not_found("address"))?;
    let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((CACHE_CONTROL, caching)).insert_header((ETAG, asset.etag.clone()));
    response.insert_header((VARY, "Accept-Encoding")).content_type(asset.mime.clone());
    if header(IF_NONE_MATCH) == Some(asset.etag.as_str()) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    match asset.brotli {
        Some(brotli) if header(ACCEPT_ENCODING).is_some_and(|encodings| encodings.contains("br")) => {
            Ok(response.insert_header((CONTENT_ENCODING, "br")).body(brotli.into_owned()))
        }
        _ => Ok(response.body(asset.bytes.into_owned())),
    }
}
