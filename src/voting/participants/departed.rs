//! Participants who have left.

use crate::engine::PerRun;
use bevy_ecs::prelude::*;

/// Those who have left, by row: nobody does in the published model. They keep their rows, in which
/// numbers are drawn as for all, so that who leaves shifts nobody else's; but they hold nothing and do
/// nothing.
#[derive(Component, Default, Debug)]
pub struct Departed(Vec<u32>);

impl PerRun for Departed {
    fn begin(&mut self) {
        self.0.clear();
    }
}

impl Departed {
    /// Their rows, in ascending order.
    pub fn rows(&self) -> &[u32] {
        &self.0
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether the participant in a row has left.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        !self.0.is_empty() && self.0.binary_search(&(row as u32)).is_ok()
    }

    /// Notes that the participant in a row leaves.
    pub fn add(&mut self, row: usize) {
        let row = row as u32;
        if let Err(place) = self.0.binary_search(&row) {
            self.0.insert(place, row);
        }
    }

    /// The row of one of those who are present, who are counted from 0 in the order of rows.
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
