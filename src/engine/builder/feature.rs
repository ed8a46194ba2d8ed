//! Features: functions that register parts of a model, with names and versions.

use super::ModelBuilder;
use crate::engine::extension::Extension;

/// Name and version of a feature, as datasets record them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureId {
    /// Name, unique in the model.
    pub name: &'static str,
    /// Version, raised whenever its numbers change.
    pub version: u32,
}

/// Feature: its registration, with its name and version, as datasets record them.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    pub(super) id: FeatureId,
    /// Description as an extension.
    pub(super) extension: Option<Extension>,
    pub(super) register: fn(&mut ModelBuilder),
}

impl Feature {
    /// Creates a feature that `register` registers. Its name is unique in a model; its version is raised
    /// whenever its numbers change.
    pub const fn new(name: &'static str, version: u32, register: fn(&mut ModelBuilder)) -> Self {
        Self {
            id: FeatureId { name, version },
            extension: None,
            register,
        }
    }

    /// Creates an extension: a feature that is off unless a spec enables it with its table `[name]`. Its keys
    /// begin with its name.
    pub const fn extension(
        name: &'static str,
        version: u32,
        meaning: &'static str,
        register: fn(&mut ModelBuilder),
    ) -> Self {
        let extension = Extension {
            name,
            meaning,
            most: None,
            also: &[],
        };
        Self {
            extension: Some(extension),
            ..Self::new(name, version, register)
        }
    }

    /// Lets an extension have up to `most` copies, one for each table `[[name]]` of a spec. It registers what each
    /// copy has separately through [`ModelBuilder::settings_each`] and [`ModelBuilder::columns_each`].
    #[must_use]
    pub const fn copies(mut self, most: usize) -> Self {
        if let Some(extension) = &mut self.extension {
            extension.most = Some(most);
        }
        self
    }

    /// Lets keys outside the table of an extension enable it as well.
    #[must_use]
    pub const fn also_on(mut self, keys: &'static [&'static str]) -> Self {
        if let Some(extension) = &mut self.extension {
            extension.also = keys;
        }
        self
    }
}
