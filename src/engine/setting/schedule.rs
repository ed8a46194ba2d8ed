//! Schedule of a setting: values that replace its own from later days on.
//!
//! Copies of one extension state it, such as `[[change]]`: each has a day, and new values under keys such as
//! `change.0.beta`. Groups of settings hold the values in force on the present day of a run, so that features
//! register nothing for it.

use super::key::key_of_override;
use super::keys::{Keys, Schedule};
use super::{Key, Setting, Settings, Value};

/// Group of settings that every copy of an extension has, and by which values of the model change on a day.
pub trait Scheduled: Settings {
    /// Returns the first day on which the new values apply.
    fn day(&self) -> u32;
    /// Returns true if values of the key may change during a run.
    fn may_change(key: &Key) -> bool;
}

impl Keys {
    /// Lets the copies of an extension schedule changes of other settings.
    ///
    /// # Panics
    /// When another extension does so.
    pub(in crate::engine) fn set_schedule<S: Scheduled>(&mut self, extension: &'static str) {
        let schedule = Schedule {
            extension,
            may_change: S::may_change,
            days: |setting| setting.each::<S>().map(|copy| copy.day()).collect(),
        };
        if let Some(other) = self.schedule.replace(schedule) {
            panic!(
                "{} and {extension} both schedule changes of settings",
                other.extension
            );
        }
    }

    /// Returns the extension that schedules changes, if any.
    pub(in crate::engine) fn scheduled_by(&self) -> Option<&'static str> {
        self.schedule.map(|schedule| schedule.extension)
    }

    /// Adds the key by which a copy of an extension changes another key, if that may change.
    pub(in crate::engine) fn add_scheduled(&mut self, extension: &str, copy: usize, name: &str) {
        let key = self.changeable(extension).find(|key| key.name == name);
        let key = key.map(|key| key_of_override(key, extension, copy));
        self.keys.extend(key);
    }

    /// Returns the keys whose values copies of an extension may change during a run.
    pub fn changeable(&self, extension: &str) -> impl Iterator<Item = &'static Key> {
        let schedule = self.schedule.filter(|of| of.extension == extension);
        let keys = self.all().iter().copied();
        keys.filter(move |key| {
            key.overrides.is_none() && schedule.is_some_and(|of| (of.may_change)(key))
        })
    }
}

impl Setting {
    /// Returns the values that a copy of an extension overrides, each with its key of the model.
    pub fn overridden<'a>(
        &'a self,
        extension: &'a str,
        copy: usize,
    ) -> impl Iterator<Item = (&'static Key, Value)> + 'a {
        let keys = self.keys().all().iter();
        let own = keys.filter(move |key| {
            key.overrides.is_some() && key.table().0 == Some(extension) && key.copy() == Some(copy)
        });
        own.filter_map(|key| Some((key.overrides?, self.value(key))))
    }

    /// Returns the days on which values change, in order, each with the setting in force from then on. Changes of one
    /// day apply in the order of their copies.
    pub fn schedule(&self) -> Vec<(u32, Self)> {
        let Some(schedule) = self.keys().schedule else {
            return Vec::new();
        };
        let mut copies: Vec<_> = (schedule.days)(self).into_iter().enumerate().collect();
        // The sort is stable: changes of one day keep their order.
        copies.sort_by_key(|&(_, day)| day);
        let (mut days, mut now) = (Vec::<(u32, Self)>::new(), self.clone());
        for (copy, day) in copies {
            for (key, value) in self.overridden(schedule.extension, copy) {
                now.put(key, value);
            }
            days.pop_if(|(last, _)| *last == day);
            days.push((day, now.clone()));
        }
        days
    }

    /// Returns the setting in force on a day.
    #[must_use]
    pub fn on(&self, day: u32) -> Self {
        let mut changes = self.schedule().into_iter().rev();
        let last = changes.find(|&(from, _)| from <= day);
        last.map_or_else(|| self.clone(), |(_, setting)| setting)
    }
}
