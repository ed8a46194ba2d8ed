//! Finds the points of a dataset that form a scheme for sensitivity.

use crate::analyse::levels::Axis;

/// Points of a factor that form Saltelli's scheme or Morris' trajectories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Kind, with its parameters.
    pub kind: Kind,
    /// Varied axes, by number.
    pub axes: Vec<usize>,
    /// Number of points.
    pub rows: usize,
    /// Number of consecutive points of the dataset with the same point of the scheme.
    stride: usize,
    /// Number of combinations of all other settings before these.
    pub combinations: usize,
}

/// Kind of scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Saltelli's scheme, for Sobol indices.
    Saltelli {
        /// True if it has second-order indices.
        second_order: bool,
    },
    /// Morris' trajectories.
    Morris {
        /// Number of levels of their grid.
        levels: u32,
    },
}

impl Scheme {
    /// Returns the schemes among the designs of a resolved spec, whose dataset has `points` points.
    pub fn all(spec: &toml::Table, axes: &[Axis], points: usize) -> Vec<Self> {
        let design = spec.get("design").and_then(toml::Value::as_table);
        let designs = [
            ("axis", design),
            ("lever", table(design, "levers")),
            ("uncertainty", table(design, "uncertainties")),
        ];
        let named = designs.into_iter();
        named
            .filter_map(|(role, design)| Self::of(design?, role, axes, points))
            .collect()
    }

    fn of(design: &toml::Table, role: &str, all: &[Axis], points: usize) -> Option<Self> {
        let axes = (0..all.len()).filter(|&axis| all[axis].role == role);
        let axes: Vec<usize> = axes.collect();
        let number = |key: &str| {
            let number = design.get(key).and_then(toml::Value::as_integer);
            number.and_then(|number| usize::try_from(number).ok())
        };
        let is_set = |key: &str| design.get(key).and_then(toml::Value::as_bool) == Some(true);
        let (kind, rows) = match design.get("kind").and_then(toml::Value::as_str)? {
            "saltelli" => {
                let second_order = is_set("second_order");
                let block = if second_order {
                    2 * axes.len() + 2
                } else {
                    axes.len() + 2
                };
                (
                    Kind::Saltelli { second_order },
                    number("points")?.checked_mul(block)?,
                )
            }
            "morris" => {
                let levels = u32::try_from(number("levels")?).ok()?;
                let rows = number("trajectories")?.checked_mul(axes.len() + 1)?;
                (Kind::Morris { levels }, rows)
            }
            _ => return None,
        };
        // Points go through the variants, then the levers, then the uncertainties.
        let variants = all.iter().find(|axis| axis.role == "variant");
        let variants = variants.map_or(1, |axis| axis.labels.len().max(1));
        let combinations = match role {
            "uncertainty" => points.checked_div(rows)?,
            _ => variants,
        };
        let stride = points.checked_div(rows.checked_mul(combinations)?)?;
        let is_whole = stride > 0 && rows * combinations * stride == points;
        (is_whole && !axes.is_empty()).then_some(Self {
            kind,
            axes,
            rows,
            stride,
            combinations,
        })
    }

    /// Returns the first point of the dataset with a point of the scheme, in one combination.
    pub fn point(&self, combination: usize, row: usize) -> usize {
        (combination * self.rows + row) * self.stride
    }

    /// Returns the means of the points of the scheme, over the settings varied within each; NaN if missing.
    pub fn means(&self, combination: usize, means: &[f64]) -> Vec<f64> {
        let of = |row: usize| {
            let from = self.point(combination, row);
            let present = means[from..from + self.stride]
                .iter()
                .filter(|mean| !mean.is_nan());
            let (sum, count) =
                present.fold((0.0, 0.0), |(sum, count), mean| (sum + mean, count + 1.0));
            sum / count
        };
        (0..self.rows).map(of).collect()
    }
}

fn table<'t>(design: Option<&'t toml::Table>, key: &str) -> Option<&'t toml::Table> {
    design?.get(key)?.as_table()
}
