//! Registers output tables, and columns with the systems that fill them.

use super::ModelBuilder;
use crate::engine::columns::Columns;
use crate::engine::output::{Choice, Group, Output};
use crate::engine::systems::{SystemOf, maker};
use std::any::TypeId;

impl ModelBuilder {
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
