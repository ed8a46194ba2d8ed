//! Participants who have left.

use crate::engine::PerRun;
use bevy_ecs::prelude::*;

/// Participants who have left, by row; none in the published model. They keep their rows, for which numbers are still
/// drawn, so that a departure does not shift the draws of others. They hold nothing and do nothing.
#[derive(Component, Default, Debug)]
pub struct Departed(Vec<u32>);

impl PerRun for Departed {
    fn begin(&mut self) {
        self.0.clear();
    }
}

impl Departed {
    /// Returns their rows, in ascending order.
    pub fn rows(&self) -> &[u32] {
        &self.0
    }

    /// Returns their number.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns true if the participant in a row has left.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        !self.0.is_empty() && self.0.binary_search(&(row as u32)).is_ok()
    }

    /// Records that the participant in a row leaves.
    pub fn add(&mut self, row: usize) {
        let row = row as u32;
        if let Err(place) = self.0.binary_search(&row) {
            self.0.insert(place, row);
        }
    }

    /// Returns the row of a present participant, counted from 0 in the order of rows.
    pub fn row_of_present(&self, place: usize) -> usize {
        let rows = self.0.iter().map(|&row| row as usize);
        rows.fold(place, |place, row| place + usize::from(row <= place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_present_are_counted_in_the_order_of_rows() {
        let mut departed = Departed::default();
        for row in [4, 0, 1, 4] {
            departed.add(row);
        }
        assert_eq!((departed.rows(), departed.count()), (&[0, 1, 4][..], 3));
        let present: Vec<_> = (0..7).filter(|&row| !departed.contains(row)).collect();
        let counted: Vec<_> = (0..4).map(|place| departed.row_of_present(place)).collect();
        assert_eq!(counted, present);
    }
}
