//! Reads designs and files of points.

use super::points::Cells;
use super::reader::Reader;
use super::{Role, Spec};
use crate::input::read_points;
use crate::study::axis::Axis;
use crate::study::design::{Design, Fault, Fields, File, KINDS, Kind};
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Fields of a design that may be in its table.
fn fields(kind: &Kind) -> impl Iterator<Item = &'static str> {
    ["kind"].into_iter().chain(kind.fields.iter().copied())
}

/// Table of a design in a spec.
struct DesignTable<'r, 'k> {
    reader: &'r mut Reader<'k>,
    kind: &'static Kind,
    path: String,
    table: Option<&'r DeTable<'r>>,
    directory: &'r Path,
    spec: &'r Spec,
    /// Axes of the spec, or of the file.
    axes: Vec<Axis>,
}

impl Fields for DesignTable<'_, '_> {
    fn number(&mut self, name: &str, default: Option<u32>, low: u32, high: u32) -> u32 {
        let inner = format!("{}.{name}", self.path);
        match self.table.and_then(|table| table.get(name)) {
            Some(value) => {
                let (low, high) = (u64::from(low), u64::from(high));
                let (item, span) = (value.get_ref(), Some(value.span()));
                self.reader.whole_number(item, &inner, span, low, high) as u32
            }
            None => default.unwrap_or_else(|| {
                let message = format!("missing; a {} design requires it", self.kind.name);
                self.reader.fault(None, &inner, &message);
                low
            }),
        }
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
        let Some(value) = self.table.and_then(|table| table.get(name)) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            let inner = format!("{}.{name}", self.path);
            let span = Some(value.span());
            self.reader.fault(span, &inner, "expected true or false");
            default
        })
    }

    fn file(&mut self) -> Option<File> {
        let Self {
            reader,
            path,
            table,
            ..
        } = self;
        let inner = format!("{path}.path");
        let Some(value) = table.and_then(|table| table.get("path")) else {
            reader.fault(
                None,
                &inner,
                "missing; a file design requires a CSV or Parquet file of points",
            );
            return None;
        };
        let span = Some(value.span());
        let Some(name) = value.get_ref().as_str() else {
            reader.fault(span, &inner, "expected a string");
            return None;
        };
        if !self.axes.is_empty() {
            reader.fault(
                span,
                path,
                "a file design brings its own axes; remove the table of axes",
            );
            return None;
        }
        let file = self.directory.join(name);
        let points = match read_points(&file) {
            Ok(points) => points,
            Err(error) => {
                reader.fault(span, &inner, &crate::error::chain(&error));
                return None;
            }
        };
        let faults = reader.count();
        let source = file.display().to_string();
        let cells = Cells {
            columns: points.columns,
            rows: points.rows,
        };
        let read = reader.points(&source, &inner, span, &cells, self.spec);
        if let Some(recorded) = table.and_then(|table| table.get("sha256"))
            && recorded.get_ref().as_str() != Some(points.sha256.as_str())
        {
            let message = format!(
                "checksum differs: {} has {}; the file has changed, so \
                 restore the old file, or remove this key",
                file.display(),
                points.sha256
            );
            reader.fault(Some(recorded.span()), &format!("{path}.sha256"), &message);
        }
        let (axes, rows) = read.filter(|_| reader.count() == faults)?;
        self.axes = axes;
        Some(File {
            path: PathBuf::from(name),
            sha256: points.sha256,
            rows,
        })
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
        let known: Vec<_> = fields(kind).collect();
        self.unknown_fields(&path, table, &known);
        let mut fields = DesignTable {
            reader: self,
            kind,
            path: path.clone(),
            table,
            directory,
            spec,
            axes,
        };
        let design = (kind.read)(&mut fields)?;
        let axes = fields.axes;
        if let Some(Fault { field, message }) = design.fault(&axes) {
            let inner = field.map_or(path.clone(), |field| format!("{path}.{field}"));
            self.fault(None, &inner, &message);
        }
        for axis in &axes {
            if let Some(message) = design.fault_with(axis) {
                let inner = format!("{}.{}", role.table(), axis.key.name);
                self.fault(None, &inner, &message);
            }
        }
        if axes.is_empty() && design.requires_axes() {
            let message = format!("a {} design requires axes in [{}]", kind.name, role.table());
            self.fault(None, &path, &message);
        }
        (self.count() == faults).then_some((axes, design))
    }

    fn unknown_fields(&mut self, path: &str, table: Option<&DeTable>, known: &[&str]) {
        for (name, _) in table.into_iter().flatten() {
            let field = name.get_ref().as_ref();
            if !known.contains(&field) {
                self.unknown(&format!("{path}.{field}"), field, Some(name.span()), known);
            }
        }
    }

    /// Reads the kind of a design; a grid if the spec has no design.
    fn kind(&mut self, path: &str, table: Option<&DeTable>) -> Option<&'static Kind> {
        let key = format!("{path}.kind");
        let Some(table) = table.filter(|table| !table.is_empty()) else {
            return KINDS.first();
        };
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        if let Some(kind) = table.get("kind") {
            let synonyms = KINDS.iter().flat_map(|kind| {
                let synonyms = kind.synonyms.iter();
                synonyms.map(|&synonym| (synonym, kind.name))
            });
            let synonyms: Vec<_> = synonyms.collect();
            let span = Some(kind.span());
            let place = self.name_or(kind.get_ref(), &key, span, &names, &synonyms)?;
            return KINDS.get(place);
        }
        // Without a kind, only fields that no design has are reported.
        let known: Vec<&str> = KINDS.iter().flat_map(fields).collect();
        let faults = self.count();
        self.unknown_fields(path, Some(table), &known);
        if self.count() == faults {
            let message = format!("missing; expected one of {}", names.join(", "));
            let first = table.iter().next().map(|(name, _)| name.span());
            self.fault(first, &key, &message);
        }
        None
    }
}
