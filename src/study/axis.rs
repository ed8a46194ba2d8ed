//! Defines axes: keys with the values they take.

use crate::digits::rounded;
use crate::engine::{Domain, Key, Value};

/// A setting that varies.
#[derive(Clone)]
pub struct Axis {
    /// Setting.
    pub key: &'static Key,
    /// Values it takes.
    pub levels: Levels,
}

/// Values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Levels {
    /// Listed values, in order.
    List(Vec<Value>),
    /// Values from `low` to `high`, inclusive.
    Range {
        /// First value.
        low: f64,
        /// Last value.
        high: f64,
        /// Number of values on a grid.
        steps: Option<u32>,
        /// True for logarithmic spacing.
        log: bool,
    },
}

impl Axis {
    /// Returns the values on a grid; `None` for a range without steps.
    pub fn grid(&self) -> Option<Vec<Value>> {
        match &self.levels {
            Levels::List(values) => Some(values.clone()),
            Levels::Range {
                low, high, steps, ..
            } => {
                let steps = (*steps)?;
                Some(
                    (0..steps)
                        .map(|step| match step {
                            0 => self.value(*low),
                            _ if step + 1 == steps => self.value(*high),
                            _ => self.at(f64::from(step) / f64::from(steps - 1), true),
                        })
                        .collect(),
                )
            }
        }
    }

    /// Returns the value at `u` ∈ [0, 1) of the axis, for sampling designs: a point of a range, a whole number
    /// of a range of those (all equally likely), or a value of a list.
    pub fn sample(&self, u: f64) -> Value {
        match &self.levels {
            Levels::List(values) => {
                let place = (u * values.len() as f64) as usize;
                values[place.min(values.len() - 1)]
            }
            Levels::Range { .. } => self.at(u, false),
        }
    }

    /// Returns the value at `share` of a range, within its ends; on a grid, rounded to 15 digits, so that steps
    /// of 0.1 print as such.
    fn at(&self, share: f64, on_grid: bool) -> Value {
        let Levels::Range { low, high, log, .. } = self.levels else {
            unreachable!("only ranges have points in between");
        };
        let whole = matches!(self.key.domain, Domain::Count { .. });
        // Off a grid, all whole numbers are equally likely: the last one has width as well.
        let top = if whole && !on_grid { high + 1.0 } else { high };
        let exact = between(low, top, share, log);
        let near = match (whole, on_grid) {
            (true, true) => exact.round(),
            (true, false) => exact.floor(),
            (false, true) => rounded(exact, 15),
            (false, false) => exact,
        };
        self.value(near.max(low).min(high))
    }

    fn value(&self, number: f64) -> Value {
        self.key
            .number(number)
            .expect("both ends of a range are checked against the domain")
    }
}

/// Interpolates from `low` to `high`, linearly or by logarithm.
fn between(low: f64, high: f64, share: f64, log: bool) -> f64 {
    if log {
        let ratio = high / low;
        return if ratio.is_finite() {
            low * libm::pow(ratio, share)
        } else {
            libm::pow(low, 1.0 - share) * libm::pow(high, share)
        };
    }
    let width = high - low;
    if width.is_finite() {
        low + share * width
    } else {
        low * (1.0 - share) + high * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn find_key(name: &str) -> Option<&'static Key> {
        crate::model().keys().find(name)
    }

    /// A key of any number from 0 on.
    static ANY: Key = Key {
        name: "any",
        unit: "",
        meaning: "any number from 0 on",
        domain: Domain::at_least(0.0),
        default: || Value::Real(0.0),
        alias: None,
        overrides: None,
    };

    fn range(key: &str, low: f64, high: f64, steps: u32, log: bool) -> Axis {
        Axis {
            key: find_key(key).unwrap_or(&ANY),
            levels: Levels::Range {
                low,
                high,
                steps: Some(steps),
                log,
            },
        }
    }

    #[test]
    fn grids_step_in_decimals() {
        let values = range("beta", 0.1, 0.9, 9, false).grid().unwrap();
        let expected = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
        assert_eq!(values, expected.map(Value::Real));
        let values = range("half_life_days", 1.0, 14.0, 14, false)
            .grid()
            .unwrap();
        assert_eq!(
            values,
            (1..=14)
                .map(|v| Value::Real(f64::from(v)))
                .collect::<Vec<_>>()
        );
        let values = range("rho", 1e-4, 1e-2, 3, true).grid().unwrap();
        assert_eq!(values, [1e-4, 1e-3, 1e-2].map(Value::Real));
        let values = range("initial.participants", 10.0, 100.0, 4, false)
            .grid()
            .unwrap();
        assert_eq!(values, [10, 40, 70, 100].map(Value::Count));
    }

    #[test]
    fn ranges_of_any_width_are_filled_and_not_left() {
        let values = range("any", 1e-200, 1e200, 5, true).grid().unwrap();
        assert_eq!(values, [1e-200, 1e-100, 1.0, 1e100, 1e200].map(Value::Real));
        let most = 0.9999999999999999;
        let close = range("alpha", 0.9999999999999996, most, 3, false);
        for value in close.grid().unwrap() {
            assert!(matches!(value, Value::Real(v) if v <= most), "{value:?}");
        }
        let all = range("any", 5e-324, f64::MAX, 1000, true);
        let values = all.grid().unwrap();
        assert_eq!(values[0], Value::Real(5e-324));
        assert_eq!(values[999], Value::Real(f64::MAX));
        assert!(values.windows(2).all(|pair| match pair {
            [Value::Real(a), Value::Real(b)] => a < b,
            _ => false,
        }));
        for share in [0.0, 0.25, 0.5, 1.0 - f64::EPSILON] {
            all.sample(share);
            range("any", 0.0, f64::MAX, 2, false).sample(share);
        }
        assert_eq!(between(-f64::MAX, f64::MAX, 0.5, false), 0.0);
    }

    #[test]
    fn samples_stay_in_range_and_whole_numbers_are_equally_likely() {
        let axis = range("initial.participants", 1.0, 3.0, 2, false);
        let mut seen = [0; 4];
        for i in 0..300 {
            match axis.sample(f64::from(i) / 300.0) {
                Value::Count(n) => seen[n as usize] += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(seen, [0, 100, 100, 100]);
        let list = Axis {
            key: find_key("rules").unwrap(),
            levels: Levels::List(vec![Value::Name("corrected"), Value::Name("v3")]),
        };
        assert_eq!(list.sample(0.49), Value::Name("corrected"));
        assert_eq!(list.sample(0.51), Value::Name("v3"));
    }
}
