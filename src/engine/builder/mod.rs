//! Collects what features register.
//!
//! | file | contents |
//! |---|---|
//! | `feature` | a feature: its registration, name and version |
//! | `systems` | registration of systems, in their order |
//! | `sound` | checks of everything registered |

mod feature;
mod sound;
mod systems;

pub use feature::{Feature, FeatureId};

use super::columns::Columns;
use super::extension::{Extension, Extensions, PerCopy};
use super::output::{Choice, Group, Output};
use super::preset::Preset;
use super::random::{Seeded, Seeds, Stream, StreamSeeds};
use super::run::PerRun;
use super::setting::{DerivedDefault, Fault, Idle, Key, Keys, Scheduled, Setting, Settings, Use};
use super::systems::{Make, Placed, SystemOf, in_order, maker};
use super::table::{self, Table};
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{In, IntoSystem};
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::TypeId;

/// Properties of a component of runs.
#[derive(Clone, Copy)]
pub(in crate::engine) struct RunComponent {
    id: TypeId,
    pub insert: fn(&mut EntityWorldMut),
    pub begin: Begin,
}

/// Initialisation of a component when a run begins.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Begin {
    Clear(fn(&mut World, Entity)),
    Install(fn(&Setting, &mut World, Entity)),
    Seed(fn(Seeds, &mut World, Entity)),
}

/// Properties of a table.
#[derive(Clone)]
pub(in crate::engine) struct TableOf {
    id: TypeId,
    pub spawn: fn(&mut World, usize) -> Vec<Entity>,
    pub spread: fn(&mut World, usize, usize, usize),
    pub demand: Make<In<u32>, usize>,
    /// Components that other features add to its rows.
    pub more: Vec<MoreColumns>,
}

/// Component that a feature adds to the rows of a table.
#[derive(Clone, Copy)]
pub(in crate::engine) struct MoreColumns {
    pub insert: fn(&mut World, &[Entity]),
    pub spread: fn(&mut World, usize, usize, usize),
}

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

    /// Registers a group of settings once for each copy of the extension whose name prefixes its keys: keys
    /// such as `attacker.0.share`, and a component [`PerCopy`] of every run.
    pub fn settings_each<S: Settings>(&mut self) -> &mut Self {
        self.keys.add_copies::<S>(self.on.copies(table_of::<S>()));
        self.component::<PerCopy<S>>(Begin::Install(|setting, world, run| {
            if let Some(mut each) = world.get_mut::<PerCopy<S>>(run) {
                each.install(setting);
            }
        }))
    }

    /// Registers a group of settings like [`ModelBuilder::settings_each`], each copy of which changes other settings
    /// on a day: keys such as `change.0.beta`, which exist if [`Extensions::overriding`] names them. In a spec they
    /// belong to the table `set` of the copy. Before any system of the day, the run's groups of settings take the new
    /// values.
    pub fn schedule<S: Scheduled>(&mut self) -> &mut Self {
        self.keys.set_schedule::<S>(table_of::<S>());
        self.settings_each::<S>()
    }

    /// Registers columns that each copy of an extension has separately, named such as `attacker_0_taken`, and
    /// the system that adds their rows: it accesses [`Sampled`](crate::engine::Sampled) runs with `&mut PerCopyRows<B>`.
    pub fn columns_each<B: Columns, M>(
        &mut self,
        extension: &'static str,
        tables: &[&'static str],
        system: impl SystemOf<M>,
    ) -> &mut Self {
        let copies = self.on.copies(extension);
        self.groups.push(Group::of_each::<B>(
            extension,
            copies,
            tables,
            maker(system),
        ));
        self
    }

    /// Registers a group of settings: keys of the model, and a component of each run.
    pub fn settings<S: Settings>(&mut self) -> &mut Self {
        self.keys.add_group::<S>();
        self.component::<S>(Begin::Install(|setting, world, run| {
            if let Some(mut group) = world.get_mut::<S>(run) {
                *group = setting.group();
            }
        }))
    }

    /// Registers an alias of other keys.
    pub fn alias(&mut self, key: &'static Key) -> &mut Self {
        self.keys.add_alias(key);
        self
    }

    /// Registers presets.
    pub fn presets(&mut self, presets: &'static [Preset]) -> &mut Self {
        self.presets.extend(presets);
        self
    }

    /// Registers a check across keys, for values that exclude each other.
    pub fn check(&mut self, check: fn(&Setting) -> Option<Fault>) -> &mut Self {
        self.keys.add_check(check);
        self
    }

    /// Registers when a key has an effect: a sweep may vary it even if other axes make it irrelevant at some
    /// points.
    pub fn used_if(&mut self, key: &'static str, is_used: fn(&Setting) -> bool) -> &mut Self {
        self.keys.uses.push(Use { key, is_used });
        self
    }

    /// Registers values that a setting implies for other keys: their defaults if a spec neither sets nor varies
    /// them. A value for a key of a disabled extension enables the extension.
    pub fn implied(&mut self, implied: fn(&Setting) -> Vec<DerivedDefault>) -> &mut Self {
        self.keys.implied.push(implied);
        self
    }

    /// Registers a warning about settings that are valid but probably not intended.
    pub fn warning(&mut self, warning: fn(&Setting) -> Option<String>) -> &mut Self {
        self.keys.add_warning(warning);
        self
    }

    /// Registers that only some runs read the settings of a table, so that a study can warn about settings that
    /// no run reads.
    pub fn idle(&mut self, idle: Idle) -> &mut Self {
        self.keys.idle.push(idle);
        self
    }

    /// Registers a component of each run.
    pub fn per_run<C: PerRun>(&mut self) -> &mut Self {
        self.component::<C>(Begin::Clear(|world, run| {
            if let Some(mut component) = world.get_mut::<C>(run) {
                component.begin();
            }
        }))
    }

    /// Registers a component of each run that holds random streams. No other component may have the same streams.
    pub fn streams<C: Seeded>(&mut self) -> &mut Self {
        let feature = self.registering;
        let taken = StreamSeeds::taken_by::<C>().into_iter();
        self.streams.extend(taken.map(|stream| (stream, feature)));
        self.component::<C>(Begin::Seed(|seeds, world, run| {
            if let Some(mut streams) = world.get_mut::<C>(run) {
                streams.seed(seeds.into());
            }
        }))
    }

    fn component<C>(&mut self, begin: Begin) -> &mut Self
    where
        C: bevy_ecs::component::Component + Default,
    {
        let id = TypeId::of::<C>();
        if !self.components.iter().any(|component| component.id == id) {
            self.components.push(RunComponent {
                id,
                insert: |run| {
                    run.insert(C::default());
                },
                begin,
            });
        }
        self
    }

    /// Registers a resource of each batch, shared by all its runs.
    pub fn resource<R: Resource + Default>(&mut self) -> &mut Self {
        self.resources.push(|world| {
            world.init_resource::<R>();
        });
        self
    }

    /// Registers a table. `demand` is a system that takes a number of days, `In<u32>`, and returns the maximum
    /// number of rows that any run may need by the end of these days.
    pub fn table<T: Table, M>(
        &mut self,
        demand: impl IntoSystem<In<u32>, usize, M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.tables.push(TableOf {
            id: TypeId::of::<T>(),
            spawn: T::spawn,
            spread: T::spread,
            demand: maker(demand),
            more: Vec::new(),
        });
        self
    }

    /// Adds a component to the rows of a table that another feature has registered.
    ///
    /// # Panics
    /// When no earlier feature registered the table.
    pub fn column<T: Table, C: table::TableColumn>(&mut self) -> &mut Self {
        let id = TypeId::of::<T>();
        let table = self.tables.iter_mut().find(|table| table.id == id);
        let table = table.unwrap_or_else(|| {
            panic!(
                "a feature adds a column to {}, which no earlier feature registers",
                T::NAME
            )
        });
        table.more.push(MoreColumns {
            insert: |world, rows| {
                world.insert_batch(rows.iter().map(|&row| (row, C::default())));
            },
            spread: table::spread_column::<C>,
        });
        self
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

    /// Registers an output table.
    pub fn output(&mut self, output: Output) -> &mut Self {
        self.outputs.push(output);
        self
    }

    /// Registers columns of output tables, and the system that adds their rows: it accesses
    /// [`Sampled`](crate::engine::Sampled) runs with `&mut Gathered<B>`.
    pub fn columns<B: Columns, M>(
        &mut self,
        tables: &[&'static str],
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.groups.push(Group::new::<B>(tables, maker(system)));
        self
    }

    /// Registers columns `B` whose system reads the rows `R` just added for the same moment: `R` is gathered
    /// if any column of `B` is requested. `R` must be registered earlier.
    pub fn columns_from<R: Columns, B: Columns, M>(
        &mut self,
        tables: &[&'static str],
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.groups.push(Group {
            reads: Some(TypeId::of::<R>()),
            ..Group::new::<B>(tables, maker(system))
        });
        self
    }
}

impl ModelBuilder {
    /// Returns the groups of columns of a table, with their numbers.
    pub(in crate::engine) fn groups_of<'a>(
        &'a self,
        table: &str,
    ) -> impl Iterator<Item = (usize, &'a Group)> {
        let groups = self.groups.iter().enumerate();
        groups.filter(move |(_, group)| group.tables.contains(&table))
    }

    /// Returns the groups of a table that hold a requested column, and the groups that these read, with their
    /// numbers.
    pub(in crate::engine) fn groups_for(
        &self,
        table: &str,
        wanted: &Choice,
    ) -> Vec<(usize, &Group)> {
        let mut groups: Vec<_> = self.groups_of(table).collect();
        if *wanted == Choice::All {
            return groups;
        }
        let is_wanted = |group: &Group| {
            let columns = (group.columns)();
            columns.iter().any(|column| wanted.has(&column.name))
        };
        let mut needed = Vec::new();
        // A group reads only groups registered before it.
        for (_, group) in groups.iter().rev() {
            if needed.contains(&group.id) || is_wanted(group) {
                needed.extend(group.reads);
                needed.push(group.id);
            }
        }
        groups.retain(|(_, group)| needed.contains(&group.id));
        groups
    }
}

/// Returns the table of a spec that holds the keys of a group; empty for `[model]`.
fn table_of<S: Settings>() -> &'static str {
    let first = S::KEYS.first().and_then(|key| key.table().0);
    first.unwrap_or_default()
}
