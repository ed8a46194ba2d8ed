//! SHA-256 sums in hexadecimal.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    sha256_of([bytes])
}

/// Returns the SHA-256 of concatenated pieces, in hex.
pub fn sha256_of(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hex(&hash.finalize())
}

/// Formats bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
