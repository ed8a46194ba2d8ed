//! A model: features, registered one after another, checked once.
//!
//! A feature is a function that registers what it brings: settings, components of runs, tables with the
//! room that they need, streams of chance, systems in the phases of a day, columns of the tables that
//! runs leave, invariants. Nothing else knows of it.

use super::columns::{Column, Columns};
use super::extension::{Each, Extension, ExtensionError, Extensions};
use super::key::Key;
use super::output::{Group, MakeSystem, Output};
use super::preset::Preset;
use super::random::{Seeded, Seeds};
use super::run::PerRun;
use super::setting::{Fault, Idle, Implied, Keys, Later, Setting, Settings};
use super::table::{self, Table};
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{BoxedSystem, In, IntoSystem};
use bevy_ecs::world::{EntityWorldMut, World};
use std::any::TypeId;
use std::sync::Arc;

/// When a system runs as a batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// The initial state is drawn, or given, into components of the runs; no table has room yet.
    Draw,
    /// It is put into rows.
    Fill,
}

/// When a system runs on each day. A model's own enumeration of its phases turns into this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its place in the day.
    pub place: usize,
    /// Its name, in figures of time.
    pub name: &'static str,
}

/// A feature's name and version, as datasets record them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureId {
    /// Its name: unique in the model.
    pub name: &'static str,
    /// Raised whenever its numbers change.
    pub version: u32,
}

/// Which batches a system runs in.
#[derive(Clone, Copy)]
pub(super) enum RunsIn {
    /// In every one.
    All,
    /// In those whose runs leave a table.
    Leaving(&'static str),
    /// In those of which some run's setting needs it, at the start or on a later day.
    Needing(fn(&Setting) -> bool),
}

/// A system of each day.
pub(super) struct DaySystem {
    pub runs_in: RunsIn,
    pub phase: Phase,
    pub make: MakeSystem,
}

/// What a batch needs to know of a component of runs.
#[derive(Clone, Copy)]
pub(super) struct RunComponent {
    id: TypeId,
    pub insert: fn(&mut EntityWorldMut),
    pub begin: Begin,
}

/// How a component is made that of a run that begins.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    Clear(fn(&mut World, Entity)),
    Install(fn(&Setting, &mut World, Entity)),
    Seed(fn(Seeds, &mut World, Entity)),
}

/// Makes a system of many steps, which says whether others are left.
pub(super) type MakeStep = Arc<dyn Fn() -> BoxedSystem<(), bool> + Send + Sync>;

/// Makes the system that says how many rows runs may need.
pub(super) type MakeDemand = Arc<dyn Fn() -> BoxedSystem<In<u32>, usize> + Send + Sync>;

/// Makes a system that arranges rows anew.
pub(super) type MakeRoom = Arc<dyn Fn() -> BoxedSystem<In<u32>> + Send + Sync>;

/// What a batch needs to know of a table.
#[derive(Clone)]
pub(super) struct TableOf {
    id: TypeId,
    pub spawn: fn(&mut World, usize) -> Vec<Entity>,
    pub spread: fn(&mut World, usize, usize, usize),
    pub demand: MakeDemand,
    /// Components that other features add to its rows.
    pub more: Vec<MoreColumns>,
}

/// A component that a feature adds to the rows of a table.
#[derive(Clone, Copy)]
pub(super) struct MoreColumns {
    pub insert: fn(&mut World, &[Entity]),
    pub spread: fn(&mut World, usize, usize, usize),
}

/// A feature: what it registers, with its name and version, as datasets record them.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    id: FeatureId,
    /// What it adds, and how many copies there may be, if it is an extension.
    extension: Option<(&'static str, Option<usize>)>,
    register: fn(&mut ModelBuilder),
}

impl Feature {
    /// A feature: `register` says what it brings. Its name is unique in a model; its version is raised
    /// whenever its numbers change.
    pub const fn new(name: &'static str, version: u32, register: fn(&mut ModelBuilder)) -> Self {
        Self {
            id: FeatureId { name, version },
            extension: None,
            register,
        }
    }

    /// A feature that is off unless a spec has its table; see [`ModelBuilder::extension`].
    pub const fn extension(
        name: &'static str,
        version: u32,
        meaning: &'static str,
        register: fn(&mut ModelBuilder),
    ) -> Self {
        Self {
            id: FeatureId { name, version },
            extension: Some((meaning, None)),
            register,
        }
    }

    /// As [`Feature::extension`], with up to `most` copies; see [`ModelBuilder::extension_each`].
    pub const fn extension_each(
        name: &'static str,
        version: u32,
        most: usize,
        meaning: &'static str,
        register: fn(&mut ModelBuilder),
    ) -> Self {
        Self {
            id: FeatureId { name, version },
            extension: Some((meaning, Some(most))),
            register,
        }
    }
}

/// Which keys the copies of an extension may say anew.
type SaysAnew = (&'static str, fn(&Key) -> bool);

/// Gathers what features register.
#[derive(Default)]
pub struct ModelBuilder {
    features: Vec<FeatureId>,
    extensions: Vec<Extension>,
    on: Extensions,
    keys: Keys,
    presets: Vec<&'static Preset>,
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
    /// How much longer features make runs take, as a share of the estimate.
    longer: f64,
    says_anew: Vec<SaysAnew>,
}

/// What runs are expected to take, from counts alone: no clock, so that what follows from it depends on
/// settings alone.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// Nanoseconds of a run on one core, without writing.
    pub nanoseconds: fn(&Setting) -> f64,
    /// Bytes that so many runs of a setting need while they are simulated together.
    pub bytes: fn(&Setting, f64) -> f64,
}

impl ModelBuilder {
    /// Adds a feature: `register` says what it brings. `version` is raised whenever its numbers change.
    pub fn feature(
        &mut self,
        name: &'static str,
        version: u32,
        register: fn(&mut Self),
    ) -> &mut Self {
        self.features.push(FeatureId { name, version });
        register(self);
        self
    }

    /// Adds an extension: a feature that is off unless it is asked for, as a spec does by its table
    /// `[name]`. Its keys begin with its name.
    pub fn extension(
        &mut self,
        name: &'static str,
        version: u32,
        meaning: &'static str,
        register: fn(&mut Self),
    ) -> &mut Self {
        self.add_extension(None, name, version, meaning, register)
    }

    /// Adds an extension of which a model may have several copies, up to `most`, as many as a spec has
    /// tables `[[name]]`. It registers by [`ModelBuilder::settings_each`] and
    /// [`ModelBuilder::columns_each`] what each copy has for itself.
    pub fn extension_each(
        &mut self,
        name: &'static str,
        version: u32,
        most: usize,
        meaning: &'static str,
        register: fn(&mut Self),
    ) -> &mut Self {
        self.add_extension(Some(most), name, version, meaning, register)
    }

    fn add_extension(
        &mut self,
        most: Option<usize>,
        name: &'static str,
        version: u32,
        meaning: &'static str,
        register: fn(&mut Self),
    ) -> &mut Self {
        self.extensions.push(Extension {
            name,
            meaning,
            most,
            also: &[],
        });
        if self.on.copies(name) > 0 {
            self.feature(name, version, register);
        }
        self
    }

    /// Lets keys outside of the table of the extension registered last switch it on as well.
    pub fn also_on(&mut self, keys: &'static [&'static str]) -> &mut Self {
        if let Some(extension) = self.extensions.last_mut() {
            extension.also = keys;
        }
        self
    }

    /// How many copies of an extension there are: 0 where it is off.
    pub fn copies(&self, extension: &str) -> usize {
        self.on.copies(extension)
    }

    /// Registers a group of settings once for each copy of the extension that its keys begin with: keys
    /// such as `attacker.0.share`, and a component [`Each`] of every run.
    pub fn settings_each<S: Settings>(&mut self) -> &mut Self {
        let table = S::KEYS.first().and_then(|key| key.table().0);
        let copies = table.map_or(0, |table| self.on.copies(table));
        self.keys.add_copies::<S>(copies);
        self.component::<Each<S>>(Begin::Install(|setting, world, run| {
            if let Some(mut each) = world.get_mut::<Each<S>>(run) {
                each.install(setting);
            }
        }))
    }

    /// Lets each copy of an extension say other keys of the model anew, of those `allowed`: keys such as
    /// `change.0.beta`, which are there where [`Extensions::saying_anew`] names them. In a spec they stand
    /// in the table `set` of the copy.
    pub fn says_anew(&mut self, extension: &'static str, allowed: fn(&Key) -> bool) -> &mut Self {
        self.says_anew.push((extension, allowed));
        self
    }

    /// Says which settings take the place of a run's own on later days. As such a day begins, all groups
    /// of settings of the run are installed anew, before any system.
    pub fn later(&mut self, later: fn(&Setting) -> Vec<Later>) -> &mut Self {
        self.keys.set_later(later);
        self
    }

    /// Registers columns that each copy of an extension has for itself, named such as
    /// `attacker_0_taken`, and the system that adds rows of them: it asks for
    /// [`Shown`](super::Shown) runs with `&mut GatheredEach<B>`.
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

    /// Registers another name for what other keys store.
    pub fn alias(&mut self, key: &'static Key) -> &mut Self {
        self.keys.add_alias(key);
        self
    }

    /// Registers settings with a name, to start from.
    pub fn presets(&mut self, presets: &'static [Preset]) -> &mut Self {
        self.presets.extend(presets);
        self
    }

    /// Registers a check of what no single domain can tell: values that exclude each other.
    pub fn check(&mut self, check: fn(&Setting) -> Option<Fault>) -> &mut Self {
        self.keys.add_check(check);
        self
    }

    /// Registers when a key has an effect: a sweep may vary it where other axes leave it without one.
    pub fn used_if(&mut self, key: &'static str, is_used: fn(&Setting) -> bool) -> &mut Self {
        self.keys.add_use(key, is_used);
        self
    }

    /// Registers what a setting implies of other keys: their defaults, where a spec neither sets nor varies them.
    pub fn implied(&mut self, implied: fn(&Setting) -> Vec<Implied>) -> &mut Self {
        self.keys.add_implied(implied);
        self
    }

    /// Registers a warning of what can be simulated but is hardly meant.
    pub fn warning(&mut self, warning: fn(&Setting) -> Option<String>) -> &mut Self {
        self.keys.add_warning(warning);
        self
    }

    /// Registers that only some runs read the settings of a table, so that a study can warn of those that none
    /// reads.
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

    /// Registers a component of each run that holds streams of chance.
    pub fn streams<C: Seeded>(&mut self) -> &mut Self {
        self.component::<C>(Begin::Seed(|seeds, world, run| {
            if let Some(mut streams) = world.get_mut::<C>(run) {
                streams.seed(seeds);
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

    /// Registers a resource of each batch: what all its runs have in common.
    pub fn resource<R: Resource + Default>(&mut self) -> &mut Self {
        self.resources.push(|world| {
            world.init_resource::<R>();
        });
        self
    }

    /// Registers a table. `demand` is a system that is given a number of days, `In<u32>`, and says how
    /// many rows any of the runs may need by the end of so many more, whatever arrives.
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

    /// Adds a component to the rows of a table that another feature registered.
    ///
    /// # Panics
    /// When no feature before registered the table.
    pub fn column<T: Table, C: table::Column>(&mut self) -> &mut Self {
        let id = TypeId::of::<T>();
        let table = self.tables.iter_mut().find(|table| table.id == id);
        let table = table.unwrap_or_else(|| {
            panic!(
                "a feature adds a column to {}, which none before it registers",
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

    /// Registers a system for when a batch begins. Systems of a stage run in the order registered.
    pub fn start<M>(&mut self, stage: Start, system: impl SystemOf<M>) -> &mut Self {
        self.start.push((stage, maker(system)));
        self
    }

    /// Registers a system that draws a part of the initial state, after those of [`Start::Draw`]. It is called until it
    /// says that nothing is left: between two calls, runs that take long to begin may be given up.
    pub fn start_in_steps<M>(
        &mut self,
        system: impl IntoSystem<(), bool, M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.start_steps.push(Arc::new(move || {
            Box::new(IntoSystem::into_system(system.clone()))
        }));
        self
    }

    /// Registers a system that arranges the rows of runs anew where there may be too few for a number of
    /// days, `In<u32>`. It runs when there is room for them in every table.
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

    /// As [`ModelBuilder::system`], but only in batches whose runs leave a table: for what nothing else
    /// depends on.
    pub fn system_for<M>(
        &mut self,
        table: &'static str,
        phase: impl Into<Phase>,
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.add_system(RunsIn::Leaving(table), phase.into(), maker(system))
    }

    /// As [`ModelBuilder::system`], but passed over in batches none of whose runs has a setting that needs it.
    /// In others it meets runs that do not need it as well, and must leave those alone: a run's results do not
    /// depend on what it is simulated together with.
    pub fn system_if<M>(
        &mut self,
        needed: fn(&Setting) -> bool,
        phase: impl Into<Phase>,
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.add_system(RunsIn::Needing(needed), phase.into(), maker(system))
    }

    fn add_system(&mut self, runs_in: RunsIn, phase: Phase, make: MakeSystem) -> &mut Self {
        self.day.push(DaySystem {
            runs_in,
            phase,
            make,
        });
        self
    }

    /// Registers a system that panics where the world contradicts the model. It runs after every phase,
    /// in builds with debug assertions.
    pub fn invariant<M>(&mut self, system: impl SystemOf<M>) -> &mut Self {
        self.invariants.push(maker(system));
        self
    }

    /// Says how many runs of a setting are best simulated together: as many as stay in a core's caches.
    /// Results are the same for all.
    pub fn together(&mut self, runs: fn(&Setting) -> usize) -> &mut Self {
        self.together = Some(runs);
        self
    }

    /// Says what runs are expected to take.
    pub fn estimate(&mut self, estimate: Estimate) -> &mut Self {
        self.estimate = Some(estimate);
        self
    }

    /// Says that a feature makes runs take longer than estimated, by a share: 0.5 for half as long again, whatever its
    /// settings. Shares of several features add up.
    pub fn takes_longer(&mut self, share: f64) -> &mut Self {
        self.longer += share;
        self
    }

    /// Registers a table that runs leave.
    pub fn output(&mut self, output: Output) -> &mut Self {
        self.outputs.push(output);
        self
    }

    /// Registers columns of tables that runs leave, and the system that adds rows of them: it asks for
    /// [`Shown`](super::Shown) runs with `&mut Gathered<B>`.
    pub fn columns<B: Columns, M>(
        &mut self,
        tables: &[&'static str],
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.groups.push(Group::new::<B>(tables, maker(system)));
        self
    }
}

/// A function that can be a system.
pub trait SystemOf<M>: IntoSystem<(), (), M> + Clone + Send + Sync + 'static {}

impl<M, S: IntoSystem<(), (), M> + Clone + Send + Sync + 'static> SystemOf<M> for S {}

fn maker<M>(system: impl SystemOf<M>) -> MakeSystem {
    Arc::new(move || Box::new(IntoSystem::into_system(system.clone())))
}

/// The features of one kind of batch, of which a model may have several: batches are homogeneous.
pub(super) struct Variant {
    /// Whether a setting asks for this kind.
    pub when: fn(&Setting) -> bool,
    pub registry: ModelBuilder,
}

/// What is simulated: every feature's settings, columns and systems. Cheap to clone.
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

/// A kind of batch: whether a setting asks for it, and its features.
pub type KindOfBatch = (fn(&Setting) -> bool, fn(&mut ModelBuilder));

impl Model {
    /// The model whose batches are of these kinds, the first that a setting asks for; and `more`
    /// features, which all of them have.
    ///
    /// # Panics
    /// When features contradict each other: two of one name, keys, tables or columns said twice. That is
    /// a mistake of whoever wrote them, seen the first time that the model is made.
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
                for feature in more.iter() {
                    let FeatureId { name, version } = feature.id;
                    match feature.extension {
                        Some((meaning, most)) => {
                            registry.add_extension(most, name, version, meaning, feature.register)
                        }
                        None => registry.feature(name, version, feature.register),
                    };
                }
                // When all keys are known.
                for (extension, allowed) in &registry.says_anew {
                    registry.keys.add_anew(&on, extension, *allowed);
                }
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

    /// The model with these extensions on, and no others.
    ///
    /// # Errors
    /// When it has no such extension, or is asked for too many copies of one.
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

    /// The extensions that it knows, on or off, in the order registered.
    pub fn extensions(&self) -> &[Extension] {
        &self.variants[0].registry.extensions
    }

    /// The model with one extension on, in one copy, and no others: to be described.
    pub fn with_extension(&self, extension: &Extension) -> Self {
        let on = Extensions::default().with(extension.name, 1);
        self.with_extensions(&on).unwrap_or_else(|_| self.clone())
    }

    /// Whether settings may be others on later days of a run.
    pub(super) fn has_later(&self) -> bool {
        self.keys.has_later()
    }

    /// Whether copies of an extension say keys of the model anew.
    pub fn says_anew(&self, extension: &str) -> bool {
        let anew = &self.variants[0].registry.says_anew;
        anew.iter().any(|(name, _)| *name == extension)
    }

    /// The keys that copies of an extension may say anew.
    pub fn to_be_said_anew(&self, extension: &str) -> impl Iterator<Item = &'static Key> {
        let anew = &self.variants[0].registry.says_anew;
        let allowed = anew.iter().find(|(name, _)| *name == extension);
        let keys = self.keys.all().iter().copied();
        keys.filter(move |key| {
            key.anew.is_none() && allowed.is_some_and(|(_, allowed)| allowed(key))
        })
    }

    /// The extensions that are on.
    pub fn on(&self) -> &Extensions {
        &self.on
    }

    /// Every feature, in the order registered.
    pub fn features(&self) -> &[FeatureId] {
        &self.variants[0].registry.features
    }

    /// Every key, in the order registered.
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Settings with a name, to start from, in the order registered.
    pub fn presets(&self) -> &[&'static Preset] {
        &self.variants[0].registry.presets
    }

    /// The preset of a name, if a feature registers it.
    pub fn preset(&self, name: &str) -> Option<&'static Preset> {
        let mut presets = self.presets().iter().copied();
        presets.find(|preset| preset.name == name)
    }

    /// The defaults.
    pub fn setting(&self) -> Setting {
        Setting::new(self.keys.clone())
    }

    /// Which kind of batch a setting asks for, by number.
    pub fn kind(&self, setting: &Setting) -> usize {
        let kind = self
            .variants
            .iter()
            .position(|variant| (variant.when)(setting));
        kind.unwrap_or(0)
    }

    /// How many runs of a setting are best simulated together, at least 1.
    pub fn together(&self, setting: &Setting) -> usize {
        let together = self.variants[self.kind(setting)].registry.together;
        together.map_or(1, |together| together(setting).max(1))
    }

    /// Nanoseconds that a run of a setting is expected to take on one core, without writing.
    pub fn nanoseconds(&self, setting: &Setting) -> f64 {
        let ModelBuilder {
            estimate, longer, ..
        } = &self.variants[self.kind(setting)].registry;
        let estimate = estimate.map_or(1e5, |estimate| (estimate.nanoseconds)(setting));
        estimate * (1.0 + longer)
    }

    /// Bytes that so many runs of a setting are expected to need while they are simulated together.
    pub fn bytes(&self, setting: &Setting, together: f64) -> f64 {
        let estimate = self.variants[self.kind(setting)].registry.estimate;
        estimate.map_or(0.0, |estimate| (estimate.bytes)(setting, together))
    }

    /// The table that runs leave of a name, if a feature registers it.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs().iter().find(|output| output.name == name)
    }

    /// The tables that runs may leave.
    pub fn outputs(&self) -> &[Output] {
        &self.variants[0].registry.outputs
    }

    /// The columns of a table that runs leave, in the order registered; none of a table that no feature
    /// registers.
    pub fn columns(&self, table: &str) -> Vec<Column> {
        let groups = self.variants[0].registry.groups_of(table);
        groups.flat_map(|(_, group)| (group.columns)()).collect()
    }
}

impl ModelBuilder {
    /// The groups of columns of a table, with their numbers.
    pub(super) fn groups_of<'a>(&'a self, table: &str) -> impl Iterator<Item = (usize, &'a Group)> {
        let groups = self.groups.iter().enumerate();
        groups.filter(move |(_, group)| group.tables.contains(&table))
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
        for (name, _) in self.on.iter() {
            let mut keys = self.keys.all().iter();
            assert!(
                keys.any(|key| key.table().0 == Some(name)),
                "extension {name} has no settings, so that no spec could have its table"
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
                    "preset {} gives {number} to {name}, which no setting takes",
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
                    "a feature adds columns to {table}, which none registers"
                );
            }
        }
    }
}
