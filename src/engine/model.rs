//! Combines features into a model, and checks it once.
//!
//! A feature is a function that registers its parts: settings, components of runs, tables with their demand for
//! rows, random streams, systems in the phases of a day, columns of output tables, and invariants. Nothing else
//! knows the feature.

use super::columns::{Column, Columns};
use super::extension::{Extension, ExtensionError, Extensions, PerCopy};
use super::output::{Choice, Group, MakeSystem, Output};
use super::preset::Preset;
use super::random::{Seeded, Seeds, Stream, StreamSeeds};
use super::run::PerRun;
use super::setting::{DerivedDefault, Fault, Idle, Key, Keys, Scheduled, Setting, Settings};
use super::table::{self, Table};
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{BoxedSystem, In, IntoSystem};
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::TypeId;
use std::sync::Arc;

/// Stage of the start of a batch in which a system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// The initial state is drawn, or given, into components of the runs; tables have no rows yet.
    Draw,
    /// The initial state is copied into rows.
    Fill,
}

/// Phase of the day in which a system runs. A model's own enumeration of phases converts to this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Position in the day.
    pub place: usize,
    /// Name, for timings.
    pub name: &'static str,
}

/// Name and version of a feature, as datasets record them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureId {
    /// Name, unique in the model.
    pub name: &'static str,
    /// Version, raised whenever its numbers change.
    pub version: u32,
}

/// Batches in which a system runs.
#[derive(Clone, Copy)]
pub(super) enum RunsIn {
    /// All batches.
    All,
    /// Batches whose runs write a table.
    Leaving(&'static str),
    /// Batches in which some run's setting needs the system, at the start or on a later day.
    Needing(fn(&Setting) -> bool),
    /// Batches in which some system runs in a phase.
    Beside(Phase),
    /// Batches in which no system runs in a phase.
    Without(Phase),
}

/// System that runs every day.
pub(super) struct DaySystem {
    pub runs_in: RunsIn,
    pub phase: Phase,
    pub make: MakeSystem,
}

/// Properties of a component of runs.
#[derive(Clone, Copy)]
pub(super) struct RunComponent {
    id: TypeId,
    pub insert: fn(&mut EntityWorldMut),
    pub begin: Begin,
}

/// Initialisation of a component when a run begins.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    Clear(fn(&mut World, Entity)),
    Install(fn(&Setting, &mut World, Entity)),
    Seed(fn(Seeds, &mut World, Entity)),
}

/// Factory of a system of many steps, which returns true while steps remain.
pub(super) type MakeStep = Arc<dyn Fn() -> BoxedSystem<(), bool> + Send + Sync>;

/// Factory of the system that returns the number of rows that runs may need.
pub(super) type MakeDemand = Arc<dyn Fn() -> BoxedSystem<In<u32>, usize> + Send + Sync>;

/// Factory of a system that rearranges rows.
pub(super) type MakeRoom = Arc<dyn Fn() -> BoxedSystem<In<u32>> + Send + Sync>;

/// Properties of a table.
#[derive(Clone)]
pub(super) struct TableOf {
    id: TypeId,
    pub spawn: fn(&mut World, usize) -> Vec<Entity>,
    pub spread: fn(&mut World, usize, usize, usize),
    pub demand: MakeDemand,
    /// Components that other features add to its rows.
    pub more: Vec<MoreColumns>,
}

/// Component that a feature adds to the rows of a table.
#[derive(Clone, Copy)]
pub(super) struct MoreColumns {
    pub insert: fn(&mut World, &[Entity]),
    pub spread: fn(&mut World, usize, usize, usize),
}

/// Feature: its registration, with its name and version, as datasets record them.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    id: FeatureId,
    /// Description as an extension.
    extension: Option<Extension>,
    register: fn(&mut ModelBuilder),
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

/// Collector of what features register.
#[derive(Default)]
pub struct ModelBuilder {
    features: Vec<FeatureId>,
    extensions: Vec<Extension>,
    on: Extensions,
    keys: Keys,
    presets: Vec<&'static Preset>,
    /// Random streams, each with its feature.
    streams: Vec<(Stream, &'static str)>,
    pub(super) resources: Vec<fn(&mut World)>,
    pub(super) components: Vec<RunComponent>,
    pub(super) tables: Vec<TableOf>,
    pub(super) start: Vec<(Start, MakeSystem)>,
    pub(super) start_steps: Vec<MakeStep>,
    pub(super) day: Vec<DaySystem>,
    pub(super) rooms: Vec<MakeRoom>,
    pub(super) invariants: Vec<MakeSystem>,
    pub(super) outputs: Vec<Output>,
    pub(super) groups: Vec<Group>,
    together: Option<fn(&Setting) -> usize>,
    estimate: Option<Estimate>,
    /// Additional time of features, as a share of the estimate.
    longer: f64,
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
            register(self);
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
    /// the system that adds their rows: it accesses [`Shown`](super::Shown) runs with `&mut PerCopyRows<B>`.
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
        self.keys.add_use(key, is_used);
        self
    }

    /// Registers values that a setting implies for other keys: their defaults if a spec neither sets nor varies
    /// them. A value for a key of a disabled extension enables the extension.
    pub fn implied(&mut self, implied: fn(&Setting) -> Vec<DerivedDefault>) -> &mut Self {
        self.keys.add_implied(implied);
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
        self.keys.add_idle(idle);
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
        let feature = self.features.last();
        let feature = feature.map_or("the model", |feature| feature.name);
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
            demand: Arc::new(move || Box::new(IntoSystem::into_system(demand.clone()))),
            more: Vec::new(),
        });
        self
    }

    /// Adds a component to the rows of a table that another feature has registered.
    ///
    /// # Panics
    /// When no earlier feature registered the table.
    pub fn column<T: Table, C: table::Column>(&mut self) -> &mut Self {
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

    /// Registers a system for the start of a batch. Systems of a stage run in the order registered.
    pub fn start<M>(&mut self, stage: Start, system: impl SystemOf<M>) -> &mut Self {
        self.start.push((stage, maker(system)));
        self
    }

    /// Registers a system that draws a part of the initial state, after those of [`Start::Draw`]. The engine
    /// calls it until it returns false; between calls, slow starts can be interrupted.
    pub fn start_in_steps<M>(
        &mut self,
        system: impl IntoSystem<(), bool, M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.start_steps.push(Arc::new(move || {
            Box::new(IntoSystem::into_system(system.clone()))
        }));
        self
    }

    /// Registers a system that rearranges the rows of runs if these might not suffice for a number of days,
    /// `In<u32>`. It runs once every table has enough rows.
    pub fn room<M>(
        &mut self,
        system: impl IntoSystem<In<u32>, (), M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.rooms.push(Arc::new(move || {
            Box::new(IntoSystem::into_system(system.clone()))
        }));
        self
    }

    /// Registers a system for a phase of each day. Systems of a phase run in the order registered.
    pub fn system<M>(&mut self, phase: impl Into<Phase>, system: impl SystemOf<M>) -> &mut Self {
        self.add_system(RunsIn::All, phase.into(), maker(system))
    }

    /// Same as [`ModelBuilder::system`], but only in batches whose runs write a table; nothing else may depend
    /// on it.
    pub fn system_for<M>(
        &mut self,
        table: &'static str,
        phase: impl Into<Phase>,
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.add_system(RunsIn::Leaving(table), phase.into(), maker(system))
    }

    /// Same as [`ModelBuilder::system`], but skipped in batches in which no run's setting needs it. In other
    /// batches it also sees runs that do not need it, and must leave those unchanged: results of a run do not
    /// depend on its batch.
    pub fn system_if<M>(
        &mut self,
        needed: fn(&Setting) -> bool,
        phase: impl Into<Phase>,
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.add_system(RunsIn::Needing(needed), phase.into(), maker(system))
    }

    /// Registers a system that divides into two where other features intervene: where a system runs in phase
    /// `between`, `first` and `last` run, in their phases; elsewhere `whole` does both at once. Results must be the
    /// same if the systems between change nothing.
    pub fn divisible_system<M, F, L>(
        &mut self,
        between: impl Into<Phase>,
        whole: (impl Into<Phase>, impl SystemOf<M>),
        first: (impl Into<Phase>, impl SystemOf<F>),
        last: (impl Into<Phase>, impl SystemOf<L>),
    ) -> &mut Self {
        let between = between.into();
        self.add_system(RunsIn::Without(between), whole.0.into(), maker(whole.1))
            .add_system(RunsIn::Beside(between), first.0.into(), maker(first.1))
            .add_system(RunsIn::Beside(between), last.0.into(), maker(last.1))
    }

    fn add_system(&mut self, runs_in: RunsIn, phase: Phase, make: MakeSystem) -> &mut Self {
        self.day.push(DaySystem {
            runs_in,
            phase,
            make,
        });
        self
    }

    /// Registers a system that panics if the world contradicts the model. It runs at the end of every day,
    /// and after every phase of the first days and of each eighth, in builds with debug assertions.
    pub fn invariant<M>(&mut self, system: impl SystemOf<M>) -> &mut Self {
        self.invariants.push(maker(system));
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
    /// [`Shown`](super::Shown) runs with `&mut Gathered<B>`.
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

/// Returns the table of a spec that holds the keys of a group; empty for `[model]`.
fn table_of<S: Settings>() -> &'static str {
    let first = S::KEYS.first().and_then(|key| key.table().0);
    first.unwrap_or_default()
}

/// Function that can be a system.
pub trait SystemOf<M>: IntoSystem<(), (), M> + Clone + Send + Sync + 'static {}

impl<M, S: IntoSystem<(), (), M> + Clone + Send + Sync + 'static> SystemOf<M> for S {}

fn maker<M>(system: impl SystemOf<M>) -> MakeSystem {
    Arc::new(move || Box::new(IntoSystem::into_system(system.clone())))
}

/// Features of one kind of batch. A model may have several kinds, since batches are homogeneous.
pub(super) struct Variant {
    /// Returns true if a setting needs this kind.
    pub when: fn(&Setting) -> bool,
    pub registry: ModelBuilder,
}

/// Model: settings, columns and systems of every feature. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    kinds: Arc<[KindOfBatch]>,
    more: Arc<[Feature]>,
    on: Extensions,
    pub(super) variants: Arc<Vec<Variant>>,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Model").field(&self.features()).finish()
    }
}

/// Kind of batch: the condition on settings, and its features.
pub type KindOfBatch = (fn(&Setting) -> bool, fn(&mut ModelBuilder));

impl Model {
    /// Creates a model with these kinds of batches, of which a setting uses the first that applies; all kinds
    /// have the features in `more`.
    ///
    /// # Panics
    /// When features contradict each other through duplicate names, keys, tables or columns. That is a mistake
    /// of their authors, detected whenever the model is created.
    pub fn new(kinds: &[KindOfBatch], more: &[Feature]) -> Self {
        Self::build(kinds.into(), more.into(), Extensions::default())
    }

    fn build(kinds: Arc<[KindOfBatch]>, more: Arc<[Feature]>, on: Extensions) -> Self {
        let mut variants: Vec<_> = kinds
            .iter()
            .map(|&(when, features)| {
                let mut registry = ModelBuilder {
                    on: on.clone(),
                    ..ModelBuilder::default()
                };
                features(&mut registry);
                for &feature in more.iter() {
                    registry.add(feature);
                }
                registry.keys.add_scheduled(&on);
                registry.keys.link_aliases();
                registry.day.sort_by_key(|system| system.phase.place);
                registry.start.sort_by_key(|&(stage, _)| stage);
                registry.assert_sound();
                Variant { when, registry }
            })
            .collect();
        assert!(
            !variants.is_empty(),
            "a model has at least one kind of batch"
        );
        let keys = Arc::new(std::mem::take(&mut variants[0].registry.keys));
        for variant in &variants[1..] {
            let names = |keys: &Keys| keys.all().iter().map(|key| key.name).collect::<Vec<_>>();
            assert_eq!(
                names(&keys),
                names(&variant.registry.keys),
                "all kinds of batches have the same settings"
            );
        }
        Self {
            kinds,
            more,
            on,
            variants: Arc::new(variants),
            keys,
        }
    }

    /// Returns the model with exactly these extensions enabled.
    ///
    /// # Errors
    /// When the model lacks an extension, or too many copies of one are requested.
    pub fn with_extensions(&self, on: &Extensions) -> Result<Self, ExtensionError> {
        let known = self.extensions();
        for (name, asked) in on.iter() {
            let Some(extension) = known.iter().find(|extension| extension.name == name) else {
                return Err(ExtensionError::Unknown {
                    name: name.to_owned(),
                    known: known.iter().map(|extension| extension.name).collect(),
                });
            };
            let most = extension.most.unwrap_or(1);
            if asked > most {
                return Err(ExtensionError::TooMany {
                    name: extension.name,
                    asked,
                    most,
                });
            }
        }
        if *on == self.on {
            return Ok(self.clone());
        }
        Ok(Self::build(
            self.kinds.clone(),
            self.more.clone(),
            on.clone(),
        ))
    }

    /// Returns true if both are the same model with the same extensions enabled.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kinds, &other.kinds)
            && Arc::ptr_eq(&self.more, &other.more)
            && self.on == other.on
    }

    /// Returns all extensions, enabled or not, in the order registered.
    pub fn extensions(&self) -> &[Extension] {
        &self.variants[0].registry.extensions
    }

    /// Returns the model with only one extension enabled, in one copy, for describing it.
    pub fn with_extension(&self, extension: &Extension) -> Self {
        let on = Extensions::default().with(extension.name, 1);
        self.with_extensions(&on).unwrap_or_else(|_| self.clone())
    }

    /// Returns the enabled extensions.
    pub fn on(&self) -> &Extensions {
        &self.on
    }

    /// Returns all features, in the order registered.
    pub fn features(&self) -> &[FeatureId] {
        &self.variants[0].registry.features
    }

    /// Returns all keys, in the order registered.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Returns all presets, in the order registered.
    pub fn presets(&self) -> &[&'static Preset] {
        &self.variants[0].registry.presets
    }

    /// Returns the preset with this name, if registered.
    pub fn preset(&self, name: &str) -> Option<&'static Preset> {
        let mut presets = self.presets().iter().copied();
        presets.find(|preset| preset.name == name)
    }

    /// Returns the default setting.
    pub fn setting(&self) -> Setting {
        Setting::new(self.keys.clone())
    }

    /// Returns the number of the kind of batch for a setting.
    pub fn kind(&self, setting: &Setting) -> usize {
        let kind = self
            .variants
            .iter()
            .position(|variant| (variant.when)(setting));
        kind.unwrap_or(0)
    }

    /// Returns the optimal number of runs of a setting to simulate together, at least 1.
    pub fn together(&self, setting: &Setting) -> usize {
        let together = self.variants[self.kind(setting)].registry.together;
        together.map_or(1, |together| together(setting).max(1))
    }

    /// Returns the expected nanoseconds of a run of a setting on one core, without writing.
    pub fn nanoseconds(&self, setting: &Setting) -> f64 {
        let ModelBuilder {
            estimate, longer, ..
        } = &self.variants[self.kind(setting)].registry;
        let estimate = estimate.map_or(1e5, |estimate| (estimate.nanoseconds)(setting));
        estimate * (1.0 + longer)
    }

    /// Returns the expected bytes required to simulate this many runs of a setting together.
    pub fn bytes(&self, setting: &Setting, together: f64) -> f64 {
        let estimate = self.variants[self.kind(setting)].registry.estimate;
        estimate.map_or(0.0, |estimate| (estimate.bytes)(setting, together))
    }

    /// Returns the output table with this name, if registered.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs().iter().find(|output| output.name == name)
    }

    /// Returns the output tables.
    pub fn outputs(&self) -> &[Output] {
        &self.variants[0].registry.outputs
    }

    /// Returns the columns of an output table, in the order registered; empty if no feature registers the
    /// table.
    pub fn columns(&self, table: &str) -> Vec<Column> {
        let groups = self.variants[0].registry.groups_of(table);
        groups.flat_map(|(_, group)| (group.columns)()).collect()
    }
}

impl ModelBuilder {
    /// Returns the groups of columns of a table, with their numbers.
    pub(super) fn groups_of<'a>(&'a self, table: &str) -> impl Iterator<Item = (usize, &'a Group)> {
        let groups = self.groups.iter().enumerate();
        groups.filter(move |(_, group)| group.tables.contains(&table))
    }

    /// Returns the groups of a table that hold a requested column, and the groups that these read, with their
    /// numbers.
    pub(super) fn groups_for(&self, table: &str, wanted: &Choice) -> Vec<(usize, &Group)> {
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

    fn assert_sound(&self) {
        let twice = |what: &str, names: Vec<String>| {
            for (place, name) in names.iter().enumerate() {
                assert!(
                    !names[..place].contains(name),
                    "{what} {name} is registered twice"
                );
            }
        };
        twice(
            "feature",
            self.features.iter().map(|f| f.name.to_owned()).collect(),
        );
        twice(
            "extension",
            self.extensions.iter().map(|e| e.name.to_owned()).collect(),
        );
        for (place, (stream, feature)) in self.streams.iter().enumerate() {
            let mut earlier = self.streams[..place].iter();
            if let Some((_, other)) = earlier.find(|(other, _)| other == stream) {
                panic!(
                    "{other} and {feature} draw from one stream, {stream}; give one of them another name"
                );
            }
        }
        for (name, _) in self.on.iter() {
            let mut keys = self.keys.all().iter();
            assert!(
                keys.any(|key| key.table().0 == Some(name)),
                "extension {name} has no settings, so no spec could have its table"
            );
        }
        twice(
            "preset",
            self.presets.iter().map(|p| p.name.to_owned()).collect(),
        );
        for preset in &self.presets {
            for &(name, number) in preset.values {
                let key = self.keys.find(name);
                assert!(
                    key.is_some_and(|key| key.number(number).is_some()),
                    "preset {} sets {name} to {number}, which is not a setting or is outside its domain",
                    preset.name
                );
            }
        }
        twice(
            "setting",
            self.keys.all().iter().map(|k| k.name.to_owned()).collect(),
        );
        twice(
            "table",
            self.outputs.iter().map(|o| o.name.to_owned()).collect(),
        );
        for output in &self.outputs {
            let groups = self.groups_of(output.name);
            let columns = groups.flat_map(|(_, group)| (group.columns)());
            twice(
                &format!("column of {}", output.name),
                columns.map(|column| column.name).collect(),
            );
        }
        for group in &self.groups {
            let same = self.groups.iter().filter(|other| other.id == group.id);
            assert_eq!(same.count(), 1, "columns are registered twice");
            for table in &group.tables {
                let known = self.outputs.iter().any(|output| output.name == *table);
                assert!(
                    known,
                    "a feature adds columns to {table}, which no feature registers"
                );
            }
        }
    }
}
