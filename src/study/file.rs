//! Complete files, before they are stored.

use crate::output::sha256;

/// Complete file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Name in a store.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

impl File {
    /// Returns a file with this content.
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        Self {
            sha256: sha256(&bytes),
            name,
            bytes,
        }
    }
}
