//! Defines a setting of a model: a value for each of its keys, within its domain.
//!
//! | file | contents |
//! |---|---|
//! | `domain` | values, and the domains to which they belong |
//! | `key` | a key by name: unit, domain, default, meaning; aliases |
//! | `keys` | all keys of a model, with checks, warnings and conditions of use |
//! | `schedule` | values that change on later days |
//! | `field` | groups of settings as structs |
//! | `choice` | settings that are one of several words |
//! | `given` | values as users of the library write them |

mod choice;
mod domain;
mod field;
mod given;
mod key;
mod keys;
mod schedule;

pub use domain::{DocumentFile, Domain, ListFile, Value};
pub use field::{Field, Settings};
pub use given::Given;
pub use key::{Alias, Key, closest_name};
pub use keys::{Idle, Keys, Use};
pub use schedule::Scheduled;

use std::sync::Arc;

/// Value that a setting implies for a key that is not set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DerivedDefault {
    /// Key.
    pub key: &'static str,
    /// Value.
    pub value: Value,
}

/// Fault of a setting: two values exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {message}")]
pub struct Fault {
    /// Key to change.
    pub key: &'static str,
    /// Problem and fix.
    pub message: String,
}

/// Reason why a key cannot be set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The model lacks the key.
    #[error("{name}: unknown key{}", nearest.map_or(String::new(), |near| format!("; did you mean {near}?")))]
    Unknown {
        /// Requested name.
        name: String,
        /// Key with the most similar name.
        nearest: Option<&'static str>,
    },
    /// The value is outside the key's domain.
    #[error("{name}: found {found}, expected {}", domain)]
    Domain {
        /// Key.
        name: &'static str,
        /// Value.
        found: String,
        /// Domain.
        domain: Domain,
    },
}

impl PartialEq for Domain {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// Everything that a run depends on, apart from its random numbers: a value for each key of a model, within its
/// domain.
///
/// An alias stays in effect once set: it determines its key together with other keys, whatever their order. The
/// result may leave its domain, which [`Setting::fault`] reports.
///
/// ```
/// let setting = conviction::model().setting();
/// let setting = setting.with("beta", 0.3)?.with("initial.participants", 100)?;
/// assert!(setting.clone().with("beta", 1.5).is_err());
/// assert!(setting.with("betta", 0.3).unwrap_err().to_string().contains("did you mean beta?"));
/// # Ok::<(), conviction::engine::SettingError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setting {
    keys: Arc<Keys>,
    values: Vec<Value>,
    /// Value of each alias in effect.
    given: Vec<Option<Value>>,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.given == other.given
    }
}

impl Setting {
    /// Creates the default setting.
    pub(in crate::engine) fn new(keys: Arc<Keys>) -> Self {
        let values = keys.all().iter().map(|key| (key.default)()).collect();
        let given = vec![None; keys.aliases.len()];
        Self {
            keys,
            values,
            given,
        }
    }

    /// Returns the keys of the model.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Copies all values of another setting of the same model, without allocation.
    pub fn copy_from(&mut self, other: &Self) {
        self.values.copy_from_slice(&other.values);
        self.given.copy_from_slice(&other.given);
    }

    /// Returns the setting with one key set.
    ///
    /// # Errors
    /// When the key is unknown, or the value is outside its domain.
    pub fn with<'a>(
        mut self,
        name: &str,
        value: impl Into<Given<'a>>,
    ) -> Result<Self, SettingError> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Sets one key.
    ///
    /// # Errors
    /// When the key is unknown, or the value is outside its domain.
    pub fn set<'a>(&mut self, name: &str, value: impl Into<Given<'a>>) -> Result<(), SettingError> {
        let Some(key) = self.keys.find(name) else {
            let names = self.keys.all().iter().map(|key| key.name);
            return Err(SettingError::Unknown {
                name: name.to_owned(),
                nearest: closest_name(name, names),
            });
        };
        let given = value.into();
        let (value, found) = match given {
            Given::Number(number) => (key.number(number), number.to_string()),
            Given::Word(word) => (key.word(word), format!("\"{word}\"")),
            Given::Numbers(numbers) => (key.numbers(numbers), format!("{numbers:?}")),
        };
        let value = value.ok_or(SettingError::Domain {
            name: key.name,
            found,
            domain: key.domain,
        })?;
        self.put(key, value);
        Ok(())
    }

    /// Stores a value of a key's domain, as returned by [`Key::number`] or [`Key::word`].
    ///
    /// Among a key and its aliases, the last one stored takes effect. All others may be stored in any order:
    /// the consequences of an alias are recomputed whenever another key changes.
    pub fn put(&mut self, key: &Key, value: Value) {
        let Self { keys, given, .. } = self;
        for (alias, given) in keys.aliases.iter().zip(given) {
            if alias.key.overlaps(key) {
                *given = None;
            }
        }
        match self.keys.alias(key.name) {
            None => {
                let place = self.keys.place(key);
                self.values[place] = value;
            }
            Some(alias) if self.keys.aliases[alias].is_one => self.given[alias] = Some(value),
            Some(alias) => self.store(alias, value),
        }
        for alias in 0..self.given.len() {
            if let Some(value) = self.given[alias] {
                self.store(alias, value);
            }
        }
    }

    /// Stores the value of an alias.
    fn store(&mut self, alias: usize, value: Value) {
        let stored = (self.keys.aliases[alias].alias.store)(self, value);
        let Self { keys, values, .. } = self;
        for &place in &keys.aliases[alias].places {
            values[place] = stored;
        }
    }

    /// Returns the value of an alias in effect.
    pub fn given(&self, alias: &str) -> Option<Value> {
        self.given[self.keys.alias(alias)?]
    }

    /// Returns the key that sets a key, itself or an alias in effect, with its value.
    pub fn said(&self, key: &'static Key) -> (&'static Key, Value) {
        let given = self.keys.aliases.iter().zip(&self.given);
        let mut given = given.filter_map(|(of, given)| Some((of.key, (*given)?)));
        let said = given.find(|(alias, _)| alias.stored_as() == key.stored_as());
        said.unwrap_or_else(|| (key, self.value(key)))
    }

    /// Returns the value of a key.
    pub fn value(&self, key: &Key) -> Value {
        match &key.alias {
            Some(alias) => self.given(key.name).unwrap_or_else(|| (alias.get)(self)),
            None => self.values[self.keys.place(key)],
        }
    }

    /// Returns a group of settings.
    ///
    /// # Panics
    /// When no feature of the model registers the group.
    pub fn group<S: Settings>(&self) -> S {
        let first = self.keys.place_of_group::<S>().expect("a registered group");
        self.group_at(first)
    }

    fn group_at<S: Settings>(&self, first: usize) -> S {
        S::read(&self.values[first..first + S::KEYS.len()])
    }

    /// Returns a group of settings for each copy of an extension; none if it is disabled.
    pub fn each<S: Settings>(&self) -> impl Iterator<Item = S> {
        let (first, copies) = match self.keys.group_of::<S>() {
            Some(group) => (group.first, group.copies),
            None => (0, 0),
        };
        (0..copies).map(move |copy| self.group_at(first + copy * S::KEYS.len()))
    }

    /// Returns a group of settings that only an extension registers; `None` if it is disabled.
    pub fn group_if_on<S: Settings>(&self) -> Option<S> {
        let first = self.keys.place_of_group::<S>()?;
        Some(self.group_at(first))
    }

    /// Converts the setting to the keys of another model; keys that this one lacks have their defaults.
    #[must_use]
    pub fn with_keys(&self, keys: &Arc<Keys>) -> Self {
        let mut setting = Self::new(Arc::clone(keys));
        for key in keys.all().iter().filter(|key| key.alias.is_none()) {
            if self.keys.find(key.name).is_some() {
                setting.put(key, self.value(key));
            }
        }
        for (alias, given) in self.keys.aliases.iter().zip(&self.given) {
            if let (Some(value), Some(key)) = (given, keys.find(alias.key.name)) {
                setting.put(key, *value);
            }
        }
        setting
    }

    /// Resets a key to its default, including its overrides in copies of an extension.
    pub fn leave_out(&mut self, name: &str) {
        let keys = Arc::clone(&self.keys);
        let said = |key: &&&Key| {
            key.name == name
                || key
                    .overrides
                    .is_some_and(|overrides| overrides.name == name)
        };
        for key in keys.all().iter().filter(said) {
            self.put(key, (key.default)());
        }
    }

    /// Returns the values that the setting implies for keys that are not set.
    pub fn implied(&self) -> impl Iterator<Item = DerivedDefault> {
        self.keys.implied.iter().flat_map(|implied| implied(self))
    }

    /// Returns the first of [`Setting::faults`].
    pub fn fault(&self) -> Option<Fault> {
        self.faults().into_iter().map(|(_, fault)| fault).next()
    }

    /// Returns the faults across keys: values that exclude each other, at the start or else on a later day. One
    /// fault per failed check, with the number of the check.
    pub fn faults(&self) -> Vec<(usize, Fault)> {
        let schedule = self.schedule();
        let first_of = |check: fn(&Self) -> Option<Fault>| {
            check(self).or_else(|| {
                schedule.iter().find_map(|(day, setting)| {
                    let fault = check(setting)?;
                    let message = format!("{} (from day {day} on)", fault.message);
                    Some(Fault { message, ..fault })
                })
            })
        };
        let checks = self.keys.checks.iter().enumerate();
        // Checks may rely on every value being in its domain.
        if let Some(fault) = first_of(Self::beyond_its_domain) {
            return vec![(checks.len(), fault)];
        }
        checks
            .filter_map(|(number, &check)| Some((number, first_of(check)?)))
            .collect()
    }

    /// Returns a fault if an alias takes its key out of the domain.
    fn beyond_its_domain(&self) -> Option<Fault> {
        let mut given = self.keys.aliases.iter().zip(&self.given);
        given.find_map(|(of, given)| {
            let (value, key) = ((*given)?, self.keys.all()[of.places[0]]);
            let stored = self.value(key);
            if key.domain.holds(stored) {
                return None;
            }
            let with = of.alias.with.iter().filter_map(|name| {
                let (key, value) = self.said(self.keys.find(name)?);
                Some(format!("{} = {value}", key.name))
            });
            let with: Vec<_> = with.collect();
            Some(Fault {
                key: of.key.name,
                message: format!(
                    "is {value}, which with {} makes {} {stored}, expected {}; choose other values",
                    with.join(" and "),
                    key.name,
                    key.domain
                ),
            })
        })
    }

    /// Returns the warnings that apply, about settings that are valid but probably not intended, with their
    /// numbers.
    pub fn warnings(&self) -> impl Iterator<Item = (usize, String)> {
        let warnings = self.keys.warnings.iter().enumerate();
        warnings.filter_map(|(number, warning)| Some((number, warning(self)?)))
    }
}
