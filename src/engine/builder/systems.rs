//! Registers systems.

use super::ModelBuilder;
use crate::engine::setting::Setting;
use crate::engine::systems::{Make, Phase, Placed, RunsIn, Start, SystemOf, When, maker};
use bevy_ecs::system::{In, IntoSystem};

impl ModelBuilder {
    /// Registers a system for the start of a batch.
    pub fn start<M>(&mut self, stage: Start, system: impl SystemOf<M>) -> &mut Self {
        self.place(When::Start(stage), RunsIn::All, maker(system))
    }

    /// Registers a system that draws a part of the initial state, after those of [`Start::Draw`]. The engine
    /// calls it until it returns false; between calls, slow starts can be interrupted.
    pub fn start_in_steps<M>(
        &mut self,
        system: impl IntoSystem<(), bool, M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.start_steps.push(maker(system));
        self
    }

    /// Registers a system that rearranges the rows of runs if these might not suffice for a number of days,
    /// `In<u32>`. It runs once every table has enough rows.
    pub fn room<M>(
        &mut self,
        system: impl IntoSystem<In<u32>, (), M> + Clone + Send + Sync + 'static,
    ) -> &mut Self {
        self.rooms.push(maker(system));
        self
    }

    /// Registers a system for a phase of each day.
    pub fn system<M>(&mut self, phase: impl Into<Phase>, system: impl SystemOf<M>) -> &mut Self {
        self.place(When::Day(phase.into()), RunsIn::All, maker(system))
    }

    /// Same as [`ModelBuilder::system`], but only in batches whose runs write a table; nothing else may depend
    /// on it.
    pub fn system_for<M>(
        &mut self,
        table: &'static str,
        phase: impl Into<Phase>,
        system: impl SystemOf<M>,
    ) -> &mut Self {
        self.place(
            When::Day(phase.into()),
            RunsIn::Leaving(table),
            maker(system),
        )
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
        self.place(
            When::Day(phase.into()),
            RunsIn::Needing(needed),
            maker(system),
        )
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
        let beside = RunsIn::Beside(between);
        self.place(
            When::Day(whole.0.into()),
            RunsIn::Without(between),
            maker(whole.1),
        )
        .place(When::Day(first.0.into()), beside, maker(first.1))
        .place(When::Day(last.0.into()), beside, maker(last.1))
    }

    fn place(&mut self, when: When, runs_in: RunsIn, make: Make) -> &mut Self {
        let system = Placed::new(self.registering, when, runs_in, make);
        self.systems.push(system);
        self
    }

    /// Lets the system registered last follow those of these features in its phase, or stage of the start, wherever
    /// they are registered. Disabled extensions do not matter.
    pub fn after(&mut self, features: &[&'static str]) -> &mut Self {
        if let Some(system) = self.systems.last_mut() {
            system.follow(features);
        }
        self
    }

    /// Lets the system registered last precede those of these features, like [`ModelBuilder::after`].
    pub fn before(&mut self, features: &[&'static str]) -> &mut Self {
        if let Some(system) = self.systems.last_mut() {
            system.precede(features);
        }
        self
    }

    /// Registers a system that panics if the world contradicts the model. It runs at the end of every day,
    /// and after every phase of the first days and of each eighth, in builds with debug assertions.
    pub fn invariant<M>(&mut self, system: impl SystemOf<M>) -> &mut Self {
        self.invariants.push(maker(system));
        self
    }
}
