//! Lists the tables, columns and settings of a model.

use super::tables::{common_columns, folder, tables};
use crate::engine::{Key, Model};
use crate::output::Column;

/// Table that the program writes.
#[derive(Clone, Debug)]
pub struct TableSchema {
    /// Name of its folder in a dataset, or of its file in a single run.
    pub name: &'static str,
    /// Meaning of its rows.
    pub meaning: &'static str,
    /// Columns in order, without those of varied settings.
    pub columns: Vec<Column>,
}

/// Returns every table that a model writes, in sweeps and in single runs.
pub fn all_tables(model: &Model) -> Vec<TableSchema> {
    let of_sweeps = tables(model).map(|table| TableSchema {
        name: folder(&table),
        meaning: table.meaning,
        columns: common_columns(&table, model),
    });
    let outputs = model.outputs().iter();
    let of_runs = outputs
        .filter(|output| output.folder.is_none())
        .map(|output| TableSchema {
            name: output.name,
            meaning: output.meaning,
            columns: model.columns(output.name),
        });
    of_sweeps.chain(of_runs).collect()
}

/// Returns the tables of a model with the columns missing in another model.
pub fn new_columns(before: &[TableSchema], model: &Model) -> Vec<TableSchema> {
    let mut tables = all_tables(model);
    for table in &mut tables {
        let there = before.iter().filter(|other| other.name == table.name);
        let there: Vec<_> = there.flat_map(|table| &table.columns).collect();
        table
            .columns
            .retain(|column| !there.iter().any(|other| other.name == column.name));
    }
    tables.retain(|table| !table.columns.is_empty());
    tables
}

/// Returns the settings of a model missing in another model.
pub fn new_keys(before: &Model, model: &Model) -> Vec<&'static Key> {
    let keys = model.keys().all().iter().copied();
    keys.filter(|key| before.keys().find(key.name).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_columns_are_those_that_the_other_model_lacks() {
        let model = crate::model();
        let before = all_tables(&model);
        assert!(new_columns(&before, &model).is_empty());
        let mut extensions = model.extensions().iter();
        let market = extensions.find(|extension| extension.name == "market");
        let new = new_columns(&before, &model.with_extension(market.unwrap()));
        let runs = new.iter().find(|table| table.name == "runs").unwrap();
        let has = |name: &str| runs.columns.iter().any(|column| column.name == name);
        assert!(has("volume_hny") && !has("funds"));
    }

    #[test]
    fn every_optional_column_states_what_a_missing_value_means() {
        let model = crate::model();
        let on = model.extensions().iter();
        let on = on.map(|extension| model.with_extension(extension));
        let mut outcomes = 0;
        for model in on.chain([model.clone()]) {
            let own = |table: &str| model.columns(table);
            for output in model.outputs() {
                for column in own(output.name) {
                    let name = format!("{}.{}", output.name, column.name);
                    assert_eq!(column.nullable, !column.empty.is_empty(), "{name}");
                    assert!(
                        !column.meaning.contains("empty"),
                        "{name}: say it by `empty`"
                    );
                    outcomes += usize::from(column.goal.is_some());
                }
            }
        }
        assert!(outcomes > 100, "{outcomes}");
    }
}
