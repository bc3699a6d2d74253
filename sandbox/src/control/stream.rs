//! Tells the phone page what happens, as server-sent events.
//!
//! A `message` event carries a message that is new or has come further. A `reset` event says that some were missed and
//! everything has to be looked at again.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::error::ControlError;
use crate::ids::{PhoneNumberId, WaId};
use crate::world::{News, World};

/// A page that is gone is noticed when nothing can be written to it, so something is written.
const HEARTBEAT: Duration = Duration::from_secs(15);

struct Watcher {
    number: PhoneNumberId,
    customer: WaId,
    news: Receiver<News>,
}

/// `GET /sandbox/numbers/{number}/customers/{customer}/events`. Whoever listens has a phone that is switched on.
pub async fn events(world: Data<World>, path: Path<(PhoneNumberId, WaId)>) -> Result<HttpResponse, ControlError> {
    let (number, customer) = path.into_inner();
    world.switch_on(&number, &customer)?;
    let watcher = Watcher { number, customer, news: world.watch() };
    let events = stream::unfold((watcher, Some("event: reset\ndata: {}\n\n")), |(mut watcher, first)| async move {
        let event = match first {
            Some(first) => first.to_owned(),
            None => watcher.next_event().await?,
        };
        Some((Ok::<_, Infallible>(Bytes::from(event)), (watcher, None)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(events))
}

impl Watcher {
    async fn next_event(&mut self) -> Option<String> {
        loop {
            match timeout(HEARTBEAT, self.news.recv()).await {
                Err(_) => return Some(": still here\n\n".to_owned()),
                Ok(Err(RecvError::Closed)) => return None,
                Ok(Err(RecvError::Lagged(_))) => return Some("event: reset\ndata: {}\n\n".to_owned()),
                Ok(Ok(news)) if news.number == self.number && news.customer == self.customer => {
                    let message = serde_json::to_string(&news.message).ok()?;
                    return Some(format!("event: message\ndata: {message}\n\n"));
                }
                Ok(Ok(_)) => {}
            }
        }
    }
}
