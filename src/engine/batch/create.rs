//! Creates batches.

use super::room::Room;
use super::{Batch, Looks, SystemOfDay};
use crate::engine::model::Model;
use crate::engine::output::{Leaving, Moment};
use crate::engine::run::{Failing, Run};
use crate::engine::setting::Setting;
use crate::engine::systems::{Make, Phase, RunsIn, Start, When};
use bevy_ecs::entity::Entity;
use bevy_ecs::system::{BoxedSystem, SystemInput};
use bevy_ecs::world::World;
use fearless_simd::Level;

impl Batch {
    /// Creates an empty batch of the kind for `setting`. Its runs fill every column of `tables`.
    pub fn new(model: &Model, setting: &Setting, tables: &[&'static str], vectors: Level) -> Self {
        let tables: Vec<_> = tables.iter().map(|table| Leaving::all(table)).collect();
        Self::leaving(model, setting, &tables, vectors)
    }

    /// Creates an empty batch whose runs fill only the chosen columns of each table.
    pub fn leaving(model: &Model, setting: &Setting, tables: &[Leaving], vectors: Level) -> Self {
        let kind = model.kind(setting);
        let registry = &model.variants[kind].registry;
        let mut world = World::new();
        for resource in &registry.resources {
            resource(&mut world);
        }
        let mut looks = <[Looks; 2]>::default();
        for output in &registry.outputs {
            let Some(leaving) = tables.iter().find(|of| of.table == output.name) else {
                continue;
            };
            if let Some(prepare) = output.prepare {
                prepare(&mut world);
            }
            let looks = &mut looks[usize::from(output.moment == Moment::End)];
            for (number, group) in registry.groups_for(output.name, &leaving.columns) {
                if !looks.groups.contains(&number) {
                    looks.groups.push(number);
                    looks.systems.push(ready((group.make)(), &mut world));
                }
            }
        }
        let stage = |stage: Start, world: &mut World| -> Vec<BoxedSystem> {
            let systems = registry.systems.iter();
            let systems = systems.filter(|system| system.when == When::Start(stage));
            systems
                .map(|system| ready((system.make)(), world))
                .collect()
        };
        let runs_in_tables = |runs_in: RunsIn| match runs_in {
            RunsIn::Leaving(table) => tables.iter().any(|of| of.table == table),
            _ => true,
        };
        let is_busy = |phase: Phase| {
            let mut systems = registry.systems.iter();
            systems.any(|of| of.when == When::Day(phase) && runs_in_tables(of.runs_in))
        };
        let invariants: &[Make] = if cfg!(debug_assertions) {
            &registry.invariants
        } else {
            &[]
        };
        Self {
            draw: stage(Start::Draw, &mut world),
            draw_steps: registry
                .start_steps
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            fill: stage(Start::Fill, &mut world),
            day: registry
                .systems
                .iter()
                .filter(|system| match system.runs_in {
                    RunsIn::Beside(phase) => is_busy(phase),
                    runs_in => runs_in_tables(runs_in),
                })
                .filter_map(|system| match system.when {
                    When::Start(_) => None,
                    When::Day(phase) => Some(SystemOfDay {
                        phase,
                        system: ready((system.make)(), &mut world),
                        runs_in: system.runs_in,
                        runs: true,
                    }),
                })
                .collect(),
            invariants: invariants
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            looks,
            runs: Vec::new(),
            begun: 0,
            going_on: 0,
            room: vec![Room::default(); registry.tables.len()],
            demands: registry
                .tables
                .iter()
                .map(|table| ready((table.demand)(), &mut world))
                .collect(),
            rooms: registry
                .rooms
                .iter()
                .map(|make| ready(make(), &mut world))
                .collect(),
            ample_days: 0,
            later: Vec::new(),
            every_system: false,
            every_run: world.query(),
            model: model.clone(),
            kind,
            vectors,
            world,
        }
    }

    pub(super) fn spawn_run(&mut self) -> Entity {
        let registry = &self.model.variants[self.kind].registry;
        let run = Run::idle(self.vectors);
        let mut entity = self.world.spawn((run, Failing::default()));
        for component in &registry.components {
            (component.insert)(&mut entity);
        }
        for looks in &self.looks {
            for &group in &looks.groups {
                (registry.groups[group].insert)(&mut entity);
            }
        }
        entity.id()
    }
}

/// Makes a system ready to run.
fn ready<I, O>(mut system: BoxedSystem<I, O>, world: &mut World) -> BoxedSystem<I, O>
where
    I: SystemInput + 'static,
    O: 'static,
{
    system.initialize(world);
    system
}
