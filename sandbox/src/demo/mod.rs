//! Sets a server up to be tried out: people, an inbox, and a number that is registered at the sandbox.
//!
//! It knows the server by its public REST API only, and can be repeated: what is there is found, not made again.

mod api;
mod steps;
mod memory;
mod error;

use std::path::PathBuf;

use clap::Args;

pub use error::DemoError;
use steps::SetUp;

/// Which server and which sandbox, and who signs in.
#[derive(Args, Clone)]
pub struct Demo {
    /// The Gatehouse server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// The sandbox.
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    pub sandbox: String,
    /// The login of an administrator.
    #[arg(long, default_value = "admin")]
    pub login: String,
    /// The administrator's password.
    #[arg(long, env = "GATEHOUSE_ADMIN_PASSWORD", hide_env_values = true)]
    pub password: String,
    /// Where the generated secrets are kept, so that a second run knows them.
    #[arg(long, default_value = "gatehouse-demo.json")]
    pub state: PathBuf,
}

/// Sets everything up and says what to do next.
pub async fn run(demo: &Demo) -> Result<(), DemoError> {
    let ready = steps::set_up(demo).await?;
    println!("{}", describe(&ready));
    Ok(())
}

fn describe(ready: &SetUp) -> String {
    let mut text = format!(
        "\nEverything is set up.\n\n  Desk   {}\n  Phone  {}\n  API    {}\n\nThe people at the desk:\n\n",
        ready.desk, ready.phone, ready.api
    );
    for agent in &ready.agents {
        let password = agent.password.as_deref().unwrap_or("(chosen earlier, not known here)");
        text.push_str(&format!("  {:<6} login {:<6} password {password}\n", agent.name, agent.login));
    }
    text.push_str(
        "\nWhat to do next:\n\n  1. Open the desk, sign in as Anna and set yourself online.\n  2. Open the phone in \
         another window and write a message.\n  3. Accept it at the desk, answer, and watch the ticks.\n",
    );
    text
}
