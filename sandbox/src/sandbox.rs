//! Starts the sandbox, and gives tests in the same process a short way to everything it does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use tokio::sync::broadcast::error::RecvError;

use crate::courier::PostError;
use crate::customer_side::{CustomerMessage, CustomerRefusal};
use crate::fault::Fault;
use crate::handshake::{HandshakeError, Registration};
use crate::ids::{PhoneNumberId, WaId, Wamid};
use crate::number::{MessageView, Sent};
use crate::world::World;
use crate::{control, graph, phone};

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    pub address: SocketAddr,
    world: Arc<World>,
    server: ServerHandle,
}

/// Why the sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the sandbox listens on loopback only, and {0} is not")]
    NotLoopback(SocketAddr),
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    #[error("cannot make calls: {0}")]
    Client(#[from] reqwest::Error),
}

impl Sandbox {
    /// Starts a sandbox. Port 0 takes any free one. Needs a tokio runtime, which carries its webhooks.
    pub fn start(listen: SocketAddr) -> Result<Self, StartError> {
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let world = Arc::new(World::new()?);
        let shared = Data::from(world.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route(r"/{version:v\d+\.\d+}/{number}/messages", web::post().to(graph::messages))
                .service(web::scope("/sandbox").configure(control::routes))
                .configure(phone::routes)
                .default_service(web::to(graph::unknown_path))
        })
        .workers(1)
        .shutdown_timeout(1)
        .disable_signals()
        .bind(listen)?;
        let address = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, world, server: handle })
    }

    /// The address to give to a business as the one of Meta's API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Registers a number, after the handshake with its callback.
    pub async fn register(&self, number: &PhoneNumberId, registration: Registration) -> Result<(), HandshakeError> {
        self.world.register(number.clone(), registration).await
    }

    /// A customer writes. The webhook follows in the background.
    pub fn write(
        &self,
        number: &PhoneNumberId,
        customer: &WaId,
        message: CustomerMessage,
    ) -> Result<Wamid, CustomerRefusal> {
        self.world.write(number, customer, message)
    }

    /// A customer reads everything the business wrote.
    pub fn read(&self, number: &PhoneNumberId, customer: &WaId) -> Result<(), CustomerRefusal> {
        self.world.read(number, customer)
    }

    /// Everything written between a number and a customer, oldest first.
    pub fn conversation(&self, number: &PhoneNumberId, customer: &WaId) -> Result<Vec<MessageView>, CustomerRefusal> {
        self.world.conversation(number, customer)
    }

    /// Everything the number had accepted, oldest first.
    pub fn sent(&self, number: &PhoneNumberId) -> Vec<Sent> {
        self.world.lock().numbers.get(number).map(|number| number.sent.clone()).unwrap_or_default()
    }

    /// Waits until the number has had `count` messages accepted, and gives what there is when `within` is over.
    pub async fn sent_at_least(&self, number: &PhoneNumberId, count: usize, within: Duration) -> Vec<Sent> {
        let mut news = self.world.watch();
        let enough = async {
            while self.sent(number).len() < count {
                // Having missed some news is news enough.
                if let Err(RecvError::Closed) = news.recv().await {
                    return;
                }
            }
        };
        // Out of time, the caller sees from the list itself that it is too short.
        let _ = tokio::time::timeout(within, enough).await;
        self.sent(number)
    }

    /// Adds something that is to go wrong.
    pub fn add_fault(&self, fault: Fault) {
        self.world.lock().faults.add(fault);
    }

    /// Forgets every fault, and delivers the statuses that were withheld.
    pub fn clear_faults(&self) {
        self.world.clear_faults();
    }

    /// Posts a body of the caller's own to the number's callback, once, and says what it answered.
    pub async fn post_webhook(&self, number: &PhoneNumberId, body: &str, signed: bool) -> Result<u16, PostError> {
        self.world.post(number, body.to_owned(), signed).await
    }

    /// Stops serving and waits until it is done.
    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The order to stop is given by the call; waiting for it is not possible here.
        drop(self.server.stop(false));
    }
}
