//! The phone in the browser: a few files, no framework, compiled in.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};

/// The page loads nothing from elsewhere and speaks to nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(|| file("text/html; charset=utf-8", include_str!("phone.html"))))
        .route("/phone.css", web::get().to(|| file("text/css; charset=utf-8", include_str!("phone.css"))))
        .route("/phone.js", web::get().to(|| file("text/javascript; charset=utf-8", include_str!("phone.js"))))
        .route("/bubbles.js", web::get().to(|| file("text/javascript; charset=utf-8", include_str!("bubbles.js"))))
        .route("/phone.svg", web::get().to(|| file("image/svg+xml", include_str!("phone.svg"))));
}

async fn file(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text)
}
