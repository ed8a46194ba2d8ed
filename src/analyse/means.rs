//! Computes means by point.

use super::runs::Rows;

/// Sums over the runs of a point, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct PointMeans {
    /// Number of the point.
    pub point: u32,
    /// Runs that reached their horizon.
    pub completed: u32,
    /// Sum and number of values of each column.
    sums: Vec<(f64, u32)>,
}

impl PointMeans {
    /// Returns the mean of a column over the runs with a value; `None` without such runs.
    pub fn mean(&self, column: usize) -> Option<f64> {
        let (sum, count) = self.sums[column];
        (count > 0).then(|| sum / f64::from(count))
    }

    /// Returns the number of runs that reached their horizon without a value in a column.
    pub fn empty(&self, column: usize) -> u32 {
        self.completed.saturating_sub(self.sums[column].1)
    }

    /// Adds the following runs of the same point.
    fn append(&mut self, other: &Self) {
        self.completed += other.completed;
        for (sum, other) in self.sums.iter_mut().zip(&other.sums) {
            sum.0 += other.0;
            sum.1 += other.1;
        }
    }
}

/// Returns the means of the points whose runs are in these rows.
pub fn means(rows: &Rows) -> Vec<PointMeans> {
    let mut points: Vec<PointMeans> = Vec::new();
    for (row, &point) in rows.point.iter().enumerate() {
        if points.last().is_none_or(|last| last.point != point) {
            points.push(PointMeans {
                point,
                completed: 0,
                sums: vec![(0.0, 0); rows.columns.len()],
            });
        }
        let Some(last) = points.last_mut() else {
            continue;
        };
        last.completed += u32::from(rows.completed[row]);
        for (sum, column) in last.sums.iter_mut().zip(&rows.columns) {
            if !column[row].is_nan() {
                sum.0 += column[row];
                sum.1 += 1;
            }
        }
    }
    points
}

/// Appends the means of the next part, whose first point may be the last one here. Sums are rounded part by part, so
/// that they do not depend on the process that adds them.
pub fn append(points: &mut Vec<PointMeans>, next: Vec<PointMeans>) {
    for point in next {
        match points.last_mut() {
            Some(last) if last.point == point.point => last.append(&point),
            _ => points.push(point),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_span_parts_and_missing_values_do_not_count() {
        let rows = |point: &[u32], values: &[f64]| Rows {
            point: point.to_vec(),
            replicate: vec![0; point.len()],
            completed: values.iter().map(|value| !value.is_nan()).collect(),
            columns: vec![values.to_vec()],
        };
        let mut all = Vec::new();
        append(&mut all, means(&rows(&[0, 0, 1], &[1.0, 2.0, 5.0])));
        append(&mut all, means(&rows(&[1, 2], &[7.0, f64::NAN])));
        let found: Vec<_> = all
            .iter()
            .map(|of| (of.point, of.completed, of.mean(0)))
            .collect();
        assert_eq!(found, [(0, 2, Some(1.5)), (1, 2, Some(6.0)), (2, 0, None)]);
        let mut rows = rows(&[3, 3, 3], &[1.0, f64::NAN, f64::NAN]);
        rows.completed[1] = true;
        assert_eq!(means(&rows)[0].empty(0), 1);
    }
}
