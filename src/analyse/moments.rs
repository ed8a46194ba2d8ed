//! Number, mean and spread.

use super::statistics::student;

/// Number, mean and spread, by Welford's method: sums of squares would lose the spread of large, nearly equal
/// numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// Number of values.
    pub n: f64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Moments {
    /// Returns the moments of values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut moments = Self::default();
        values.into_iter().for_each(|value| moments.add(value));
        moments
    }

    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        let before = value - self.mean;
        self.n += 1.0;
        self.mean += before / self.n;
        self.squares += before * (value - self.mean);
    }

    /// Returns the mean; NaN without values.
    pub fn mean(&self) -> f64 {
        if self.n > 0.0 { self.mean } else { f64::NAN }
    }

    /// Returns the standard deviation of the sample, with n − 1; NaN for fewer than two values.
    pub fn deviation(&self) -> f64 {
        if self.n < 2.0 {
            return f64::NAN;
        }
        (self.squares / (self.n - 1.0)).sqrt()
    }

    /// Returns half the width of the 95 % interval of the mean of independent values, by Student's law; NaN for fewer
    /// than two.
    pub fn half_width(&self) -> f64 {
        match self.n > 1.0 {
            true => student(self.n - 1.0) * self.deviation() / self.n.sqrt(),
            false => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_sample() {
        assert!(Moments::default().mean().is_nan());
        assert!(Moments::of([1.0]).deviation().is_nan());
        // The offset tests values whose squares have no digits left for the spread.
        for offset in [0.0, 1e9] {
            let moments = Moments::of([1.0, 2.0, 4.0].map(|value| offset + value));
            assert!((moments.mean() - offset - 7.0 / 3.0).abs() < 1e-6);
            assert!((moments.deviation() - (7.0f64 / 3.0).sqrt()).abs() < 1e-6);
        }
    }
}
