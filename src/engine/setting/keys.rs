//! Keys of a model, with what features say of them.

use super::key::{key_of_copy, within};
use super::{Alias, DerivedDefault, Fault, Key, Setting, Settings};
use std::any::TypeId;

/// Position of the keys of a group, and number of copies.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: TypeId,
    pub(super) first: usize,
    pub(super) copies: usize,
}

/// Alias, and where its value is stored.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) key: &'static Key,
    pub(super) alias: &'static Alias,
    /// Positions of the keys that it sets.
    pub(super) places: Vec<usize>,
    /// True if it sets one key, false if all keys of a table.
    pub(super) is_one: bool,
}

/// Source of the schedule of a model's settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) extension: &'static str,
    pub(super) may_change: fn(&Key) -> bool,
    /// Returns the day of each copy.
    pub(super) days: fn(&Setting) -> Vec<u32>,
}

/// All keys of a model, and the position of each group.
#[derive(Debug, Default)]
pub struct Keys {
    pub(super) keys: Vec<&'static Key>,
    groups: Vec<Group>,
    pub(super) aliases: Vec<Stored>,
    pub(super) checks: Vec<fn(&Setting) -> Option<Fault>>,
    pub(in crate::engine) implied: Vec<fn(&Setting) -> Vec<DerivedDefault>>,
    pub(super) warnings: Vec<fn(&Setting) -> Option<String>>,
    pub(in crate::engine) idle: Vec<Idle>,
    pub(super) schedule: Option<Schedule>,
    pub(in crate::engine) uses: Vec<Use>,
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

impl Keys {
    pub(in crate::engine) fn add_group<S: Settings>(&mut self) {
        if self.place_of_group::<S>().is_none() {
            self.note_group::<S>(1);
            self.keys.extend(S::KEYS);
        }
    }

    /// Adds the keys of a group once for each copy of an extension.
    pub(in crate::engine) fn add_copies<S: Settings>(&mut self, copies: usize) {
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

    pub(in crate::engine) fn add_alias(&mut self, key: &'static Key) {
        if self.find(key.name).is_none() {
            self.keys.push(key);
        }
    }

    pub(in crate::engine) fn add_check(&mut self, check: fn(&Setting) -> Option<Fault>) {
        let mut checks = self.checks.iter();
        if !checks.any(|&other| std::ptr::fn_addr_eq(other, check)) {
            self.checks.push(check);
        }
    }

    pub(in crate::engine) fn add_warning(&mut self, warning: fn(&Setting) -> Option<String>) {
        let mut warnings = self.warnings.iter();
        if !warnings.any(|&other| std::ptr::fn_addr_eq(other, warning)) {
            self.warnings.push(warning);
        }
    }

    /// Returns the settings that only some runs read, by table.
    pub fn idle(&self) -> &[Idle] {
        &self.idle
    }

    /// Returns the keys that some settings do not use.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Locates the keys that aliases set, once all keys are known.
    ///
    /// # Panics
    /// When no feature registers the key or table of an alias.
    pub(in crate::engine) fn link_aliases(&mut self) {
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

    pub(in crate::engine) fn place_of_group<S: Settings>(&self) -> Option<usize> {
        self.group_of::<S>().map(|group| group.first)
    }

    pub(super) fn group_of<S: Settings>(&self) -> Option<&Group> {
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
    pub(super) fn alias(&self, name: &str) -> Option<usize> {
        self.aliases.iter().position(|of| of.key.name == name)
    }

    pub(super) fn place(&self, key: &Key) -> usize {
        let place = self.keys.iter().position(|&other| std::ptr::eq(other, key));
        place
            .or_else(|| self.keys.iter().position(|other| other.name == key.name))
            .expect("a key of this model")
    }
}
