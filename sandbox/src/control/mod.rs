//! What only a sandbox has, under `/sandbox`: registering numbers, the customer's side, and faults.

mod error;
mod numbers;
mod customers;
mod stream;
mod faults;

use actix_web::web::{self, ServiceConfig};

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/numbers", web::get().to(numbers::list))
        .route("/numbers/{number}", web::put().to(numbers::register))
        .route("/numbers/{number}/sent", web::get().to(numbers::sent))
        .route("/numbers/{number}/webhooks", web::post().to(numbers::post_webhook))
        .route("/numbers/{number}/customers", web::get().to(customers::list))
        .route("/numbers/{number}/customers/{customer}/messages", web::post().to(customers::write))
        .route("/numbers/{number}/customers/{customer}/messages", web::get().to(customers::conversation))
        .route("/numbers/{number}/customers/{customer}/read", web::post().to(customers::read))
        .route("/numbers/{number}/customers/{customer}/events", web::get().to(stream::events))
        .route("/faults", web::get().to(faults::list))
        .route("/faults", web::post().to(faults::add))
        .route("/faults", web::delete().to(faults::clear));
}
