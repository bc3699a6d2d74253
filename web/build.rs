//! Builds the pages with npm into `OUT_DIR/dist`, from where `lib.rs` embeds them.
//!
//! `WEB_ASSETS` chooses: `skip` embeds a stub and never calls npm (work on the server alone, editors), `require`
//! insists on the pages, `auto` (the default) builds them and falls back to the stub in a debug build without npm.
//! Where npm exists, a page that does not build is always an error: a binary without pages must not look finished.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const WATCHED: [&str; 7] =
    ["app", "public", "index.html", "package.json", "package-lock.json", ".npmrc", "vite.config.ts"];
const STUB: &str = "<!doctype html><html lang=\"en\"><title>Gatehouse</title>\
    <p>This binary was built without its pages. Build it with Node.js 20.19 or newer on the PATH.</p></html>";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=WEB_ASSETS");
    for path in WATCHED.into_iter().filter(|path| Path::new(path).exists()) {
        println!("cargo:rerun-if-changed={path}");
    }
    let dist = PathBuf::from(env::var("OUT_DIR")?).join("dist");
    let release = env::var("PROFILE")? == "release";
    match env::var("WEB_ASSETS").as_deref().unwrap_or("auto") {
        "skip" => stub(&dist),
        "require" if !npm_exists() => Err("npm was not found: install Node.js 20.19 or newer".into()),
        "auto" if !npm_exists() && release => {
            Err("npm was not found: install Node.js 20.19 or newer, or set WEB_ASSETS=skip".into())
        }
        "auto" if !npm_exists() => {
            println!("cargo:warning=npm was not found: this build has no pages (install Node.js 20.19 or newer)");
            stub(&dist)
        }
        "require" | "auto" => build(&dist),
        other => Err(format!("WEB_ASSETS={other}: expected skip, auto or require").into()),
    }
}

fn build(dist: &Path) -> Result<(), Box<dyn Error>> {
    // Two builds at once would empty each other's node_modules.
    let lock = File::create(".build.lock")?;
    lock.lock()?;
    let wanted = fs::read("package-lock.json")?;
    let installed = Path::new("node_modules/.installed-lock");
    if fs::read(installed).ok().as_ref() != Some(&wanted) {
        npm(&["ci", "--no-audit", "--no-fund"])?;
        fs::write(installed, wanted)?;
    }
    let dist = dist.to_str().ok_or("OUT_DIR is not UTF-8")?;
    npm(&["run", "--silent", "build", "--", "--outDir", dist, "--emptyOutDir", "--logLevel", "warn"])
}

fn npm(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let output = Command::new(NPM).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Err(format!("npm {} failed:\n{said}", arguments.join(" ")).into())
}

fn npm_exists() -> bool {
    Command::new(NPM).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn stub(dist: &Path) -> Result<(), Box<dyn Error>> {
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    fs::create_dir_all(dist)?;
    Ok(fs::write(dist.join("index.html"), STUB)?)
}

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
