//! Omits points that would not be visible, so that a page stays small however long the run.

/// Selects which of `count` points to draw so that curves look complete: the ends, and the minimum and maximum
/// of each curve in each of `stretches` intervals.
pub fn telling(curves: &[&[f64]], count: usize, stretches: usize) -> Vec<usize> {
    if count <= 2 * stretches {
        return (0..count).collect();
    }
    let mut places = vec![0, count - 1];
    for stretch in 0..stretches {
        let stretch = stretch * count / stretches..(stretch + 1) * count / stretches;
        for curve in curves {
            let numbers = || stretch.clone().filter(|&place| !curve[place].is_nan());
            let by_value = |a: &usize, b: &usize| curve[*a].total_cmp(&curve[*b]);
            places.extend(numbers().min_by(by_value));
            places.extend(numbers().max_by(by_value));
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Collector of the `most` greatest values, in memory for twice as many.
#[derive(Debug)]
pub struct Greatest<T> {
    most: usize,
    kept: Vec<T>,
    order: fn(&T, &T) -> std::cmp::Ordering,
}

impl<T> Greatest<T> {
    /// Creates an empty collector. No two values may be equal in this order.
    pub fn new(most: usize, order: fn(&T, &T) -> std::cmp::Ordering) -> Self {
        Self {
            most,
            kept: Vec::new(),
            order,
        }
    }

    /// Adds a value.
    pub fn add(&mut self, thing: T) {
        self.kept.push(thing);
        if self.kept.len() >= 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.kept.sort_by(|a, b| (self.order)(b, a));
        self.kept.truncate(self.most);
    }

    /// Returns the greatest values in descending order.
    pub fn done(mut self) -> Vec<T> {
        self.cut();
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_never_lost() {
        let mut curve = vec![1.0; 10_000];
        curve[4321] = 9.0;
        curve[7000] = -9.0;
        curve[100] = f64::NAN;
        let places = telling(&[&curve], curve.len(), 50);
        assert!(places.len() <= 102);
        for place in [0, 4321, 7000, 9999] {
            assert!(places.contains(&place), "{place}");
        }
        assert!(!places.contains(&100));
        assert_eq!(telling(&[&curve[..10]], 10, 50).len(), 10);
    }

    #[test]
    fn the_greatest_are_kept_of_many() {
        let mut greatest = Greatest::new(3, u32::cmp);
        for i in 0..1000 {
            greatest.add(i * 7 % 1000);
        }
        assert_eq!(greatest.done(), [999, 998, 997]);
    }
}
