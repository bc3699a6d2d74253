//! The built pages, embedded in the binary.
//!
//! Knows nothing of HTTP: it hands out bytes and what a server needs to answer well. Which path means which page
//! is the server's business.

use std::borrow::Cow;

use rust_embed::RustEmbed;

/// A file of the built pages.
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    pub mime: String,
    /// Ready for the header, quotes included. Weak, because the compressed form carries the same one.
    pub etag: String,
    /// The name holds a hash of the content: a browser may keep it for ever.
    pub immutable: bool,
    /// The same file compressed with Brotli, where that is worth it.
    pub brotli: Option<Cow<'static, [u8]>>,
}

/// Finds a file by its path below the root of the pages: `index.html`, `assets/...`.
pub fn asset(path: &str) -> Option<Asset> {
    if path.ends_with(".br") {
        return None;
    }
    let file = Dist::get(path)?;
    Some(Asset {
        mime: mime(file.metadata.mimetype()),
        etag: etag(&file.metadata.sha256_hash()),
        immutable: path.starts_with("assets/"),
        brotli: Dist::get(&format!("{path}.br")).map(|compressed| compressed.data),
        bytes: file.data,
    })
}

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/dist"]
struct Dist;

fn mime(guessed: &str) -> String {
    match guessed {
        "text/html" | "text/css" | "text/javascript" => format!("{guessed}; charset=utf-8"),
        other => other.to_owned(),
    }
}

fn etag(hash: &[u8; 32]) -> String {
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{digits}\"")
}

#[cfg(test)]
mod tests {
    use super::asset;

    #[test]
    fn the_page_is_there_and_is_not_kept_for_ever() {
        let page = asset("index.html").expect("the build always writes index.html");
        assert_eq!((page.mime.as_str(), page.immutable), ("text/html; charset=utf-8", false));
        assert!(page.etag.starts_with("W/\""));
    }

    #[test]
    fn a_compressed_variant_is_no_page_of_its_own() {
        assert!(asset("index.html.br").is_none());
        assert!(asset("nothing.js").is_none());
    }
}
