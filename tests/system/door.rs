//! A front door: one address for everybody outside, whichever server is behind it, as a load balancer gives.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes every connection on to the server behind it.
pub struct Door {
    pub address: SocketAddr,
    behind: watch::Sender<SocketAddr>,
}

impl Door {
    pub async fn open(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, behind) = (listener.local_addr().unwrap(), watch::channel(server).0);
        let all = behind.subscribe();
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                tokio::spawn(pass(outside, all.clone()));
            }
        });
        Self { address, behind }
    }

    /// Leads to this server from now on, be it another or the same. Every connection there is is cut.
    pub fn lead_to(&self, server: SocketAddr) {
        self.behind.send_replace(server);
    }
}

async fn pass(mut outside: TcpStream, mut behind: watch::Receiver<SocketAddr>) {
    let server = *behind.borrow_and_update();
    let Ok(mut inside) = TcpStream::connect(server).await else { return };
    tokio::select! {
        // Either side may go away at any time.
        _ = tokio::io::copy_bidirectional(&mut outside, &mut inside) => {}
        _ = behind.changed() => {}
    }
}
