//! Authenticated encryption of small things, bound to the place they are kept in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::clock::random_bytes;

const NONCE_BYTES: usize = 24;

/// Seals `words` under `key`. What is sealed for one `place` opens for no other.
pub fn seal(key: &[u8; 32], place: &str, words: &[u8]) -> String {
    let nonce = random_bytes::<NONCE_BYTES>();
    let sealed = XChaCha20Poly1305::new(Key::from_slice(key))
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: words, aad: place.as_bytes() })
        .expect("sealing in memory cannot fail");
    STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
}

/// Opens what `seal` made for the same key and place; `None` for anything else.
pub fn open(key: &[u8; 32], place: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
    XChaCha20Poly1305::new(Key::from_slice(key))
        .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: place.as_bytes() })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{open, seal};

    #[test]
    fn sealed_words_open_only_with_their_key_and_in_their_place() {
        let sealed = seal(&[7; 32], "here", b"words");
        assert_eq!(open(&[7; 32], "here", &sealed).as_deref(), Some(b"words".as_slice()));
        assert_eq!(open(&[8; 32], "here", &sealed), None);
        assert_eq!(open(&[7; 32], "there", &sealed), None);
        assert_eq!(open(&[7; 32], "here", "nonsense"), None);
    }
}
