//! Collects what features register.
//!
//! | file | contents |
//! |---|---|
//! | `feature` | a feature: its registration, name and version |
//! | `settings` | registration of settings, with their checks and warnings |
//! | `components` | registration of components of runs, and of tables |
//! | `systems` | registration of systems, in their order |
//! | `outputs` | registration of output tables and their columns |
//! | `sound` | checks of everything registered |

mod components;
mod feature;
mod outputs;
mod settings;
mod sound;
mod systems;

pub(in crate::engine) use components::{Begin, TableOf};
pub use feature::{Feature, FeatureId};

use super::extension::{Extension, Extensions};
use super::output::{Group, Output};
use super::preset::Preset;
use super::random::Stream;
use super::setting::{Keys, Setting};
use super::systems::{Make, Placed, in_order};
use bevy_ecs::system::In;
use bevy_ecs::world::World;
use components::RunComponent;

/// Collector of what features register.
#[derive(Default)]
pub struct ModelBuilder {
    pub(in crate::engine) features: Vec<FeatureId>,
    /// Feature that registers its parts at present.
    registering: &'static str,
    pub(in crate::engine) extensions: Vec<Extension>,
    on: Extensions,
    pub(in crate::engine) keys: Keys,
    pub(in crate::engine) presets: Vec<&'static Preset>,
    /// Random streams, each with its feature.
    streams: Vec<(Stream, &'static str)>,
    pub(in crate::engine) resources: Vec<fn(&mut World)>,
    pub(in crate::engine) components: Vec<RunComponent>,
    pub(in crate::engine) tables: Vec<TableOf>,
    /// Systems, in the order in which they run.
    pub(in crate::engine) systems: Vec<Placed>,
    pub(in crate::engine) start_steps: Vec<Make<(), bool>>,
    pub(in crate::engine) rooms: Vec<Make<In<u32>>>,
    pub(in crate::engine) invariants: Vec<Make>,
    pub(in crate::engine) outputs: Vec<Output>,
    pub(in crate::engine) groups: Vec<Group>,
    pub(in crate::engine) together: Option<fn(&Setting) -> usize>,
    pub(in crate::engine) estimate: Option<Estimate>,
    /// Additional time of features, as a share of the estimate.
    pub(in crate::engine) longer: f64,
}

/// Expected cost of runs, from counts alone, without measurement, so that it depends only on settings.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Nanoseconds of a run on one core, without writing.
    pub nanoseconds: fn(&Setting) -> f64,
    /// Bytes required to simulate this many runs of a setting together.
    pub bytes: fn(&Setting, f64) -> f64,
}

impl ModelBuilder {
    /// Collects what the features of a kind of batch, and more features, register.
    ///
    /// # Panics
    /// When they contradict each other.
    pub(in crate::engine) fn registered(
        features: fn(&mut Self),
        more: &[Feature],
        on: &Extensions,
    ) -> Self {
        let mut all = Self {
            on: on.clone(),
            registering: "the model",
            ..Self::default()
        };
        features(&mut all);
        for &feature in more {
            all.add(feature);
        }
        if let Some(extension) = all.keys.scheduled_by() {
            for (copy, name) in on.overrides(extension) {
                all.keys.add_scheduled(extension, copy, name);
            }
        }
        all.keys.link_aliases();
        all.assert_sound();
        all.systems = in_order(all.systems);
        all
    }

    /// Adds a feature, and registers it unless it is a disabled extension.
    pub fn add(&mut self, feature: Feature) -> &mut Self {
        let Feature {
            id,
            extension,
            register,
        } = feature;
        self.extensions.extend(extension);
        if extension.is_none() || self.on.copies(id.name) > 0 {
            self.features.push(id);
            let outer = std::mem::replace(&mut self.registering, id.name);
            register(self);
            self.registering = outer;
        }
        self
    }

    /// Returns the number of copies of an extension: 0 if disabled.
    pub fn copies(&self, extension: &str) -> usize {
        self.on.copies(extension)
    }

    /// Registers the optimal number of runs of a setting to simulate together: as many as fit in a core's
    /// caches. Results do not depend on it.
    pub fn together(&mut self, runs: fn(&Setting) -> usize) -> &mut Self {
        self.together = Some(runs);
        self
    }

    /// Registers the estimate of cost.
    pub fn estimate(&mut self, estimate: Estimate) -> &mut Self {
        self.estimate = Some(estimate);
        self
    }

    /// Registers that a feature lengthens runs by a share of the estimate, 0.5 for half as long again, whatever
    /// its settings. Shares of several features add up.
    pub fn takes_longer(&mut self, share: f64) -> &mut Self {
        self.longer += share;
        self
    }
}
