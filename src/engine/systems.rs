//! Places systems in a run: at its start, or in a phase of each day, and in what order.
//!
//! Systems of a phase run in the order registered, except where they state which features they follow or precede.

use super::setting::Setting;
use bevy_ecs::system::{BoxedSystem, IntoSystem, SystemInput};
use std::sync::Arc;

/// Stage of the start of a batch in which a system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Time at which a system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Start(Start),
    Day(Phase),
}

impl When {
    /// Returns the position among all times.
    fn place(self) -> usize {
        match self {
            Self::Start(stage) => stage as usize,
            Self::Day(phase) => Start::Fill as usize + 1 + phase.place,
        }
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start(stage) => write!(f, "stage {stage:?} of the start"),
            Self::Day(phase) => write!(f, "phase {}", phase.name),
        }
    }
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

/// Factory of systems: each batch has its own.
pub(super) type Make<I = (), O = ()> = Arc<dyn Fn() -> BoxedSystem<I, O> + Send + Sync>;

/// Returns the factory of a system.
pub(super) fn maker<I, O, M>(
    system: impl IntoSystem<I, O, M> + Clone + Send + Sync + 'static,
) -> Make<I, O>
where
    I: SystemInput + 'static,
    O: 'static,
{
    Arc::new(move || Box::new(IntoSystem::into_system(system.clone())))
}

/// Function that can be a system.
pub trait SystemOf<M>: IntoSystem<(), (), M> + Clone + Send + Sync + 'static {}

impl<M, S: IntoSystem<(), (), M> + Clone + Send + Sync + 'static> SystemOf<M> for S {}

/// System in its place.
pub(super) struct Placed {
    pub when: When,
    pub runs_in: RunsIn,
    pub make: Make,
    order: Order,
}

/// Order of a system relative to those of other features at the same time.
#[derive(Clone, Debug, Default)]
struct Order {
    /// Feature that registers it.
    feature: &'static str,
    /// Features whose systems it follows.
    after: Vec<&'static str>,
    /// Features whose systems it precedes.
    before: Vec<&'static str>,
}

impl Order {
    /// Returns true if a system must precede another, which is registered later if `is_earlier`.
    fn precedes(&self, other: &Self, is_earlier: bool) -> bool {
        match self.feature == other.feature {
            true => is_earlier,
            false => self.before.contains(&other.feature) || other.after.contains(&self.feature),
        }
    }
}

/// Sorts what has an order: as listed, except where it states otherwise.
///
/// # Errors
/// When features must each follow another: returns them.
fn sorted<T>(
    mut listed: Vec<T>,
    order: impl Fn(&T) -> &Order,
) -> Result<Vec<T>, Vec<&'static str>> {
    let mut sorted = Vec::with_capacity(listed.len());
    while !listed.is_empty() {
        let is_free = |&place: &usize| {
            let mut others = listed.iter().enumerate();
            !others.any(|(other, of)| order(of).precedes(order(&listed[place]), other < place))
        };
        match (0..listed.len()).find(is_free) {
            Some(place) => sorted.push(listed.remove(place)),
            None => {
                let mut features: Vec<_> = listed.iter().map(|of| order(of).feature).collect();
                features.dedup();
                return Err(features);
            }
        }
    }
    Ok(sorted)
}

/// Sorts systems by time, and by their order at the same time.
///
/// # Panics
/// When features must each follow another.
pub(super) fn in_order(mut systems: Vec<Placed>) -> Vec<Placed> {
    systems.sort_by_key(|system| system.when.place());
    let mut all = Vec::with_capacity(systems.len());
    while let Some(first) = systems.first() {
        let when = first.when;
        let same = systems
            .iter()
            .take_while(|system| system.when == when)
            .count();
        match sorted(systems.drain(..same).collect(), |system: &Placed| {
            &system.order
        }) {
            Ok(sorted) => all.extend(sorted),
            Err(features) => panic!(
                "systems of {} must each follow another in {when}; remove one of their constraints",
                features.join(", ")
            ),
        }
    }
    all
}

impl Placed {
    /// Creates a system of a feature, which neither follows nor precedes others.
    pub fn new(feature: &'static str, when: When, runs_in: RunsIn, make: Make) -> Self {
        Self {
            when,
            runs_in,
            make,
            order: Order {
                feature,
                ..Order::default()
            },
        }
    }

    /// Lets it follow the systems of features.
    pub fn follow(&mut self, features: &[&'static str]) {
        self.order.after.extend(features);
    }

    /// Lets it precede the systems of features.
    pub fn precede(&mut self, features: &[&'static str]) {
        self.order.before.extend(features);
    }

    /// Returns each feature that it follows or precedes, beside the feature that registers it.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let Order {
            feature,
            after,
            before,
        } = &self.order;
        after.iter().chain(before).map(|&other| (*feature, other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Order of a system of a feature that follows and precedes others.
    fn of(feature: &'static str, after: &[&'static str], before: &[&'static str]) -> Order {
        Order {
            feature,
            after: after.to_vec(),
            before: before.to_vec(),
        }
    }

    fn names(listed: &[Order]) -> Result<Vec<&'static str>, Vec<&'static str>> {
        let sorted = sorted(listed.to_vec(), |order| order)?;
        Ok(sorted.iter().map(|order| order.feature).collect())
    }

    #[test]
    fn what_states_nothing_keeps_its_place() {
        let listed = ["c", "a", "b"].map(|name| of(name, &[], &[]));
        assert_eq!(names(&listed), Ok(vec!["c", "a", "b"]));
        // Satisfied constraints move nothing either.
        let listed = [
            of("c", &[], &["b"]),
            of("a", &["c"], &[]),
            of("b", &["a", "c"], &[]),
        ];
        assert_eq!(names(&listed), Ok(vec!["c", "a", "b"]));
    }

    #[test]
    fn constraints_prevail_over_the_list() {
        let listed = [
            of("a", &["c"], &[]),
            of("b", &[], &[]),
            of("c", &[], &["b"]),
        ];
        assert_eq!(names(&listed), Ok(vec!["c", "a", "b"]));
        // Names without a system do not matter.
        let listed = [of("a", &["x"], &[]), of("b", &[], &["x"])];
        assert_eq!(names(&listed), Ok(vec!["a", "b"]));
        // Systems of a feature stay in order, even if only the first of them follows another.
        let listed = [of("a", &["b"], &[]), of("a", &[], &[]), of("b", &[], &[])];
        assert_eq!(names(&listed), Ok(vec!["b", "a", "a"]));
    }

    #[test]
    fn a_cycle_has_no_order() {
        let listed = [
            of("x", &[], &[]),
            of("a", &["b"], &[]),
            of("b", &["a"], &[]),
        ];
        assert_eq!(names(&listed), Err(vec!["a", "b"]));
        let listed = [
            of("a", &[], &["b"]),
            of("b", &[], &["c"]),
            of("c", &[], &["a"]),
        ];
        assert_eq!(names(&listed), Err(vec!["a", "b", "c"]));
    }
}
