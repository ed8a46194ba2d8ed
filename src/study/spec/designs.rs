//! Reads designs and files of points.

use super::points::Cells;
use super::reader::Reader;
use super::{Role, Spec};
use crate::input::read_points;
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

/// Synonyms of kinds of designs.
const OTHER_KINDS: &[(&str, &str)] = &[
    ("lhs", "latin-hypercube"),
    ("lhc", "latin-hypercube"),
    ("latin", "latin-hypercube"),
    ("factorial", "grid"),
    ("full-factorial", "grid"),
    ("uniform", "random"),
    ("monte-carlo", "random"),
    ("csv", "file"),
    ("parquet", "file"),
    ("points", "file"),
];

/// Returns the fields of a design of a kind.
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
    /// Reads the design of a factor, with its axes; a file of points brings its own axes.
    pub(super) fn design(
        &mut self,
        role: Role,
        table: Option<&DeTable>,
        axes: Vec<Axis>,
        directory: &Path,
        spec: &Spec,
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
                        let message = format!("missing; a {kind} design requires it");
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
            "file" => return self.file_design(&path, table, axes, directory, spec),
            _ => unreachable!("every name of DESIGN_KINDS is read here"),
        };
        match &design {
            Design::Saltelli { points, .. } if !points.is_power_of_two() => {
                let message = format!(
                    "{points} is not a power of two, which would bias the indices; try {}",
                    points.next_power_of_two()
                );
                self.fault(None, &format!("{path}.points"), &message);
            }
            Design::Morris { levels, .. } if levels % 2 == 1 => {
                let message =
                    format!("{levels} is odd; trajectories require an even number, such as 4");
                self.fault(None, &format!("{path}.levels"), &message);
            }
            Design::Sobol { .. } if axes.len() > MOST_SOBOL_DIMENSIONS => {
                let message = format!(
                    "the Sobol sequence has {MOST_SOBOL_DIMENSIONS} dimensions, and each axis uses one; \
                     use kind \"latin-hypercube\" or fewer axes"
                );
                self.fault(None, &path, &message);
            }
            Design::Saltelli { .. } if 2 * axes.len() > MOST_SOBOL_DIMENSIONS => {
                let message = format!(
                    "the Sobol sequence has {MOST_SOBOL_DIMENSIONS} dimensions, and each axis uses two; \
                     use kind \"morris\" or fewer axes"
                );
                self.fault(None, &path, &message);
            }
            Design::Grid => {
                for axis in &axes {
                    let inner = format!("{}.{}", role.table(), axis.key.name);
                    let Some(values) = axis.grid() else {
                        let message = "steps missing on a grid: { from = …, to = …, steps = … }";
                        self.fault(None, &inner, message);
                        continue;
                    };
                    let range = matches!(axis.levels, Levels::Range { .. });
                    if range && values.windows(2).any(|pair| pair[0] == pair[1]) {
                        let message = "more steps than there are numbers of 15 digits in the range; \
                                       use fewer steps";
                        self.fault(None, &inner, message);
                    }
                }
            }
            _ => {}
        }
        if axes.is_empty() && design != Design::Grid {
            let message = format!("a {kind} design requires axes in [{}]", role.table());
            self.fault(None, &path, &message);
        }
        (self.count() == faults).then_some((axes, design))
    }

    /// Reads the kind of a design; a grid if the spec has no design.
    fn kind(&mut self, path: &str, table: Option<&DeTable>) -> Option<&'static str> {
        let key = format!("{path}.kind");
        let Some(table) = table.filter(|table| !table.is_empty()) else {
            return Some("grid");
        };
        if let Some(kind) = table.get("kind") {
            let span = Some(kind.span());
            let place = self.name_or(kind.get_ref(), &key, span, DESIGN_KINDS, OTHER_KINDS)?;
            return Some(DESIGN_KINDS[place]);
        }
        // Without a kind, only fields that no design has are reported.
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
            let message = format!("missing; expected one of {}", DESIGN_KINDS.join(", "));
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
        spec: &Spec,
    ) -> Option<(Vec<Axis>, Design)> {
        let inner = format!("{path}.path");
        let Some(value) = table.and_then(|table| table.get("path")) else {
            self.fault(
                None,
                &inner,
                "missing; a file design requires a CSV or Parquet file of points",
            );
            return None;
        };
        let span = Some(value.span());
        let Some(name) = value.get_ref().as_str() else {
            self.fault(span, &inner, "expected a string");
            return None;
        };
        if !axes.is_empty() {
            self.fault(
                span,
                path,
                "a file design brings its own axes; remove the table of axes",
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
        let source = file.display().to_string();
        let cells = Cells {
            columns: points.columns,
            rows: points.rows,
        };
        let read = self.points(&source, &inner, span, &cells, spec);
        if let Some(recorded) = table.and_then(|table| table.get("sha256"))
            && recorded.get_ref().as_str() != Some(points.sha256.as_str())
        {
            let message = format!(
                "checksum differs: {} has {}; the file has changed, so \
                 restore the old file, or remove this key",
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
}
