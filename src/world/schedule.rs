//! The order of a day. The only place that knows it.

use super::accrue::accrue_conviction;
use super::act::let_participants_act;
use super::arrivals::admit_arrivals;
use super::chance::Chance;
use super::commons::{Commons, PhaseLog};
use super::mint::mint_supply;
use super::progress::settle_active_proposals;
use super::release::release_funds;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{
    LogLevel, ScheduleBuildSettings, ScheduleConfigs, ScheduleLabel, SingleThreadedExecutor,
};
use bevy_ecs::system::ScheduleSystem;

/// The phases of a day, in their order.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Participants and proposals arrive.
    Arrivals,
    /// The supply expands.
    Mint,
    /// Active proposals complete or fail.
    Progress,
    /// Candidates that convince are paid.
    Release,
    /// Participants decide, and stakes move.
    Act,
    /// Conviction accrues, and candidates without support die.
    Accrue,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 6] = [
        Self::Arrivals,
        Self::Mint,
        Self::Progress,
        Self::Release,
        Self::Act,
        Self::Accrue,
    ];
}

/// Labels the schedule of a day.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Day;

/// The schedule of a day with chance supplied by `C`: single-threaded, its order fixed, and an
/// order left open an error.
pub fn day<C: Chance>() -> Schedule {
    let mut schedule = empty();
    for pair in Phase::ALL.windows(2) {
        schedule.configure_sets(pair[0].before(pair[1]));
    }
    for phase in Phase::ALL {
        schedule.add_systems(system::<C>(phase).in_set(phase));
    }
    #[cfg(debug_assertions)]
    after_each_phase(&mut schedule, || {
        super::invariants::check_invariants.ambiguous_with_all()
    });
    schedule
}

/// The schedule of one phase alone.
pub fn phase<C: Chance>(phase: Phase) -> Schedule {
    let mut schedule = empty();
    schedule.add_systems(system::<C>(phase));
    schedule
}

/// The system of a phase.
fn system<C: Chance>(phase: Phase) -> ScheduleConfigs<ScheduleSystem> {
    match phase {
        Phase::Arrivals => admit_arrivals::<C>.into_configs(),
        Phase::Mint => mint_supply.into_configs(),
        Phase::Progress => settle_active_proposals::<C>.into_configs(),
        Phase::Release => release_funds::<C>.into_configs(),
        Phase::Act => let_participants_act::<C>.into_configs(),
        Phase::Accrue => accrue_conviction.into_configs(),
    }
}

fn empty() -> Schedule {
    let mut schedule = Schedule::new(Day);
    schedule.set_executor(SingleThreadedExecutor::new());
    schedule.set_build_settings(ScheduleBuildSettings {
        ambiguity_detection: LogLevel::Error,
        ..Default::default()
    });
    schedule
}

/// Lets a schedule of a day keep the [`PhaseLog`].
pub fn log_each_phase(schedule: &mut Schedule) {
    after_each_phase(schedule, || log_phase.ambiguous_with_all());
}

fn log_phase(mut runs: Query<(&Commons, &mut PhaseLog)>) {
    for (commons, mut log) in &mut runs {
        if log.0.len() == Phase::ALL.len() {
            log.0.clear();
        }
        log.0.push((commons.supply, commons.mood.0));
    }
}

/// Adds a system that only looks between each phase and the next.
fn after_each_phase(schedule: &mut Schedule, system: impl Fn() -> ScheduleConfigs<ScheduleSystem>) {
    for (place, phase) in Phase::ALL.into_iter().enumerate() {
        let system = system().after(phase);
        match Phase::ALL.get(place + 1) {
            Some(&next) => schedule.add_systems(system.before(next)),
            None => schedule.add_systems(system),
        };
    }
}
