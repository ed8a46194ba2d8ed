//! Reports text that is not TOML.

use super::reader::{Reader, clipped};
use std::ops::Range;
use toml::de::{DeTable, DeValue, Error};

/// Maximum number of duplicate keys to locate: each look-up parses the text again.
const MOST_LOOK_UPS: usize = 10;

impl Reader<'_> {
    /// Adds the faults of TOML syntax.
    pub(super) fn not_toml(&mut self, errors: &[Error]) {
        let mut look_ups = 0;
        for error in errors {
            let span = error.span();
            if error.message() == "duplicate key"
                && look_ups < MOST_LOOK_UPS
                && let Some(span) = span.clone()
            {
                look_ups += 1;
                if let Some(twin) = self.twin(span.clone()) {
                    let line = self.line(&twin.first);
                    let message = format!("set twice, first in line {line}; keep one of them");
                    self.fault(Some(span), &twin.path, &message);
                    continue;
                }
            }
            self.fault(span, "", &format!("not TOML: {}", error.message()));
        }
    }

    /// Finds the first occurrence of the key that is repeated at `again`.
    fn twin(&self, again: Range<usize>) -> Option<Twin> {
        // Under another name, the second key is accepted, which reveals its table.
        const PROBE: &str = "conviction-looks-for-this-key";
        let name = self.text.get(again.clone())?;
        let alone = format!("{name} = 0");
        let alone = DeTable::parse(&alone).ok()?;
        let (name, _) = alone.get_ref().iter().next()?;
        let (before, after) = (&self.text[..again.start], &self.text[again.end..]);
        let renamed = format!("{before}{PROBE}{after}");
        let (document, _) = DeTable::parse_recoverable(&renamed);

        let mut tables = vec![(String::new(), document.get_ref())];
        while let Some((path, table)) = tables.pop() {
            if table.contains_key(PROBE) {
                let (first, _) = table.get_key_value(name.get_ref().as_ref())?;
                return Some(Twin {
                    path: format!("{path}{}", name.get_ref()),
                    first: first.span(),
                });
            }
            for (name, value) in table {
                let path = format!("{path}{}.", clipped(name.get_ref()));
                match value.get_ref() {
                    DeValue::Table(inner) => tables.push((path, inner)),
                    DeValue::Array(items) => {
                        let inner = items.iter().filter_map(|item| item.get_ref().as_table());
                        tables.extend(inner.map(|inner| (path.clone(), inner)));
                    }
                    _ => {}
                }
            }
        }
        None
    }
}

/// First of two equal keys.
struct Twin {
    path: String,
    first: Range<usize>,
}
