//! The `gatehouse` program.

use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

/// Many threads make small things that others drop; the system's own allocator spends a tenth of the time on that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // Where stderr is a file on a disk that is full, complaining about it there would panic.
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    gatehouse::cli::run().await
}
