//! Defines a setting of a model: a value for each of its keys, within its domain.

use super::document::Document;
use super::extension::{Extensions, key_of_copy, key_said_anew};
use super::key::{Alias, Key, Value, nearest, within};
use super::list::List;
use super::model::Model;
use bevy_ecs::component::{Component, Mutable};
use std::any::TypeId;
use std::sync::Arc;

/// Group of settings: a struct that a feature declares with [`settings!`](crate::settings), and a component of
/// each run.
pub trait Settings: Component<Mutability = Mutable> + Copy + Default {
    /// Keys, in the order of its fields.
    const KEYS: &'static [Key];
    /// Builds the struct from the values of its keys.
    fn read(values: &[Value]) -> Self;
}

/// Type of a field of a group of settings.
pub trait Field: Copy {
    /// Converts the field to a value.
    fn value(self) -> Value;
    /// Converts a value of its kind to the field.
    fn from_value(value: Value) -> Option<Self>;
}

impl Field for f64 {
    fn value(self) -> Value {
        Value::Real(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(number) => Some(number),
            _ => None,
        }
    }
}

impl Field for u32 {
    fn value(self) -> Value {
        Value::Count(u64::from(self))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Count(number) => u32::try_from(number).ok(),
            _ => None,
        }
    }
}

impl Field for List {
    fn value(self) -> Value {
        Value::List(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }
}

impl Field for Document {
    fn value(self) -> Value {
        Value::Document(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Document(document) => Some(document),
            _ => None,
        }
    }
}

impl Field for &'static str {
    fn value(self) -> Value {
        Value::Name(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// True and false are names, of the domain [`Domain::TRUTH`](super::Domain::TRUTH).
impl Field for bool {
    fn value(self) -> Value {
        Value::Name(if self { "true" } else { "false" })
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name(name) => name.parse().ok(),
            _ => None,
        }
    }
}

/// Declares a group of settings, each with its default, unit, domain and meaning.
///
/// It expands to the struct, its `Default`, and [`Settings`]. The keys of a group `in "chain"` begin with
/// `chain.` and belong to the table `[chain]` of a spec; others belong to `[model]`.
///
/// ```
/// use conviction::prelude::*;
///
/// settings! {
///     /// How participants follow the crowd.
///     Crowd in "crowd" {
///         pull: f64 = 0.1, "", Domain::from_to(0.0, 1.0), "how far opinions move to the mean";
///     }
/// }
/// assert_eq!(Crowd::default().pull, 0.1);
/// ```
#[macro_export]
macro_rules! settings {
    ($(#[doc = $doc:literal])+ $group:ident in $table:literal $fields:tt) => {
        $crate::settings! { @under $table "." $(#[doc = $doc])+ $group $fields }
    };
    ($(#[doc = $doc:literal])+ $group:ident $fields:tt) => {
        $crate::settings! { @under "" "" $(#[doc = $doc])+ $group $fields }
    };
    (
        @under $table:literal $dot:literal
        $(#[doc = $doc:literal])+
        $group:ident {
            $($field:ident: $type:ty = $default:expr, $unit:literal, $domain:expr, $meaning:literal;)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive($crate::bevy_ecs::component::Component, Clone, Copy, Debug, PartialEq)]
        pub struct $group {
            $(#[doc = $meaning] pub $field: $type,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $crate::engine::Settings for $group {
            const KEYS: &'static [$crate::engine::Key] = &[$($crate::engine::Key {
                name: concat!($table, $dot, stringify!($field)),
                unit: $unit,
                meaning: $meaning,
                domain: $domain,
                default: || $crate::engine::Field::value($group::default().$field),
                alias: None,
                anew: None,
            },)+];

            fn read(values: &[$crate::engine::Value]) -> Self {
                let mut values = values.iter().copied();
                let mut group = Self::default();
                $(if let Some(field) = values.next().and_then($crate::engine::Field::from_value) {
                    group.$field = field;
                })+
                group
            }
        }
    };
}

/// Position of the keys of a group, and number of copies.
#[derive(Debug)]
struct Group {
    id: TypeId,
    first: usize,
    copies: usize,
}

/// Alias, and where its value is stored.
#[derive(Debug)]
struct Stored {
    key: &'static Key,
    alias: &'static Alias,
    /// Positions of the keys that it sets.
    places: Vec<usize>,
    /// True if it sets one key, false if all keys of a table.
    is_one: bool,
}

/// All keys of a model, and the position of each group.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<&'static Key>,
    groups: Vec<Group>,
    aliases: Vec<Stored>,
    checks: Vec<fn(&Setting) -> Option<Fault>>,
    implied: Vec<fn(&Setting) -> Vec<Implied>>,
    warnings: Vec<fn(&Setting) -> Option<String>>,
    idle: Vec<Idle>,
    later: Option<fn(&Setting) -> Vec<Later>>,
    uses: Vec<Use>,
}

/// Condition under which a key has an effect.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// Key.
    pub key: &'static str,
    /// Returns true if runs of a setting use it.
    pub is_used: fn(&Setting) -> bool,
}

/// Settings that only some runs read.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Table of the settings.
    pub table: &'static str,
    /// Returns true if runs of a setting read them.
    pub read_by: fn(&Setting) -> bool,
    /// Message about a setting that no run reads, with a fix.
    pub message: &'static str,
}

/// Setting that replaces a run's own on one of its days.
#[derive(Clone, Debug, PartialEq)]
pub struct Later {
    /// First day on which it applies.
    pub day: u32,
    /// Setting.
    pub setting: Setting,
}

impl Keys {
    pub(super) fn add_group<S: Settings>(&mut self) {
        if self.place_of_group::<S>().is_none() {
            self.note_group::<S>(1);
            self.keys.extend(S::KEYS);
        }
    }

    /// Adds the keys of a group once for each copy of an extension.
    pub(super) fn add_copies<S: Settings>(&mut self, copies: usize) {
        if self.place_of_group::<S>().is_none() {
            self.note_group::<S>(copies);
            let of_copy = |copy| S::KEYS.iter().map(move |key| key_of_copy(key, copy));
            self.keys.extend((0..copies).flat_map(of_copy));
        }
    }

    fn note_group<S: Settings>(&mut self, copies: usize) {
        let (id, first) = (TypeId::of::<S>(), self.keys.len());
        self.groups.push(Group { id, first, copies });
    }

    pub(super) fn add_alias(&mut self, key: &'static Key) {
        if self.find(key.name).is_none() {
            self.keys.push(key);
        }
    }

    pub(super) fn add_check(&mut self, check: fn(&Setting) -> Option<Fault>) {
        if !self
            .checks
            .iter()
            .any(|&other| std::ptr::fn_addr_eq(other, check))
        {
            self.checks.push(check);
        }
    }

    pub(super) fn add_implied(&mut self, implied: fn(&Setting) -> Vec<Implied>) {
        self.implied.push(implied);
    }

    pub(super) fn add_warning(&mut self, warning: fn(&Setting) -> Option<String>) {
        if !self
            .warnings
            .iter()
            .any(|&other| std::ptr::fn_addr_eq(other, warning))
        {
            self.warnings.push(warning);
        }
    }

    pub(super) fn add_idle(&mut self, idle: Idle) {
        self.idle.push(idle);
    }

    /// Returns the settings that only some runs read, by table.
    pub fn idle(&self) -> &[Idle] {
        &self.idle
    }

    /// Adds the keys that copies of an extension override, among those `allowed`.
    pub(super) fn add_anew(
        &mut self,
        on: &Extensions,
        extension: &'static str,
        allowed: fn(&Key) -> bool,
    ) {
        for copy in 0..on.copies(extension) {
            for name in on.said_anew(extension, copy) {
                if let Some(key) = self.find(name).filter(|key| allowed(key)) {
                    self.keys.push(key_said_anew(key, extension, copy));
                }
            }
        }
    }

    pub(super) fn add_use(&mut self, key: &'static str, is_used: fn(&Setting) -> bool) {
        self.uses.push(Use { key, is_used });
    }

    /// Returns the keys that some settings do not use.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Locates the keys that aliases set, once all keys are known.
    ///
    /// # Panics
    /// When no feature registers the key or table of an alias.
    pub(super) fn link_aliases(&mut self) {
        let aliases = self.keys.iter().filter_map(|&key| {
            let alias = key.alias.as_ref()?;
            let own = |other: &Key| {
                other.alias.is_none() && (other.name == alias.of || within(alias.of, other.name))
            };
            let places = (0..self.keys.len()).filter(|&place| own(self.keys[place]));
            let places: Vec<_> = places.collect();
            let Some(&first) = places.first() else {
                panic!(
                    "{} is an alias of {}, which no feature registers",
                    key.name, alias.of
                )
            };
            Some(Stored {
                key,
                alias,
                places,
                is_one: self.keys[first].name == alias.of,
            })
        });
        self.aliases = aliases.collect();
    }

    pub(super) fn set_later(&mut self, later: fn(&Setting) -> Vec<Later>) {
        self.later = Some(later);
    }

    pub(super) fn has_later(&self) -> bool {
        self.later.is_some()
    }

    pub(super) fn place_of_group<S: Settings>(&self) -> Option<usize> {
        self.group_of::<S>().map(|group| group.first)
    }

    fn group_of<S: Settings>(&self) -> Option<&Group> {
        let id = TypeId::of::<S>();
        self.groups.iter().find(|group| group.id == id)
    }

    /// Returns the keys, in the order registered.
    pub fn all(&self) -> &[&'static Key] {
        &self.keys
    }

    /// Returns the key with this name.
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name).copied()
    }

    /// Returns the position of an alias.
    fn alias(&self, name: &str) -> Option<usize> {
        self.aliases.iter().position(|of| of.key.name == name)
    }

    fn place(&self, key: &Key) -> usize {
        let place = self.keys.iter().position(|&other| std::ptr::eq(other, key));
        place
            .or_else(|| self.keys.iter().position(|other| other.name == key.name))
            .expect("a key of this model")
    }
}

/// Value that a setting implies for a key that is not set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Implied {
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
        domain: super::Domain,
    },
}

impl PartialEq for super::Domain {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// Value as users of the library write it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// A number.
    Number(f64),
    /// A word.
    Word(&'a str),
    /// A list of numbers.
    Numbers(&'a [f64]),
}

impl From<f64> for Given<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Given<'_> {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<i32> for Given<'_> {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl<'a> From<&'a [f64]> for Given<'a> {
    fn from(numbers: &'a [f64]) -> Self {
        Self::Numbers(numbers)
    }
}

impl<'a> From<&'a str> for Given<'a> {
    fn from(word: &'a str) -> Self {
        Self::Word(word)
    }
}

impl From<bool> for Given<'_> {
    fn from(truth: bool) -> Self {
        Self::Word(if truth { "true" } else { "false" })
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
    pub(super) fn new(keys: Arc<Keys>) -> Self {
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
                nearest: nearest(name, names),
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

    /// Converts the setting to another model; keys that this one lacks have their defaults.
    #[must_use]
    pub fn in_model(&self, model: &Model) -> Self {
        let mut setting = model.setting();
        for key in model.keys().all().iter().filter(|key| key.alias.is_none()) {
            if self.keys.find(key.name).is_some() {
                setting.put(key, self.value(key));
            }
        }
        for (alias, given) in self.keys.aliases.iter().zip(&self.given) {
            if let (Some(value), Some(key)) = (given, model.keys().find(alias.key.name)) {
                setting.put(key, *value);
            }
        }
        setting
    }

    /// Resets a key to its default, including its overrides in copies of an extension.
    pub fn leave_out(&mut self, name: &str) {
        let keys = Arc::clone(&self.keys);
        let said = |key: &&&Key| key.name == name || key.anew.is_some_and(|anew| anew.name == name);
        for key in keys.all().iter().filter(said) {
            self.put(key, (key.default)());
        }
    }

    /// Returns the values that the setting implies for keys that are not set.
    pub fn implied(&self) -> impl Iterator<Item = Implied> {
        self.keys.implied.iter().flat_map(|implied| implied(self))
    }

    /// Returns the values that a copy of an extension overrides, each with its key of the model.
    pub fn said_anew<'a>(
        &'a self,
        extension: &'a str,
        copy: usize,
    ) -> impl Iterator<Item = (&'static Key, Value)> + 'a {
        let own =
            move |key: &&&'static Key| key.table().0 == Some(extension) && key.copy() == Some(copy);
        let own = self.keys.all().iter().filter(own);
        own.filter_map(|key| Some((key.anew?, self.value(key))))
    }

    /// Returns the settings that replace it on later days of a run, in the order of days.
    pub fn later(&self) -> Vec<Later> {
        self.keys.later.map_or_else(Vec::new, |later| later(self))
    }

    /// Returns the first of [`Setting::faults`].
    pub fn fault(&self) -> Option<Fault> {
        self.faults().into_iter().map(|(_, fault)| fault).next()
    }

    /// Returns the faults across keys: values that exclude each other, at the start or else on a later day. One
    /// fault per failed check, with the number of the check.
    pub fn faults(&self) -> Vec<(usize, Fault)> {
        let later = self.later();
        let first_of = |check: fn(&Self) -> Option<Fault>| {
            check(self).or_else(|| {
                later.iter().find_map(|later| {
                    let fault = check(&later.setting)?;
                    let (message, day) = (fault.message, later.day);
                    let message = format!("{message} (from day {day} on)");
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
            let (value, key) = ((*given)?, self.keys.keys[of.places[0]]);
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
