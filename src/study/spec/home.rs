//! Which table of a spec a key stands in.

use crate::engine::Key;

/// The table of a spec that a key stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// None: at the top of the file.
    Top,
    /// `[model]`.
    Model,
    /// `[model.rules]`.
    Rules,
    /// A table of a feature's own, which the key's name begins with.
    Own(&'static str),
    /// One of several such tables, by its number from 0.
    Copy(&'static str, usize),
}

impl Home {
    /// The table of a key.
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

    /// The line that heads the table in a spec; empty at the top.
    pub fn header(self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Copy(..) => format!("[[{self}]]"),
            _ => format!("[{self}]"),
        }
    }

    /// Where it is, in a message.
    pub fn place(self) -> String {
        match self {
            Self::Top => "at the top of the file".to_owned(),
            Self::Copy(table, copy) => format!("under [[{table}]], number {}", copy + 1),
            home => format!("under {}", home.header()),
        }
    }
}

impl std::fmt::Display for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Top => "",
            Self::Model => "model",
            Self::Rules => "model.rules",
            Self::Own(table) | Self::Copy(table, _) => table,
        })
    }
}
