//! Documents as values of settings: texts from files, with their parsed content.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Parsed content of a document.
pub type Content = Box<dyn Any + Send + Sync>;

/// A text and its parsed content. Documents are interned for the lifetime of the program, so settings that contain
/// one are cheap to copy, and no run parses it again.
#[derive(Clone, Copy, Default)]
pub struct Document {
    text: &'static str,
    content: Option<&'static (dyn Any + Send + Sync)>,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Document").field(&self.text).finish()
    }
}

impl Document {
    /// Interns the document of a text; an empty text is the empty document. Returns `None` if `read` rejects the text.
    pub fn new(text: &str, read: fn(&str) -> Option<Content>) -> Option<Self> {
        static MADE: Mutex<BTreeMap<&str, Document>> = Mutex::new(BTreeMap::new());
        if text.trim().is_empty() {
            return Some(Self::default());
        }
        let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = made().get(text) {
            return Some(*document);
        }
        let content = read(text)?;
        // If two threads parse the same text, the first result is kept.
        let document = *made()
            .entry(Box::leak(text.into()))
            .or_insert_with_key(|text| Self {
                text,
                content: Some(Box::leak(content)),
            });
        Some(document)
    }

    /// Returns its text.
    pub fn text(self) -> &'static str {
        self.text
    }

    /// Returns its content; `None` for the empty document.
    pub fn content<T: Any>(self) -> Option<&'static T> {
        self.content?.downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once() {
        let read = |text: &str| Some(Box::new(text.parse::<u32>().ok()?) as Content);
        let document = Document::new("17", read).unwrap();
        let again = Document::new("17", |_| None).unwrap();
        assert_eq!((document, document.content()), (again, Some(&17_u32)));
        assert_eq!(document.content::<u8>(), None);
        assert!(std::ptr::eq(document.text(), again.text()));
        assert_eq!(Document::new("x", read), None);
        assert_eq!(Document::new(" ", read), Some(Document::default()));
    }
}
