//! At which points: designs, and files of points.

use super::Role;
use super::reader::{Reader, Span, clipped};
use crate::engine::{Key, Value};
use crate::input::{PointsFile, RawValue, read_points};
use crate::study::axis::{Axis, Levels};
use crate::study::design::{Design, MOST_SOBOL_DIMENSIONS};
use std::path::{Path, PathBuf};
use toml::de::DeTable;

const DESIGN_KINDS: &[&str] = &[
    "grid",
    "random",
    "latin-hypercube",
    "sobol",
    "saltelli",
    "morris",
    "file",
];

/// What may be said of a design of a kind.
fn fields(kind: &str) -> &'static [&'static str] {
    match kind {
        "grid" => &["kind"],
        "saltelli" => &["kind", "points", "second_order"],
        "morris" => &["kind", "trajectories", "levels"],
        "file" => &["kind", "path", "sha256"],
        _ => &["kind", "points"],
    }
}

impl Reader<'_> {
    /// The design of a factor, with its axes, which a file design brings itself.
    pub(super) fn design(
        &mut self,
        role: Role,
        table: Option<&DeTable>,
        axes: Vec<Axis>,
        directory: &Path,
    ) -> Option<(Vec<Axis>, Design)> {
        let path = match role {
            Role::Axis => "design".to_owned(),
            _ => format!("design.{}", role.table()),
        };
        let faults = self.count();
        let kind = self.kind(&path, table)?;
        let fields = fields(kind);
        for (name, _) in table.into_iter().flatten() {
            let field = name.get_ref().as_ref();
            if !fields.contains(&field) {
                let inner = format!("{path}.{field}");
                self.unknown(&inner, field, Some(name.span()), fields);
            }
        }
        let mut number = |field: &str, default: Option<u64>, low: u64, high: u64| {
            let inner = format!("{path}.{field}");
            match table.and_then(|table| table.get(field)) {
                Some(value) => {
                    self.whole_number(value.get_ref(), &inner, Some(value.span()), low, high) as u32
                }
                None => {
                    if default.is_none() {
                        let message = format!("is missing; a {kind} design needs it");
                        self.fault(None, &inner, &message);
                    }
                    default.unwrap_or(low) as u32
                }
            }
        };
        const MOST: u64 = 10_000_000;
        let design = match kind {
            "grid" => Design::Grid,
            "random" => Design::Random {
                points: number("points", None, 1, MOST),
            },
            "latin-hypercube" => Design::LatinHypercube {
                points: number("points", None, 1, MOST),
            },
            "sobol" => Design::Sobol {
                points: number("points", None, 1, MOST),
            },
            "saltelli" => Design::Saltelli {
                points: number("points", None, 1, MOST),
                second_order: match table.and_then(|table| table.get("second_order")) {
                    Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                        let inner = format!("{path}.second_order");
                        self.fault(Some(value.span()), &inner, "expected true or false");
                        true
                    }),
                    None => true,
                },
            },
            "morris" => Design::Morris {
                trajectories: number("trajectories", None, 1, MOST),
                levels: number("levels", Some(4), 2, 1000),
            },
            "file" => return self.file_design(&path, table, axes, directory),
            _ => unreachable!("every name of DESIGN_KINDS is read here"),
        };
        match &design {
            Design::Saltelli { points, .. } if !points.is_power_of_two() => {
                let message = format!(
                    "{points} is not a power of two, so that the indices would be biased; try {}",
                    points.next_power_of_two()
                );
                self.fault(None, &format!("{path}.points"), &message);
            }
            Design::Morris { levels, .. } if levels % 2 == 1 => {
                let message =
                    format!("{levels} is odd; trajectories need an even number, such as 4");
                self.fault(None, &format!("{path}.levels"), &message);
            }
            Design::Sobol { .. } if axes.len() > MOST_SOBOL_DIMENSIONS => {
                let message = format!(
                    "the Sobol sequence has {MOST_SOBOL_DIMENSIONS} dimensions, of which each axis takes one; \
                     take kind \"latin-hypercube\" or fewer axes"
                );
                self.fault(None, &path, &message);
            }
            Design::Saltelli { .. } if 2 * axes.len() > MOST_SOBOL_DIMENSIONS => {
                let message = format!(
                    "the Sobol sequence has {MOST_SOBOL_DIMENSIONS} dimensions, of which each axis takes two; \
                     take kind \"morris\" or fewer axes"
                );
                self.fault(None, &path, &message);
            }
            Design::Grid => {
                for axis in &axes {
                    let inner = format!("{}.{}", role.table(), axis.key.name);
                    let Some(values) = axis.grid() else {
                        let message = "needs steps on a grid: { from = …, to = …, steps = … }";
                        self.fault(None, &inner, message);
                        continue;
                    };
                    let range = matches!(axis.levels, Levels::Range { .. });
                    if range && values.windows(2).any(|pair| pair[0] == pair[1]) {
                        let message = "has more steps than there are numbers of 15 digits from one \
                                       end to the other; take fewer steps";
                        self.fault(None, &inner, message);
                    }
                }
            }
            _ => {}
        }
        if axes.is_empty() && design != Design::Grid {
            let message = format!("a {kind} design needs [{}] to vary", role.table());
            self.fault(None, &path, &message);
        }
        (self.count() == faults).then_some((axes, design))
    }

    /// The kind of a design; a grid where nothing is said of the design at all.
    fn kind(&mut self, path: &str, table: Option<&DeTable>) -> Option<&'static str> {
        let key = format!("{path}.kind");
        let Some(table) = table.filter(|table| !table.is_empty()) else {
            return Some("grid");
        };
        if let Some(kind) = table.get("kind") {
            let place = self.name(kind.get_ref(), &key, Some(kind.span()), DESIGN_KINDS)?;
            return Some(DESIGN_KINDS[place]);
        }
        // Without a kind nobody can tell which of the others belong; what no design has is misspelt.
        let known: Vec<&str> = DESIGN_KINDS
            .iter()
            .copied()
            .flat_map(fields)
            .copied()
            .collect();
        let faults = self.count();
        for (name, _) in table {
            let field = name.get_ref().as_ref();
            if !known.contains(&field) {
                let inner = format!("{path}.{field}");
                self.unknown(&inner, field, Some(name.span()), &known);
            }
        }
        if self.count() == faults {
            let message = format!("is missing; expected one of {}", DESIGN_KINDS.join(", "));
            let first = table.iter().next().map(|(name, _)| name.span());
            self.fault(first, &key, &message);
        }
        None
    }

    pub(super) fn file_design(
        &mut self,
        path: &str,
        table: Option<&DeTable>,
        axes: Vec<Axis>,
        directory: &Path,
    ) -> Option<(Vec<Axis>, Design)> {
        let inner = format!("{path}.path");
        let Some(value) = table.and_then(|table| table.get("path")) else {
            self.fault(
                None,
                &inner,
                "is missing; a file design needs a CSV or Parquet file of points",
            );
            return None;
        };
        let span = Some(value.span());
        let Some(name) = value.get_ref().as_str() else {
            self.fault(span, &inner, "expected a text");
            return None;
        };
        if !axes.is_empty() {
            self.fault(
                span,
                path,
                "a file design brings its axes with it; take the table of axes out",
            );
            return None;
        }
        let file = directory.join(name);
        let points = match read_points(&file) {
            Ok(points) => points,
            Err(error) => {
                self.fault(span, &inner, &crate::error::chain(&error));
                return None;
            }
        };
        let faults = self.count();
        let read = self.points(&file.display().to_string(), &inner, span, &points);
        if let Some(recorded) = table.and_then(|table| table.get("sha256"))
            && recorded.get_ref().as_str() != Some(points.sha256.as_str())
        {
            let message = format!(
                "is not the sum of {}, which is {}; the file holds other points than it did, so \
                 bring the old file back, or take this key out",
                file.display(),
                points.sha256
            );
            self.fault(Some(recorded.span()), &format!("{path}.sha256"), &message);
        }
        let (axes, rows) = read.filter(|_| self.count() == faults)?;
        let design = Design::File {
            path: PathBuf::from(name),
            sha256: points.sha256,
            rows,
        };
        Some((axes, design))
    }

    /// The axes that a table of points brings, and its points; `path` is the key that names it.
    pub(super) fn points(
        &mut self,
        source: &str,
        path: &str,
        span: Span,
        points: &PointsFile,
    ) -> Option<(Vec<Axis>, Vec<Vec<Value>>)> {
        let faults = self.count();
        let keys: Vec<_> = points
            .columns
            .iter()
            .map(|column| {
                let place = format!("{source}, column {column}");
                let is_short = |key: &Key| !key.holds_list();
                self.known_key(column, &place, span.clone(), is_short, &[])
            })
            .collect();
        let mut rows = Vec::with_capacity(points.rows.len());
        for (number, row) in points.rows.iter().enumerate() {
            let mut values = Vec::with_capacity(row.len());
            for (key, cell) in keys.iter().zip(row) {
                let Some(key) = key else { continue };
                let value = match cell {
                    RawValue::Number(number) => key.number(*number),
                    RawValue::Word(word) => key.word(word),
                };
                match value {
                    Some(value) => values.push(value),
                    None => {
                        let place = format!("{source}, row {}, column {}", number + 1, key.name);
                        self.fault_with(span.clone(), &place, || {
                            let found = cell.to_string();
                            format!("found {}, expected {}", clipped(&found), key.domain)
                        });
                    }
                }
            }
            rows.push(values);
        }
        if rows.is_empty() || keys.is_empty() {
            self.fault(
                span,
                path,
                "holds no points; give it a column and a row at least",
            );
        }
        if self.count() > faults {
            return None;
        }
        let axes = keys
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(place, key)| {
                let mut values: Vec<Value> = Vec::new();
                for row in rows.iter().take(1000) {
                    if !values.contains(&row[place]) {
                        values.push(row[place]);
                    }
                }
                Axis {
                    key,
                    levels: Levels::List(values),
                }
            })
            .collect();
        Some((axes, rows))
    }
}
