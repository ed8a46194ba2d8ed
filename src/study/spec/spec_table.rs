//! Locates keys in the tables of a spec.

use crate::engine::Key;

/// Table of a spec that contains a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecTable {
    /// None: the top level of the file.
    Top,
    /// `[model]`.
    Model,
    /// `[model.rules]`.
    Rules,
    /// A feature's own table, whose name prefixes the key.
    Own(&'static str),
    /// One of several such tables, by number from 0.
    Copy(&'static str, usize),
}

impl SpecTable {
    /// Returns the table of a key.
    pub fn of(key: &Key) -> Self {
        match key.table() {
            (None, "days") => Self::Top,
            (None, _) => Self::Model,
            (Some("rules"), _) => Self::Rules,
            (Some(table), _) => match key.copy() {
                Some(copy) => Self::Copy(table, copy),
                None => Self::Own(table),
            },
        }
    }

    /// Returns the header of the table in a spec; empty for the top level.
    pub fn header(self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Copy(..) => format!("[[{self}]]"),
            _ => format!("[{self}]"),
        }
    }

    /// Returns the location in a message.
    pub fn place(self) -> String {
        match self {
            Self::Top => "at the top of the file".to_owned(),
            Self::Copy(table, copy) => format!("under [[{table}]], number {}", copy + 1),
            table => format!("under {}", table.header()),
        }
    }
}

impl std::fmt::Display for SpecTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Top => "",
            Self::Model => "model",
            Self::Rules => "model.rules",
            Self::Own(table) | Self::Copy(table, _) => table,
        })
    }
}
